"""The requests of a test, whole and ready to be sent, each about flights of its own."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import msgspec

from puntual.errors import TargetError
from puntual.loadtest.plan import Plan
from puntual.loadtest.target import Target, fetch
from puntual.types import Flight

MAX_PREPARED = 65_536
"""Flights that are prepared; a longer test begins anew with the first."""
MIN_REQUESTS = 16
"""Prepared even where each holds many flights."""


class Known(msgspec.Struct, frozen=True):
    """What the model under test knows, of which flights are made up.

    Attributes
    ----------
    origins : empty where it knows only one, which need not be named
    first, last : local dates between which they leave
    """

    airlines: list[str]
    destinations: list[str]
    origins: list[str]
    first: str
    last: str
    model: str


def ask_what_is_known(target: Target) -> Known:
    """Ask the service itself.

    Raises
    ------
    TargetError : it cannot be reached, or does not tell
    """
    airlines, destinations, model = (
        fetch(target, f"/v1/{name}") for name in ("airlines", "destinations", "model")
    )
    try:
        origins = [airport["code"] for airport in model["origins"]]
        known = Known(
            airlines=[airline["code"] for airline in airlines],
            destinations=[airport["code"] for airport in destinations],
            origins=origins if len(origins) > 1 else [],
            first=model["training"]["first"],
            last=model["training"]["last"],
            model=model["name"],
        )
        dt.date.fromisoformat(known.first), dt.date.fromisoformat(known.last)
        enough = bool(known.airlines and known.destinations)
    except (KeyError, TypeError, ValueError):
        enough = False
    if not enough:
        raise TargetError(target.authority, "its model does not tell which flights it knows")
    return known


def prepare(target: Target, plan: Plan, about: Known | list[Flight]) -> list[bytes]:
    """Write the requests of a plan.

    Parameters
    ----------
    about : what flights are drawn from; or the flights themselves, asked about in a random order

    Returns
    -------
    at least one request; all of them hold `Plan.flights_per_request` flights
    """
    if not target.predicts:
        return [_head(target, "GET") + b"\r\n"]
    draw = random.Random(plan.seed)  # noqa: S311
    each = plan.flights_per_request
    wanted = max(MAX_PREPARED // each, MIN_REQUESTS)
    wanted = min(wanted, plan.most_requests or wanted)
    if isinstance(about, list):
        entries = [msgspec.json.encode(_given(flight)) for flight in about]
        draw.shuffle(entries)
        entries *= -(-each // len(entries))
        bodies = [entries[start : start + each] for start in range(0, len(entries) - each + 1, each)]
    else:
        drawn = _draw(about, draw, wanted * each)
        bodies = [drawn[start : start + each] for start in range(0, wanted * each, each)]
    return [_post(target, b'{"flights":[' + b",".join(body) + b"]}") for body in bodies[:wanted]]


def _draw(known: Known, draw: random.Random, count: int) -> list[bytes]:
    """Flights as JSON, each different while the model's airlines, destinations and days allow it."""
    first = dt.datetime.fromisoformat(known.first)
    minutes = ((dt.date.fromisoformat(known.last) - first.date()).days + 1) * 1440
    entries: dict[bytes, None] = {}
    for _ in range(count * 2):
        flight: dict[str, Any] = {
            "airline": draw.choice(known.airlines),
            "destination": draw.choice(known.destinations),
            "scheduled_departure": first + dt.timedelta(minutes=draw.randrange(minutes)),
        }
        if known.origins:
            flight["origin"] = draw.choice(known.origins)
        entries[msgspec.json.encode(flight)] = None
        if len(entries) == count:
            break
    drawn = list(entries)
    return (drawn * -(-count // len(drawn)))[:count]


def _given(flight: Flight) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(flight).items() if value is not None}


def _head(target: Target, method: str) -> bytes:
    return f"{method} {target.path} HTTP/1.1\r\nhost: {target.authority}\r\naccept: */*\r\n".encode()


def _post(target: Target, body: bytes) -> bytes:
    fields = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return _head(target, "POST") + fields.encode() + body
