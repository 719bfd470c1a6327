"""Flights -> predictions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puntual.batch import predict
from puntual.errors import ArtifactError, FlightError
from puntual.inference.artifact import Artifact, write_artifact
from puntual.inference.predictor import Predictor
from puntual.types import Flight
from tests.features.test_agreement import FLIGHTS
from tests.flights import TABLES, artifact_of, frame, small_booster

NOON = dt.datetime(2017, 3, 1, 12)


@pytest.fixture(scope="module")
def predictor(small_artifact: Artifact) -> Predictor:
    return Predictor(small_artifact)


@pytest.mark.parametrize("known", [True, False])
def test_a_batch_is_its_rows_one_at_a_time(
    small_artifact: Artifact, predictor: Predictor, known: bool
) -> None:
    @given(st.lists(FLIGHTS, min_size=1, max_size=20))
    @settings(max_examples=60, deadline=None)
    def holds(flights: list[Flight]) -> None:
        batch = predictor.predict(flights, complete_days=known)
        timetable = predictor.timetable(flights) if known else None
        singles = [predictor.predict([flight], timetable=timetable)[0] for flight in flights]
        assert batch == singles

        table = predict(small_artifact, frame(flights), frame(flights) if known else None)
        assert table["delay_probability"].to_list() == [answer.delay_probability for answer in batch]
        assert table["delayed"].to_list() == [answer.delayed for answer in batch]
        assert table["unknown"].to_list() == [" ".join(answer.unknown) for answer in batch]

    holds()


def test_any_code_of_an_airport_or_airline_gives_the_same_answer(predictor: Predictor) -> None:
    answers = predictor.predict(
        [
            Flight(airline=airline, origin=origin, destination=destination, scheduled_departure=NOON)
            for airline, origin, destination in (
                ("LAN", "SCEL", "SCFA"),
                ("LA", "SCL", "ANF"),
                ("la", None, "anf"),
            )
        ]
    )
    assert answers[0] == answers[1] == answers[2]
    assert answers[0].unknown == ()


def test_an_offset_is_converted(predictor: Predictor) -> None:
    santiago = dt.timezone(dt.timedelta(hours=-3))
    local, converted = predictor.predict(
        [
            Flight(airline="LAN", destination="SCFA", scheduled_departure=NOON),
            Flight(
                airline="LAN",
                destination="SCFA",
                scheduled_departure=NOON.replace(tzinfo=santiago).astimezone(dt.UTC),
            ),
        ]
    )
    assert local == converted


def test_values_never_seen_are_answered_and_named(predictor: Predictor) -> None:
    flight = Flight(airline="ZZ", origin="XXX", destination="YYY", operator="QQ", scheduled_departure=NOON)
    answer = predictor.predict([flight])[0]
    assert 0 < answer.delay_probability < 1
    assert answer.unknown == ("airline", "destination", "origin", "operator")


def test_an_offset_needs_a_known_zone(predictor: Predictor) -> None:
    there = NOON.replace(tzinfo=dt.UTC)
    flights = [
        Flight(airline="LAN", destination="SCFA", scheduled_departure=NOON),
        Flight(airline="LAN", destination="SCFA", origin="XXX", scheduled_departure=there),
    ]
    with pytest.raises(FlightError, match=r"\$\.flights\[1\]\.scheduled_departure: an offset.*XXX"):
        predictor.predict(flights)


@pytest.mark.parametrize("year", [1, 9999])
def test_an_offset_at_the_end_of_time_is_refused(predictor: Predictor, year: int) -> None:
    edge = (
        dt.datetime(year, 1, 1, tzinfo=dt.UTC) if year == 1 else dt.datetime(year, 12, 31, 23, tzinfo=dt.UTC)
    )
    offset = dt.timezone(dt.timedelta(hours=14 if year == 1 else -14))
    flight = Flight(airline="LAN", destination="SCFA", scheduled_departure=edge.replace(tzinfo=offset))
    with pytest.raises(FlightError, match="scheduled_departure"):
        predictor.predict([flight])


def test_the_origin_may_be_left_out_only_where_there_is_one() -> None:
    origins = TABLES.categories | {"origin": ("KJFK", "SCEL")}
    several = Predictor(
        artifact_of(
            msgspec.structs.replace(TABLES, origins=("KJFK", "SCEL"), categories=origins), small_booster()
        )
    )
    with pytest.raises(FlightError, match=r"\$\.flights\[0\]\.origin: missing; wanted: KJFK or SCEL"):
        several.predict([Flight(airline="LAN", destination="SCFA", scheduled_departure=NOON)])


def test_a_model_with_another_feature_is_refused(small_artifact: Artifact, tmp_path: Path) -> None:
    odd = msgspec.structs.replace(small_artifact, features=(*small_artifact.features[:-1], "moon"))
    write_artifact(odd, tmp_path / "odd.puntual")
    with pytest.raises(ArtifactError, match="unknown feature 'moon'"):
        Predictor.load(tmp_path / "odd.puntual")
