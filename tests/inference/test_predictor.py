"""Flights -> predictions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from puntual.batch import predict
from puntual.errors import ArtifactError, FlightError
from puntual.inference.artifact import Artifact, write_artifact
from puntual.inference.predictor import Predictor
from puntual.types import Flight
from tests.features.test_agreement import FLIGHTS
from tests.flights import frame

NOON = dt.datetime(2017, 3, 1, 12)
FLIGHT = Flight(airline="LAN", destination="SCFA", scheduled_departure=NOON)


@pytest.fixture(scope="module")
def predictor(small_artifact: Artifact) -> Predictor:
    return Predictor(small_artifact)


@pytest.mark.parametrize("known", [True, False])
def test_a_batch_is_its_rows_one_at_a_time(
    small_artifact: Artifact, predictor: Predictor, known: bool
) -> None:
    @given(st.lists(FLIGHTS, min_size=1, max_size=20))
    def holds(flights: list[Flight]) -> None:
        batch = predictor.predict(flights, complete_days=known)
        timetable = predictor.timetable(flights) if known else None
        singles = [predictor.predict([flight], timetable=timetable)[0] for flight in flights]
        assert batch == singles

        table = predict(small_artifact, frame(flights), frame(flights) if known else None)
        assert table["delay_probability"].to_list() == [answer.delay_probability for answer in batch]
        assert table["delayed"].to_list() == [answer.delayed for answer in batch]
        assert table["risk"].to_list() == [answer.risk for answer in batch]
        assert table["unknown"].to_list() == [" ".join(answer.unknown) for answer in batch]

    holds()


def test_any_code_of_an_airport_or_airline_gives_the_same_answer(predictor: Predictor) -> None:
    codes = (("LAN", "SCEL", "SCFA"), ("LA", "SCL", "ANF"), ("la", None, "anf"))
    answers = predictor.predict(
        [
            replace(FLIGHT, airline=airline, origin=origin, destination=destination)
            for airline, origin, destination in codes
        ]
    )
    assert answers[0] == answers[1] == answers[2]
    assert answers[0].unknown == ()


def test_an_offset_is_converted(predictor: Predictor) -> None:
    santiago = dt.timezone(dt.timedelta(hours=-3))
    in_utc = NOON.replace(tzinfo=santiago).astimezone(dt.UTC)
    local, converted = predictor.predict([FLIGHT, replace(FLIGHT, scheduled_departure=in_utc)])
    assert local == converted


def test_values_never_seen_are_answered_and_named(predictor: Predictor) -> None:
    flight = Flight(airline="ZZ", origin="XXX", destination="YYY", operator="QQ", scheduled_departure=NOON)
    answer = predictor.predict([flight])[0]
    assert 0 < answer.delay_probability < 1
    assert answer.unknown == ("airline", "destination", "origin", "operator")


def test_an_offset_needs_a_known_zone(predictor: Predictor) -> None:
    there = NOON.replace(tzinfo=dt.UTC)
    with pytest.raises(FlightError, match=r"\$\.flights\[1\]\.scheduled_departure: an offset.*XXX"):
        predictor.predict([FLIGHT, replace(FLIGHT, origin="XXX", scheduled_departure=there)])


@pytest.mark.parametrize("edge", ["0001-01-01T00:00+14:00", "9999-12-31T23:00-14:00"])
def test_an_offset_at_the_end_of_time_is_refused(predictor: Predictor, edge: str) -> None:
    there = dt.datetime.fromisoformat(edge)
    with pytest.raises(FlightError, match="scheduled_departure"):
        predictor.predict([replace(FLIGHT, scheduled_departure=there)])


def test_the_origin_may_be_left_out_only_where_there_is_one(small_artifact: Artifact) -> None:
    origins = small_artifact.tables.categories | {"origin": ("KJFK", "SCEL")}
    tables = replace(small_artifact.tables, origins=("KJFK", "SCEL"), categories=origins)
    several = Predictor(replace(small_artifact, tables=tables))
    with pytest.raises(FlightError, match=r"\$\.flights\[0\]\.origin: missing; wanted: KJFK or SCEL"):
        several.predict([FLIGHT])


def test_a_model_with_another_feature_is_refused(small_artifact: Artifact, tmp_path: Path) -> None:
    odd = replace(small_artifact, features=(*small_artifact.features[:-1], "moon"))
    write_artifact(odd, tmp_path / "odd.puntual")
    with pytest.raises(ArtifactError, match="unknown feature 'moon'"):
        Predictor.load(tmp_path / "odd.puntual")
