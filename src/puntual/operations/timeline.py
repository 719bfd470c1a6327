"""The flights of a history as what happened on their days, and when it became known."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from puntual.operations.events import Cancellation, Departure, PlannedFlight, TimetableChange

Row = Mapping[str, Any]
"""A flight with the canonical columns by name."""
Zones = Mapping[str, str]
"""By airport, the IANA name of its time zone; an airport that is not here counts as in UTC."""
Outcome = Departure | Cancellation

TIMETABLE_DAYS = 1
"""A timetable is known this many whole days before its own."""


def local_moment(origin: str, time: dt.datetime, zones: Zones) -> dt.datetime:
    """A local time with its offset; the first one where clocks show it twice.

    Examples
    --------
    >>> local_moment("JFK", dt.datetime(2013, 11, 2, 9, 20), {"JFK": "America/New_York"}).isoformat()
    '2013-11-02T09:20:00-04:00'
    """
    return time.replace(tzinfo=zoneinfo.ZoneInfo(zones[origin]) if origin in zones else dt.UTC)


def moment_of(row: Row, name: str, zones: Zones) -> dt.datetime:
    """When what a time of a flight says happened: so long after the scheduled time, whatever clocks did.

    Parameters
    ----------
    name : of a column with a time that is not null
    """
    scheduled = local_moment(row["origin"], row["scheduled_departure"], zones)
    later: dt.timedelta = row[name] - row["scheduled_departure"]
    return (scheduled.astimezone(dt.UTC) + later).astimezone(scheduled.tzinfo)


def plan_flight(row: Row) -> PlannedFlight:
    """A flight as its timetable has it."""
    return PlannedFlight(
        airline=row["airline"],
        destination=row["destination"],
        scheduled_departure=row["scheduled_departure"],
        flight_number=row["flight_number"],
        operator=row["operator"],
        aircraft=row["aircraft"],
        flight_type=row["flight_type"],
    )


def identify_flight(row: Row) -> dict[str, Any]:
    """What an event says of the flight that it is about."""
    named = ("origin", "airline", "scheduled_departure", "flight_number", "destination")
    return {name: row[name] for name in named}


def timetables(rows: Iterable[Row], zones: Zones) -> list[TimetableChange]:
    """The timetable of each origin's local day, earliest first; known a whole day before it begins.

    Examples
    --------
    >>> names = ("airline", "destination", "flight_number", "operator", "aircraft", "flight_type")
    >>> row = dict.fromkeys(names) | {"origin": "JFK", "airline": "B6", "destination": "BOS"}
    >>> row["scheduled_departure"] = dt.datetime(2013, 11, 2, 9, 20)
    >>> (day,) = timetables([row], {"JFK": "America/New_York"})
    >>> day.date.isoformat(), day.known_at.isoformat(), day.flights[0].airline
    ('2013-11-02', '2013-11-01T00:00:00-04:00', 'B6')
    """
    days: dict[tuple[dt.date, str], list[PlannedFlight]] = {}
    for row in rows:
        days.setdefault((row["scheduled_departure"].date(), row["origin"]), []).append(plan_flight(row))
    return [
        TimetableChange(origin=origin, date=day, flights=tuple(flights), known_at=_before(origin, day, zones))
        for (day, origin), flights in sorted(days.items(), key=lambda one: one[0])
    ]


def _before(origin: str, day: dt.date, zones: Zones) -> dt.datetime:
    earlier = dt.datetime.combine(day - dt.timedelta(TIMETABLE_DAYS), dt.time())
    return local_moment(origin, earlier, zones)


def outcomes(rows: Iterable[Row], zones: Zones) -> list[Outcome]:
    """What became of flights, in the order in which it became known.

    A departure becomes known in the minute in which the flight leaves. A cancellation becomes known in that
    which the history gives, otherwise at the scheduled time. A flight with neither has no event.

    Examples
    --------
    >>> names = ("airline", "destination", "flight_number", "aircraft", "actual_departure", "cancelled_at")
    >>> row = dict.fromkeys(names) | {"origin": "JFK", "airline": "B6", "destination": "BOS"}
    >>> row |= {"scheduled_departure": dt.datetime(2013, 11, 2, 9, 20), "cancelled": True}
    >>> left = row | {"cancelled": False, "actual_departure": dt.datetime(2013, 11, 2, 9, 15)}
    >>> for event in outcomes([row, left], {"JFK": "America/New_York"}):
    ...     print(type(event).__name__, event.known_at.isoformat())
    Departure 2013-11-02T09:15:00-04:00
    Cancellation 2013-11-02T09:20:00-04:00
    """
    return sorted(_outcomes(rows, zones), key=known_at)


def _outcomes(rows: Iterable[Row], zones: Zones) -> Iterator[Outcome]:
    for row in rows:
        flight = identify_flight(row)
        if row["cancelled"]:
            yield Cancellation(**flight, known_at=_minute(cancellation_moment(row, zones)))
        elif row["actual_departure"] is not None:
            left = moment_of(row, "actual_departure", zones)
            known = _minute(left)
            yield Departure(**flight, aircraft=row["aircraft"], actual_departure=left, known_at=known)


def cancellation_moment(row: Row, zones: Zones) -> dt.datetime:
    """When the cancellation of a flight became known."""
    given = row["cancelled_at"] is not None
    return moment_of(row, "cancelled_at" if given else "scheduled_departure", zones)


def _minute(moment: dt.datetime) -> dt.datetime:
    return moment.replace(second=0, microsecond=0)


def known_at(event: Outcome) -> dt.datetime:
    """When an event became known, in UTC.

    Raises
    ------
    ValueError : it does not say so, which those of `outcomes` do
    """
    if event.known_at is None:
        raise ValueError(event)
    return event.known_at.astimezone(dt.UTC)
