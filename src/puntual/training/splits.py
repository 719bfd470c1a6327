"""Divides a history into a part to learn from and a part to measure on."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple, get_args

import numpy as np
import polars as pl

from puntual.data import Flights
from puntual.data.airports import build_tables
from puntual.data.schema import COLUMNS, DELAY
from puntual.errors import DataError
from puntual.features import compute_features
from puntual.inference.tables import Tables
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray
from puntual.metrics.scores import random_split
from puntual.models.boosting import FEATURE_NAMES, Rows
from puntual.training.cross_validation import Fold, random_folds, rolling_folds

Split = Literal["time", "random"]
SPLITS: tuple[Split, ...] = get_args(Split)

TEST_SHARE = 0.2
MIN_FLIGHTS = 200
_ALIKE = [name for name in COLUMNS if name != "row"]


class Part(NamedTuple):
    """Flights with their features and outcomes, earliest first.

    Attributes
    ----------
    frame : canonical columns
    matrix : shape (n, features), in the order of `FEATURE_NAMES`, timetable known; NaN where missing
    minutes : shape (n,), delay
    delayed : shape (n,), minutes above the delay_minutes
    """

    frame: pl.DataFrame
    matrix: FloatArray
    minutes: FloatArray
    delayed: BoolArray

    @property
    def rows(self) -> Rows:
        """What a family of models is fitted on."""
        return self.matrix, self.delayed

    @property
    def dates(self) -> DateArray:
        """Local days, shape (n,)."""
        days: DateArray = self.frame["scheduled_departure"].dt.date().to_numpy()
        return days

    @property
    def first(self) -> str:
        """Local date of the first flight, ISO 8601."""
        return str(self.dates[0])

    @property
    def last(self) -> str:
        """Local date of the last flight, ISO 8601."""
        return str(self.dates[-1])


class Parts(NamedTuple):
    """The part that is learned from and the part that is measured; `tables` know only the first."""

    split: Split
    learned: Part
    test: Part
    tables: Tables

    def folds(self, seed: int) -> list[Fold]:
        """What is learned from, parted like the whole: for every choice that is made before measuring."""
        if self.split == "random":
            return random_folds(len(self.learned.delayed), seed)
        return rolling_folds(self.learned.dates)


def divide(
    flights: Flights, delay_minutes: int, split: Split = "time", split_date: dt.date | None = None
) -> Parts:
    """Divide a history; flights that are equal in every column stay on one side.

    Parameters
    ----------
    flights : a history; its flights, cancelled ones too, are the timetable of their days
    delay_minutes : minutes; a flight is delayed when it leaves more than this late
    split : ``time``: learn before `split_date`, measure from it on; ``random``: the original's protocol,
        which has seen flights of the same and of the neighbouring days
    split_date : local date; None: the last fifth of the period is measured

    Raises
    ------
    DataError : too few flights to learn from or to measure on, or all alike
    """
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    if departed.height < 2 * MIN_FLIGHTS:
        raise DataError(
            flights.where, f"{departed.height} departed flights", wanted=f"{2 * MIN_FLIGHTS} or more"
        )
    tested = _tested(departed, split, split_date)
    learned, test = departed.filter(~tested), departed.filter(tested)
    for part, purpose in ((learned, "to learn from"), (test, "to measure on")):
        _check(flights.where, part, purpose, delay_minutes)
    tables = build_tables(learned, flights.airline_names, flights.city_names)
    return Parts(
        split,
        take_part(learned, flights.frame, tables, delay_minutes),
        take_part(test, flights.frame, tables, delay_minutes),
        tables,
    )


def take_part(flights: pl.DataFrame, timetable: pl.DataFrame, tables: Tables, delay_minutes: int) -> Part:
    """Compute features and outcomes of departed flights, in an order that the file's own does not change."""
    frame = flights.sort("scheduled_departure", *_ALIKE, nulls_last=True)
    matrix = compute_features(frame, tables, timetable).select(FEATURE_NAMES).to_numpy()
    minutes = frame.select(DELAY).to_series().cast(pl.Float64).to_numpy()
    return Part(frame, matrix, minutes, minutes > delay_minutes)


def _tested(departed: pl.DataFrame, split: Split, split_date: dt.date | None) -> pl.Series:
    if split == "random":
        drawn = departed.with_columns(drawn=random_split(departed.height))
        return drawn.select(pl.col("drawn").first().over(_ALIKE)).to_series()
    date = departed["scheduled_departure"].dt.date()
    if split_date is None:
        first, last = np.array([date.min(), date.max()], "datetime64[D]")
        days = int((last - first).astype(int)) + 1
        split_date = (first + days - round(days * TEST_SHARE)).item()
    return date >= split_date


def _check(where: str, part: pl.DataFrame, purpose: str, delay_minutes: int) -> None:
    if part.height < MIN_FLIGHTS:
        raise DataError(where, f"{part.height} departed flights {purpose}", wanted=f"{MIN_FLIGHTS} or more")
    late = int(part.select((DELAY > delay_minutes).sum()).item())
    if late in {0, part.height}:
        raise DataError(
            where,
            f"{late} of the {part.height} flights {purpose} left more than {delay_minutes} minutes late",
            wanted="some late and some not, or another --threshold",
        )
