"""Examples for the API's description: flights that the model knows, and its own answers."""

from __future__ import annotations

from typing import Any, NamedTuple

from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from puntual.serving.api.schemas import PredictionResponse, encode, read_request
from puntual.serving.http.problems import Problem, RefusedError
from puntual.types import DetailedPrediction

_TIMES = ("08:05:00", "13:20:00", "18:35:00")


class Example(NamedTuple):
    """A request for predictions, and what answers it."""

    summary: str
    request: dict[str, Any]
    answer: PredictionResponse


def prediction_examples(predictor: Predictor) -> dict[str, Example]:
    """One flight, and a day with its timetable; by name."""
    flights = _flights(predictor.artifact)
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "one": ("One flight alone", {"flights": flights[:1]}),
        "day": (
            "A complete day, each flight within its timetable",
            {"flights": flights, "timetable": "request"},
        ),
    }
    return {
        name: Example(summary, request, _answer(predictor, request))
        for name, (summary, request) in requests.items()
    }


def detailed_example(predictor: Predictor) -> DetailedPrediction:
    """The first of those flights alone, with its reasons in words."""
    request = {"flights": _flights(predictor.artifact)[:1]}
    return predictor.explain(read_request(encode(request), 1).flights, language="en")[0]


def problem_example(kind: str) -> Problem | None:
    """The answer to a body that is wrong in this way; None where it is not the body that is wrong."""
    bodies = {"malformed": b'{"flights": [', "invalid": b'{"flights": [{"airline": 7}]}'}
    try:
        if kind in bodies:
            read_request(bodies[kind], 1)
    except RefusedError as refused:
        return refused.problem
    return None


def _flights(artifact: Artifact) -> list[dict[str, str]]:
    seen = artifact.tables.categories
    origins = seen["origin"] if len(artifact.tables.origins) > 1 else ()
    return [
        {
            "airline": _nth(seen["airline"], index),
            **({"origin": origins[0]} if origins else {}),
            "destination": _nth(seen["destination"], index),
            "scheduled_departure": f"{artifact.training.last}T{time}",
        }
        for index, time in enumerate(_TIMES)
    ]


def _nth(values: tuple[str, ...], index: int) -> str:
    return values[index % len(values)]


def _answer(predictor: Predictor, request: dict[str, Any]) -> PredictionResponse:
    asked = read_request(encode(request), len(request["flights"]))
    answers = predictor.predict(asked.flights, complete_days=asked.timetable is not None)
    return PredictionResponse(predictor.artifact.name, predictor.artifact.threshold_minutes, answers)
