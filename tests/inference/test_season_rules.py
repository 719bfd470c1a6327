"""Which seasons and dates a model knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.data.airports import build_tables
from puntual.features import compute_features
from puntual.inference.encoder import DAY, ENCODED, UNKNOWN, Encoder
from puntual.inference.season_rules import DAYS_OF_YEAR, SEASON_REACH, day_of_year, nearest_days
from puntual.inference.tables import Tables
from puntual.types import Flight
from tests.flights import TABLES, frame


def flights_on(days: Iterable[dt.date]) -> list[Flight]:
    noon = dt.time(12)
    return [
        Flight(airline="LAN", destination="SCFA", scheduled_departure=dt.datetime.combine(day, noon))
        for day in days
    ]


def operating_days(year: int) -> list[dt.date]:
    """Mondays, Wednesdays and Fridays."""
    days = (dt.date(year, 1, 1) + dt.timedelta(day) for day in range(365))
    return [day for day in days if day.weekday() in {0, 2, 4}]


@pytest.fixture(scope="module")
def three_weekdays() -> Tables:
    """Learned from an airport that flies on three days of the week, in 2017."""
    return build_tables(frame(flights_on(operating_days(2017))), {})


def test_the_next_year_of_an_airport_of_three_weekdays_was_seen(three_weekdays: Tables) -> None:
    encoder = Encoder(three_weekdays, ENCODED)
    for flight in flights_on(operating_days(2018)):
        resolved = encoder.resolve(flight)
        told = dict(zip(DAY, encoder.day(resolved.day, "SCEL"), strict=True))
        assert told["new_season"] == 0
        assert abs(told["day_of_year"] - day_of_year(resolved.day)) <= 2
        assert "season" not in resolved.unknown


def test_the_last_day_of_a_leap_year_is_that_of_any_year() -> None:
    tables = msgspec.structs.replace(TABLES, days_of_year=(365,), last_day=dt.date(2017, 12, 31))
    day = dict(zip(DAY, Encoder(tables, ENCODED).day(dt.date(2016, 12, 31), "SCEL"), strict=True))
    assert (day["day_of_year"], day["new_season"]) == (365, 0)
    features = compute_features(frame(flights_on([dt.date(2016, 12, 31)])), tables, None)
    assert features.select("day_of_year", "new_season").row(0) == (365, 0)


@given(st.sets(st.integers(1, DAYS_OF_YEAR), min_size=1, max_size=8), st.integers(1, DAYS_OF_YEAR))
def test_a_season_is_known_by_the_nearest_day_around_the_year(learned: set[int], day: int) -> None:
    def apart(other: int) -> int:
        return min(abs(day - other), DAYS_OF_YEAR - abs(day - other))

    nearest = min(map(apart, learned))
    found = nearest_days(learned).get(day)
    if nearest > SEASON_REACH:
        assert found is None
    else:
        assert found in learned
        assert apart(found) == nearest


@pytest.mark.parametrize(
    ("day", "unknown"),
    [
        ("2017-09-10", ()),  # ten days after the last day learned, 31 August
        ("2017-09-11", ("season",)),
        ("2017-12-22", ()),  # ten days before 1 January
        ("2017-12-21", ("season",)),
        ("2018-09-01", ()),
        ("2018-09-02", ("date",)),
        ("2018-10-01", ("season", "date")),
        ("2016-01-01", ()),
        ("2015-12-31", ("date",)),
        ("2300-11-01", ("season", "date")),
    ],
)
def test_a_date_far_from_what_was_learned_is_named(day: str, unknown: tuple[str, ...]) -> None:
    encoder = Encoder(TABLES, ENCODED)
    flight = flights_on([dt.date.fromisoformat(day)])[0]
    assert encoder.resolve(flight).unknown == unknown
    assert set(unknown) <= set(UNKNOWN)


def test_holidays_are_not_known_outside_their_table() -> None:
    encoder = Encoder(TABLES, ENCODED)
    for year, known in ((1905, False), (2017, True), (2032, True), (2033, False)):
        day = dict(zip(DAY, encoder.day(dt.date(year, 6, 1), "SCEL"), strict=True))
        assert (day["days_to_holiday"] == day["days_to_holiday"]) is known
        assert (day["days_since_holiday"] == day["days_since_holiday"]) is known
