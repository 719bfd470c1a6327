"""Days of the year that no flight learned from left on."""

from __future__ import annotations

import datetime as dt

import numpy as np

from puntual.data.airports import build_tables
from puntual.features import compute_features
from puntual.models.boosting import DAY_OF_YEAR, FEATURE_NAMES
from puntual.training.cross_validation import map_unseen_days
from puntual.types import Flight
from tests.flights import frame, random_rows


def test_only_the_day_of_the_year_is_read_another_way() -> None:
    rows = random_rows(300, 1)
    rows[:, DAY_OF_YEAR] = np.arange(300) // 2 + 1
    mapped = map_unseen_days(rows, learned=rows[:200])
    assert np.array_equal(mapped[:200], rows[:200], equal_nan=True)
    assert set(mapped[200:, DAY_OF_YEAR]) == {100}
    others = np.delete(np.arange(rows.shape[1]), DAY_OF_YEAR)
    assert np.array_equal(mapped[:, others], rows[:, others], equal_nan=True)


def test_a_fold_is_read_as_an_artifact_of_its_flights_would_read_it() -> None:
    flights = [
        Flight(
            airline="LAN", destination="SCFA", scheduled_departure=dt.datetime(2016, 1, 1) + dt.timedelta(day)
        )
        for day in range(366)
    ]
    learned = [flight for flight in flights[:300] if flight.scheduled_departure.weekday() < 3]
    whole, part = build_tables(frame(flights), {}), build_tables(frame(learned), {})
    rows, past = (
        compute_features(frame(some), whole, None).select(FEATURE_NAMES).to_numpy()
        for some in (flights, learned)
    )
    own = compute_features(frame(flights), part, None).select("day_of_year", "new_season")
    assert 0 < own["new_season"].sum() < 60
    assert np.array_equal(map_unseen_days(rows, learned=past)[:, DAY_OF_YEAR], own["day_of_year"].to_numpy())
