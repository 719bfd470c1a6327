"""Departures around a flight, counted, and gaps, from the complete timetable of its origin's day."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable

from puntual.inference.catalogue import COUNTS, Gap

DAY_MINUTES = 1440
NO_COUNTS: tuple[float, ...] = (math.nan,) * len(COUNTS)

Departure = tuple[str, str, str, int]
"""Origin, airline, destination, and the scheduled local minute: day ordinal x 1440 + minute of the day."""

Key = tuple[str, str | None, str | None]


class Timetable:
    """The complete scheduled departures of one or more days of one or more origins.

    Examples
    --------
    >>> day = 736_000 * DAY_MINUTES
    >>> timetable = Timetable([("SCEL", "LAN", "SCFA", day + 600), ("SCEL", "SKU", "SCFA", day + 630)])
    >>> timetable.counts("SCEL", "LAN", "SCFA", day + 600)[0]
    1.0
    >>> timetable.counts("SCEL", "LAN", "SCFA", day + DAY_MINUTES)[0]
    nan
    """

    def __init__(self, departures: Iterable[Departure]) -> None:
        minutes: dict[Key, list[int]] = defaultdict(list)
        for origin, airline, destination, minute in departures:
            minutes[origin, None, None].append(minute)
            minutes[origin, airline, None].append(minute)
            minutes[origin, None, destination].append(minute)
            minutes[origin, airline, destination].append(minute)
        for group in minutes.values():
            group.sort()
        self._minutes = dict(minutes)

    def covers(self, origin: str, minute: int) -> bool:
        """Whether the day of a scheduled local minute is known.

        Examples
        --------
        >>> timetable = Timetable([("SCEL", "LAN", "SCFA", 736_000 * DAY_MINUTES + 600)])
        >>> [timetable.covers("SCEL", day * DAY_MINUTES) for day in (736_000, 736_001)]
        [True, False]
        """
        start = minute - minute % DAY_MINUTES
        day = self._minutes.get((origin, None, None), [])
        return bisect_left(day, start) < bisect_left(day, start + DAY_MINUTES)

    def counts(self, origin: str, airline: str, destination: str, minute: int) -> tuple[float, ...]:
        """Other departures and gaps, one number an entry of `COUNTS`; all NaN where the day is not known.

        Parameters
        ----------
        minute : scheduled local minute, as in `Departure`
        """
        if not self.covers(origin, minute):
            return NO_COUNTS
        start = minute - minute % DAY_MINUTES
        end = start + DAY_MINUTES - 1
        itself = self._minutes.get((origin, airline, destination), [])
        listed = bisect_left(itself, minute) < bisect_right(itself, minute)
        found = []
        for counted in COUNTS:
            by = counted.by
            key = (origin, airline if "airline" in by else None, destination if "destination" in by else None)
            group = self._minutes.get(key, [])
            if isinstance(counted, Gap):
                found.append(_gap(group, minute, counted.later, start, end))
                continue
            window = counted.minutes
            first, last = (start, end) if window is None else (minute + window[0], minute + window[1])
            within = bisect_right(group, min(last, end)) - bisect_left(group, max(first, start))
            found.append(float(within - (listed and first <= minute <= last)))
        return tuple(found)


def _gap(group: list[int], minute: int, later: bool, start: int, end: int) -> float:
    """Minutes to the nearest other minute of a group, between the start and the end of the day."""
    if later:
        after = bisect_right(group, minute)
        return float(group[after] - minute) if after < len(group) and group[after] <= end else math.nan
    before = bisect_left(group, minute) - 1
    return float(minute - group[before]) if before >= 0 and group[before] >= start else math.nan
