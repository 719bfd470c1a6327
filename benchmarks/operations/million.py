"""A made-up day of a network: some 100,000 flights of 300 airports, and a million events about them.

Each airline flies from its hubs to its other airports and back, each aircraft several legs. Of a flight there
are several estimates, and then a departure or a cancellation; of an airport, a timetable and the weather.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from puntual.operations.events import (
    Cancellation,
    Departure,
    Estimate,
    Event,
    Observation,
    PlannedFlight,
    TimetableChange,
)

AIRPORTS, AIRLINES, HUBS, SPOKES = 300, 60, 3, 70
FLIGHTS, CANCELLED = 100_000, 0.02
WEATHER_MINUTES = 30
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Leg(NamedTuple):
    """A flight that is planned, and what its events say of it."""

    origin: str
    planned: PlannedFlight
    delay: int
    cancelled: bool


def airports() -> list[str]:
    """Codes that no airport of the embedded history has."""
    return [f"X{first}{second}" for first, second in itertools.product(LETTERS, repeat=2)][:AIRPORTS]


def draw_day(date: dt.date, events: int = 1_000_000, flights: int = FLIGHTS) -> Iterator[Event]:
    """About so many events of so many flights, in the order in which they became known; times are in UTC.

    The same for the same arguments.
    """
    draw = random.Random(date.toordinal())
    legs = _draw_legs(draw, date, flights)
    by_origin = defaultdict(list)
    for leg in legs:
        by_origin[leg.origin].append(leg.planned)
    known_at = dt.datetime.combine(date, dt.time(), dt.UTC) - dt.timedelta(days=1)
    for origin, planned in by_origin.items():
        yield TimetableChange(origin=origin, date=date, flights=tuple(planned), known_at=known_at)
    weather = len(by_origin) * (1440 // WEATHER_MINUTES)
    estimates = (events - len(legs) - len(by_origin) - weather) / len(legs)
    happened: list[Event] = [*_observations(draw, date, [*by_origin])]
    for leg in legs:
        happened += _events_of(draw, leg, int(estimates + draw.random()))
    happened.sort(key=_known_at)
    yield from happened


def _draw_legs(draw: random.Random, date: dt.date, flights: int) -> list[Leg]:
    everywhere, midnight = airports(), dt.datetime.combine(date, dt.time())
    legs: list[Leg] = []
    numbers = itertools.count(1)
    while len(legs) < flights:
        number = next(numbers)
        airline = LETTERS[number % AIRLINES // 10] + str(number % 10)
        # The network of an airline is the same every day.
        own = random.Random(airline).sample(everywhere, HUBS + SPOKES)
        at, minute = draw.choice(own[:HUBS]), draw.randrange(240, 600)
        for leg in range(6):
            to = draw.choice(own[HUBS:] if at in own[:HUBS] else own[:HUBS])
            planned = PlannedFlight(
                airline=airline,
                destination=to,
                scheduled_departure=midnight + dt.timedelta(minutes=minute // 5 * 5),
                flight_number=str(number // AIRLINES * 6 + leg),
                aircraft=f"N{number:05}",
            )
            delay = int(draw.gauss(0, 8) if draw.random() < 0.75 else draw.expovariate(1 / 50))
            legs.append(Leg(at, planned, delay, draw.random() < CANCELLED))
            at, minute = to, minute + draw.randrange(100, 180)
            if minute >= 1440:
                break
    return legs[:flights]


def _events_of(draw: random.Random, leg: Leg, estimates: int) -> Iterator[Event]:
    due, planned = leg.planned.scheduled_departure, leg.planned
    left = due + dt.timedelta(minutes=leg.delay)
    flight: dict[str, Any] = {
        "origin": leg.origin,
        "airline": planned.airline,
        "flight_number": planned.flight_number,
        "destination": planned.destination,
        "scheduled_departure": due,
    }
    utc = left.replace(tzinfo=dt.UTC)
    for _ in range(estimates):
        known_at = utc - dt.timedelta(seconds=draw.randrange(60, 14_400))
        expected = due + dt.timedelta(minutes=max(leg.delay + draw.randrange(-15, 15), 0))
        yield Estimate(**flight, estimated_departure=expected, known_at=known_at)
    if leg.cancelled:
        yield Cancellation(**flight, known_at=utc - dt.timedelta(minutes=draw.randrange(30, 240)))
    else:
        known_at = utc + dt.timedelta(seconds=draw.randrange(120))
        yield Departure(**flight, actual_departure=left, aircraft=planned.aircraft, known_at=known_at)


def _observations(draw: random.Random, date: dt.date, origins: list[str]) -> Iterator[Observation]:
    midnight = dt.datetime.combine(date, dt.time(), dt.UTC)
    for origin, minute in itertools.product(origins, range(0, 1440, WEATHER_MINUTES)):
        moment = midnight + dt.timedelta(minutes=minute)
        yield Observation(
            airport=origin,
            observed_at=moment,
            temperature_c=round(draw.gauss(10, 8), 1),
            wind_kt=float(draw.randrange(30)),
            pressure_hpa=round(draw.gauss(1013, 8), 1),
            visibility_km=round(draw.uniform(1, 16), 2),
            known_at=moment,
        )


def _known_at(event: Event) -> dt.datetime:
    assert event.known_at is not None
    return event.known_at
