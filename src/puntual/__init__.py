"""Puntual: flight-delay probabilities, from the raw flight history to a service that holds its load.

Public names are imported when they are first used, so that serving loads no training library.

Examples
--------
::

    flights = puntual.read_flights("flights.csv")
    artifact = puntual.train(flights)
    puntual.Predictor(artifact).predict([puntual.Flight(...)])
    puntual.explore(flights, explain=puntual.explain).findings
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from puntual.batch import predict, score
    from puntual.data import Flights, read_flights
    from puntual.errors import PuntualError
    from puntual.exploration.explanation import explain
    from puntual.exploration.study import explore
    from puntual.inference.artifact import Artifact, read_artifact, write_artifact
    from puntual.inference.predictor import Predictor
    from puntual.training.evaluation import evaluate
    from puntual.training.pipeline import train
    from puntual.types import Flight, Prediction

__all__ = [
    "Artifact",
    "Flight",
    "Flights",
    "Prediction",
    "Predictor",
    "PuntualError",
    "evaluate",
    "explain",
    "explore",
    "predict",
    "read_artifact",
    "read_flights",
    "score",
    "train",
    "write_artifact",
]

_HOMES = {
    "puntual.errors": ("PuntualError",),
    "puntual.exploration.explanation": ("explain",),
    "puntual.exploration.study": ("explore",),
    "puntual.inference.artifact": ("Artifact", "read_artifact", "write_artifact"),
    "puntual.inference.predictor": ("Predictor",),
    "puntual.batch": ("predict", "score"),
    "puntual.data": ("Flights", "read_flights"),
    "puntual.training.evaluation": ("evaluate",),
    "puntual.training.pipeline": ("train",),
    "puntual.types": ("Flight", "Prediction"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'puntual' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
