"""`GET /v1/rates`, of all dimensions or of one, `/v1/crossings` and `/v1/days`: what the model carries."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from puntual.inference.artifact import Artifact
from puntual.serving.api.schemas import Days, Interactions, Rates
from puntual.serving.http.problems import Problem
from tests.serving.conftest import Asker


def told(ask: Asker, query: str = "") -> Rates:
    response = ask("GET", f"/v1/rates{query}")
    assert response.status == 200, response.body
    return msgspec.json.decode(response.body, type=Rates)


def test_all_of_them_say_on_which_flights(ask: Asker, artifact: Artifact) -> None:
    rates, training = told(ask), artifact.training
    assert (rates.model, rates.threshold_minutes) == (artifact.name, artifact.threshold_minutes)
    assert (rates.flights, rates.base_rate) == (training.flights, training.base_rate)
    assert (rates.first, rates.last) == (training.first, training.last)
    assert len(rates.rates) == len(artifact.rates)
    for one, carried in zip(rates.rates, artifact.rates, strict=True):
        assert {name: getattr(one, name) for name in carried.__struct_fields__} == msgspec.structs.asdict(
            carried
        )


@pytest.mark.parametrize("by", ["airline", "destination", "route", "weekday"])
def test_one_dimension(ask: Asker, artifact: Artifact, by: str) -> None:
    rates = told(ask, f"?by={by}").rates
    assert [one.value for one in rates] == [one.value for one in artifact.rates if one.dimension == by]
    assert {one.dimension for one in rates} == {by}


def test_groups_have_names_where_the_code_is_not_enough(ask: Asker) -> None:
    names = {(one.dimension, one.value): one.name for one in told(ask).rates}
    assert names["airline", "SKU"] == "Sky Airline"
    assert names["destination", "SCFA"] == "Cerro Moreno Airport"
    assert names["route", "SCEL-SCFA"].count(" – ") == 1  # type: ignore[union-attr]
    assert names["weekday", "1"] is None
    assert names["airline", "ARG"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?by=colour", "colour"),
        ("?by=", ""),
        ("?by", ""),
        ("?by=airline&by=route", "airline, route"),
        ("?by=%00", "\x00"),
    ],
)
def test_an_unknown_dimension_is_refused(ask: Asker, query: str, found: str) -> None:
    response = ask("GET", f"/v1/rates{query}")
    assert response.status == 422
    problem = msgspec.json.decode(response.body, type=Problem)
    assert problem.pointer == "?by"
    assert (problem.found or "") == found
    assert problem.allowed == "one of airline, destination, route, weekday"


def test_a_client_that_has_them_is_spared_them(ask: Asker) -> None:
    first = ask("GET", "/v1/rates?by=airline")
    etag = dict(first.headers)["etag"]
    assert ask("GET", "/v1/rates?by=airline", headers={"if-none-match": etag}).status == 304
    assert ask("GET", "/v1/rates?by=route", headers={"if-none-match": etag}).status == 200


def test_the_description_names_every_dimension(ask: Asker) -> None:
    api: dict[str, Any] = msgspec.json.decode(ask("GET", "/openapi.json").body)
    (by,) = api["paths"]["/v1/rates"]["get"]["parameters"]
    assert by["schema"]["enum"] == ["airline", "destination", "route", "weekday"]
    answer = api["paths"]["/v1/rates"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert answer["rates"] == [msgspec.to_builtins(one) for one in told(ask).rates[: len(answer["rates"])]]


def test_cells_and_days_say_on_which_flights(ask: Asker, artifact: Artifact) -> None:
    training = artifact.training
    window = (training.flights, training.base_rate, training.first, training.last)
    crossings = msgspec.json.decode(ask("GET", "/v1/crossings").body, type=Interactions)
    days = msgspec.json.decode(ask("GET", "/v1/days").body, type=Days)
    for told in (crossings, days):
        assert (told.model, told.threshold_minutes) == (artifact.name, artifact.threshold_minutes)
        assert (told.flights, told.base_rate, told.first, told.last) == window
    assert crossings.interactions == artifact.interactions
    assert days.days == artifact.days
    etag = dict(ask("GET", "/v1/days").headers)["etag"]
    assert ask("GET", "/v1/days", headers={"if-none-match": etag}).status == 304
