"""Two schedules of the same days compared: what a retiming does to each flight, and to each day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec

from puntual.inference.rounding import rounded
from puntual.operations.nearest import nearest_pairs
from puntual.operations.planned import number_of
from puntual.types import Probability

Kind = Literal["kept", "retimed", "added", "removed"]

SAME_NUMBER_WITHIN = dt.timedelta(hours=12)
"""A flight number that leaves further from its old time is another day's."""
SAME_ROUTE_WITHIN = dt.timedelta(hours=3)
"""Without a common number, a flight further away is another flight."""


class ScheduledFlight(NamedTuple):
    """A flight of one of the schedules, in the model's codes, with its answer.

    Attributes
    ----------
    scheduled_departure : local at the origin
    unknown : what the model never saw of it (`puntual.types.Prediction`)
    """

    origin: str
    airline: str
    destination: str
    flight_number: str | None
    scheduled_departure: dt.datetime
    delay_probability: float
    unknown: tuple[str, ...] = ()


class FlightChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What becomes of one flight from one schedule to the other.

    Attributes
    ----------
    kind : ``retimed`` leaves at another time, ``kept`` at the same; ``added`` and ``removed`` are in one
        schedule only
    airline, origin, destination : in the model's codes
    flight_number : that of the schedule after, else that of the one before; null if neither gives any
    before, after : scheduled departure, local at the origin; null where the schedule does not have it
    before_probability, after_probability : of a delay, each within its schedule's day; null likewise
    change : the second less the first; null unless both schedules have the flight
    unknown : what the model never saw of it, as in an answer
    """

    kind: Kind
    airline: str
    origin: str
    destination: str
    flight_number: str | None
    before: dt.datetime | None
    after: dt.datetime | None
    before_probability: Probability | None
    after_probability: Probability | None
    change: float | None
    unknown: tuple[str, ...] = ()


class DayChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A day of an origin in both schedules.

    Attributes
    ----------
    date : local
    flights_before, flights_after : how many flights each schedule has
    late_before, late_after : how many of them are expected to be delayed: the sum of their probabilities
    """

    origin: str
    date: dt.date
    flights_before: int
    flights_after: int
    late_before: float
    late_after: float


class Comparison(msgspec.Struct, frozen=True):
    """Two schedules of the same days.

    Attributes
    ----------
    days : by origin and date
    flights : by origin and time, first that of the schedule after
    """

    days: list[DayChange]
    flights: list[FlightChange]


def compare(before: Sequence[ScheduledFlight], after: Sequence[ScheduledFlight]) -> Comparison:
    """Compare two schedules.

    A flight of one is taken for that of the other which has its airline, route and number, and leaves nearest
    to its time within twelve hours; of the rest, for the nearest of its airline and route within three.

    Examples
    --------
    >>> morning = ScheduledFlight("SCEL", "LAN", "SCFA", "100", dt.datetime(2017, 7, 14, 7), 0.1)
    >>> evening = morning._replace(scheduled_departure=dt.datetime(2017, 7, 14, 18), delay_probability=0.3)
    >>> found = compare([morning], [evening])
    >>> found.flights[0].kind, found.flights[0].change
    ('retimed', 0.2)
    >>> found.days[0].late_before, found.days[0].late_after
    (0.1, 0.3)
    """
    pairs = _pair(before, after)
    kept, found = {first for first, _ in pairs}, {second for _, second in pairs}
    changes = [
        *((after[second], _describe_pair(before[first], after[second])) for first, second in pairs),
        *((one, _describe("removed", one, one, None)) for at, one in enumerate(before) if at not in kept),
        *((one, _describe("added", one, None, one)) for at, one in enumerate(after) if at not in found),
    ]
    changes.sort(key=lambda one: _order(one[0]))
    return Comparison(_days(before, after), [change for _, change in changes])


def _order(flight: ScheduledFlight) -> tuple[str, dt.datetime, str, str, str]:
    number = flight.flight_number or ""
    return flight.origin, flight.scheduled_departure, flight.airline, number, flight.destination


def _pair(before: Sequence[ScheduledFlight], after: Sequence[ScheduledFlight]) -> list[tuple[int, int]]:
    """The places of the flights that both schedules have."""
    left, right = set(range(len(before))), set(range(len(after)))
    pairs: list[tuple[int, int]] = []
    for identity, within in ((_number, SAME_NUMBER_WITHIN), (_route, SAME_ROUTE_WITHIN)):
        groups = _group(before, left, identity)
        candidates = _group(after, right, identity)
        for key, places in groups.items():
            others = candidates.get(key, [])
            near = nearest_pairs(_times(before, places), _times(after, others), within)
            found = [(places[one], others[other]) for one, other in near]
            pairs += found
            left.difference_update(first for first, _ in found)
            right.difference_update(second for _, second in found)
    return pairs


def _number(flight: ScheduledFlight) -> tuple[str, ...] | None:
    route = _route(flight)
    return None if flight.flight_number is None else (*route, number_of(flight.flight_number))


def _route(flight: ScheduledFlight) -> tuple[str, ...]:
    return flight.origin, flight.airline, flight.destination


def _group(
    flights: Sequence[ScheduledFlight],
    places: Iterable[int],
    identity: Callable[[ScheduledFlight], tuple[str, ...] | None],
) -> dict[tuple[str, ...], list[int]]:
    """Places of flights by identity, in the order of time; a flight without one is in no group."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place in sorted(places, key=lambda place: (flights[place].scheduled_departure, place)):
        key = identity(flights[place])
        if key is not None:
            groups[key].append(place)
    return groups


def _times(flights: Sequence[ScheduledFlight], places: Iterable[int]) -> list[dt.datetime]:
    return [flights[place].scheduled_departure for place in places]


def _describe(
    kind: Kind, one: ScheduledFlight, before: ScheduledFlight | None, after: ScheduledFlight | None
) -> FlightChange:
    change = None
    if before and after:
        change = rounded(after.delay_probability - before.delay_probability)
    return FlightChange(
        kind=kind,
        airline=one.airline,
        origin=one.origin,
        destination=one.destination,
        flight_number=one.flight_number or (before and before.flight_number),
        before=before and before.scheduled_departure,
        after=after and after.scheduled_departure,
        before_probability=before and before.delay_probability,
        after_probability=after and after.delay_probability,
        change=change,
        unknown=one.unknown,
    )


def _describe_pair(before: ScheduledFlight, after: ScheduledFlight) -> FlightChange:
    is_kept = before.scheduled_departure == after.scheduled_departure
    return _describe("kept" if is_kept else "retimed", after, before, after)


def _days(before: Sequence[ScheduledFlight], after: Sequence[ScheduledFlight]) -> list[DayChange]:
    days: dict[tuple[str, dt.date], tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for side, flights in enumerate((before, after)):
        for flight in flights:
            day = flight.origin, flight.scheduled_departure.date()
            days[day][side].append(flight.delay_probability)
    return [
        DayChange(
            origin=origin,
            date=date,
            flights_before=len(first),
            flights_after=len(second),
            late_before=round(sum(first), 2),
            late_after=round(sum(second), 2),
        )
        for (origin, date), (first, second) in sorted(days.items())
    ]
