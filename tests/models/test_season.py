"""A season that was never seen, and what is chosen for it."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from scipy.special import expit

from puntual.airports import describe_world
from puntual.evaluation import log_loss
from puntual.features import compute_features
from puntual.inference.calibration import Platt
from puntual.inference.scorer import Scorer
from puntual.models.boosting import FEATURE_NAMES, Booster, FloatArray, fit_booster
from puntual.models.rolling import plain, random_folds, rolling_folds, tune
from puntual.models.season import (
    DRAWN_BACK,
    NEW,
    SEASON,
    add_to_new_season,
    as_asked,
    drawn_back,
    in_new_season,
    way_back,
)
from puntual.types import Flight
from tests.flights import frame, random_rows

COUNT = 4000


@pytest.fixture(scope="module")
def year() -> FloatArray:
    """Flights of 200 days in time order; none of a season that is new to all of them."""
    rows = random_rows(COUNT, 1)
    rows[:, SEASON] = np.arange(COUNT) // 20 + 1
    rows[:, NEW] = 0
    return rows


def outcomes(chance: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    drawn: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.random.default_rng(2).random(len(chance)) < chance
    return drawn


@pytest.fixture(scope="module")
def rising(year: FloatArray) -> Booster:
    """Delays grow through the year, so the last days are late more often than all."""
    return fit_booster((year, outcomes(year[:, SEASON] / 300)), trees=60, seed=1)


def test_all_the_way_back_is_the_base_rate(year: FloatArray, rising: Booster) -> None:
    delayed = outcomes(year[:, SEASON] / 300)
    back = way_back(rising, year, delayed)
    assert back < -0.5
    drawn = add_to_new_season(rising, back)
    new = in_new_season(year)
    assert expit(rising.raw(new)).mean() > delayed.mean() + 0.1
    assert expit(drawn.raw(new)).mean() == pytest.approx(delayed.mean(), abs=0.001)
    assert np.array_equal(drawn.raw(year), rising.raw(year))


def test_the_service_draws_back_too_and_says_that_it_is_the_season(year: FloatArray, rising: Booster) -> None:
    plain_scorer, drawn = (
        Scorer(booster.text, len(FEATURE_NAMES), Platt())
        for booster in (rising, add_to_new_season(rising, -0.4))
    )
    row = tuple(in_new_season(year)[7].tolist())
    assert drawn.raw(row) == pytest.approx(plain_scorer.raw(row) - 0.4, abs=1e-9)
    before, after = plain_scorer.contributions(row), drawn.contributions(row)
    assert after[NEW] - before[NEW] == pytest.approx(-0.4, abs=1e-9)
    assert math.fsum(after) == pytest.approx(drawn.raw(row), abs=1e-9)


def test_a_season_that_was_seen_has_reasons_too(year: FloatArray, rising: Booster) -> None:
    scorer = Scorer(add_to_new_season(rising, -0.4).text, len(FEATURE_NAMES), Platt())
    for row in map(tuple, year[:20].tolist()):
        contributions = scorer.contributions(row)
        assert contributions[NEW] == pytest.approx(0, abs=1e-8)
        assert math.fsum(contributions) == pytest.approx(scorer.raw(row), abs=1e-9)


def test_rows_are_asked_as_by_one_who_learned_from_others(year: FloatArray) -> None:
    asked = as_asked(year, learned=year[:2000])
    assert np.array_equal(asked[:2000], year[:2000], equal_nan=True)
    assert set(asked[2000:, SEASON]) == {100}
    assert np.array_equal(asked[2000:, NEW], year[2000:, SEASON] > 110)


def test_a_fold_is_asked_as_an_artifact_of_its_flights_would_ask() -> None:
    flights = [
        Flight(
            airline="LAN", destination="SCFA", scheduled_departure=dt.datetime(2016, 1, 1) + dt.timedelta(day)
        )
        for day in range(366)
    ]
    learned = [flight for flight in flights[:300] if flight.scheduled_departure.weekday() < 3]
    whole, part = describe_world(frame(flights), {}), describe_world(frame(learned), {})
    rows, past = (
        compute_features(frame(some), whole, None).select(FEATURE_NAMES).to_numpy()
        for some in (flights, learned)
    )
    own = compute_features(frame(flights), part, None).select(FEATURE_NAMES).to_numpy()
    columns = [SEASON, NEW]
    assert 0 < own[:, NEW].sum() < 60
    assert np.array_equal(as_asked(rows, learned=past)[:, columns], own[:, columns])


def test_a_season_never_seen_is_given_the_middle(year: FloatArray, rising: Booster) -> None:
    delayed = outcomes(year[:, SEASON] / 300)
    new = in_new_season(year)
    told = drawn_back(rising, year, delayed).raw(new) - rising.raw(new)
    assert told == pytest.approx(DRAWN_BACK * way_back(rising, year, delayed))
    assert np.array_equal(drawn_back(rising, year, delayed).raw(year), rising.raw(year))


def test_the_trees_are_chosen_with_the_season_as_it_will_be_read(year: FloatArray) -> None:
    """The loss that the choice is made by is what the same trees, drawn back, then have on those months."""
    delayed = outcomes(year[:, SEASON] / 300)
    dates = np.datetime64("2017-01-01") + (np.arange(COUNT) // 20)
    folds = rolling_folds(dates)
    told = tune((year, delayed), folds, seed=1, learned_as=plain, asked_as=(plain,), most=20)
    for (learned, held_out), month in zip(folds, told.months, strict=True):
        part = year[learned], delayed[learned]
        booster = drawn_back(fit_booster(part, trees=told.trees, seed=1), *part)
        raw = booster.raw(as_asked(year[held_out], part[0]))
        assert log_loss(expit(raw), delayed[held_out]) == pytest.approx(month)


def test_nothing_is_new_where_flights_are_drawn_at_random(year: FloatArray) -> None:
    for learned, held_out in random_folds(COUNT, seed=1):
        assert not as_asked(year[held_out], year[learned])[:, NEW].any()
