"""What became known of the departures of one scope, counted for any moment."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from puntual.inference.known import MAX_DELAY, MIN_DELAY, NEVER
from puntual.inference.operations import DAY_START, OVERDUE_CAP, SCOPES, SO_FAR, Overdue, Recent, Scope
from puntual.inference.timetable import DAY_MINUTES

KEPT_MINUTES = 2 * DAY_MINUTES
KEPT_DAYS = 30

_LATE_NUMBER, _DELAY_NUMBER, _WIDTH = 1, 3, 5
"""Of a day: its number, how many of which lateness is known and were late, how many left and their delay."""
_LATER = 2**31 - 1
"""A moment after all others, in the four bytes that each takes."""
_SO_FAR = {(scope.name, scope.group) for scope in SCOPES if {*SO_FAR} & {*scope.measures}}
"""The scopes whose values depend on the local clock."""

Values = tuple[float, ...]


class Contribution(NamedTuple):
    """What one flight adds to the stats of its scopes, as far as it is known.

    Attributes
    ----------
    scheduled, departed : moments; `NEVER` if it has not left
    cancelled : the moment at which that became known; `NEVER` if it is not
    late_known : when it is known whether it is late; `NEVER` if it is cancelled by then
    late : whether it is, as things stand
    expected : until when it has not left for all that is known: before it is known to have left, and of a
        departure that became known beforehand, until then
    """

    scheduled: int
    departed: int
    cancelled: int
    late_known: int
    late: bool
    expected: int

    @property
    def delay(self) -> int:
        """Minutes, within `MIN_DELAY` and `MAX_DELAY`; of a flight that has left."""
        return min(max(self.departed - self.scheduled, MIN_DELAY), MAX_DELAY)


class _Made(NamedTuple):
    """The values of a scope, and the version, moment and clock of which they are."""

    now: tuple[int, int, int]
    values: Values


class _DaysBefore(NamedTuple):
    """What was measured of whole days before one."""

    today: int
    values: dict[Recent, float]


class ScopeStats:
    """The contributions of the departures of one scope.

    Parameters
    ----------
    measures : what it will be asked for

    Attributes
    ----------
    version : changes with every contribution
    """

    __slots__ = (
        "_cancelled_at",
        "_days",
        "_days_before",
        "_delay_at",
        "_delays",
        "_due_at",
        "_gone_at",
        "_late",
        "_late_at",
        "_made",
        "version",
    )

    def __init__(self, measures: Iterable[Recent | Overdue]) -> None:
        measures = [*measures]
        self.version = 0
        self._made: dict[tuple[str, str], _Made] | None = None
        self._days_before: _DaysBefore | None = None
        self._late_at, self._late = array("i"), bytearray()
        self._delay_at, self._delays = array("i"), array("h")
        self._days = array("i")
        self._due_at = self._gone_at = self._cancelled_at = None
        if any(isinstance(measure, Overdue) for measure in measures):
            self._due_at, self._gone_at = array("i"), array("i")
        if any(isinstance(measure, Recent) and measure.of == "cancelled" for measure in measures):
            self._cancelled_at = array("i")

    def add(self, one: Contribution) -> None:
        """Count a flight."""
        self.version += 1
        if self._due_at is not None and self._gone_at is not None and one.expected > one.scheduled:
            _insert(self._due_at, self._gone_at, one.scheduled, min(one.expected, _LATER))
        if one.late_known < NEVER:
            _insert(self._late_at, self._late, one.late_known, one.late)
            self._count(one.late_known, _LATE_NUMBER, 1, one.late)
        if one.departed < NEVER:
            _insert(self._delay_at, self._delays, one.departed, one.delay)
            self._count(one.departed, _DELAY_NUMBER, 1, one.delay)
        if one.cancelled < NEVER and self._cancelled_at is not None:
            self._cancelled_at.insert(bisect_right(self._cancelled_at, one.cancelled), one.cancelled)

    def remove(self, one: Contribution) -> None:
        """Undo `add`."""
        self.version += 1
        if self._due_at is not None and self._gone_at is not None and one.expected > one.scheduled:
            _remove(self._due_at, self._gone_at, one.scheduled, min(one.expected, _LATER))
        if one.late_known < NEVER:
            _remove(self._late_at, self._late, one.late_known, one.late)
            self._count(one.late_known, _LATE_NUMBER, -1, -one.late)
        if one.departed < NEVER:
            _remove(self._delay_at, self._delays, one.departed, one.delay)
            self._count(one.departed, _DELAY_NUMBER, -1, -one.delay)
        if one.cancelled < NEVER and self._cancelled_at is not None:
            place = bisect_left(self._cancelled_at, one.cancelled)
            if self._cancelled_at[place : place + 1] == array("i", [one.cancelled]):
                del self._cancelled_at[place]

    def forget(self, moment: int) -> bool:
        """Drop what no measure from a moment on reads; whether anything is left."""
        kept = moment - KEPT_MINUTES
        for times, values in (
            (self._late_at, self._late),
            (self._delay_at, self._delays),
            (self._due_at, self._gone_at),
        ):
            if times is not None and values is not None:
                place = bisect_left(times, kept)
                del times[:place], values[:place]
        if self._cancelled_at is not None:
            del self._cancelled_at[: bisect_left(self._cancelled_at, kept)]
        first = moment // DAY_MINUTES - KEPT_DAYS
        self._days = array("i", [x for day in self._each_day() if day[0] >= first for x in day])
        self._made = self._days_before = None
        return bool(self._days or self._due_at)

    def values(self, scope: Scope, moment: int, clock: int) -> Values:
        """The measures of a scope as of a moment, as `puntual.features.operations` makes them over frames.

        Parameters
        ----------
        moment : nothing that was added became known later
        clock : minute of the local day at that moment
        """
        which = scope.name, scope.group
        now = self.version, moment, clock if which in _SO_FAR else 0
        if self._made is None:
            self._made = {}
        made = self._made.get(which)
        if made is None or made.now != now:
            values = tuple([self._measure(measure, moment, clock) for measure in scope.measures])
            made = self._made[which] = _Made(now, values)
        return made.values

    def _measure(self, measure: Recent | Overdue, moment: int, clock: int) -> float:
        if isinstance(measure, Overdue):
            if self._due_at is None or self._gone_at is None:
                return 0.0
            first = bisect_right(self._due_at, moment - OVERDUE_CAP)
            gone = self._gone_at[first : bisect_right(self._due_at, moment - measure.minutes)]
            return float(sum([at > moment for at in gone]))
        if measure.days:
            return self._over_days(measure, moment // DAY_MINUTES)
        after = moment - (measure.minutes or (clock - DAY_START) % DAY_MINUTES + 1)
        if measure.of == "delay":
            first, last = bisect_right(self._delay_at, after), bisect_right(self._delay_at, moment)
            return sum(self._delays[first:last]) / (last - first) if last > first else math.nan
        first, last = bisect_right(self._late_at, after), bisect_right(self._late_at, moment)
        if measure.of == "late":
            return self._late.count(1, first, last) / (last - first) if last > first else math.nan
        at = self._cancelled_at
        cancelled = 0 if at is None else bisect_right(at, moment) - bisect_right(at, after)
        number = cancelled + last - first
        return cancelled / number if number else math.nan

    def _over_days(self, measure: Recent, today: int) -> float:
        """A measure of the days before today, kept until one of these days changes."""
        before = self._days_before
        if before is None or before.today != today:
            before = self._days_before = _DaysBefore(today, {})
        value = before.values.get(measure)
        if value is None:
            value = before.values[measure] = self._mean_of_days(measure, today)
        return value

    def _mean_of_days(self, measure: Recent, today: int) -> float:
        at = _LATE_NUMBER if measure.of == "late" else _DELAY_NUMBER
        days = [day for day in self._each_day() if today - measure.days <= day[0] < today]
        number = sum([day[at] for day in days])
        return sum([day[at + 1] for day in days]) / number if number else math.nan

    def _each_day(self) -> Iterator[array[int]]:
        return (self._days[at : at + _WIDTH] for at in range(0, len(self._days), _WIDTH))

    def _count(self, moment: int, at: int, number: int, amount: int) -> None:
        day, days = moment // DAY_MINUTES, self._days
        if self._days_before is not None and day < self._days_before.today:
            self._days_before = None
        for start in range(len(days) - _WIDTH, -1, -_WIDTH):
            if days[start] == day:
                break
        else:
            start = len(days)
            days.extend((day, 0, 0, 0, 0))
        days[start + at] += number
        days[start + at + 1] += amount


def _insert(times: array[int], values: array[int] | bytearray, at: int, value: int) -> None:
    place = bisect_right(times, at)
    times.insert(place, at)
    values.insert(place, value)


def _remove(times: array[int], values: array[int] | bytearray, at: int, value: int) -> None:
    """Remove an entry; it may have been forgotten."""
    for place in range(bisect_left(times, at), bisect_right(times, at)):
        if values[place] == value:
            del times[place], values[place]
            return
