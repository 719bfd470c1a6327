"""Count the departures around each flight, and the gaps; for one flight: `puntual.inference.timetable`."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.inference.catalogue import CATALOGUE, Count, Gap
from puntual.inference.timetable import DAY_MINUTES
from puntual.metrics.arrays import FloatArray, IntArray
from puntual.processors import count_processors

_COUNTED = {feature.name: feature.counted for feature in CATALOGUE if feature.counted}
_GROUPINGS = {(), ("airline", "destination"), *(counted.by for counted in _COUNTED.values())}
_PLACES = ("origin", "airline", "destination")
_READS = (*_PLACES, "scheduled_departure")


def count_departures(flights: pl.DataFrame, timetable: pl.DataFrame | None) -> pl.DataFrame:
    """Other departures around each flight and gaps to them, one column an entry of the catalogue.

    Parameters
    ----------
    flights, timetable : canonical frames in the model's codes

    Returns
    -------
    Float64 columns; NaN if the timetable does not have the flight's day at its origin, and for a gap without
    a neighbour
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
            is_counted = minutes is None or minutes[0] <= 0 <= minutes[1]
            return np.where(known, group.departures(minutes) - (itself & is_counted), math.nan)

        return pl.DataFrame(dict(zip(_COUNTED, threads.map(others, _COUNTED.values()), strict=True)))


class _Keys:
    """An integer key for each flight: the number of its group times the span of all minutes, plus its minute.

    All departures of a group between two minutes have keys between two keys.
    """

    def __init__(self, flights: pl.DataFrame, timetable: pl.DataFrame | None) -> None:
        """Number the flights and their timetable; None if the flights are their own timetable."""
        both = flights if timetable is None else pl.concat([flights, timetable])
        self._flights = slice(flights.height)
        self._timetable = self._flights if timetable is None else slice(flights.height, None)
        minute = both["scheduled_departure"].dt.epoch("s").to_numpy() // 60
        self._minute = minute - (minute.min() - minute.min() % DAY_MINUTES)
        self._span = int(self._minute.max()) + 2 * DAY_MINUTES
        self._codes = {name: _dense(both[name]) for name in _PLACES}

    def group(self, by: tuple[str, ...]) -> _Group:
        """The groups of flights from one origin that share the given fields."""
        number = np.zeros(len(self._minute), np.int64)
        for name in ("origin", *by):
            number = number * (int(self._codes[name].max()) + 1) + self._codes[name]
        start = number * self._span
        key = start + self._minute
        # Searching ascending keys is several times faster than scattered ones.
        order = np.argsort(key[self._flights])
        return _Group(start[order], self._minute[order], np.sort(key[self._timetable]), order)


class _Group(NamedTuple):
    """The flights in ascending order of their keys, and the timetable's keys.

    Attributes
    ----------
    start : first key of each flight's group
    minute : of each flight
    timetable : keys, ascending
    order : position of each flight in the frame
    """

    start: IntArray
    minute: IntArray
    timetable: IntArray
    order: IntArray

    def departures(self, minutes: tuple[int, int] | None) -> FloatArray:
        """Departures on each flight's day between two minutes relative to it; None: all day."""
        first, last = self._day
        if minutes is not None:
            first = np.maximum(self.minute + minutes[0], first)
            last = np.minimum(self.minute + minutes[1], last)
        up_to = np.searchsorted(self.timetable, self.start + last, "right")
        return self._in_order(up_to - np.searchsorted(self.timetable, self.start + first, "left"))

    def gap(self, *, later: bool) -> FloatArray:
        """Minutes to the nearest departure at another minute of the day; NaN if there is none."""
        key, (first, last) = self.start + self.minute, self._day
        at = np.searchsorted(self.timetable, key, "right" if later else "left") - (not later)
        nearest = self.timetable[np.clip(at, 0, len(self.timetable) - 1)]
        within = (at >= 0) & (at < len(self.timetable))
        within &= (nearest >= self.start + first) & (nearest <= self.start + last)
        return self._in_order(np.where(within, np.abs(nearest - key), math.nan))

    @property
    def _day(self) -> tuple[IntArray, IntArray]:
        """First and last minute of each flight's day."""
        first = self.minute - self.minute % DAY_MINUTES
        return first, first + DAY_MINUTES - 1

    def _in_order(self, values: npt.NDArray[Any]) -> FloatArray:
        """Put values of the sorted flights back into the frame's order."""
        placed = np.empty(len(values))
        placed[self.order] = values
        return placed


def _dense(values: pl.Series) -> IntArray:
    distinct = values.unique()
    return values.replace_strict(distinct, pl.arange(len(distinct), eager=True)).cast(pl.Int64).to_numpy()
