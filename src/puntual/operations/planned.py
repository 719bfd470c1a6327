"""A flight of a timetable and what is known of it, settled by the rule of `puntual.operations.events`."""

from __future__ import annotations

import datetime as dt
import enum
import struct
import sys
import zoneinfo
from functools import lru_cache
from typing import NamedTuple

import msgspec

from puntual.inference.known import NEVER, becomes_known, is_late
from puntual.inference.local_time import EPOCH
from puntual.operations.events import (
    Cancellation,
    Departure,
    Estimate,
    FlightEvent,
    LogEntry,
    PlannedFlight,
)
from puntual.operations.scope_stats import Contribution

_START = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LOCAL_START = _START.replace(tzinfo=None)
_MICROSECOND = dt.timedelta(microseconds=1)

_RANK = struct.Struct(">QBI")
"""Microseconds since 1970, kind of event, minutes from `_FIRST_MINUTE` on: their bytes compare as they do."""
_FIRST_MINUTE = -(1 << 31)
_NO_DEPARTURE, _DEPARTURE = 0, 1
"""As in `puntual.operations.events.Rank`."""

Key = tuple[str, str, int]
"""Origin and airline in the model's codes, and the scheduled local minute (day ordinal x 1440 + minute)."""


class Status(enum.StrEnum):
    """What is known of a flight at a moment."""

    scheduled = "scheduled"
    overdue = "overdue"
    late = "late"
    departed = "departed"
    cancelled = "cancelled"


class FlightState(msgspec.Struct, frozen=True, kw_only=True):
    """A flight as it is known at a moment.

    Attributes
    ----------
    origin, airline, destination, operator : in the model's codes
    scheduled_departure, estimated_departure, actual_departure : local at the origin
    status : ``overdue`` from its time on, ``late`` from the threshold on, as long as it has not left
    estimated_departure : of a departure that is known before it happens, its time, until then
    delay_minutes : of a flight that has left; negative when early
    known_at : when the last of this became known, UTC; null: only the timetable is
    """

    origin: str
    airline: str
    flight_number: str | None
    destination: str
    scheduled_departure: dt.datetime
    operator: str | None
    aircraft: str | None
    status: Status
    estimated_departure: dt.datetime | None
    actual_departure: dt.datetime | None
    delay_minutes: int | None
    known_at: dt.datetime | None


class Planned:
    """A flight of a timetable.

    Of the events about its outcome the one of the greatest rank decides, and of its estimates, too. A rank is
    kept packed: when it became known, whether it is a departure, and its minutes after the scheduled time.

    Attributes
    ----------
    key, destination : in the model's codes
    scheduled : moment, minutes since 1970
    listed : whether the newest timetable of its day names it
    counted : whether the stats have it
    alike : another flight of the same key; None: there is none
    """

    __slots__ = (
        "_estimate",
        "_flown_by",
        "_minutes_late",
        "_number",
        "_operator",
        "_outcome",
        "_planned_aircraft",
        "alike",
        "counted",
        "destination",
        "key",
        "listed",
        "scheduled",
    )

    def __init__(self, key: Key, destination: str, flight: PlannedFlight, scheduled: int) -> None:
        self.key, self.destination, self.scheduled = key, destination, scheduled
        self.listed, self.counted = True, False
        self.alike: Planned | None = None
        self._outcome, self._estimate, self._flown_by = b"", b"", ""
        self._minutes_late: int | None = None
        self.plan(flight)

    def plan(self, flight: PlannedFlight) -> None:
        """Take what a timetable says of it."""
        number = flight.flight_number
        self._number = None if number is None else sys.intern(str(number))
        self._operator = flight.operator and sys.intern(flight.operator)
        self._planned_aircraft = flight.aircraft and sys.intern(flight.aircraft)

    def is_planned_as(self, flight: PlannedFlight) -> bool:
        """Whether a row of a timetable with its origin, airline, time and destination is this flight."""
        if self._number is None or flight.flight_number is None:
            return self._number is flight.flight_number
        return number_of(self._number) == number_of(flight.flight_number)

    def is_about(self, event: FlightEvent, destination: str | None) -> bool:
        """Whether an event with this flight's origin, airline and time is about it.

        Parameters
        ----------
        destination : of the event, in the model's codes
        """
        if event.flight_number is not None and self._number is not None:
            return number_of(event.flight_number) == number_of(self._number)
        return destination == self.destination

    def settle(self, entry: LogEntry, event: Departure | Cancellation | Estimate) -> None:
        """Take an event into account."""
        if isinstance(event, Estimate):
            minutes = self._minutes_after(event.estimated_departure)
            self._estimate = max(self._estimate, _pack(entry.known_at, _NO_DEPARTURE, minutes))
            return
        late, aircraft = None, ""
        if isinstance(event, Departure):
            late, aircraft = self._minutes_after(event.actual_departure), event.aircraft or ""
        outcome = _pack(entry.known_at, _NO_DEPARTURE if late is None else _DEPARTURE, late or 0)
        if (outcome, aircraft) > (self._outcome, self._flown_by):
            self._outcome, self._flown_by, self._minutes_late = outcome, sys.intern(aircraft), late

    @property
    def is_decided(self) -> bool:
        """Whether it is known to have left or to be cancelled."""
        return bool(self._outcome)

    @property
    def aircraft(self) -> str | None:
        """The tail number that flew it, else the planned one."""
        return self._flown_by or self._planned_aircraft

    @property
    def order(self) -> tuple[int, str, str]:
        """What flights of a day are listed by."""
        return self.key[2], self.key[1], self._number or ""

    @property
    def departed(self) -> int:
        """The moment at which it left, minutes since 1970; `NEVER`: it has not left."""
        return NEVER if self._minutes_late is None else self.scheduled + self._minutes_late

    @property
    def cancelled(self) -> int:
        """The moment at which it became known that it is cancelled; `NEVER`: it is not."""
        return NEVER if self._minutes_late is not None or not self._outcome else _moment(self._outcome)

    def contribution(self, delay_minutes: int) -> Contribution:
        """What it adds to the stats, as far as it is known."""
        departed, cancelled = self.departed, self.cancelled
        known = becomes_known(self.scheduled, departed, cancelled, delay_minutes)
        late = bool(is_late(self.scheduled, departed, delay_minutes))
        expected = NEVER
        if self._outcome:
            expected = departed if _moment(self._outcome) < departed < NEVER else 0
        return Contribution(self.scheduled, departed, cancelled, known.lateness, late, expected)

    def state(self, moment: int, delay_minutes: int) -> FlightState:
        """What is known of it at a moment, minutes since 1970."""
        origin, airline, minute = self.key
        local = dt.datetime.fromordinal(minute // 1440) + dt.timedelta(minutes=minute % 1440)
        delay, last = self._minutes_late, max(self._outcome, self._estimate)
        estimated = _unpack(self._estimate).minutes if self._estimate else None
        if delay is not None and self.departed > moment:
            delay, estimated = None, delay
        if delay is not None:
            status = Status.departed
        elif self.cancelled < NEVER:
            status = Status.cancelled
        elif moment > self.scheduled + delay_minutes:
            status = Status.late
        else:
            status = Status.overdue if moment >= self.scheduled else Status.scheduled
        return FlightState(
            origin=origin,
            airline=airline,
            flight_number=self._number,
            destination=self.destination,
            scheduled_departure=local,
            operator=self._operator,
            aircraft=self.aircraft,
            status=status,
            estimated_departure=None if estimated is None else local + dt.timedelta(minutes=estimated),
            actual_departure=None if delay is None else local + dt.timedelta(minutes=delay),
            delay_minutes=delay,
            known_at=_unpack(last).known_at if last else None,
        )

    def _minutes_after(self, time: dt.datetime) -> int:
        """From the scheduled time to that of an event."""
        if time.tzinfo is not None:
            return int(time.timestamp() // 60) - self.scheduled
        return int((time - _LOCAL_START).total_seconds() // 60) - (self.key[2] - EPOCH)


def _pack(known_at: dt.datetime, kind: int, minutes: int) -> bytes:
    return _RANK.pack((known_at - _START) // _MICROSECOND, kind, minutes - _FIRST_MINUTE)


class _Unpacked(NamedTuple):
    known_at: dt.datetime
    minutes: int


def _unpack(packed: bytes) -> _Unpacked:
    known_at, _, minutes = _RANK.unpack(packed)
    return _Unpacked(_START + known_at * _MICROSECOND, minutes + _FIRST_MINUTE)


def _moment(packed: bytes) -> int:
    """When it became known, whole minutes since 1970."""
    known_at: int = _RANK.unpack(packed)[0]
    return known_at // 60_000_000


def to_local(moment: dt.datetime, zone: str | None) -> dt.datetime:
    """A time of an event as local time, without an offset; UTC where the zone is not known.

    Examples
    --------
    >>> to_local(dt.datetime(2013, 7, 1, 12, tzinfo=dt.UTC), "America/New_York")
    datetime.datetime(2013, 7, 1, 8, 0)
    """
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(zoneinfo.ZoneInfo(zone) if zone else dt.UTC).replace(tzinfo=None)


def local_minute(moment: dt.datetime, zone: str | None) -> int:
    """A time of an event as day ordinal x 1440 + minute of the day, local."""
    local = to_local(moment, zone)
    return local.toordinal() * 1440 + local.hour * 60 + local.minute


@lru_cache(maxsize=4096)
def number_of(flight_number: str | int) -> str:
    """A flight number without the airline's letters, blanks and leading zeros.

    Examples
    --------
    >>> number_of("LA 0123"), number_of(123), number_of("B6 1503")
    ('123', '123', '1503')
    """
    text = str(flight_number).upper().replace(" ", "")
    digits = text[2:] if len(text) > 2 and not text[:2].isdigit() else text
    return digits.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").lstrip("0") or text
