"""`POST /v1/predictions?detail=full`: the answers with their reasons."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from puntual.serving.api.schemas import MAX_DETAILED, DetailedResponse
from puntual.types import DetailedPrediction, Flight
from tests.serving.conftest import FLIGHT, SEVERAL, Asker, decoded, problem

FULL = "detail=full"


def told(ask: Asker, *flights: Mapping[str, Any], **more: Any) -> list[DetailedPrediction]:
    response = ask.predict(*flights, query=FULL, **more)
    assert response.status == 200, response.body
    return msgspec.json.decode(response.body, type=DetailedResponse).predictions


def test_it_is_the_plain_answer_and_more(ask: Asker) -> None:
    asked = [*SEVERAL, FLIGHT | {"airline": "ZZ"}]
    plain, full = decoded(ask.predict(*asked)), decoded(ask.predict(*asked, query=FULL))
    assert list(full) == list(plain)
    added = ["ladder", "delay_minutes", "cancellation_probability", "base_rate", "base_log_odds", "reasons"]
    assert list(full["predictions"][0]) == [*plain["predictions"][0], *added]
    assert list(full["predictions"][0]["reasons"][0]) == ["group", "points", "log_odds"]
    for one in full["predictions"]:
        for name in added:
            del one[name]
    assert full == plain


def test_the_points_sum_to_the_answer_less_the_base_rate(ask: Asker, artifact: Artifact) -> None:
    for one in told(ask, *SEVERAL):
        assert one.base_rate == artifact.training.base_rate
        points = [reason.points for reason in one.reasons]
        assert math.fsum(points) == pytest.approx(one.delay_probability - one.base_rate, abs=1e-12)
        said = [abs(reason.points) for reason in one.reasons if reason.group not in {"base", "holiday"}]
        assert said == sorted(said, reverse=True)
        assert "base" in {reason.group for reason in one.reasons[-2:]}
        raw = one.base_log_odds + math.fsum(reason.log_odds for reason in one.reasons)
        expected = artifact.without_timetable.calibration.probability(raw)
        assert one.delay_probability == pytest.approx(expected, abs=0.000051)


def test_it_answers_what_the_predictor_gives(ask: Asker, artifact: Artifact) -> None:
    """Within a timetable, which is a reason, and without."""
    flights = msgspec.convert(SEVERAL, list[Flight])
    predictor = Predictor(artifact)
    plain, within = told(ask, *SEVERAL), told(ask, *SEVERAL, timetable="request")
    assert plain == predictor.explain(flights)
    assert within == predictor.explain(flights, complete_days=True)
    congestion = [
        next(reason.log_odds for reason in answers[0].reasons if reason.group == "congestion")
        for answers in (plain, within)
    ]
    assert congestion[0] != congestion[1]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_language_adds_the_reasons_in_words(ask: Asker, artifact: Artifact, language: str) -> None:
    query = f"{FULL}&language={language}"
    worded = decoded(ask.predict(*SEVERAL, query=query, timetable="request"))["predictions"]
    flights = msgspec.convert(SEVERAL, list[Flight])
    explained = Predictor(artifact).explain(flights, complete_days=True, language=language)
    assert [tuple(one.pop("words")) for one in worded] == [one.words for one in explained]
    assert worded == decoded(ask.predict(*SEVERAL, query=FULL, timetable="request"))["predictions"]


@pytest.mark.parametrize(
    ("query", "pointer", "found", "allowed"),
    [
        ("detail=most", "?detail", "most", "full"),
        ("detail=", "?detail", None, "full"),
        ("detail", "?detail", None, "full"),
        ("detail=FULL", "?detail", "FULL", "full"),
        ("detail=full&detail=full", "?detail", "full, full", "full"),
        ("detail=full&language=fr", "?language", "fr", "en or es"),
        ("detail=full&language=ES", "?language", "ES", "en or es"),
        ("detail=full&language=", "?language", None, "en or es"),
        ("detail=full&language=es&language=en", "?language", "es, en", "en or es"),
        ("language=fr", "?language", "fr", "en or es"),
        ("language=es", "?language", "es", "detail=full with it"),
    ],
)
def test_another_detail_or_language_is_refused(
    ask: Asker, query: str, pointer: str, found: str | None, allowed: str
) -> None:
    refused = problem(ask.predict(FLIGHT, query=query))
    assert (refused.pointer, refused.found, refused.allowed) == (pointer, found, allowed)
    assert refused.detail.endswith(f"wanted: {allowed}")


def test_a_hundred_flights_are_answered_and_no_more(ask: Asker, asker: Callable[..., Asker]) -> None:
    """Nor more than the server answers without reasons."""
    unlimited = asker()
    assert len(told(unlimited, *[FLIGHT] * MAX_DETAILED)) == MAX_DETAILED == 100
    assert unlimited.predict(*[FLIGHT] * 101).status == 200
    for asked, most in (unlimited, 100), (ask, 50):
        refused = problem(asked.predict(*[FLIGHT] * (most + 1), query=FULL))
        assert (refused.pointer, refused.found) == ("$.flights", f"{most + 1} flights")
        assert refused.allowed == f"1 to {most} in a request with detail=full"


@pytest.mark.parametrize(
    ("flights", "pointer"),
    [
        ([], "$.flights"),
        ([FLIGHT | {"airline": 7}], "$.flights[0].airline"),
        (
            [FLIGHT, FLIGHT | {"origin": "ZZZZ", "scheduled_departure": "2017-02-03T10:00:00Z"}],
            "$.flights[1].scheduled_departure",
        ),
    ],
)
def test_mistakes_are_those_of_the_plain_answer(
    ask: Asker, flights: list[dict[str, Any]], pointer: str
) -> None:
    detailed = ask.predict(*flights, query=FULL)
    assert problem(detailed).pointer == pointer
    assert detailed == ask.predict(*flights)


def test_the_description_names_it(ask: Asker) -> None:
    api = decoded(ask("GET", "/openapi.json"))
    post = api["paths"]["/v1/predictions"]["post"]
    detail, language, *_ = post["parameters"]
    assert (detail["name"], detail["in"], detail["schema"]["enum"]) == ("detail", "query", ["full"])
    assert "1 to 50 flights" in detail["description"]
    assert (language["name"], language["schema"]["enum"]) == ("language", ["en", "es"])
    assert "example" not in language, "alone it is refused"
    (example,) = api["components"]["schemas"]["DetailedPrediction"]["examples"]
    flight = post["requestBody"]["content"]["application/json"]["examples"]["one"]["value"]["flights"][0]
    assert [example] == decoded(ask.predict(flight, query="detail=full&language=en"))["predictions"]
    assert example["words"]
    schema = post["responses"]["200"]["content"]["application/json"]["schema"]
    names = [one["$ref"].rpartition("/")[2] for one in schema["anyOf"]]
    assert names == ["PredictionResponse", "DetailedResponse"]
    described = api["components"]["schemas"]["DetailedPrediction"]["properties"]
    assert all(field.get("description") for field in described.values())
