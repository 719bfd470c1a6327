"""What a file of departures that is written anew says that its service has not been told yet.

A flight that the file drops is taken out of its timetable, unless it lies outside the times that the file
spans: an export of the next hours does not shorten the timetable of the day. If the file has it at another
time of that day, it was retimed, and is taken out too. An actual time that lies ahead
is an estimate. What happened more than a day before it is first read became known when it happened, so that
a history can be sent; anything else becomes known when it is sent, so that a correction counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from puntual.operations.events import (
    Cancellation,
    Departure,
    Estimate,
    PlannedFlight,
    TimetableChange,
    content,
    subject,
)
from puntual.operations.timeline import (
    Outcome,
    Row,
    Zones,
    cancellation_moment,
    identify_flight,
    moment_of,
    plan_flight,
)

AHEAD = dt.timedelta(minutes=2)
"""By which the clocks of a file and of this machine may differ."""
OLD = dt.timedelta(days=1)
"""Age from which what happened is history."""

FeedEvent = Departure | Cancellation | Estimate
_Day = tuple[str, dt.date]
_Planned = dict[tuple[object, ...], PlannedFlight]


class Changes(NamedTuple):
    """What is to be sent.

    Attributes
    ----------
    events : of flights, in the file's order
    """

    timetables: list[TimetableChange]
    events: list[FeedEvent]


class Feed:
    """Remembers what a service was told."""

    def __init__(self) -> None:
        self._zones: dict[str, str] = {}
        self._days: dict[_Day, _Planned] = {}
        self._told: dict[tuple[str, ...], bytes] = {}

    def use(self, zones: Zones) -> None:
        """Know the time zones of further origins."""
        self._zones |= zones

    def changes(self, rows: Sequence[Row], now: dt.datetime) -> Changes:
        """What rows say that is new.

        Parameters
        ----------
        rows : canonical flights; each has an airline
        now : with its offset
        """
        days = self._planned(rows)
        changed = [day for day, flights in days.items() if self._days.get(day) != flights]
        events = [event for event in self._events(rows, now) if self._is_new(event)]
        return Changes([_timetable(day, days[day].values()) for day in sorted(changed)], events)

    def sent(self, changes: Changes) -> None:
        """Remember that a service has taken these changes."""
        for change in changes.timetables:
            self._days[change.origin, change.date] = {_key(flight): flight for flight in change.flights}
        self._told |= {subject(event): content(event) for event in changes.events}

    def _planned(self, rows: Iterable[Row]) -> dict[_Day, _Planned]:
        """The timetables, with the flights that were sent and lie outside the times of the file."""
        days: dict[_Day, _Planned] = {}
        spans: dict[str, tuple[dt.datetime, dt.datetime]] = {}
        for row in rows:
            origin, due = row["origin"], row["scheduled_departure"]
            flight = plan_flight(row)
            days.setdefault((origin, due.date()), {})[_key(flight)] = flight
            first, last = spans.get(origin, (due, due))
            spans[origin] = min(first, due), max(last, due)
        for (origin, day), flights in days.items():
            first, last = spans[origin]
            named = {_name(flight) for flight in flights.values() if flight.flight_number is not None}
            for key, flight in self._days.get((origin, day), {}).items():
                if not first <= flight.scheduled_departure <= last and _name(flight) not in named:
                    flights[key] = flight
        return days

    def _events(self, rows: Iterable[Row], now: dt.datetime) -> Iterator[FeedEvent]:
        for row in rows:
            flight = identify_flight(row)
            if row["cancelled"]:
                moment = cancellation_moment(row, self._zones)
                given = row["cancelled_at"] is not None and moment <= now
                yield self._dated(Cancellation(**flight), moment, now - OLD if not given else now)
            elif row["actual_departure"] is not None:
                moment = moment_of(row, "actual_departure", self._zones)
                if moment > now + AHEAD:
                    yield Estimate(**flight, estimated_departure=moment)
                else:
                    left = Departure(**flight, actual_departure=moment, aircraft=row["aircraft"])
                    yield self._dated(left, moment, now - OLD)

    def _dated(self, event: Outcome, moment: dt.datetime, until: dt.datetime) -> Outcome:
        """The event with the moment at which it became known, if it is the first about it, and that old."""
        if subject(event) in self._told or moment > until:
            return event
        return msgspec.structs.replace(event, known_at=moment)

    def _is_new(self, event: FeedEvent) -> bool:
        return self._told.get(subject(event)) != content(event)


def _key(flight: PlannedFlight) -> tuple[object, ...]:
    return flight.scheduled_departure, flight.airline, flight.flight_number, flight.destination


def _name(flight: PlannedFlight) -> tuple[object, ...]:
    """What a flight keeps when it is retimed."""
    return flight.airline, flight.flight_number, flight.destination


def _timetable(day: _Day, flights: Iterable[PlannedFlight]) -> TimetableChange:
    origin, date = day
    ordered = sorted(flights, key=lambda one: (one.scheduled_departure, one.airline, str(one.flight_number)))
    return TimetableChange(origin=origin, date=date, flights=tuple(ordered))
