"""`bentoml serve benchmarks.serving.rivals.bentoml:Delays`: a flight a request, by its fields."""

from __future__ import annotations

import datetime as dt
from typing import Any

import bentoml

from benchmarks.serving.rivals.answering import load
from puntual.types import Flight


@bentoml.service(
    workers="cpu_count",
    traffic={"timeout": 10},
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},
)
class Delays:
    def __init__(self) -> None:
        self.fitted_model = load()

    @bentoml.api
    async def predict(
        self, airline: str, origin: str, destination: str, scheduled_departure: dt.datetime
    ) -> dict[str, Any]:
        flight = Flight(
            airline=airline, origin=origin, destination=destination, scheduled_departure=scheduled_departure
        )
        return self.fitted_model.predict(flight)
