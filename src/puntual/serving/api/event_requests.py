"""The bodies with which timetables, events and weather come in, and the answer to them."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from puntual.errors import EmptyReportError, MissingDependencyError, ReportError
from puntual.operations.events import (
    FIRST_YEAR,
    LAST_YEAR,
    Cancellation,
    Departure,
    Estimate,
    Instant,
    Observation,
    PlannedFlight,
)
from puntual.operations.metar import read_metar
from puntual.operations.planned import to_local
from puntual.serving.api.validation import CODE, explain
from puntual.serving.http.problems import RefusedError

MAX_EVENTS = 10_000
"""Most events, or observations, in a request."""
MAX_TIMETABLE = 3_000
"""Departures of an origin's day, twice what the largest airport has: a worker takes them up at once."""
MAX_AT_ONCE = 50
"""Most departures of an airline in one minute of a timetable: each event is looked for among them."""
MAX_AHEAD = dt.timedelta(minutes=5)
"""By this much the clock of a client may be ahead of the server's."""

FlightEvents = Departure | Cancellation | Estimate

_CODE = re.compile("[A-Za-z0-9]{2,8}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

_TIME = "a date and time such as 2013-11-02T18:35:00: local at the origin, or with an offset"
_INSTANT = "a moment with its offset such as 2013-11-02T18:35:00-04:00"
_LEFT_OUT = ", or left out"
_NAME = "a text of 1 to 16 characters, or left out"
_NUMBER = "a text of 1 to 16 characters or a whole number; may be left out if there is a destination"

EVENT_FIELDS = {
    "event": "departure, cancellation or estimate",
    "origin": CODE,
    "airline": CODE,
    "scheduled_departure": _TIME,
    "flight_number": _NUMBER,
    "destination": f"{CODE}; may be left out if there is a flight number",
    "known_at": f"{_INSTANT}, not in the future{_LEFT_OUT}",
    "actual_departure": f"{_TIME}; of a departure",
    "estimated_departure": f"{_TIME}; of an estimate",
    "aircraft": f"{_NAME}; of a departure",
}
_EVENT = 'an event such as {"event": "departure", "origin": "JFK", …}'
_FEW = f"{_EVENT}, a list of 1 to {{limit}} of them, or one a line as application/x-ndjson"
ONE_EVENT = {"$": _FEW} | {f"$.{name}": wanted for name, wanted in EVENT_FIELDS.items()}
LISTED_EVENTS = {"$": _FEW, "$[]": _EVENT} | {f"$[].{name}": wanted for name, wanted in EVENT_FIELDS.items()}

TIMETABLE = {
    "$": 'an object such as {"flights": [...]}',
    "$.flights": "a list of the day's flights, {limit} at the most",
    "$.flights[]": "an object with airline, destination and scheduled_departure",
    "$.flights[].airline": CODE,
    "$.flights[].destination": CODE,
    "$.flights[].scheduled_departure": _TIME,
    "$.flights[].flight_number": f"a text of 1 to 16 characters or a whole number{_LEFT_OUT}",
    "$.flights[].operator": f"{CODE}{_LEFT_OUT}",
    "$.flights[].aircraft": _NAME,
    "$.flights[].flight_type": f"N (domestic) or I (international){_LEFT_OUT}",
    "$.known_at": EVENT_FIELDS["known_at"],
}

_MEASURED = {
    "temperature_c": "-100 to 70",
    "dew_point_c": "-120 to 50",
    "wind_kt": "0 to 300",
    "gust_kt": "0 to 300",
    "precipitation_mm": "0 to 500",
    "pressure_hpa": "800 to 1100",
    "visibility_km": "0 to 1000",
}
WEATHER = {
    "$": 'an object such as {"observations": [...]}, or METAR reports, one a line, as text/plain',
    "$.observations": "a list of 1 to {limit} observations",
    "$.observations[]": "an object with airport, observed_at and what was measured",
    "$.observations[].event": "observation, or left out",
    "$.observations[].airport": CODE,
    "$.observations[].observed_at": _INSTANT,
    **{
        f"$.observations[].{name}": f"a number from {limits}{_LEFT_OUT}" for name, limits in _MEASURED.items()
    },
    "$.observations[].known_at": EVENT_FIELDS["known_at"],
}


class Accepted(msgspec.Struct, frozen=True):
    """What became of a request's events; all of them are kept when this answer is sent.

    Attributes
    ----------
    accepted : that are new
    repeated : that were known already
    unknown : about a flight that no timetable has, which count once one names it; null while the server
        reads its store
    """

    accepted: int
    repeated: int
    unknown: int | None = 0


class TimetableRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The complete scheduled departures of an origin's day; they replace those known before.

    Attributes
    ----------
    flights : in any order; none if nothing leaves
    known_at : with its offset; left out: when it is received
    """

    flights: tuple[PlannedFlight, ...]
    known_at: Instant | None = None


class WeatherRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Observations of the weather at airports.

    Attributes
    ----------
    observations : in any order
    """

    observations: Annotated[tuple[Observation, ...], msgspec.Meta(min_length=1)]


_one: Callable[[bytes], FlightEvents] = msgspec.json.Decoder(FlightEvents).decode
_list: Callable[[bytes], list[FlightEvents]] = msgspec.json.Decoder(list[FlightEvents]).decode
_timetable: Callable[[bytes], TimetableRequest] = msgspec.json.Decoder(TimetableRequest).decode
_weather: Callable[[bytes], WeatherRequest] = msgspec.json.Decoder(WeatherRequest).decode


def read_events(body: bytes, now: dt.datetime | None) -> Sequence[FlightEvents]:
    """One event, or a list of them.

    Parameters
    ----------
    now : an event may not have become known later; None: it may

    Raises
    ------
    RefusedError : says where, what was found and what is allowed

    Examples
    --------
    >>> read_events(b'[{"event": "delay"}]', None)
    Traceback (most recent call last):
        ...
    puntual.serving.http.problems.RefusedError: $[0].event: invalid value 'delay'; wanted: departure, ...
    """
    listed = body.lstrip()[:1] == b"["
    try:
        events = _list(body) if listed else [_one(body)]
    except (ValueError, RecursionError) as error:
        raise explain(body, error, MAX_EVENTS, LISTED_EVENTS if listed else ONE_EVENT) from None
    check_number(events, MAX_EVENTS, "$")
    for index, event in enumerate(events):
        _check_event(event, now, f"$[{index}]" if listed else "$")
    return events


def read_lines(body: bytes, now: dt.datetime | None) -> Sequence[FlightEvents]:
    """One event a line; parameters and errors as in `read_events`, the lines counted from 0 in places."""
    events = []
    for index, line in enumerate(line for line in body.split(b"\n") if line.strip()):
        place = f"$[{index}]"
        try:
            event = _one(line)
        except (ValueError, RecursionError) as error:
            raise explain(line, error, MAX_EVENTS, ONE_EVENT, place) from None
        _check_event(event, now, place)
        events.append(event)
    check_number(events, MAX_EVENTS, "$")
    return events


def read_timetable(
    body: bytes, max_flights: int, date: dt.date, now: dt.datetime | None, zone: str | None
) -> TimetableRequest:
    """The flights of a day; errors as in `read_events`.

    Parameters
    ----------
    date : local day, of which every time has to be
    now : as in `read_events`
    zone : time zone of the origin; None: not known, and a time with an offset may be of any day
    """
    try:
        timetable = _timetable(body)
    except (ValueError, RecursionError) as error:
        raise explain(body, error, max_flights, TIMETABLE) from None
    check_number(timetable.flights, max_flights, "$.flights", 0)
    check_known(timetable.known_at, now, "$.known_at")
    at_once: Counter[tuple[str, dt.datetime]] = Counter()
    for index, flight in enumerate(timetable.flights):
        due = flight.scheduled_departure
        minute = flight.airline.upper(), to_local(due, zone).replace(second=0, microsecond=0)
        at_once[minute] += 1
        if at_once[minute] > MAX_AT_ONCE:
            place, found = f"$.flights[{index}]", f"more than {MAX_AT_ONCE} departures of {flight.airline}"
            allowed = f"at most {MAX_AT_ONCE} departures of an airline in one minute"
            raise RefusedError("invalid", f"{found} at {due}", pointer=place, found=found, allowed=allowed)
        if due.tzinfo is not None and zone is None:
            continue
        local = to_local(due, zone)
        if local.date() != date:
            place, found = f"$.flights[{index}].scheduled_departure", due.isoformat()
            said = found if due.tzinfo is None else f"{found} is {local.isoformat()} in {zone}"
            raise RefusedError("invalid", said, pointer=place, found=found, allowed=f"a time on {date}")
    return timetable


def read_weather(body: bytes, now: dt.datetime | None) -> Sequence[Observation]:
    """Observations; errors as in `read_events`."""
    try:
        observations = _weather(body).observations
    except (ValueError, RecursionError) as error:
        raise explain(body, error, MAX_EVENTS, WEATHER) from None
    check_number(observations, MAX_EVENTS, "$.observations")
    for index, one in enumerate(observations):
        check_origin(one.airport, f"$.observations[{index}].airport")
        for name in ("observed_at", "known_at"):
            check_known(getattr(one, name), now, f"$.observations[{index}].{name}")
    return observations


def read_reports(body: bytes, now: dt.datetime) -> Sequence[Observation]:
    """METAR reports, one a line; errors as in `read_events`. One that says nothing (`NIL`) is passed over.

    Parameters
    ----------
    now : gives the month and the year, which reports do not have
    """
    try:
        lines = [line for line in body.decode().splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise RefusedError("malformed", f"not UTF-8 at byte {error.start}", allowed="text in UTF-8") from None
    check_number(lines, MAX_EVENTS, "$")
    observations = []
    for index, line in enumerate(lines):
        place = f"$[{index}]"
        try:
            observations.append(read_metar(line, near=now))
        except EmptyReportError:
            continue
        except ReportError as error:
            raise RefusedError(
                "invalid", error.found, pointer=place, found=line, allowed=error.wanted
            ) from None
        except MissingDependencyError as error:
            raise RefusedError(
                "media-type", str(error), found="text/plain", allowed="application/json"
            ) from None
        check_known(observations[-1].observed_at, now, place)
    return observations


def _check_event(event: FlightEvents, now: dt.datetime | None, place: str) -> None:
    check_origin(event.origin, f"{place}.origin")
    check_known(event.known_at, now, f"{place}.known_at")


def check_origin(code: str, place: str) -> str:
    """A code from a path or a query; errors as in `read_events`."""
    if not _CODE.fullmatch(code):
        raise RefusedError("invalid", f"{code!r} is no code", pointer=place, found=code, allowed=CODE)
    return code


def check_date(text: str, place: str) -> dt.date:
    """A local day from a path or a query; errors as in `read_events`."""
    try:
        date = dt.date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        date = None
    if date is None or not FIRST_YEAR <= date.year <= LAST_YEAR:
        allowed = f"a date such as 2013-11-02, from {FIRST_YEAR} to {LAST_YEAR}"
        raise RefusedError("invalid", f"{text!r} is no date", pointer=place, found=text, allowed=allowed)
    return date


def read_instant(text: str, place: str) -> dt.datetime:
    """A moment with its offset.

    Raises
    ------
    RefusedError : it is none
    """
    try:
        return msgspec.convert(text.replace(" ", "+"), Instant)
    except msgspec.ValidationError:
        allowed = "a moment with its offset such as 2013-11-02T18:35:00-04:00"
        raise RefusedError(
            "invalid", f"{text!r} is no moment", pointer=place, found=text, allowed=allowed
        ) from None


def check_number(listed: Sequence[Any], limit: int, place: str, minimum: int = 1) -> None:
    """Refuse too many in a request, or none."""
    if not minimum <= len(listed) <= limit:
        found = f"{len(listed)} of them"
        raise RefusedError("invalid", found, pointer=place, found=found, allowed=f"{minimum} to {limit}")


def check_moment(moment: dt.datetime, now: dt.datetime | None, place: str) -> None:
    """Refuse a moment that has not come, or of which nothing can be known."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        found, allowed = moment.isoformat(), f"a moment in the years {FIRST_YEAR} to {LAST_YEAR}"
        raise RefusedError("invalid", found, pointer=place, found=found, allowed=allowed)
    check_known(moment, now, place)


def check_known(moment: dt.datetime | None, now: dt.datetime | None, place: str) -> None:
    """Refuse a moment further ahead of `now` than clocks differ (`MAX_AHEAD`)."""
    if moment is not None and now is not None and moment - now > MAX_AHEAD:
        found = moment.isoformat()
        allowed = f"a moment that is not after now, which is {now.isoformat(timespec='seconds')}"
        raise RefusedError(
            "invalid", f"{found} is in the future", pointer=place, found=found, allowed=allowed
        )
