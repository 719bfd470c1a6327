"""The API's description: complete, and true."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from puntual.inference.artifact import write_artifact
from puntual.inference.card import LimitName
from puntual.serving.api.openapi import find_structs
from puntual.serving.http.problems import PROBLEM_TYPES
from puntual.serving.routes import ROUTES
from tests.cards import full_artifact
from tests.flights import small_booster
from tests.serving.conftest import FLIGHT, PREDICTIONS, Asker, decoded


@pytest.fixture(scope="module")
def api(ask: Asker) -> dict[str, Any]:
    described: dict[str, Any] = decoded(ask("GET", "/openapi.json"))
    return described


def inside(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(inner)


def test_describes_every_route(api: dict[str, Any]) -> None:
    described = {(path, method.upper()) for path, methods in api["paths"].items() for method in methods}
    routes = {(route.path, route.method) for route in ROUTES}
    assert routes - described == {("/openapi.json", "GET"), ("/v1/workbooks", "POST")}
    assert not described - routes


def test_every_reference_leads_somewhere(api: dict[str, Any]) -> None:
    schemas = api["components"]["schemas"]
    references = {part["$ref"] for part in inside(api) if "$ref" in part}
    assert {reference.rpartition("/")[2] for reference in references} <= set(schemas)
    assert set(schemas) == {struct.__name__ for struct in find_structs(ROUTES)}


def test_every_schema_is_explained(api: dict[str, Any]) -> None:
    for name, schema in api["components"]["schemas"].items():
        assert schema["description"].endswith("."), name
        assert "----" not in json.dumps(schema)
    flight = api["components"]["schemas"]["Flight"]["properties"]
    assert all(field["description"] for field in flight.values())
    assert api["components"]["schemas"]["PredictionRequest"]["properties"]["flights"]["maxItems"] == 50


def test_the_examples_answer_as_they_say(ask: Asker, api: dict[str, Any]) -> None:
    operation = api["paths"][PREDICTIONS]["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    answers = {
        name: decoded(ask("POST", PREDICTIONS, msgspec.json.encode(example["value"])))
        for name, example in examples.items()
    }
    assert all(not one["unknown"] for answer in answers.values() for one in answer["predictions"])
    assert example_of(api, PREDICTIONS, "post") == answers["one"]
    assert len(answers["day"]["predictions"]) > 1


SHOWN = [
    route.path
    for route in ROUTES
    if route.method == "GET"
    and route.path not in {"/openapi.json", "/metrics", "/v1/stress", "/v1/board", "/v1/board/stream"}
]


@pytest.mark.parametrize("path", SHOWN)
def test_the_example_of_a_get_is_its_answer(ask: Asker, api: dict[str, Any], path: str) -> None:
    """Or what its lists begin with, if it is not about the model."""
    wanted = [one for one in api["paths"][path]["get"].get("parameters", ()) if one.get("required")]
    query = "&".join(f"{one['name']}={one['schema']['examples'][0]}" for one in wanted)
    example, answer = example_of(api, path), decoded(ask("GET", f"{path}?{query}" if query else path))

    def begin(whole: Any, beginning: Any) -> Any:
        if path == "/v1/model" or not isinstance(whole, list):
            return whole
        assert beginning
        return whole[: len(beginning)]

    if isinstance(answer, dict):
        answer = {name: begin(value, example[name]) for name, value in answer.items()}
    assert begin(answer, example) == example


@pytest.mark.parametrize(
    ("status", "body"), [("400", b'{"flights": ['), ("422", b'{"flights": [{"airline": 7}]}')]
)
def test_the_example_of_a_problem_is_what_such_a_body_gets(
    ask: Asker, api: dict[str, Any], status: str, body: bytes
) -> None:
    refused = ask("POST", PREDICTIONS, body)
    assert str(refused.status) == status
    assert msgspec.json.decode(refused.body) == example_of(api, PREDICTIONS, "post", status)


def test_there_is_no_other_example(api: dict[str, Any]) -> None:
    """Each of them is sent, or answered, by a test of this file or of `tests.serving.test_detail`."""
    single = [part["example"] for part in inside(api) if "example" in part]
    assert len(single) == len(SHOWN) + len(["an answer", "400", "422"])
    bodies = [
        path for path, methods in api["paths"].items() for one in methods.values() if "requestBody" in one
    ]
    parameters = ["number", *["origin", "date"] * len(["timetable", "board", "board-stream"])]
    assert sum("examples" in part for part in inside(api)) == len(
        [*bodies, *parameters, "DetailedPrediction"]
    )


def example_of(api: dict[str, Any], path: str, method: str = "get", status: str = "200") -> Any:
    content, *_ = api["paths"][path][method]["responses"][status]["content"].values()
    return content["example"]


def test_who_has_an_answer_is_told_so_as_described(ask: Asker, api: dict[str, Any]) -> None:
    for path, methods in api["paths"].items():
        kept = "304" in methods.get("get", {"responses": ()})["responses"]
        first = ask("GET", path)
        etag = dict(first.headers).get("etag")
        assert kept == (etag is not None)
        if etag:
            assert ask("GET", path, headers={"if-none-match": etag}).status == 304


@pytest.mark.parametrize(
    "moment",
    [
        *("2017-07-14T18:35:00", "2017-07-14 18:35:00.5", "2017-07-14t23:59:59z", "0001-01-31T00:00:00"),
        *("2017-07-14T18:35:00-04:00", "2017-07-14T18:35:00+0530", "2017-07-14T18:35", "2017-07-14"),
        *("2017-00-14T18:35:00", "2017-13-14T18:35:00", "2017-07-00T18:35:00", "2017-07-32T18:35:00"),
        *("2017-07-14T24:00:00", "2017-07-14T18:60:00", "2017-07-14T18:35:60", "0000-07-14T18:35:00"),
        *("2017-07-14T18:35:00+24:00", "2017-07-14T18:35:00.", "2017-07-14T18:35:00 Z"),
        " 2017-07-14T18:35:00",
    ],
)
def test_the_pattern_of_a_time_takes_what_is_answered(ask: Asker, api: dict[str, Any], moment: str) -> None:
    pattern = api["components"]["schemas"]["Flight"]["properties"]["scheduled_departure"]["pattern"]
    answered = ask.predict(FLIGHT | {"scheduled_departure": moment}).status == 200
    assert bool(re.search(pattern, moment, re.ASCII)) == answered


def test_an_origin_is_required_where_there_are_several(ask_new_york: Asker, api: dict[str, Any]) -> None:
    flight = decoded(ask_new_york("GET", "/openapi.json"))["components"]["schemas"]["Flight"]
    assert "origin" in flight["required"]
    assert flight["properties"]["origin"]["type"] == "string"
    assert "origin" not in api["components"]["schemas"]["Flight"]["required"]


def test_every_kind_of_problem_is_named(api: dict[str, Any]) -> None:
    assert set(api["x-problems"]) == set(PROBLEM_TYPES)
    responses = api["paths"][PREDICTIONS]["post"]["responses"]
    assert set(responses) == {"200", "400", "408", "413", "415", "422", "503", "default"}
    invalid = responses["422"]["content"]["application/problem+json"]["example"]
    assert invalid["pointer"] == "$.flights[0].airline"


def test_the_model_tells_its_card_from_bytes_made_once(asker: Callable[..., Asker], tmp_path: Path) -> None:
    write_artifact(full_artifact(small_booster()), tmp_path / "full.puntual")
    ask = asker(model=str(tmp_path / "full.puntual"))
    first, again = ask("GET", "/v1/model"), ask("GET", "/v1/model")
    assert first.body is again.body
    told = decoded(first)
    assert told["horizon"] == "schedule"
    assert [one["split"] for one in told["card"]["protocols"]] == ["time", "random"]
    assert all(told["card"][way]["bins"] for way in ("with_timetable", "alone"))
    assert all(told["card"][name] for name in ("importance", "slices", "operating_points"))
    assert {one["weakness"] for one in told["weak_slices"]} == {"too_low", "too_high", "no_better"}
    shown = {one["name"] for one in told["limits"]}
    assert {*get_args(LimitName)} - shown == {"no_cancellations", "few_days", "untold"}
    described = decoded(ask("GET", "/openapi.json"))["components"]["schemas"]
    assert "base rate" in described["WeakSlice"]["properties"]["weakness"]["description"]
    assert all(field["description"] for field in described["Limit"]["properties"].values())
