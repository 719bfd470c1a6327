"""Counts of scheduled departures around each flight; for one flight: `puntual.inference.timetable`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.inference.catalogue import CATALOGUE
from puntual.inference.timetable import DAY_MINUTES

_COUNTED = {feature.name: feature.counted for feature in CATALOGUE if feature.counted}
_PLACES = ("origin", "airline", "destination")
_READS = (*_PLACES, "scheduled_departure")

IntArray = npt.NDArray[np.int64]


def count_departures(flights: pl.DataFrame, timetable: pl.DataFrame | None) -> pl.DataFrame:
    """Other departures around each flight, one column an entry of the catalogue.

    Parameters
    ----------
    flights, timetable : canonical frames in the model's codes; no timetable: each flight is alone

    Returns
    -------
    Float64 columns; NaN where the timetable does not hold the flight's day at its origin
    """
    if timetable is None or timetable.is_empty():
        return pl.DataFrame({name: np.full(flights.height, math.nan) for name in _COUNTED})
    both = pl.concat([timetable.select(_READS), flights.select(_READS)])
    groups = _Groups(both, listed=timetable.height)
    first = groups.minute - groups.minute % DAY_MINUTES
    last = first + DAY_MINUTES - 1
    known = groups.count((), first, last) > 0
    itself = groups.count(("airline", "destination"), groups.minute, groups.minute) > 0
    columns: dict[str, Any] = {}
    for name, (by, window) in _COUNTED.items():
        if window is None:
            counted = groups.count(by, first, last) - itself
        else:
            start, end = groups.minute + window[0], groups.minute + window[1]
            counted = groups.count(by, np.maximum(start, first), np.minimum(end, last))
            counted -= itself & (window[0] <= 0 <= window[1])
        columns[name] = np.where(known, counted, math.nan)
    return pl.DataFrame(columns)


class _Groups:
    """The timetable sorted within each group of flights, as one ascending array a grouping.

    A flight's key is its group's number times the span of all minutes, plus its minute: all flights of a
    group between two minutes lie between two keys.
    """

    def __init__(self, both: pl.DataFrame, listed: int) -> None:
        minute = both["scheduled_departure"].dt.epoch("s").to_numpy() // 60
        minute -= minute.min() - minute.min() % DAY_MINUTES
        self._span = int(minute.max()) + 2 * DAY_MINUTES
        self._codes = {name: _dense(both[name]) for name in _PLACES}
        self._listed_minute, self.minute = minute[:listed], minute[listed:]
        self._listed = listed
        self._sorted: dict[tuple[str, ...], tuple[IntArray, IntArray]] = {}

    def count(self, by: tuple[str, ...], first: IntArray, last: IntArray) -> IntArray:
        """Listed departures of each flight's group from minute `first` to `last`, both included."""
        if by not in self._sorted:
            base = self._base(by)
            self._sorted[by] = (np.sort(base[: self._listed] + self._listed_minute), base[self._listed :])
        listed, base = self._sorted[by]
        return np.searchsorted(listed, base + last, "right") - np.searchsorted(listed, base + first, "left")

    def _base(self, by: tuple[str, ...]) -> IntArray:
        number = np.zeros(len(self._codes["origin"]), np.int64)
        for name in ("origin", *by):
            number = number * (int(self._codes[name].max()) + 1) + self._codes[name]
        return number * self._span


def _dense(values: pl.Series) -> IntArray:
    distinct = values.unique()
    return values.replace_strict(distinct, pl.arange(len(distinct), eager=True)).cast(pl.Int64).to_numpy()
