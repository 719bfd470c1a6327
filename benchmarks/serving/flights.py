"""The flights that every server is asked about: the same for the same model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.serving.rivals.answering import flight_of
from benchmarks.serving.rivals.lineup import Fields
from deploy.stress.flights import Catalogue, draw
from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor

FLIGHTS = 1000
"""Different flights in turn, so that no answer comes from a cache of the last one."""


def draw_flights(artifact: Artifact) -> list[Fields]:
    """Flights that the model knows, drawn as `deploy/stress/flights.py` draws them."""
    tables = artifact.tables
    airlines = [airline.code for airline in tables.airlines]
    catalogue = Catalogue(airlines, list(tables.origins), list(tables.destinations), artifact.training.first)
    return draw(catalogue, FLIGHTS)


def predict(artifact: Artifact, flights: list[Fields]) -> list[float]:
    """Puntual's own probabilities, without a server."""
    predictions = Predictor(artifact).predict([flight_of(flight) for flight in flights])
    return [prediction.delay_probability for prediction in predictions]


def write_bodies(path: Path, flights: list[Fields], body: Callable[[Fields], Any]) -> None:
    """Write what is posted, one flight a body and a body a line."""
    path.write_text("\n".join(json.dumps(body(flight)) for flight in flights), "utf-8")
