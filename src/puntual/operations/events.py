"""What happens on the day of the flight, and the rule that settles what contradicts.

The rule
--------
Every event is about one `subject`: the outcome of a flight (departures and cancellations), its estimate,
the weather at an airport and a time, or the timetable of an origin's day. Of all events about a subject the
one of greatest `rank` decides: what became known last; of what became known at the same moment, a departure
before a cancellation; then the greater value. So what is settled is a function of the set of events: their
order changes nothing, and neither does a repetition. Nothing is deleted: at an earlier moment, what was
known by then decides (`settle`).

An event that does not say when it became known became known when it was received. Received again, it is a
repetition if it is among the newest that are known about its subject: those of the greatest ``known_at``.
Otherwise something else became known since, and it is a new statement. What one request says about a
subject without a time is a repetition as a whole, or new as a whole. Whoever may send events out of order
says ``known_at``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Literal, NamedTuple, TypeVar

import msgspec

from puntual.types import Code

FIRST_YEAR, LAST_YEAR = 1970, 2199
_FIRST, _END = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (FIRST_YEAR, LAST_YEAR + 1))

Instant = Annotated[dt.datetime, msgspec.Meta(tz=True)]
"""A time with its offset to UTC."""
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
"""A flight number as published, or a tail number."""
Number = Annotated[int, msgspec.Meta(ge=0, le=999_999)]
"""A flight number without letters."""


class PlannedFlight(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A row of a timetable.

    Attributes
    ----------
    airline, operator : IATA or ICAO code; the operator flies it, if that is another airline
    scheduled_departure : local at the origin; with an offset it is converted
    flight_number : as published, with or without letters
    aircraft : tail number that is planned
    flight_type : ``N`` domestic, ``I`` international; left out: derived from the countries of the airports
    """

    airline: Code
    destination: Code
    scheduled_departure: dt.datetime
    flight_number: Name | Number | None = None
    operator: Code | None = None
    aircraft: Name | None = None
    flight_type: Literal["N", "I"] | None = None

    def __post_init__(self) -> None:
        _check_year("scheduled_departure", self.scheduled_departure)


class FlightEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every event of a flight has: the flight that it is about, and when it became known.

    Attributes
    ----------
    scheduled_departure : local at the origin; with an offset it is converted
    flight_number, destination : at least one of them
    known_at : with its offset; left out: when it is received
    """

    origin: Code
    airline: Code
    scheduled_departure: dt.datetime
    flight_number: Name | Number | None = None
    destination: Code | None = None
    known_at: Instant | None = None

    def __post_init__(self) -> None:
        if self.flight_number is None and self.destination is None:
            raise ValueError("Object missing required field `flight_number` (or `destination`)")
        _check_year("scheduled_departure", self.scheduled_departure)
        _check_year("known_at", self.known_at)


class Departure(FlightEvent, frozen=True, kw_only=True, tag="departure", tag_field="event"):
    """A flight has left.

    Attributes
    ----------
    actual_departure : local at the origin; with an offset it is converted
    aircraft : tail number that flew it
    """

    actual_departure: dt.datetime
    aircraft: Name | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_year("actual_departure", self.actual_departure)


class Cancellation(FlightEvent, frozen=True, kw_only=True, tag="cancellation", tag_field="event"):
    """A flight does not take place."""


class DepartureEstimate(FlightEvent, frozen=True, kw_only=True, tag="estimate", tag_field="event"):
    """A flight is expected to leave at another time.

    Attributes
    ----------
    estimated_departure : local at the origin; with an offset it is converted
    """

    estimated_departure: dt.datetime

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_year("estimated_departure", self.estimated_departure)


class Observation(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag="observation",
    tag_field="event",
):
    """The weather at an airport; what was not measured is left out.

    Attributes
    ----------
    observed_at, known_at : with their offset; `known_at` left out: when it is received
    temperature_c, dew_point_c : degrees Celsius
    wind_kt, gust_kt : knots
    precipitation_mm : of the last hour
    pressure_hpa : at sea level
    """

    airport: Code
    observed_at: Instant
    temperature_c: Annotated[float, msgspec.Meta(ge=-100, le=70)] | None = None
    dew_point_c: Annotated[float, msgspec.Meta(ge=-120, le=50)] | None = None
    wind_kt: Annotated[float, msgspec.Meta(ge=0, le=300)] | None = None
    gust_kt: Annotated[float, msgspec.Meta(ge=0, le=300)] | None = None
    precipitation_mm: Annotated[float, msgspec.Meta(ge=0, le=500)] | None = None
    pressure_hpa: Annotated[float, msgspec.Meta(ge=800, le=1100)] | None = None
    visibility_km: Annotated[float, msgspec.Meta(ge=0, le=1000)] | None = None
    known_at: Instant | None = None

    def __post_init__(self) -> None:
        _check_year("observed_at", self.observed_at)
        _check_year("known_at", self.known_at)


class TimetableChange(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag="timetable",
    tag_field="event",
):
    """The complete scheduled departures of an origin's day; it replaces what was known of that day before.

    Attributes
    ----------
    date : the local day
    known_at : with its offset; left out: when it is received
    """

    origin: Code
    date: dt.date
    flights: tuple[PlannedFlight, ...]
    known_at: Instant | None = None

    def __post_init__(self) -> None:
        _check_year("known_at", self.known_at)


Estimate = DepartureEstimate  # the API describes estimates of evaluations too, hence the longer name
Event = Departure | Cancellation | Estimate | Observation | TimetableChange


class LogEntry(msgspec.Struct, frozen=True):
    """An event as the store has it.

    Attributes
    ----------
    sequence : position in the log; later entries have greater ones
    known_at : UTC
    """

    sequence: int
    known_at: dt.datetime
    body: Event


class Rank(NamedTuple):
    """What is compared where several events are about the same subject; the greatest decides.

    Attributes
    ----------
    kind : departures 1, all others 0
    value : the time of the departure or the estimate, as written; otherwise empty
    content : the whole event, so that no two different ones are equal
    """

    known_at: dt.datetime
    kind: int
    value: str
    content: bytes


_ENCODER = msgspec.json.Encoder()


def rank(entry: LogEntry) -> Rank:
    """What settles contradictions: of the entries about a subject, the one of greatest rank decides.

    Examples
    --------
    >>> flight = {"origin": "SCL", "airline": "LA", "flight_number": 1}
    >>> flight["scheduled_departure"] = dt.datetime(2017, 1, 1, 9)
    >>> moment = dt.datetime(2017, 1, 1, 12, 30, tzinfo=dt.timezone.utc)
    >>> left = LogEntry(1, moment, Departure(**flight, actual_departure=dt.datetime(2017, 1, 1, 9, 20)))
    >>> cancelled = LogEntry(2, moment, Cancellation(**flight))
    >>> rank(left) > rank(cancelled)
    True
    >>> rank(left) < rank(LogEntry(3, moment + dt.timedelta(minutes=1), Cancellation(**flight)))
    True
    """
    event, value = entry.body, ""
    match event:
        case Departure():
            value = event.actual_departure.isoformat()
        case Estimate():
            value = event.estimated_departure.isoformat()
    return Rank(entry.known_at, int(isinstance(event, Departure)), value, content(event))


def subject(event: Event) -> tuple[str, ...]:
    """What an event is about, as it is spelled; events of equal subject contradict or repeat each other.

    Two feeds may spell a flight differently (number or destination, local time or UTC): only the timetable
    knows that they mean the same one.

    Examples
    --------
    >>> subject(TimetableChange(origin="SCL", date=dt.date(2017, 1, 1), flights=()))
    ('timetable', 'SCL', '2017-01-01')
    """
    match event:
        case Observation():
            return "weather", event.airport.upper(), event.observed_at.astimezone(dt.UTC).isoformat()
        case TimetableChange():
            return "timetable", event.origin.upper(), event.date.isoformat()
    return (
        "estimate" if isinstance(event, Estimate) else "outcome",
        event.origin.upper(),
        event.airline.upper(),
        event.scheduled_departure.isoformat(),
        "" if event.flight_number is None else str(event.flight_number).upper(),
        (event.destination or "").upper(),
    )


def content(event: Event) -> bytes:
    """What an event says, whenever it became known: equal for events that say the same.

    Examples
    --------
    >>> day = {"origin": "SCL", "date": dt.date(2017, 1, 1), "flights": ()}
    >>> moment = dt.datetime(2017, 1, 1, tzinfo=dt.timezone.utc)
    >>> content(TimetableChange(**day)) == content(TimetableChange(**day, known_at=moment))
    True
    """
    return _ENCODER.encode(event if event.known_at is None else msgspec.structs.replace(event, known_at=None))


def canonical(event: Event, received_at: dt.datetime) -> Event:
    """The event as the store keeps it: codes in capitals, numbers as text, `known_at` there and in UTC.

    Examples
    --------
    >>> spelled = Cancellation(
    ...     origin="scl", airline="la", scheduled_departure=dt.datetime(2017, 1, 1, 9), flight_number=1
    ... )
    >>> kept = canonical(spelled, dt.datetime(2017, 1, 1, 12, tzinfo=dt.timezone.utc))
    >>> kept.origin, kept.flight_number, kept.known_at.isoformat()
    ('SCL', '1', '2017-01-01T12:00:00+00:00')
    """
    changes: dict[str, object] = {"known_at": (event.known_at or received_at).astimezone(dt.UTC)}
    if isinstance(event, TimetableChange):
        changes["flights"] = tuple(_in_capitals(flight, {}) for flight in event.flights)
    return _in_capitals(event, changes)


def settle(entries: Iterable[LogEntry], by: dt.datetime | None = None) -> dict[tuple[str, ...], LogEntry]:
    """The entry that decides, for every subject.

    Parameters
    ----------
    by : only what was known by then, this moment included; None: everything

    Examples
    --------
    >>> early, late = (dt.datetime(2017, 1, 1, hour, tzinfo=dt.timezone.utc) for hour in (8, 9))
    >>> day = TimetableChange(origin="SCL", date=dt.date(2017, 1, 1), flights=())
    >>> log = [LogEntry(1, late, day), LogEntry(2, early, day)]
    >>> [entry.sequence for entry in settle(log).values()]
    [1]
    >>> [entry.sequence for entry in settle(log, by=early).values()]
    [2]
    """
    settled: dict[tuple[str, ...], LogEntry] = {}
    for entry in entries:
        if by is None or entry.known_at <= by:
            about = subject(entry.body)
            before = settled.get(about)
            if before is None or rank(entry) > rank(before):
                settled[about] = entry
    return settled


_Kept = TypeVar("_Kept", bound=msgspec.Struct)
_CAPITALS = ("origin", "airport", "airline", "operator", "destination", "flight_number", "aircraft")


def _in_capitals(spelled: _Kept, changes: dict[str, object]) -> _Kept:
    for field in _CAPITALS:
        value = getattr(spelled, field, None)
        if value is not None:
            text = str(value)
            changes[field] = text.upper() if text.isascii() else text
    return msgspec.structs.replace(spelled, **changes)


def _check_year(field: str, moment: dt.datetime | None) -> None:
    utc = moment and (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))
    if utc is not None and not _FIRST <= utc < _END:
        raise ValueError(f"Expected `{field}` in the years {FIRST_YEAR} to {LAST_YEAR}, got {utc.year}")
