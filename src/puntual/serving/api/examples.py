"""Examples for the OpenAPI document: flights that the model knows, and the model's own answers."""

from __future__ import annotations

from itertools import cycle
from typing import Any, NamedTuple

from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from puntual.serving.api.schemas import PredictionResponse, encode, read_request
from puntual.serving.http.problems import Problem, RefusedError
from puntual.types import DetailedPrediction

_MINUTES = (5, 20, 35)


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


def body_examples(artifact: Artifact) -> dict[str, dict[str, object]]:
    """Bodies by path and media type: schedules, a day's timetable, what became of a flight, the weather."""
    day = artifact.training.last
    flights = [
        {name: value for name, value in flight.items() if name != "origin"} for flight in _flights(artifact)
    ]
    origin, first = artifact.tables.origins[0], flights[0]
    left = {"event": "departure", "origin": origin, **first, "actual_departure": f"{day}T08:31:00"}
    left["known_at"] = f"{day}T14:00:00Z"
    observed = {"airport": origin, "observed_at": f"{day}T10:00:00Z", "temperature_c": 11.5, "wind_kt": 14.0}
    observed["known_at"] = f"{day}T10:05:00Z"
    later = {**flights[0], "scheduled_departure": f"{day}T09:40:00"}
    return {
        "/v1/comparisons": {
            "application/json": {
                side: [{**one, "origin": origin} for one in schedule]
                for side, schedule in (("before", flights), ("after", [later, *flights[1:]]))
            }
        },
        "/v1/events": {"application/json": left},
        "/v1/timetables/{origin}/{date}": {
            "application/json": {"flights": flights, "known_at": f"{day}T00:00:00Z"}
        },
        "/v1/weather": {"application/json": {"observations": [observed]}},
    }


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
    """The most flown routes from the first origin, each at its most frequent hour."""
    tables, day = artifact.tables, artifact.training.last
    first = tables.origins[0]
    origin = {"origin": first} if len(tables.origins) > 1 else {}
    flown = [
        (one.airline, one.destination, one.hours.index(max(one.hours)))
        for one in artifact.airline_routes
        if one.origin == first
    ] or [(tables.categories["airline"][0], tables.categories["destination"][0], 8)]
    return [
        {
            "airline": airline,
            **origin,
            "destination": destination,
            "scheduled_departure": f"{day}T{hour:02}:{minute:02}:00",
        }
        for minute, (airline, destination, hour) in zip(_MINUTES, cycle(flown), strict=False)
    ]


def _example(predictor: Predictor, summary: str, request: dict[str, Any]) -> Example:
    decoded = read_request(encode(request), len(request["flights"]))
    answers = predictor.predict(decoded.flights, complete_days=decoded.timetable is not None)
    artifact = predictor.artifact
    return Example(summary, request, PredictionResponse(artifact.name, artifact.threshold_minutes, answers))
