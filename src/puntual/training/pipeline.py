"""Flights -> artifact: split, choose, fit, calibrate, measure."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import threading
from collections.abc import Mapping
from typing import TypedDict, TypeVar

import msgspec
import numpy as np
import polars as pl

from puntual.arrays import BoolArray
from puntual.batch import score
from puntual.data import Flights
from puntual.data.airports import describe_world
from puntual.data.schema import DELAY
from puntual.errors import DataError
from puntual.inference.artifact import Artifact, Evaluation, Performance, Training, named
from puntual.inference.card import Assessment
from puntual.inference.measured import Card, Chosen, Protocol, Reliability, RollingMonth
from puntual.inference.rates import Day, InteractionRate, Rate
from puntual.inference.tables import Tables
from puntual.metrics.calibration_curve import reliability
from puntual.metrics.intervals import Days
from puntual.models.boosting import FEATURE_NAMES
from puntual.models.settings import settings_of
from puntual.statistics.adjusted_rates import adjusted_rates
from puntual.statistics.days import daily_delays
from puntual.statistics.interactions import interaction_rates
from puntual.statistics.rates import add_groups, delay_rates, with_outcomes
from puntual.training.assessment import (
    measure_exceedance,
    measure_importance,
    measure_protocol,
    measure_seeds,
    measure_slices,
    operating_points,
    predict_both,
)
from puntual.training.backtest import backtest
from puntual.training.comparison import compare
from puntual.training.cross_validation import TuningResult
from puntual.training.fitting import choose, choose_cut, choose_exceedance, fit, fit_conditions, fit_seeds
from puntual.training.splits import SPLITS, Part, Split, divide, take_part
from puntual.types import Progress

T = TypeVar("T")

THRESHOLD_MINUTES = 15
SEED, SEEDS = 11, 5
_VERSIONED = ("airportsdata", "holidays", "lightgbm", "numpy", "polars", "puntual", "scikit-learn")


class Composition(TypedDict):
    """How the delays of the flights learned from are composed, as `Artifact` has it."""

    rates: tuple[Rate, ...]
    interactions: tuple[InteractionRate, ...]
    days: tuple[Day, ...]


def train(
    flights: Flights,
    *,
    threshold: int = THRESHOLD_MINUTES,
    split: Split = "time",
    split_date: dt.date | None = None,
    final: bool = False,
    cost_of_a_missed_delay: float | None = None,
    comparison_seconds: float | None = None,
    rolling: bool = False,
    settings: Mapping[str, float] | None = None,
    trees: int | None = None,
    seed: int = SEED,
    seeds: int = SEEDS,
    progress: Progress = lambda stage, steps: None,
) -> Artifact:
    """Fit, calibrate and measure a model.

    The same flights and seed give the same artifact, but for the seconds of a comparison. Their
    order is of no matter, save to the random split, which draws by place.

    Parameters
    ----------
    flights : a history; its flights, cancelled ones too, are the timetable of their days
    threshold : minutes; a flight is delayed when it leaves more than this late
    split, split_date : as in `puntual.training.splits.divide`
    final : learn from all flights after measuring
    cost_of_a_missed_delay : in false alarms, decides the cut; None: as many are called delayed as are late
    comparison_seconds : for the settings of each family of models; they are measured too, and so is the other
        split, by a model of its own. None: they are not
    rolling : measure each month too, by a model of what came before it (`puntual.training.backtest`)
    settings : of LightGBM (`puntual.models.settings`), for the ladder too, instead of the usual ones
    trees : of each booster; None: as many as help on months that were not learned from
    seed : of the model's random choices
    seeds : how many models are fitted that differ in the seed only, to tell how much of a figure is its own
    progress : called after each step with the stage that it belongs to and how many that has

    Raises
    ------
    DataError : too few flights to learn from or to measure on, or all alike
    """
    progress = _one_at_a_time(progress)
    parts = divide(flights, threshold, split, split_date)
    progress("features", 1)
    months: tuple[RollingMonth, ...] = ()
    if rolling:
        months = backtest(
            flights,
            threshold,
            cost_of_a_missed_delay=cost_of_a_missed_delay,
            settings=settings,
            trees=trees,
            seed=seed,
            progress=progress,
        )
    learned, test = parts.learned, parts.test
    chosen = choose(parts, trees=trees, settings=settings, seed=seed, progress=progress)
    of_seeds = fit_seeds(learned, chosen, range(seed, seed + seeds), progress=progress)
    fitted_model = of_seeds[0]
    conditions = choose_exceedance(parts, threshold, settings=settings, seed=seed, progress=progress)
    exceedance = fit_conditions(
        learned, conditions, seed=seed, stage="fitting P(delay > t)", progress=progress
    )
    cut = choose_cut(chosen, cost_of_a_missed_delay, fitted_model.base_rate)
    told_of_seeds, days = [predict_both(one, test) for one in of_seeds], Days(test.dates, test.delayed)
    told = told_of_seeds[0]
    exceedance_metrics, delay = measure_exceedance(exceedance, threshold, parts, told.with_timetable)
    families = None
    if comparison_seconds is not None:
        families = compare(
            parts,
            chosen.with_timetable,
            np.column_stack([one.with_timetable for one in told_of_seeds]),
            cut,
            comparison_seconds,
            cost_of_a_missed_delay=cost_of_a_missed_delay,
            seeds=range(seed, seed + seeds),
            progress=progress,
        )
    evaluation = Evaluation(
        split=split,
        first=test.first,
        last=test.last,
        with_timetable=days.performance(told.with_timetable, test.delayed, cut, fitted_model.base_rate),
        alone=days.performance(told.alone, test.delayed, cut, fitted_model.base_rate),
    )
    protocols = [measure_protocol(parts, told, cut)]
    if comparison_seconds is not None:
        protocols += _other_protocol(
            flights,
            threshold,
            split,
            split_date,
            settings,
            cost=cost_of_a_missed_delay,
            seed=seed,
            progress=progress,
        )
    card = Card(
        protocols=tuple(protocols),
        chosen=_chosen(chosen.with_timetable),
        chosen_alone=_chosen(chosen.alone),
        with_timetable=reliability(told.with_timetable, test.delayed, test.dates),
        alone=reliability(told.alone, test.delayed, test.dates),
        exceedance=exceedance_metrics,
        delay=delay,
        importance=measure_importance(learned, test, progress),
        slices=measure_slices(test, told.with_timetable, fitted_model.base_rate),
        cost_of_a_missed_delay=cost_of_a_missed_delay,
        operating_points=operating_points(told.with_timetable, test.delayed),
        seeds=measure_seeds(told_of_seeds, test),
        families=families or (),
        rolling=months,
    )
    tables = parts.tables
    if final:
        learned, tables = _everything(flights, threshold)
        fitted_model = fit(learned, chosen, seed=seed, stage="fitting on all flights", progress=progress)
        exceedance = fit_conditions(
            learned, conditions, seed=seed, stage="the ladder on all flights", progress=progress
        )
    artifact = Artifact(
        name="",
        threshold_minutes=threshold,
        cut=cut,
        features=tuple(FEATURE_NAMES),
        with_timetable=fitted_model.with_timetable,
        alone=fitted_model.alone,
        tables=tables,
        exceedance=exceedance,
        evaluation=evaluation,
        card=card,
        training=Training(
            source=flights.source,
            first=learned.first,
            last=learned.last,
            flights=len(learned.delayed),
            base_rate=fitted_model.base_rate,
            block_days=Days(learned.dates, learned.delayed).blocks.length,
            digest=hashlib.sha256(learned.frame.drop("row").write_csv().encode()).hexdigest(),
            seed=seed,
            cancelled=float(flights.frame["cancelled"].to_numpy().mean()),
            refitted=final,
            versions={name: importlib.metadata.version(name) for name in _VERSIONED},
        ),
        **_compose(learned.frame, tables, threshold),
    )
    return named(artifact)


def evaluate(artifact: Artifact, flights: Flights) -> tuple[Performance, Performance]:
    """How an artifact does on other flights: each within its day's timetable, and each alone.

    Parameters
    ----------
    flights : a history; its flights, cancelled ones too, are the timetable of their days

    Raises
    ------
    DataError : no flight of it has departed
    """
    departed, delayed = _outcomes(artifact, flights)
    days = Days(departed["scheduled_departure"].dt.date().to_numpy(), delayed)
    usual = artifact.training.base_rate
    return (
        days.performance(score(artifact, departed, flights.frame), delayed, artifact.cut, usual),
        days.performance(score(artifact, departed, None), delayed, artifact.cut, usual),
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


def assess(artifact: Artifact, flights: Flights) -> Assessment:
    """Everything that a card tells of an artifact on other flights, each metric with its interval.

    Parameters and errors as in `evaluate`.
    """
    departed, delayed = _outcomes(artifact, flights)
    dates = departed["scheduled_departure"].dt.date().to_numpy()
    within, alone = score(artifact, departed, flights.frame), score(artifact, departed, None)
    days = Days(dates, delayed)
    return Assessment(
        data=flights.where,
        first=str(dates.min()),
        last=str(dates.max()),
        learned=days_learned(artifact, flights),
        flights=len(delayed),
        base_rate=float(delayed.mean()),
        block_days=days.blocks.length,
        with_timetable=days.metrics(within, delayed, artifact.cut, artifact.training.base_rate),
        alone=days.metrics(alone, delayed, artifact.cut, artifact.training.base_rate),
        reliability=reliability(within, delayed, dates),
        reliability_alone=reliability(alone, delayed, dates),
    )


def days_learned(artifact: Artifact, flights: Flights) -> int:
    """How many of some flights are of days that an artifact learned from."""
    first, last = (dt.date.fromisoformat(day) for day in (artifact.training.first, artifact.training.last))
    return int(flights.frame["scheduled_departure"].dt.date().is_between(first, last).sum())


def _outcomes(artifact: Artifact, flights: Flights) -> tuple[pl.DataFrame, BoolArray]:
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    if departed.is_empty():
        raise DataError(flights.where, "no flight has an actual departure", wanted="a history")
    return departed, departed.select(DELAY > artifact.threshold_minutes).to_series().to_numpy()


def _other_protocol(
    flights: Flights,
    threshold: int,
    split: Split,
    split_date: dt.date | None,
    settings: Mapping[str, float] | None,
    *,
    cost: float | None,
    seed: int,
    progress: Progress,
) -> list[Protocol]:
    """The split that was not asked for, by a model that is chosen and fitted on its own training part.

    Its cut follows the same rule as the other's, so that precision and recall of both can be compared.
    """
    other = next(one for one in SPLITS if one != split)
    try:
        parts = divide(flights, threshold, other, split_date)
    except DataError:  # one part of it has too few flights; the split that was asked for has enough
        return []
    chosen = choose(parts, settings=settings, seed=seed, stage=f"{other} split: ", progress=progress)
    fitted_model = fit(parts.learned, chosen, seed=seed, stage=f"{other} split: fitting", progress=progress)
    cut = choose_cut(chosen, cost, fitted_model.base_rate)
    return [measure_protocol(parts, predict_both(fitted_model, parts.test), cut)]


def _one_at_a_time(progress: Progress) -> Progress:
    """The same, for steps that are reported by several cores."""
    lock = threading.Lock()

    def step(stage: str, steps: int) -> None:
        with lock:
            progress(stage, steps)

    return step


def _chosen(tuned: TuningResult) -> Chosen:
    calibration = tuned.calibration
    settings = settings_of(tuned.parameters)
    return Chosen(tuned.trees, calibration.method, calibration.losses, settings)


def _everything(flights: Flights, threshold: int) -> tuple[Part, Tables]:
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    tables = describe_world(departed, flights.airline_names, flights.city_names)
    return take_part(departed, flights.frame, tables, threshold), tables


def _compose(learned: pl.DataFrame, tables: Tables, threshold: int) -> Composition:
    """How the delays of the flights learned from are composed."""
    grouped = add_groups(with_outcomes(learned, threshold), tables)
    rates, interactions = delay_rates(grouped, adjusted_rates(grouped)), interaction_rates(grouped)
    days = daily_delays(grouped, tables).with_columns(pl.col("day").dt.to_string("iso"))
    return Composition(
        rates=_structs(rates, Rate),
        interactions=_structs(interactions, InteractionRate),
        days=_structs(days, Day),
    )


def _structs(rows: pl.DataFrame, kind: type[T]) -> tuple[T, ...]:
    return tuple(msgspec.convert(row, kind) for row in rows.iter_rows(named=True))
