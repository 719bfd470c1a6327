"""Flights -> artifact: split, fit, calibrate, measure."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
from collections.abc import Callable
from functools import partial
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.adjustment import adjusted_rates
from puntual.airports import describe_world
from puntual.errors import DataError
from puntual.evaluation import measure, random_split
from puntual.features import compute_features
from puntual.inference.artifact import Artifact, Evaluation, Metrics, Training
from puntual.inference.rates import Rate
from puntual.inference.scorer import Scorer
from puntual.inference.tables import Tables
from puntual.models.boosting import FEATURE_NAMES, Booster, Rows, fit_booster
from puntual.models.calibration import about_base_rate
from puntual.models.rolling import Report, Tuned, hide, tune, without_timetable
from puntual.rates import delay_rates, group, with_outcomes
from puntual.reliability import Reliability, reliability
from puntual.schema import DELAY
from puntual.scoring import score, score_rows
from puntual.sources import Flights

BoolArray = npt.NDArray[np.bool_]
Split = Literal["time", "random"]

THRESHOLD_MINUTES = 15
CUT = 0.5
SEED = 11
TEST_SHARE = 0.2
LEAST_FLIGHTS = 200
_VERSIONED = ("airportsdata", "holidays", "lightgbm", "numpy", "polars", "puntual", "scikit-learn")


def train(
    flights: Flights,
    *,
    threshold: int = THRESHOLD_MINUTES,
    split: Split = "time",
    split_date: dt.date | None = None,
    final: bool = False,
    seed: int = SEED,
    report: Report = lambda stage, steps: None,
) -> Artifact:
    """Fit, calibrate and measure a model.

    The same flights and seed give the same artifact; with the time split, in whatever order they come.

    Parameters
    ----------
    flights : a history; its flights, cancelled ones too, are the timetable of their days
    threshold : minutes; a flight is delayed when it leaves more than this late
    split : ``time``: learn before `split_date`, measure from it on; ``random``: the original's protocol,
        which learns each day's shock from the flights of that day
    split_date : local date; None: the last fifth of the period is measured
    final : learn from all flights after measuring
    report : called after each step with the stage that it belongs to and how many that has

    Raises
    ------
    DataError : too few flights to learn from or to measure on, or all alike
    """
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    if departed.height < 2 * LEAST_FLIGHTS:
        raise DataError(
            flights.where, f"{departed.height} departed flights", wanted=f"{2 * LEAST_FLIGHTS} or more"
        )
    tested = pl.Series(_test_part(departed, split, split_date))
    learned, test = (_in_time_order(departed.filter(part)) for part in (~tested, tested))
    for part, purpose in ((learned, "to learn from"), (test, "to measure on")):
        _check_part(flights.where, part, purpose, threshold)

    tables = describe_world(learned, flights.airline_names)
    rows = _rows(learned, flights.frame, tables, threshold)
    report("features", 1)
    tuned = tune(rows, learned["scheduled_departure"].dt.date().to_numpy(), seed=seed, report=report)
    booster = _fit(rows, tuned, seed, partial(report, "fitting", tuned.trees))
    calibration = about_base_rate(tuned.slope, rows[1].mean())
    scorer = Scorer(booster.text, len(FEATURE_NAMES), calibration)
    matrix, delayed = _rows(test, flights.frame, tables, threshold)
    evaluation = Evaluation(
        split=split,
        first=_date(test, "min"),
        last=_date(test, "max"),
        with_timetable=measure(score_rows(scorer, matrix), delayed),
        alone=measure(score_rows(scorer, without_timetable(matrix)), delayed),
    )
    if final:
        learned = _in_time_order(departed)
        tables = describe_world(learned, flights.airline_names)
        rows = _rows(learned, flights.frame, tables, threshold)
        booster = _fit(rows, tuned, seed, partial(report, "fitting on all flights", tuned.trees))
        calibration = about_base_rate(tuned.slope, rows[1].mean())
    return Artifact(
        name=f"{flights.source}-{hashlib.sha256(booster.text.encode()).hexdigest()[:12]}",
        threshold_minutes=threshold,
        cut=CUT,
        features=tuple(FEATURE_NAMES),
        booster=booster.text,
        tables=tables,
        calibration=calibration,
        evaluation=evaluation,
        training=Training(
            source=flights.source,
            first=_date(learned, "min"),
            last=_date(learned, "max"),
            flights=learned.height,
            base_rate=float(rows[1].mean()),
            digest=hashlib.sha256(learned.drop("row").write_csv().encode()).hexdigest(),
            seed=seed,
            trees=tuned.trees,
            refitted=final,
            versions={name: importlib.metadata.version(name) for name in _VERSIONED},
        ),
        rates=_rates(learned, tables, threshold),
    )


def evaluate(artifact: Artifact, flights: Flights) -> tuple[Metrics, Metrics]:
    """How an artifact does on other flights: each within its day's timetable, and each alone.

    Parameters
    ----------
    flights : a history; its flights, cancelled ones too, are the timetable of their days

    Raises
    ------
    DataError : no flight of it has departed
    """
    departed, delayed = _outcomes(artifact, flights)
    return (
        measure(score(artifact, departed, flights.frame), delayed),
        measure(score(artifact, departed, None), delayed),
    )


def hold(artifact: Artifact, flights: Flights) -> tuple[Reliability, Reliability]:
    """Whether an artifact's probabilities came true on other flights: within their timetable, and each alone.

    Parameters and errors as in `evaluate`.
    """
    departed, delayed = _outcomes(artifact, flights)
    dates = departed["scheduled_departure"].dt.date().to_numpy()
    return (
        reliability(score(artifact, departed, flights.frame), delayed, dates),
        reliability(score(artifact, departed, None), delayed, dates),
    )


def _outcomes(artifact: Artifact, flights: Flights) -> tuple[pl.DataFrame, BoolArray]:
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    if departed.is_empty():
        raise DataError(flights.where, "no flight has an actual departure", wanted="a history")
    return departed, departed.select(DELAY > artifact.threshold_minutes).to_series().to_numpy()


def _test_part(departed: pl.DataFrame, split: Split, split_date: dt.date | None) -> BoolArray:
    if split == "random":
        return random_split(departed.height)
    date = departed["scheduled_departure"].dt.date()
    if split_date is None:
        first, end = (dt.date.fromisoformat(_date(departed, end)) for end in ("min", "max"))
        days = (end - first).days + 1
        split_date = first + dt.timedelta(days - round(days * TEST_SHARE))
    return (date >= split_date).to_numpy()


def _in_time_order(flights: pl.DataFrame) -> pl.DataFrame:
    columns = [name for name in flights.columns if name != "row"]
    return flights.sort("scheduled_departure", *columns, nulls_last=True)


def _check_part(where: str, part: pl.DataFrame, purpose: str, threshold: int) -> None:
    if part.height < LEAST_FLIGHTS:
        raise DataError(where, f"{part.height} departed flights {purpose}", wanted=f"{LEAST_FLIGHTS} or more")
    late = int(part.select((DELAY > threshold).sum()).item())
    if late in {0, part.height}:
        raise DataError(
            where,
            f"{late} of the {part.height} flights {purpose} left more than {threshold} minutes late",
            wanted="some late and some not, or another --threshold",
        )


def _rates(learned: pl.DataFrame, tables: Tables, threshold: int) -> tuple[Rate, ...]:
    told = group(with_outcomes(learned, threshold), tables)
    return tuple(
        msgspec.convert(row, Rate) for row in delay_rates(told, adjusted_rates(told)).iter_rows(named=True)
    )


def _fit(rows: Rows, tuned: Tuned, seed: int, on_tree: Callable[[], None]) -> Booster:
    matrix, delayed = rows
    return fit_booster((hide(matrix, seed), delayed), trees=tuned.trees, seed=seed, on_tree=on_tree)


def _rows(part: pl.DataFrame, timetable: pl.DataFrame, tables: Tables, threshold: int) -> Rows:
    return (
        compute_features(part, tables, timetable).select(FEATURE_NAMES).to_numpy(),
        part.select(DELAY > threshold).to_series().to_numpy(),
    )


def _date(flights: pl.DataFrame, end: Literal["min", "max"]) -> str:
    return str(getattr(flights["scheduled_departure"].dt.date(), end)())
