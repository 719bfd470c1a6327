"""What is measured on the test part, against what was planted or can be counted."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from puntual.inference.exceedance import Exceedance
from puntual.metrics.arrays import FloatArray
from puntual.metrics.intervals import METRICS
from puntual.metrics.scores import log_loss, measure
from puntual.models.boosting import FEATURE_NAMES
from puntual.models.exceedance import conditional_chain, fit_exceedance
from puntual.statistics.rates import MIN_GROUP_SIZE
from puntual.training.assessment import (
    DECISION_THRESHOLDS,
    Predictions,
    measure_evaluation,
    measure_exceedance,
    measure_importance,
    measure_seeds,
    measure_slices,
    operating_points,
)
from puntual.training.importance import VARIABLES, varying, weigh
from puntual.training.splits import Parts, divide
from tests.estimates import ends, value
from tests.planted import Plan

HOUR = FEATURE_NAMES.index("minute_of_day")


def by_hour(matrix: FloatArray) -> FloatArray:
    return np.where(matrix[:, HOUR] > 960, 0.5, 0.15)


@pytest.fixture(scope="module")
def parts() -> Parts:
    """Delays come from the hour alone; one airline has few flights."""
    plan = Plan(days=150, a_day=30)
    plan.late = np.where(plan.hour >= 16, 0.5, 0.15)
    plan.airline = np.where(np.arange(len(plan.airline)) % 200 == 0, "QQQ", plan.airline)
    return divide(plan.flights(), 15)


@pytest.fixture(scope="module")
def exceedance(parts: Parts) -> Exceedance:
    steps = conditional_chain(15)
    return fit_exceedance(parts.learned.matrix, parts.learned.minutes, steps, seed=1)


def test_the_protocol_is_of_the_test_part(parts: Parts) -> None:
    told = Predictions(by_hour(parts.test.matrix), np.full(len(parts.test.minutes), 0.3))
    protocol = measure_evaluation(parts, told, 0.4)
    assert (protocol.split, protocol.flights) == ("time", len(parts.test.minutes))
    assert protocol.base_rate == parts.test.delayed.mean()
    assert protocol.learned_first < protocol.learned_last < protocol.first < protocol.last
    assert tuple(protocol.with_timetable) == tuple(protocol.without_timetable) == METRICS
    plain = measure(told.with_timetable, parts.test.delayed)
    assert value(protocol.with_timetable["log_loss"]) == plain.log_loss
    assert value(protocol.with_timetable["recall"]) > 0.5
    assert value(protocol.without_timetable["auc"]) == 0.5
    assert value(protocol.without_timetable["recall"]) == 0


def test_what_the_delays_come_from_matters_alone(parts: Parts) -> None:
    steps: list[int] = []
    found = measure_importance(parts.learned, parts.test, lambda stage, of: steps.append(of))
    assert found[0].group == "hour"
    assert ends(found[0].loss)[0] > 0.01
    assert len(steps) == steps[0] == 1 + len(found)
    assert all(np.sign(ends(one.loss)).tolist() != [1, 1] for one in found[1:])
    months = parts.test.dates.astype("datetime64[M]")
    assert set(found[0].months) == {str(month) for month in np.unique(months)}
    assert all(lost > 0 for lost in found[0].months.values())
    weights = [float((months == np.datetime64(month)).mean()) for month in found[0].months]
    assert np.dot(weights, list(found[0].months.values())) == pytest.approx(found[0].loss.value)


def test_the_spread_of_seeds_is_that_of_their_metrics(parts: Parts) -> None:
    draw = np.random.default_rng(3)
    within = np.clip(
        by_hour(parts.test.matrix)[:, None] + draw.normal(0, 0.02, (len(parts.test.minutes), 3)), 0.01, 0.99
    )
    alone = np.full(len(parts.test.minutes), 0.3)
    spread = measure_seeds([Predictions(one, alone) for one in within.T], parts.test)
    assert spread is not None
    losses = [log_loss(one, parts.test.delayed) for one in within.T]
    assert spread.seeds == 3
    assert spread.log_loss.mean == pytest.approx(np.mean(losses))
    assert spread.log_loss.deviation == pytest.approx(np.std(losses, ddof=1))
    assert spread.log_loss_without_timetable.deviation == pytest.approx(0)
    assert spread.moved == (np.ptp(within, axis=1) > 0.05).mean() > 0
    worth = log_loss(alone, parts.test.delayed) - np.mean(losses)
    assert spread.timetable.value == pytest.approx(worth)
    low, high = ends(spread.timetable)
    assert 0 < low < worth < high


def test_one_seed_tells_no_spread(parts: Parts) -> None:
    told = by_hour(parts.test.matrix)
    assert measure_seeds([Predictions(told, told)], parts.test) is None


def test_variables_hold_every_feature() -> None:
    assert {name for variable in VARIABLES.values() for name in variable.features} >= set(FEATURE_NAMES)


def test_a_variable_of_one_value_is_not_weighed(parts: Parts) -> None:
    constant = parts.learned.matrix.copy()
    constant[:, FEATURE_NAMES.index("airline")] = 3
    assert set(varying(parts.learned.matrix)) - set(varying(constant)) == {"airline"}


def test_variables_are_weighed_where_the_flights_drawn_are_all_alike() -> None:
    """So few are late that none of those measured is: no level can be given to them, and none is needed."""
    draw = np.random.default_rng(1)
    matrix = draw.integers(0, 5, (600, len(FEATURE_NAMES))).astype(float)
    late = np.arange(600) < 3
    lost = weigh((matrix, late), (matrix, np.zeros(600, bool)), ["hour"])["hour"]
    assert lost.shape == (600, 3)
    assert np.abs(lost).max() < 0.05


def test_slices_are_of_fifty_flights_or_more(parts: Parts) -> None:
    probability = by_hour(parts.test.matrix)
    slices = measure_slices(parts.test, probability, 0.25)
    assert all(one.flights >= MIN_GROUP_SIZE for one in slices)
    assert not [one for one in slices if one.value == "QQQ"]
    months = [one for one in slices if one.dimension == "month"]
    assert [one.value for one in months] == sorted(one.value for one in months)
    airlines = [one for one in slices if one.dimension == "airline"]
    assert [one.flights for one in airlines] == sorted((one.flights for one in airlines), reverse=True)
    largest = airlines[0]
    of_it = parts.test.frame.select(pl.col("airline") == largest.value).to_series().to_numpy()
    delayed = parts.test.delayed[of_it]
    assert (largest.value, largest.flights) == ("LAN", of_it.sum())
    assert largest.rate == pytest.approx(delayed.mean())
    assert largest.expected == pytest.approx(probability[of_it].mean())
    low, high = ends(largest)
    assert low < largest.rate < high
    assert largest.log_loss == pytest.approx(log_loss(probability[of_it], delayed))
    assert largest.plain_log_loss == pytest.approx(log_loss(np.full(len(delayed), 0.25), delayed))
    assert largest.log_loss < largest.plain_log_loss


def test_each_cut_is_counted(parts: Parts) -> None:
    probability, delayed = by_hour(parts.test.matrix), parts.test.delayed
    points = operating_points(probability, delayed)
    assert [point.decision_threshold for point in points] == list(DECISION_THRESHOLDS)
    for point in points:
        called = probability >= point.decision_threshold
        assert point.called == called.mean()
        assert point.recall == called[delayed].mean()
        assert point.precision == (pytest.approx(delayed[called].mean()) if called.any() else None)
    assert (points[0].called, points[0].recall, points[-1].called) == (1, 1, 0)
    assert points[-1].precision is None


def test_exceedance_is_measured(parts: Parts, exceedance: Exceedance) -> None:
    probability = by_hour(parts.test.matrix)
    metrics, delay = measure_exceedance(exceedance, 15, parts, probability)
    assert [one.minutes for one in metrics] == [0, 15, 30, 60, 120]
    for one in metrics:
        assert one.base_rate == (parts.test.minutes > one.minutes).mean()
    assert metrics[1].log_loss == log_loss(probability, parts.test.delayed)
    for one in metrics[:3]:
        assert one.log_loss < one.plain_log_loss
        assert one.auc is not None
        assert one.auc > 0.55
    assert delay.mean_observed == parts.test.minutes.mean()
    assert delay.mean_expected == pytest.approx(delay.mean_observed, abs=1.5)
    assert delay.within_bound_90 == pytest.approx(0.9, abs=0.03)
    assert delay.median_error < delay.plain_median_error
