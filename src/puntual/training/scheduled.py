"""All scheduled flights of a history, cancelled ones too, divided like those that departed.

Flights of which nobody knows whether they left are left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from puntual.data import Flights
from puntual.inference.tables import Tables
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray
from puntual.models.boosting import FEATURE_NAMES, Rows
from puntual.training.cross_validation import Fold, random_folds, rolling_folds
from puntual.training.splits import Part, Parts, find_tested, local_days, take_part

MIN_LEARNED = 200
"""Cancelled flights of the training part."""
MIN_MEASURED = 20
"""Cancelled flights of the test part."""

_CODES = [FEATURE_NAMES.index(name) for name in ("airline", "destination", "origin")]


class Scheduled(NamedTuple):
    """Flights that departed or were cancelled, earliest first.

    Attributes
    ----------
    frame : canonical columns
    matrix : shape (n, features), in the order of `FEATURE_NAMES`, timetable known; NaN where missing
    minutes : shape (n,), delay; infinite where cancelled
    """

    frame: pl.DataFrame
    matrix: FloatArray
    minutes: FloatArray

    @property
    def cancelled(self) -> BoolArray:
        """Which of them never left, shape (n,)."""
        return np.isinf(self.minutes)

    @property
    def dates(self) -> DateArray:
        """Local days, shape (n,)."""
        return local_days(self.frame)

    @property
    def rows(self) -> Rows:
        """What a model is fitted on."""
        return self.matrix, self.cancelled

    def where(self, rows: BoolArray) -> Scheduled:
        """Some of the flights."""
        return Scheduled(self.frame.filter(rows), self.matrix[rows], self.minutes[rows])

    def with_known_codes(self) -> Scheduled:
        """Without flights of airlines and airports of which none departed: what is new is not cancelled."""
        missing = np.isnan(self.matrix[:, _CODES]).sum(axis=1)
        return self.where(missing == 0)


class ScheduledParts(NamedTuple):
    """The part that is learned from and the part that is measured.

    Attributes
    ----------
    folds : of the first, for every choice that is made before measuring
    """

    learned: Scheduled
    test: Scheduled
    folds: list[Fold]


def divide_scheduled(flights: Flights, parts: Parts, seed: int) -> ScheduledParts | None:
    """Add the cancelled flights of a history to its parts.

    Parameters
    ----------
    parts : of those flights
    seed : of folds that are drawn at random

    Returns
    -------
    None if fewer than `MIN_LEARNED` or `MIN_MEASURED` of them were cancelled
    """
    cancelled = cancelled_flights(flights)
    if cancelled.height < MIN_LEARNED + MIN_MEASURED:
        return None
    tested = find_tested(cancelled, parts.split_date)
    learned, test = (
        take_part(cancelled.filter(which), flights.frame, parts.tables, delay_minutes=0)
        for which in (~tested, tested)
    )
    return add_cancelled(parts, learned, test, seed)


def add_cancelled(parts: Parts, learned: Part, test: Part, seed: int) -> ScheduledParts | None:
    """As `divide_scheduled`, with the features of cancelled flights of each part."""
    every = join_cancelled(parts.learned, learned).with_known_codes(), join_cancelled(parts.test, test)
    if every[0].cancelled.sum() < MIN_LEARNED or every[1].cancelled.sum() < MIN_MEASURED:
        return None
    if parts.split == "random":
        return ScheduledParts(*every, random_folds(len(every[0].cancelled), seed))
    return ScheduledParts(*every, rolling_folds(every[0].dates))


def take_scheduled(departed: Part, cancelled: pl.DataFrame, flights: Flights, tables: Tables) -> Scheduled:
    """Join departed flights and cancelled ones, in an order that the file's own does not change.

    Parameters
    ----------
    cancelled : canonical columns
    flights : a history; all its flights are the timetable of their days
    tables : what is known of codes, holidays and places
    """
    return join_cancelled(departed, take_part(cancelled, flights.frame, tables, delay_minutes=0))


def join_cancelled(departed: Part, part: Part) -> Scheduled:
    """As `take_scheduled`, with the features of the cancelled flights."""
    frame = pl.concat([departed.frame, part.frame])
    order = np.argsort(frame["scheduled_departure"].to_numpy(), kind="stable")
    return Scheduled(
        frame[order],
        np.concatenate([departed.matrix, part.matrix])[order],
        np.concatenate([departed.minutes, np.full(part.frame.height, np.inf)])[order],
    )


def cancelled_flights(flights: Flights) -> pl.DataFrame:
    """The flights of a history that never departed, as its file says."""
    return flights.frame.filter(pl.col("cancelled") & pl.col("actual_departure").is_null())
