"""The flights that every server is asked about: the same for the same model."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.stress.flights import Known, draw
from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from puntual.types import Flight

FLIGHTS = 1000
"""Different flights in turn, so that nothing can be answered from a memory of the last one."""

Asked = dict[str, str]
"""A flight, its fields as they are posted."""


def draw_flights(artifact: Artifact) -> list[Asked]:
    """Flights that the model knows, drawn as `deploy/stress/flights.py` draws them."""
    tables = artifact.tables
    known = Known(
        airlines=[airline.code for airline in tables.airlines],
        origins=list(tables.origins),
        destinations=list(tables.destinations),
        first=artifact.training.first,
    )
    return draw(known, FLIGHTS)


def answer_flights(artifact: Artifact, flights: list[Asked]) -> list[float]:
    """What Puntual itself says of them, without a server."""
    asked = [
        Flight(
            airline=flight["airline"],
            origin=flight["origin"],
            destination=flight["destination"],
            scheduled_departure=dt.datetime.fromisoformat(flight["scheduled_departure"]),
        )
        for flight in flights
    ]
    return [answer.delay_probability for answer in Predictor(artifact).predict(asked)]


def write_bodies(path: Path, flights: list[Asked], body: Callable[[Asked], Any]) -> None:
    """Write what is posted, one flight a body and a body a line."""
    path.write_text("\n".join(json.dumps(body(flight)) for flight in flights), "utf-8")
