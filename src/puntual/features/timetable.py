"""Counts of scheduled departures around each flight; for one flight: `puntual.inference.timetable`."""

from __future__ import annotations

import math
from typing import NamedTuple

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
    groups = _Groups(pl.concat([timetable.select(_READS), flights.select(_READS)]), timetable.height)
    known = groups.count((), None) > 0
    itself = groups.count(("airline", "destination"), (0, 0)) > 0
    columns = {}
    for name, (by, minutes) in _COUNTED.items():
        others = groups.count(by, minutes) - (itself & _holds_the_flight(minutes))
        columns[name] = np.where(known, others, math.nan)
    return pl.DataFrame(columns)


def _holds_the_flight(minutes: tuple[int, int] | None) -> bool:
    return minutes is None or minutes[0] <= 0 <= minutes[1]


class _Groups:
    """The timetable sorted within each group of flights, as one ascending array a grouping.

    A flight's key is its group's number times the span of all minutes, plus its minute: all flights of a
    group between two minutes lie between two keys.
    """

    def __init__(self, both: pl.DataFrame, listed: int) -> None:
        minute = both["scheduled_departure"].dt.epoch("s").to_numpy() // 60
        self._minute = minute - (minute.min() - minute.min() % DAY_MINUTES)
        self._span = int(self._minute.max()) + 2 * DAY_MINUTES
        self._codes = {name: _dense(both[name]) for name in _PLACES}
        self._listed = listed
        self._groups: dict[tuple[str, ...], _Group] = {}

    def count(self, by: tuple[str, ...], minutes: tuple[int, int] | None) -> IntArray:
        """Listed departures of each flight's group and day, from the first to the last minute after it."""
        if by not in self._groups:
            self._groups[by] = self._group(by)
        start, minute, listed, order = self._groups[by]
        first = minute - minute % DAY_MINUTES
        last = first + DAY_MINUTES - 1
        if minutes is not None:
            first, last = np.maximum(minute + minutes[0], first), np.minimum(minute + minutes[1], last)
        found = np.searchsorted(listed, start + last, "right") - np.searchsorted(
            listed, start + first, "left"
        )
        counts = np.empty_like(found)
        counts[order] = found
        return counts

    def _group(self, by: tuple[str, ...]) -> _Group:
        number = np.zeros(len(self._minute), np.int64)
        for name in ("origin", *by):
            number = number * (int(self._codes[name].max()) + 1) + self._codes[name]
        start = number * self._span
        key = start + self._minute
        # Ascending questions are answered several times faster than scattered ones.
        order = np.argsort(key[self._listed :])
        asked = order + self._listed
        return _Group(start[asked], self._minute[asked], np.sort(key[: self._listed]), order)


class _Group(NamedTuple):
    """The flights asked about in ascending order of their keys, and the keys of the timetable.

    Attributes
    ----------
    start : where the keys of each flight's group start
    minute : of each flight
    listed : keys of the timetable, ascending
    order : position of each flight in the frame
    """

    start: IntArray
    minute: IntArray
    listed: IntArray
    order: IntArray


def _dense(values: pl.Series) -> IntArray:
    distinct = values.unique()
    return values.replace_strict(distinct, pl.arange(len(distinct), eager=True)).cast(pl.Int64).to_numpy()
