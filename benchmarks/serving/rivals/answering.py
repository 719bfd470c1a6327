"""What every rival answers with: Puntual's own encoder and calibration around one of the calls of LightGBM.

Each loads it in its own environment; the model and the call (of `rivals.calls`) come with `MODEL` and `CALL`.
"""

from __future__ import annotations

import datetime as dt
import importlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from puntual.inference.artifact import read_artifact
from puntual.inference.encoder import Encoder
from puntual.inference.rounding import rounded
from puntual.types import Flight


class FittedModel:
    """Answers as `POST /v1/predictions` does, from one thread, without validating what it is asked.

    Parameters
    ----------
    call : a module of `rivals.calls`
    """

    def __init__(self, model: Path, call: str) -> None:
        self._artifact = artifact = read_artifact(model)
        self._encoder = Encoder(artifact.tables, artifact.features)
        self._raw = importlib.import_module(f"benchmarks.serving.rivals.calls.{call}").prepare(artifact)
        self._calibrate = artifact.without_timetable.calibration.probability

    def predict(self, flight: Any) -> dict[str, Any]:
        """The answer for anything that has the attributes of `puntual.types.Flight`."""
        resolved = self._encoder.resolve(flight)
        probability = rounded(self._calibrate(self._raw(self._encoder.encode(resolved))))
        return {
            "delay_probability": probability,
            "delayed": probability >= self._artifact.decision_threshold,
            "horizon": "schedule",
            "unknown": list(resolved.unknown),
        }

    def answer(self, flights: Iterable[Any]) -> dict[str, Any]:
        """The whole body."""
        return {
            "model": self._artifact.name,
            "threshold_minutes": self._artifact.threshold_minutes,
            "predictions": [self.predict(flight) for flight in flights],
        }


def flight_of(fields: Mapping[str, str]) -> Flight:
    """A flight from the fields that are posted, unvalidated."""
    departure = dt.datetime.fromisoformat(fields["scheduled_departure"])
    return Flight(
        airline=fields["airline"],
        origin=fields["origin"],
        destination=fields["destination"],
        scheduled_departure=departure,
    )


def load() -> FittedModel:
    """The model and the call that the environment names."""
    return FittedModel(Path(os.environ["MODEL"]), os.environ["CALL"])
