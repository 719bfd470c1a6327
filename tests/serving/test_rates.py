"""`GET /v1/rates`, of all dimensions or of one, and the other routes of what the model carries."""

from __future__ import annotations

import gzip

import msgspec
import pytest

from puntual.inference.artifact import Artifact
from puntual.serving.api.schemas import AirlineRoutes, Days, FlightNumberRecords, Interactions, Rates
from tests.serving.conftest import Asker, decoded, problem


def told(ask: Asker, query: str = "") -> Rates:
    response = ask("GET", f"/v1/rates{query}")
    assert response.status == 200, response.body
    return msgspec.json.decode(response.body, type=Rates)


def test_all_of_them_say_on_which_flights(ask: Asker, artifact: Artifact) -> None:
    rates = told(ask)
    interactions = msgspec.json.decode(ask("GET", "/v1/crossings").body, type=Interactions)
    days = msgspec.json.decode(ask("GET", "/v1/days").body, type=Days)
    routes = msgspec.json.decode(ask("GET", "/v1/routes").body, type=AirlineRoutes)
    numbers = msgspec.json.decode(ask("GET", "/v1/flights?number=LA199").body, type=FlightNumberRecords)
    for one in (rates, interactions, days, routes, numbers):
        assert (one.model, one.threshold_minutes) == (artifact.name, artifact.threshold_minutes)
        for name in ("flights", "base_rate", "block_days", "first", "last"):
            assert getattr(one, name) == getattr(artifact.training, name)
    assert (interactions.interactions, days.days) == (artifact.interactions, artifact.days)
    assert routes.routes == artifact.airline_routes
    carried = [msgspec.structs.asdict(rate) for rate in artifact.rates]
    assert [msgspec.structs.asdict(rate) | {"name": None} for rate in rates.rates] == [
        rate | {"name": None} for rate in carried
    ]


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
    refused = problem(ask("GET", f"/v1/rates{query}"))
    assert (refused.pointer, refused.found or "") == ("?by", found)
    assert refused.allowed == "one of airline, destination, route, weekday"


def test_the_description_names_every_dimension(ask: Asker) -> None:
    (by,) = decoded(ask("GET", "/openapi.json"))["paths"]["/v1/rates"]["get"]["parameters"]
    assert by["schema"]["enum"] == ["airline", "destination", "route", "weekday"]


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("LA199", [("LAN", "SCFA"), ("LAN", "SAEZ")]),
        ("lan%20199", [("LAN", "SCFA"), ("LAN", "SAEZ")]),
        ("H2-0199", [("SKU", "SCFA")]),
        ("199", [("SKU", "SCFA"), ("LAN", "SCFA"), ("LAN", "SAEZ")]),
        ("LA198", []),
        ("ZZ199", []),
    ],
)
def test_a_flight_number_is_found_as_people_write_it(
    ask: Asker, artifact: Artifact, number: str, found: list[tuple[str, str]]
) -> None:
    records = decoded(ask("GET", f"/v1/flights?number={number}"))["records"]
    assert [(one["airline"], one["destination"]) for one in records] == found
    carried = msgspec.json.decode(msgspec.json.encode(artifact.flight_numbers))
    assert all(record in carried for record in records)


@pytest.mark.parametrize("query", ["", "?number=", f"?number={'9' * 13}", "?number=1&number=2"])
def test_no_flight_number_is_refused(ask: Asker, query: str) -> None:
    assert problem(ask("GET", f"/v1/flights{query}")).pointer == "?number"


def test_what_is_large_comes_compressed_to_whom_takes_it(ask: Asker) -> None:
    plain, zipped = (
        ask("GET", "/openapi.json", headers={"accept-encoding": accepted})
        for accepted in ("identity", "gzip")
    )
    assert gzip.decompress(zipped.body) == plain.body
    assert len(zipped.body) < len(plain.body) / 2
    fields, others = dict(zipped.headers), dict(plain.headers)
    assert fields["content-encoding"] == "gzip"
    assert fields["vary"] == others["vary"] == "accept-encoding"
    assert fields["etag"] != others["etag"]
    for tag in (fields["etag"], others["etag"]):
        assert ask("GET", "/openapi.json", headers={"if-none-match": tag}).status == 304
