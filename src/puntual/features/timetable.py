"""Departures around each flight, counted, and gaps; for one flight: `puntual.inference.timetable`."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.arrays import FloatArray, IntArray
from puntual.inference.catalogue import CATALOGUE, Count, Gap
from puntual.inference.timetable import DAY_MINUTES
from puntual.processors import count_processors

_COUNTED = {feature.name: feature.counted for feature in CATALOGUE if feature.counted}
_GROUPINGS = {(), ("airline", "destination"), *(counted.by for counted in _COUNTED.values())}
_PLACES = ("origin", "airline", "destination")
_READS = (*_PLACES, "scheduled_departure")


def count_departures(flights: pl.DataFrame, timetable: pl.DataFrame | None) -> pl.DataFrame:
    """Other departures around each flight and gaps to them, one column an entry of the catalogue.

    Parameters
    ----------
    flights, timetable : canonical frames in the model's codes; no timetable: each flight is alone

    Returns
    -------
    Float64 columns; NaN where the timetable does not hold the flight's day at its origin, and for a gap to
    nothing
    """
    if timetable is None or timetable.is_empty():
        return pl.DataFrame({name: np.full(flights.height, math.nan) for name in _COUNTED})
    keys = _Keys(flights.select(_READS), None if timetable is flights else timetable.select(_READS))
    with ThreadPoolExecutor(count_processors()) as threads:
        groups = dict(zip(_GROUPINGS, threads.map(keys.group, _GROUPINGS), strict=True))
        known = groups[()].departures(None) > 0
        itself = groups["airline", "destination"].departures((0, 0)) > 0

        def others(counted: Count | Gap) -> FloatArray:
            group = groups[counted.by]
            if isinstance(counted, Gap):
                return np.where(known, group.gap(later=counted.later), math.nan)
            minutes = counted.minutes
            holds_the_flight = minutes is None or minutes[0] <= 0 <= minutes[1]
            return np.where(known, group.departures(minutes) - (itself & holds_the_flight), math.nan)

        return pl.DataFrame(dict(zip(_COUNTED, threads.map(others, _COUNTED.values()), strict=True)))


class _Keys:
    """A key for each flight, by which all departures of its group between two minutes lie between two keys.

    It is the number of the flight's group, times the span of all minutes, plus its minute.
    """

    def __init__(self, flights: pl.DataFrame, timetable: pl.DataFrame | None) -> None:
        """Take the flights asked about and their timetable; None: they are it themselves."""
        both = flights if timetable is None else pl.concat([flights, timetable])
        self._asked = slice(flights.height)
        self._listed = self._asked if timetable is None else slice(flights.height, None)
        minute = both["scheduled_departure"].dt.epoch("s").to_numpy() // 60
        self._minute = minute - (minute.min() - minute.min() % DAY_MINUTES)
        self._span = int(self._minute.max()) + 2 * DAY_MINUTES
        self._codes = {name: _dense(both[name]) for name in _PLACES}

    def group(self, by: tuple[str, ...]) -> _Group:
        """The flights that share some fields besides the origin."""
        number = np.zeros(len(self._minute), np.int64)
        for name in ("origin", *by):
            number = number * (int(self._codes[name].max()) + 1) + self._codes[name]
        start = number * self._span
        key = start + self._minute
        # Ascending questions are answered several times faster than scattered ones.
        order = np.argsort(key[self._asked])
        return _Group(start[order], self._minute[order], np.sort(key[self._listed]), order)


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

    def departures(self, minutes: tuple[int, int] | None) -> FloatArray:
        """Listed departures on each flight's day, from the first to the last minute relative to it."""
        first, last = self._day
        if minutes is not None:
            first = np.maximum(self.minute + minutes[0], first)
            last = np.minimum(self.minute + minutes[1], last)
        up_to = np.searchsorted(self.listed, self.start + last, "right")
        return self._in_order(up_to - np.searchsorted(self.listed, self.start + first, "left"))

    def gap(self, *, later: bool) -> FloatArray:
        """Minutes to the nearest listed departure of another minute of the day; NaN where there is none."""
        key, (first, last) = self.start + self.minute, self._day
        at = np.searchsorted(self.listed, key, "right" if later else "left") - (not later)
        nearest = self.listed[np.clip(at, 0, len(self.listed) - 1)]
        within = (at >= 0) & (at < len(self.listed))
        within &= (nearest >= self.start + first) & (nearest <= self.start + last)
        return self._in_order(np.where(within, np.abs(nearest - key), math.nan))

    @property
    def _day(self) -> tuple[IntArray, IntArray]:
        """First and last minute of each flight's day."""
        first = self.minute - self.minute % DAY_MINUTES
        return first, first + DAY_MINUTES - 1

    def _in_order(self, values: npt.NDArray[Any]) -> FloatArray:
        """Values of the flights in ascending order of their keys, as the frame has them."""
        placed = np.empty(len(values))
        placed[self.order] = values
        return placed


def _dense(values: pl.Series) -> IntArray:
    distinct = values.unique()
    return values.replace_strict(distinct, pl.arange(len(distinct), eager=True)).cast(pl.Int64).to_numpy()
