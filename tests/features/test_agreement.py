"""The two implementations of every feature: over frames, and for one flight."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.errors import LeakageError
from puntual.features import check_reads, compute_features
from puntual.inference.catalogue import CATALOGUE, FEATURES, Count
from puntual.inference.encoder import ENCODED, Encoder
from puntual.inference.timetable import NO_COUNTS, Timetable
from puntual.types import Flight
from tests.flights import TABLES, frame

AIRLINES = ["LAN", "la", "SKU", "H2", "QQQ"]
ORIGINS = ["SCEL", "SCL", "scel", "KJFK", "XXXX"]
DESTINATIONS = ["SCFA", "ANF", "SAEZ", "eze", "ZZZZ"]

FLIGHTS = st.builds(
    Flight,
    airline=st.sampled_from(AIRLINES),
    origin=st.sampled_from(ORIGINS),
    destination=st.sampled_from(DESTINATIONS),
    operator=st.sampled_from([None, "LAN", "LA", "56R"]),
    flight_type=st.sampled_from([None, "N", "I"]),
    scheduled_departure=st.one_of(
        st.datetimes(dt.datetime(2017, 3, 1), dt.datetime(2017, 3, 3)),
        st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2060, 1, 1)),
    ).map(lambda moment: moment.replace(second=0, microsecond=0)),
)


def bits(values: Sequence[float]) -> list[str]:
    return [value.hex() if not math.isnan(value) else "nan" for value in values]


def test_both_implement_every_entry() -> None:
    names = [feature.name for feature in CATALOGUE]
    assert sorted(ENCODED) == sorted(names)
    assert compute_features(frame([]), TABLES, None).columns == names


@given(st.lists(FLIGHTS, min_size=1, max_size=20), st.none() | st.lists(FLIGHTS, max_size=20), st.booleans())
def test_they_agree_bit_by_bit(asked: list[Flight], others: list[Flight] | None, listed: bool) -> None:
    encoder = Encoder(TABLES, tuple(feature.name for feature in CATALOGUE))
    departures = others if others is None or not listed else [*asked, *others]
    timetable = Timetable(encoder.resolve(flight).departure for flight in departures or ())

    together = compute_features(frame(asked), TABLES, None if departures is None else frame(departures))

    for flight, row in zip(asked, together.rows(), strict=True):
        resolved = encoder.resolve(flight)
        counts = NO_COUNTS if departures is None else timetable.counts(*resolved.departure)
        assert bits(encoder.encode(resolved, counts)) == bits(row)


def test_congestion_is_missing_without_a_timetable_of_the_day() -> None:
    day, next_day = (
        Flight(airline="LAN", destination="SCFA", scheduled_departure=dt.datetime(2017, 3, date, 10))
        for date in (1, 2)
    )
    counted = [feature.name for feature in CATALOGUE if feature.counted]
    row = compute_features(frame([day]), TABLES, frame([next_day])).select(counted).row(0)
    assert all(math.isnan(value) for value in row)


def test_a_count_leaves_out_the_flight_itself_and_stops_at_midnight() -> None:
    moments = [
        dt.datetime(2017, 3, 1, 0, 10),
        dt.datetime(2017, 2, 28, 23, 50),
        dt.datetime(2017, 3, 1, 0, 40),
    ]
    flights = [Flight(airline="LAN", destination="SCFA", scheduled_departure=moment) for moment in moments]
    row = compute_features(frame(flights), TABLES, frame(flights)).row(0, named=True)
    assert row["departures_day"] == 1
    assert row["airline_around"] == 1
    assert row["departures_hour_before"] == 0


def test_windows_reach_the_flight_itself() -> None:
    """A window that begins after the flight, or ends well before it, could reach over midnight."""
    for feature in CATALOGUE:
        if isinstance(feature.counted, Count) and feature.counted.minutes:
            first, last = feature.counted.minutes
            assert first <= 0
            assert last >= -1


def test_an_outcome_is_not_read_at_the_schedule_horizon(monkeypatch: pytest.MonkeyPatch) -> None:
    late = FEATURES["month"]._replace(reads=("actual_departure",))
    monkeypatch.setattr("puntual.features.CATALOGUE", (*CATALOGUE, late))
    with pytest.raises(LeakageError, match=r"actual_departure.*departure.*schedule"):
        compute_features(frame([]), TABLES, None)


def test_an_undeclared_column_is_not_read() -> None:
    with pytest.raises(LeakageError, match="does not declare"):
        check_reads(FEATURES["weekday"], pl.col("cancelled").cast(pl.Float64))


def test_outcomes_never_reach_the_features() -> None:
    flights = [
        Flight(airline="LAN", destination="SCFA", scheduled_departure=dt.datetime(2017, 3, 1, hour))
        for hour in range(5, 12)
    ]
    plain = frame(flights)
    shuffled = plain.with_columns(
        actual_departure=pl.col("scheduled_departure") + pl.duration(minutes=pl.int_range(pl.len()) * 40),
        cancelled=pl.lit(True),
        operated_by=pl.lit("SKU"),
        operated_destination=pl.lit("SAEZ"),
    )
    assert compute_features(plain, TABLES, plain).equals(compute_features(shuffled, TABLES, shuffled))
