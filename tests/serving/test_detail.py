"""`POST /v1/predictions?detail=full`: the answers with their reasons."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from puntual.serving.api.schemas import MAX_DETAILED, DetailedResponse
from puntual.serving.http.messages import Response
from puntual.types import Flight
from tests.serving.conftest import FLIGHT, Asker

SEVERAL = [FLIGHT | {"scheduled_departure": f"2017-07-14T{hour:02}:35:00"} for hour in range(6, 20)]


def send(ask: Asker, *flights: dict[str, Any], query: str = "detail=full", **more: Any) -> Response:
    body = msgspec.json.encode({"flights": flights, **more})
    return ask("POST", f"/v1/predictions?{query}", body)


def told(ask: Asker, *flights: dict[str, Any], **more: Any) -> DetailedResponse:
    response = send(ask, *flights, **more)
    assert response.status == 200, response.body
    return msgspec.json.decode(response.body, type=DetailedResponse)


def problem(response: Response) -> dict[str, Any]:
    assert response.status == 422
    document: dict[str, Any] = msgspec.json.decode(response.body)
    return document


def test_it_is_the_plain_answer_and_more(ask: Asker) -> None:
    plain = msgspec.json.decode(ask.predict(*SEVERAL, FLIGHT | {"airline": "ZZ"}).body)
    full = msgspec.json.decode(send(ask, *SEVERAL, FLIGHT | {"airline": "ZZ"}).body)
    assert list(full) == list(plain)
    added = ["ladder", "delay_minutes", "base_rate", "base_log_odds", "reasons"]
    assert list(full["predictions"][0]) == [*plain["predictions"][0], *added]
    assert list(full["predictions"][0]["reasons"][0]) == ["group", "points", "log_odds"]
    for one in full["predictions"]:
        for name in added:
            del one[name]
    assert full == plain


def test_the_points_sum_to_the_answer_less_the_base_rate(ask: Asker, artifact: Artifact) -> None:
    for one in told(ask, *SEVERAL).predictions:
        assert one.base_rate == artifact.training.base_rate
        points = [reason.points for reason in one.reasons]
        assert math.fsum(points) == pytest.approx(one.delay_probability - one.base_rate, abs=1e-12)
        assert [abs(point) for point in points] == sorted(map(abs, points), reverse=True)
        raw = one.base_log_odds + math.fsum(reason.log_odds for reason in one.reasons)
        assert artifact.without_timetable.calibration.probability(raw) == pytest.approx(
            one.delay_probability, abs=0.000051
        )


def test_it_answers_what_the_predictor_gives(ask: Asker, artifact: Artifact) -> None:
    flights = msgspec.convert(SEVERAL, list[Flight])
    predictor = Predictor(artifact)
    assert told(ask, *SEVERAL).predictions == predictor.explain(flights)
    within = told(ask, *SEVERAL, timetable="request").predictions
    assert within == predictor.explain(flights, complete_days=True)


def test_the_timetable_of_a_request_is_a_reason(ask: Asker) -> None:
    alone, within = told(ask, *SEVERAL), told(ask, *SEVERAL, timetable="request")
    changed = [
        next(reason.log_odds for reason in answers.predictions[0].reasons if reason.group == "congestion")
        for answers in (alone, within)
    ]
    assert changed[0] != changed[1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("detail=most", "most"),
        ("detail=", None),
        ("detail", None),
        ("detail=FULL", "FULL"),
        ("detail=full&detail=full", "full, full"),
    ],
)
def test_another_detail_is_refused(ask: Asker, query: str, found: str | None) -> None:
    document = problem(send(ask, FLIGHT, query=query))
    assert (document["pointer"], document["found"], document["allowed"]) == ("?detail", found, "full")
    assert document["detail"].endswith("wanted: full")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_language_adds_the_reasons_in_words(ask: Asker, artifact: Artifact, language: str) -> None:
    response = send(ask, *SEVERAL, query=f"detail=full&language={language}", timetable="request")
    told = msgspec.json.decode(response.body)["predictions"]
    flights = msgspec.convert(SEVERAL, list[Flight])
    explained = Predictor(artifact).explain(flights, complete_days=True, language=language)
    assert [tuple(one["words"]) for one in told] == [one.words for one in explained]
    silent = msgspec.json.decode(send(ask, *SEVERAL, timetable="request").body)["predictions"]
    assert [{name: one[name] for name in one if name != "words"} for one in told] == silent


@pytest.mark.parametrize(
    ("query", "found", "allowed"),
    [
        ("detail=full&language=fr", "fr", "en or es"),
        ("detail=full&language=ES", "ES", "en or es"),
        ("detail=full&language=", None, "en or es"),
        ("detail=full&language=es&language=en", "es, en", "en or es"),
        ("language=fr", "fr", "en or es"),
        ("language=es", "es", "detail=full with it"),
    ],
)
def test_another_language_is_refused(ask: Asker, query: str, found: str | None, allowed: str) -> None:
    document = problem(send(ask, FLIGHT, query=query))
    assert (document["pointer"], document["found"], document["allowed"]) == ("?language", found, allowed)


def test_a_hundred_flights_are_answered_and_no_more(model: Path, asker: Callable[..., Asker]) -> None:
    ask = asker(model=str(model))
    assert len(told(ask, *[FLIGHT] * MAX_DETAILED).predictions) == MAX_DETAILED == 100
    document = problem(send(ask, *[FLIGHT] * 101))
    assert (document["pointer"], document["found"]) == ("$.flights", "101 flights")
    assert document["allowed"] == "1 to 100 in a request with detail=full"
    assert ask.predict(*[FLIGHT] * 101).status == 200


def test_a_lower_limit_of_the_server_holds_too(ask: Asker) -> None:
    document = problem(send(ask, *[FLIGHT] * 51))
    assert document["allowed"] == "1 to 50 in a request with detail=full"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"flights": []}, "$.flights"),
        ({"flights": [FLIGHT | {"airline": 7}]}, "$.flights[0].airline"),
        (
            {"flights": [FLIGHT, FLIGHT | {"origin": "ZZZZ", "scheduled_departure": "2017-02-03T10:00:00Z"}]},
            "$.flights[1].scheduled_departure",
        ),
    ],
)
def test_mistakes_are_those_of_the_plain_answer(ask: Asker, body: dict[str, Any], pointer: str) -> None:
    raw = msgspec.json.encode(body)
    detailed = ask("POST", "/v1/predictions?detail=full", raw)
    assert problem(detailed)["pointer"] == pointer
    assert detailed == ask("POST", "/v1/predictions", raw)


def test_the_description_names_it(ask: Asker) -> None:
    api: dict[str, Any] = msgspec.json.decode(ask("GET", "/openapi.json").body)
    post = api["paths"]["/v1/predictions"]["post"]
    detail, language = post["parameters"]
    assert (detail["name"], detail["in"], detail["schema"]["enum"]) == ("detail", "query", ["full"])
    assert "1 to 50 flights" in detail["description"]
    assert (language["name"], language["schema"]["enum"]) == ("language", ["en", "es"])
    assert "example" not in language, "alone it is refused"
    (example,) = api["components"]["schemas"]["DetailedPrediction"]["examples"]
    flight = post["requestBody"]["content"]["application/json"]["examples"]["one"]["value"]["flights"][0]
    answer = msgspec.json.decode(send(ask, flight, query="detail=full&language=en").body)["predictions"][0]
    assert example == answer
    assert example["words"]
    schema = post["responses"]["200"]["content"]["application/json"]["schema"]
    assert [one["$ref"].rpartition("/")[2] for one in schema["anyOf"]] == [
        "PredictionResponse",
        "DetailedResponse",
    ]
    described = api["components"]["schemas"]["DetailedPrediction"]["properties"]
    assert all(field.get("description") for name, field in described.items() if name != "predictions")
