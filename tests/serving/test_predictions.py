"""`POST /v1/predictions`, without a server."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from puntual.serving.api.schemas import PredictionRequest, PredictionResponse
from puntual.serving.api.validation import ALLOWED
from puntual.serving.http.problems import MAX_SHOWN
from puntual.types import Flight
from tests.serving.conftest import FLIGHT, PREDICTIONS, SEVERAL, Asker, decoded


def answered(ask: Asker, *flights: dict[str, Any], **more: Any) -> PredictionResponse:
    response = ask.predict(*flights, **more)
    assert response.status == 200, response.body
    return msgspec.json.decode(response.body, type=PredictionResponse)


def problem(ask: Asker, body: bytes | dict[str, Any]) -> dict[str, Any]:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    document: dict[str, Any] = msgspec.json.decode(ask("POST", PREDICTIONS, raw).body)
    return document


def test_the_document_is_the_designs(ask: Asker) -> None:
    document = decoded(ask.predict(FLIGHT | {"airline": "ZZ"}))
    assert list(document) == ["model", "threshold_minutes", "predictions"]
    assert list(document["predictions"][0]) == ["delay_probability", "delayed", "risk", "horizon", "unknown"]
    assert document["predictions"][0]["unknown"] == ["airline"]


def test_answers_what_the_predictor_gives(ask: Asker, artifact: Artifact) -> None:
    """Each flight by itself, or all of them within their timetable."""
    flights, predictor = msgspec.convert(SEVERAL, list[Flight]), Predictor(artifact)
    alone, within = answered(ask, *SEVERAL), answered(ask, *SEVERAL, timetable="request")
    assert alone == PredictionResponse(artifact.name, 15, predictor.predict(flights))
    assert within.predictions == predictor.predict(flights, complete_days=True)
    assert within != alone == answered(ask, *SEVERAL, timetable=None)


def test_a_flight_is_asked_about_within_a_day_that_is_listed(ask: Asker) -> None:
    """One gets what it gets among all, in any order, with reasons or without; other days do not matter."""
    within = answered(ask, *SEVERAL, timetable="request").predictions
    for flight, answer in zip(SEVERAL, within, strict=True):
        assert answered(ask, flight, timetable=SEVERAL[::-1]).predictions == [answer]
        (full,) = decoded(ask.predict(flight, query="detail=full", timetable=SEVERAL))["predictions"]
        assert full["delay_probability"] == answer.delay_probability
    later = [flight | {"scheduled_departure": "2017-07-21T18:35:00"} for flight in SEVERAL]
    assert answered(ask, *SEVERAL, timetable=[*SEVERAL, *later]).predictions == within


def test_any_code_and_an_offset_are_understood(ask: Asker) -> None:
    other = {"airline": "la", "origin": "SCL", "destination": "ANF"}
    moment = {"scheduled_departure": "2017-07-14T22:35:00Z"}
    assert answered(ask, other | moment) == answered(ask, FLIGHT)


WRONG: list[tuple[Any, int, str | None, str | None, str]] = [
    (b"", 400, None, None, "truncated at byte 0"),
    (b'{"flights": [}', 400, None, "}", "at byte 13 of 14"),
    (b'{"flights": [{"airline": 7', 400, None, None, "at byte 26"),
    (b'{"flights": "\xff"}', 400, None, '\\xff"}', "not UTF-8 at byte 13"),
    (b"\xef\xbb\xbf{}", 400, None, "\\xef\\xbb\\xbf{}", "at byte 0"),
    (b'{"flights": [{"airline": "\\ud800\\ud800"}]}', 400, None, None, "surrogate"),
    (b'{"flights": ' + b"[" * 9000, 400, None, None, "nested too deeply"),
    (b"[]", 422, "$", "[]", "expected `object`, got `array`"),
    ({}, 422, "$.flights", None, "missing; wanted: a list of 1 to 50 flights"),
    ({"flights": []}, 422, "$.flights", "[]", "length >= 1; wanted: a list of 1 to 50"),
    ({"flights": "all"}, 422, "$.flights", '"all"', "got `str`"),
    ({"flights": [FLIGHT] * 51}, 422, "$.flights", "51 flights", "wanted: 1 to 50"),
    ({"flights": [FLIGHT, None]}, 422, "$.flights[1]", "null", "wanted: an object with airline"),
    ({"flights": [FLIGHT], "when": 1}, 422, "$.when", "1", "unknown field; wanted: only flights, timetable"),
    ({"flights": [FLIGHT], "timetable": "mine"}, 422, "$.timetable", '"mine"', 'wanted: "request"'),
    ({"flights": [FLIGHT], "timetable": []}, 422, "$.timetable", "[]", "a list of all flights of their days"),
    ({"flights": [FLIGHT], "timetable": [FLIGHT] * 51}, 422, "$.timetable", "51 flights", "1 to 50"),
    (
        {"flights": [FLIGHT], "timetable": [FLIGHT, FLIGHT | {"airline": 7}]},
        422,
        "$.timetable[1].airline",
        "7",
        "IATA or ICAO",
    ),
    (
        {"flights": [FLIGHT], "timetable": [FLIGHT | {"scheduled_departure": "2017-07-15T18:35:00"}]},
        422,
        "$.timetable",
        "no departure of SCEL on 2017-07-14, the day of $.flights[0]",
        "all departures of the days of the flights",
    ),
    (
        {
            "flights": [FLIGHT],
            "timetable": [FLIGHT | {"origin": "ZZZZ", "scheduled_departure": "2017-02-03T10:00:00Z"}],
        },
        422,
        "$.timetable[0].scheduled_departure",
        "an offset, but the time zone of ZZZZ is not known",
        "wanted: local time at the origin, without an offset",
    ),
    (
        {"flights": [FLIGHT] * 17 + [FLIGHT | {"airline": 7}]},
        422,
        "$.flights[17].airline",
        "7",
        "IATA or ICAO",
    ),
    ({"flights": [FLIGHT | {"airline": ""}]}, 422, "$.flights[0].airline", '""', "length >= 2"),
    ({"flights": [FLIGHT | {"origin": "ABCDEFGHI"}]}, 422, "$.flights[0].origin", '"ABCDEFGHI"', "<= 8"),
    ({"flights": [{"airline": "LAN"}]}, 422, "$.flights[0].destination", None, "missing; wanted: an IATA"),
    ({"flights": [FLIGHT | {"gate": {"a": 1}}]}, 422, "$.flights[0].gate", '{"a":1}', "only airline, destin"),
    (
        {"flights": [FLIGHT | {"scheduled_departure": "2017-02-30T10:00:00"}]},
        422,
        "$.flights[0].scheduled_departure",
        '"2017-02-30T10:00:00"',
        "wanted: a date and time such as 2017-07-14T18:35:00",
    ),
    (
        {"flights": [FLIGHT | {"origin": "ZZZZ", "scheduled_departure": "2017-02-03T10:00:00Z"}]},
        422,
        "$.flights[0].scheduled_departure",
        "an offset, but the time zone of ZZZZ is not known",
        "wanted: local time at the origin, without an offset",
    ),
    (
        {"flights": [FLIGHT | {"flight_type": "X"}]},
        422,
        "$.flights[0].flight_type",
        '"X"',
        "N (domestic) or I",
    ),
    (
        {"flights": [FLIGHT | {"flight_number": 1.5}]},
        422,
        "$.flights[0].flight_number",
        "1.5",
        "whole number",
    ),
    (
        b'{"flights": [{"flight_number": ' + b"9" * 5000 + b"}]}",
        422,
        "$.flights[0].flight_number",
        "9" * 119 + "…",
        "out of range",
    ),
]


@pytest.mark.parametrize(("body", "status", "pointer", "found", "detail"), WRONG)
def test_says_where_what_and_what_is_allowed(
    ask: Asker, *, body: Any, status: int, pointer: str | None, found: str | None, detail: str
) -> None:
    document = problem(ask, body)
    assert document["status"] == status, document
    assert document["pointer"] == pointer
    assert document["allowed"]
    assert detail in document["detail"]
    if found is not None or status == 422:
        assert document["found"] == found


def test_the_origin_is_needed_where_the_model_knows_several(ask_new_york: Asker) -> None:
    document = problem(ask_new_york, {"flights": [FLIGHT | {"origin": "JFK"}, FLIGHT]})
    assert document["pointer"] == "$.flights[1].origin"
    assert "EWR" in document["allowed"]
    kennedy = [answered(ask_new_york, FLIGHT | {"origin": code}) for code in ("KJFK", "JFK")]
    assert kennedy[0] == kennedy[1]


def test_a_problem_repeats_little_of_what_came(ask: Asker) -> None:
    for flight in (FLIGHT | {"airline": ["x" * 50] * 100}, FLIGHT | {"y" * 5000: 1}):
        document = problem(ask, {"flights": [flight]})
        assert all(len(str(value)) < 4 * MAX_SHOWN for value in document.values())


def test_every_place_has_a_word_for_what_is_allowed() -> None:
    fields = {f"$.flights[].{name}" for name in Flight.__struct_fields__}
    fields |= {f"$.{name}" for name in PredictionRequest.__struct_fields__}
    fields |= {f"$.timetable[].{name}" for name in Flight.__struct_fields__}
    assert set(ALLOWED) == fields | {"$", "$.flights[]", "$.timetable[]"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.fixed_dictionaries(
    {"airline": st.text(max_size=9) | JSON, "destination": st.just("SCFA") | JSON},
    optional={
        "scheduled_departure": JSON
        | st.datetimes(timezones=st.none() | st.just(dt.UTC)).map(dt.datetime.isoformat),
        "origin": st.sampled_from(["SCEL", "KJFK", "x"]) | JSON,
        "flight_number": JSON,
        "flight_type": st.sampled_from(["N", "I"]) | JSON,
        "more": JSON,
    },
)


@given(
    st.binary(max_size=60)
    | JSON.map(msgspec.json.encode)
    | st.lists(FIELDS, max_size=3).map(lambda flights: msgspec.json.encode({"flights": flights}))
)
@examples(max_examples=100, deadline=None)
def test_whatever_comes_is_answered_or_refused(ask: Asker, body: bytes) -> None:
    assert ask("POST", PREDICTIONS, body).status in {200, 400, 422}


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_times_at_the_ends_of_the_calendar(ask: Asker, moment: str) -> None:
    assert ask.predict(FLIGHT | {"scheduled_departure": moment}).status in {200, 422}
    assert ask.predict(FLIGHT | {"scheduled_departure": moment[:19]}).status == 200


def test_a_refused_request_costs_the_next_nothing(ask: Asker) -> None:
    before = ask.predict(*SEVERAL)
    assert ask.predict(*SEVERAL, FLIGHT | {"airline": 1}).status == 422
    assert ask.predict(*SEVERAL) == before
