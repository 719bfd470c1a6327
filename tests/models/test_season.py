"""A season that was never seen."""

from __future__ import annotations

import datetime as dt

import numpy as np

from puntual.arrays import FloatArray
from puntual.data.airports import build_tables
from puntual.features import compute_features
from puntual.models.boosting import FEATURE_NAMES
from puntual.models.season import NEW, SEASON, mask_unseen
from puntual.training.cross_validation import random_folds
from puntual.types import Flight
from tests.flights import frame


def test_rows_are_asked_as_by_one_who_learned_from_others(year: FloatArray) -> None:
    asked = mask_unseen(year, learned=year[:1000])
    assert np.array_equal(asked[:1000], year[:1000], equal_nan=True)
    assert set(asked[1000:, SEASON]) == {100}
    assert np.array_equal(asked[1000:, NEW], year[1000:, SEASON] > 110)


def test_a_fold_is_asked_as_an_artifact_of_its_flights_would_ask() -> None:
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
    own = compute_features(frame(flights), part, None).select(FEATURE_NAMES).to_numpy()
    columns = [SEASON, NEW]
    assert 0 < own[:, NEW].sum() < 60
    assert np.array_equal(mask_unseen(rows, learned=past)[:, columns], own[:, columns])


def test_nothing_is_new_where_flights_are_drawn_at_random(year: FloatArray) -> None:
    for learned, held_out in random_folds(len(year), seed=1):
        assert not mask_unseen(year[held_out], year[learned])[:, NEW].any()
