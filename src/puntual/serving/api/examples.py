"""Examples for the OpenAPI document: flights that the model knows, and the model's own answers."""

from __future__ import annotations

from typing import Any, NamedTuple

from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from puntual.serving.api.schemas import PredictionResponse, encode, read_request
from puntual.serving.http.problems import Problem, RefusedError
from puntual.types import DetailedPrediction

_TIMES = ("08:05:00", "13:20:00", "18:35:00")


class Example(NamedTuple):
    """A request for predictions and its answer."""

    summary: str
    request: dict[str, Any]
    answer: PredictionResponse


def prediction_examples(predictor: Predictor) -> dict[str, Example]:
    """By name: one flight, and a day with its timetable."""
    flights = _flights(predictor.artifact)
    day = {"flights": flights, "timetable": "request"}
    return {
        "one": _example(predictor, "One flight by itself", {"flights": flights[:1]}),
        "day": _example(predictor, "A complete day, each flight within its timetable", day),
    }


def detailed_example(predictor: Predictor) -> DetailedPrediction:
    """The prediction of the first example flight, with reasons in words."""
    request = {"flights": _flights(predictor.artifact)[:1]}
    return predictor.explain(read_request(encode(request), 1).flights, language="en")[0]


def problem_example(kind: str) -> Problem | None:
    """The answer to a wrong body; None: this problem is not about the body."""
    bodies = {"malformed": b'{"flights": [', "invalid": b'{"flights": [{"airline": 7}]}'}
    try:
        if kind in bodies:
            read_request(bodies[kind], 1)
    except RefusedError as refused:
        return refused.problem
    return None


def _flights(artifact: Artifact) -> list[dict[str, str]]:
    known = artifact.tables.categories
    origin = {"origin": known["origin"][0]} if len(artifact.tables.origins) > 1 else {}
    airlines, destinations = known["airline"], known["destination"]
    return [
        {
            "airline": airlines[index % len(airlines)],
            **origin,
            "destination": destinations[index % len(destinations)],
            "scheduled_departure": f"{artifact.training.last}T{time}",
        }
        for index, time in enumerate(_TIMES)
    ]


def _example(predictor: Predictor, summary: str, request: dict[str, Any]) -> Example:
    decoded = read_request(encode(request), len(request["flights"]))
    answers = predictor.predict(decoded.flights, complete_days=decoded.timetable is not None)
    artifact = predictor.artifact
    return Example(summary, request, PredictionResponse(artifact.name, artifact.threshold_minutes, answers))
