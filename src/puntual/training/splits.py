"""Divides a history into a part to learn from and a part to measure on."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Literal, NamedTuple, get_args

import numpy as np
import polars as pl

from puntual.data import Flights
from puntual.data.airports import build_tables
from puntual.data.schema import DELAY, FLIGHT_COLUMNS
from puntual.errors import DataError
from puntual.features import compute_features
from puntual.inference.tables import Tables
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray
from puntual.metrics.scores import random_split
from puntual.models.boosting import FEATURE_NAMES, Rows
from puntual.training.cross_validation import Budget, Fold, random_folds, rolling_folds

Split = Literal["time", "random"]
SPLITS: tuple[Split, ...] = get_args(Split)

RANDOM_SPLIT = "random split: training and test flights share days; use the results only for comparison"
TEST_SHARE = 0.2
MIN_FLIGHTS = 200
DIGESTED_ROWS = 200_000
"""That are text at once."""


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

    def where(self, rows: BoolArray) -> Part:
        """Some of the flights."""
        return Part(self.frame.filter(rows), self.matrix[rows], self.minutes[rows], self.delayed[rows])

    @property
    def rows(self) -> Rows:
        """What a family of models is fitted on."""
        return self.matrix, self.delayed

    @property
    def dates(self) -> DateArray:
        """Local days, shape (n,)."""
        return local_days(self.frame)

    @property
    def first(self) -> str:
        """Local date of the first flight, ISO 8601."""
        return str(self.dates[0])

    @property
    def last(self) -> str:
        """Local date of the last flight, ISO 8601."""
        return str(self.dates[-1])

    @property
    def digest(self) -> str:
        """SHA-256 of the flights as CSV, in their order."""
        digest, flights = hashlib.sha256(), self.frame.select(FLIGHT_COLUMNS)
        for number, rows in enumerate(flights.iter_slices(DIGESTED_ROWS)):
            digest.update(rows.write_csv(include_header=number == 0).encode())
        return digest.hexdigest()


class Parts(NamedTuple):
    """The part that is learned from and the part that is measured; `tables` know only the first.

    Attributes
    ----------
    split_date : local date from which on flights are measured; None: they are drawn at random
    """

    split: Split
    split_date: dt.date | None
    learned: Part
    test: Part
    tables: Tables

    def to_choose_on(self, budget: Budget) -> Parts:
        """The flights that choices are made on: evenly spaced ones if the budget takes no more."""
        flights = len(self.learned.delayed)
        if flights <= budget.rows:
            return self
        _, taken = evenly_spaced(flights, budget.sampled_rows)
        return self._replace(learned=self.learned.where(taken))

    def folds(self, seed: int) -> list[Fold]:
        """What is learned from, parted like the whole: for every choice that is made before measuring."""
        if self.split == "random":
            return random_folds(len(self.learned.delayed), seed)
        return rolling_folds(self.learned.dates)


def evenly_spaced(flights: int, most: int) -> tuple[int, BoolArray]:
    """Take at most so many of some flights in their order, so that every day keeps its share.

    Returns
    -------
    The distance of those that are taken, and which these are, shape (flights,)

    Examples
    --------
    >>> every, taken = evenly_spaced(7, most=3)
    >>> every, np.flatnonzero(taken).tolist()
    (3, [0, 3, 6])
    """
    every = max(1, -(-flights // most))
    return every, np.arange(flights) % every == 0


def local_days(flights: pl.DataFrame) -> DateArray:
    """The local day of each scheduled departure, shape (n,)."""
    days: DateArray = flights["scheduled_departure"].dt.date().to_numpy()
    return days


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
    at = "" if split_date is None else f" (split date {split_date})"
    if split == "random":
        split_date = None
    elif split_date is None:
        split_date = _usual_date(departed)
    tested = find_tested(departed, split_date)
    learned, test = departed.filter(~tested), departed.filter(tested)
    for part, purpose in ((learned, f"to learn from{at}"), (test, f"to measure on{at}")):
        _check(flights.where, part, purpose, delay_minutes)
    tables = build_tables(learned, flights.airline_names, flights.city_names)
    return Parts(
        split,
        split_date,
        take_part(learned, flights.frame, tables, delay_minutes),
        take_part(test, flights.frame, tables, delay_minutes),
        tables,
    )


def take_part(flights: pl.DataFrame, timetable: pl.DataFrame, tables: Tables, delay_minutes: int) -> Part:
    """Compute features and outcomes of departed flights, in an order that the file's own does not change."""
    frame = flights.sort("scheduled_departure", *FLIGHT_COLUMNS, nulls_last=True)
    matrix = compute_features(frame, tables, timetable).select(FEATURE_NAMES).to_numpy()
    minutes = frame.select(DELAY).to_series().cast(pl.Float64).to_numpy()
    return Part(frame, matrix, minutes, minutes > delay_minutes)


def find_tested(flights: pl.DataFrame, split_date: dt.date | None) -> pl.Series:
    """Which flights belong to the part that is measured.

    Parameters
    ----------
    split_date : as in `Parts`
    """
    if split_date is None:
        drawn = flights.with_columns(drawn=random_split(flights.height))
        return drawn.select(pl.col("drawn").first().over(FLIGHT_COLUMNS)).to_series()
    return flights["scheduled_departure"].dt.date() >= split_date


def _usual_date(departed: pl.DataFrame) -> dt.date:
    """From which on the last fifth of the period is measured."""
    date = departed["scheduled_departure"].dt.date()
    first, last = np.array([date.min(), date.max()], "datetime64[D]")
    days = int((last - first).astype(int)) + 1
    found: dt.date = (first + days - round(days * TEST_SHARE)).item()
    return found


def _check(where: str, part: pl.DataFrame, purpose: str, delay_minutes: int) -> None:
    if part.height < MIN_FLIGHTS:
        raise DataError(where, f"{part.height} departed flights {purpose}", wanted=f"{MIN_FLIGHTS} or more")
    late = int(part.select((DELAY > delay_minutes).sum()).item())
    if late in {0, part.height}:
        raise DataError(
            where,
            f"{late} of the {part.height} flights {purpose} left more than {delay_minutes} minutes late",
            wanted="some late and some not, or another threshold",
        )
