"""The requests of a test, whole and ready to be sent, each about flights of its own."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import msgspec

from puntual.access.keys import authorization
from puntual.errors import TargetError
from puntual.loadtest.plan import Plan
from puntual.loadtest.target import Target, fetch
from puntual.types import Flight

MAX_PREPARED = 65_536
"""Flights that are prepared; a longer test begins anew with the first."""
MIN_REQUESTS = 16
"""Prepared even where each holds many flights."""


class Catalogue(msgspec.Struct, frozen=True):
    """What the model under test knows; flights are made up of it.

    Attributes
    ----------
    origins : empty where it knows only one, which need not be named
    first, last : local dates between which they leave
    """

    airlines: list[str]
    destinations: list[str]
    origins: list[str]
    first: dt.date
    last: dt.date


class Named(msgspec.Struct, frozen=True):
    """What has a name."""

    name: str = ""


class Coded(msgspec.Struct, frozen=True):
    """An airline or an airport."""

    code: str


class TrainedOn(msgspec.Struct, frozen=True):
    """The local dates of the flights that a model was trained on."""

    first: dt.date
    last: dt.date


class Described(msgspec.Struct, frozen=True):
    """What of a model's description a test needs."""

    origins: list[Coded]
    training: TrainedOn


def fetch_catalogue(target: Target) -> Catalogue:
    """Ask the service itself.

    Raises
    ------
    TargetError : it cannot be reached, or its answer names no flights
    """
    airlines = fetch(target, "/v1/airlines", list[Coded])
    destinations = fetch(target, "/v1/destinations", list[Coded])
    model = fetch(target, "/v1/model", Described)
    if not (airlines and destinations):
        raise TargetError(target.authority, "its model does not tell which flights it knows")
    origins = [airport.code for airport in model.origins]
    return Catalogue(
        airlines=[airline.code for airline in airlines],
        destinations=[airport.code for airport in destinations],
        origins=origins if len(origins) > 1 else [],
        first=model.training.first,
        last=model.training.last,
    )


def prepare(target: Target, plan: Plan, flights: Catalogue | list[Flight]) -> list[bytes]:
    """Write the requests of a plan.

    Parameters
    ----------
    flights : what they are drawn from; or the flights themselves, sent in a random order

    Returns
    -------
    at least one request; all of them hold `Plan.flights_per_request` flights
    """
    if not target.predicts:
        return [_head(target, "GET") + b"\r\n"]
    generator = random.Random(plan.seed)  # noqa: S311
    each = plan.flights_per_request
    wanted = max(MAX_PREPARED // each, MIN_REQUESTS)
    wanted = min(wanted, plan.most_requests or wanted)
    if isinstance(flights, list):
        entries = [msgspec.json.encode(_without_nulls(flight)) for flight in flights]
        generator.shuffle(entries)
        entries *= -(-each // len(entries))
    else:
        entries = _draw(flights, generator, wanted * each)
    bodies = (entries[start : start + each] for start in range(0, len(entries) - each + 1, each))
    return [_post(target, b'{"flights":[' + b",".join(body) + b"]}") for body in bodies][:wanted]


def _draw(catalogue: Catalogue, generator: random.Random, count: int) -> list[bytes]:
    """Flights as JSON, all different while the model's airlines, destinations and days allow it."""
    first = dt.datetime.combine(catalogue.first, dt.time())
    minutes = ((catalogue.last - catalogue.first).days + 1) * 1440
    entries: dict[bytes, None] = {}
    for _ in range(count * 2):
        flight: dict[str, Any] = {
            "airline": generator.choice(catalogue.airlines),
            "destination": generator.choice(catalogue.destinations),
            "scheduled_departure": first + dt.timedelta(minutes=generator.randrange(minutes)),
        }
        if catalogue.origins:
            flight["origin"] = generator.choice(catalogue.origins)
        entries[msgspec.json.encode(flight)] = None
        if len(entries) == count:
            break
    drawn = list(entries)
    return (drawn * -(-count // len(drawn)))[:count]


def _without_nulls(flight: Flight) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(flight).items() if value is not None}


def _head(target: Target, method: str) -> bytes:
    fields = {"host": target.authority, "accept": "*/*", **authorization()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {target.path} HTTP/1.1\r\n{lines}".encode()


def _post(target: Target, body: bytes) -> bytes:
    fields = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return _head(target, "POST") + fields.encode() + body
