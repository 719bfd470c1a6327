"""Puntual: flight-delay probabilities, from the raw flight history to a service that holds its load.

Public names are imported when they are first used, so that importing the package loads no library of
tables or models, and a service none that it does not need.

Examples
--------
::

    import puntual

    flights = puntual.read("flights.csv")          # or a data frame
    model = puntual.train(flights)
    model.predict(tomorrow)                        # the caller's kind of data frame
    model.save("airport.puntual")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from puntual.errors import name_missing

if TYPE_CHECKING:
    from puntual.api.evaluation import ModelEvaluation
    from puntual.api.exploration import Exploration, explore
    from puntual.api.flights import challenge_columns, check, draft_mapping, read
    from puntual.api.loadtest import LoadTest, stress
    from puntual.api.model import Model, load, train
    from puntual.data.flights import Flights
    from puntual.errors import PuntualError, PuntualWarning
    from puntual.inference.artifact import Artifact, read_artifact
    from puntual.inference.predictor import Predictor
    from puntual.types import Flight, Prediction

    __version__: str

__all__ = [
    "Artifact",
    "Exploration",
    "Flight",
    "Flights",
    "LoadTest",
    "Model",
    "ModelEvaluation",
    "Prediction",
    "Predictor",
    "PuntualError",
    "PuntualWarning",
    "__version__",
    "challenge_columns",
    "check",
    "draft_mapping",
    "explore",
    "load",
    "read",
    "read_artifact",
    "stress",
    "train",
]

_HOMES = {
    "puntual.api.evaluation": ("ModelEvaluation",),
    "puntual.api.exploration": ("Exploration", "explore"),
    "puntual.api.flights": ("challenge_columns", "check", "draft_mapping", "read"),
    "puntual.api.loadtest": ("LoadTest", "stress"),
    "puntual.api.model": ("Model", "load", "train"),
    "puntual.data.reading": ("Flights",),
    "puntual.errors": ("PuntualError", "PuntualWarning"),
    "puntual.inference.artifact": ("Artifact", "read_artifact"),
    "puntual.inference.predictor": ("Predictor",),
    "puntual.types": ("Flight", "Prediction"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("puntual")
    if name not in _HOME:
        raise AttributeError(f"module 'puntual' has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(_HOME[name]), name)
    except ModuleNotFoundError as error:
        raise name_missing(error) from None


def __dir__() -> list[str]:
    return sorted(__all__)
