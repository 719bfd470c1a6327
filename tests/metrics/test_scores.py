"""Metrics against hand calculations and scikit-learn's, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.errors import ShapeError
from puntual.metrics.scores import auc, calibration_error, log_loss, measure, split_by_rank

PROBABILITY = np.array([0.1, 0.2, 0.8, 0.6])
DELAYED = np.array([False, True, True, False])


def test_every_metric_by_hand() -> None:
    found = measure(PROBABILITY, DELAYED)
    assert (found.flights, found.base_rate, found.accuracy) == (4, 0.5, 0.5)
    assert found.log_loss == pytest.approx(
        -(math.log(0.9) + math.log(0.2) + math.log(0.8) + math.log(0.4)) / 4
    )
    assert found.brier == pytest.approx((0.01 + 0.64 + 0.04 + 0.36) / 4)
    assert found.auc == 0.75
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert found.calibration_error == pytest.approx((0.1 + 0.8 + 0.2 + 0.6) / 4)


def test_metrics_that_do_not_exist_are_none() -> None:
    found = measure(PROBABILITY, np.zeros(4, bool))
    assert found.auc is None
    assert found.average_precision is None
    assert auc(PROBABILITY, np.ones(4, bool)) is None


@given(st.integers(1, 400), st.integers(1, 20))
def test_bins_hold_every_flight_once(flights: int, bins: int) -> None:
    draw = np.random.default_rng(flights)
    delayed = draw.random(flights) < 0.3
    assert calibration_error(np.full(flights, 0.5), delayed, 1) == pytest.approx(abs(0.5 - delayed.mean()))
    assert 0 <= calibration_error(draw.random(flights), delayed, bins) <= 1


@given(st.integers(2, 200), st.integers(1, 15), st.integers(1, 9))
def test_the_order_of_flights_does_not_move_the_calibration_error(
    flights: int, bins: int, values: int
) -> None:
    draw = np.random.default_rng(flights)
    probability, delayed = draw.integers(0, values, flights) / 10, draw.random(flights) < 0.3
    order = draw.permutation(flights)
    parts = split_by_rank(probability, bins)
    assert sorted(np.concatenate(parts)) == list(range(flights))
    assert sum(len(np.unique(probability[part])) for part in parts) == len(np.unique(probability))
    assert calibration_error(probability, delayed, bins) == pytest.approx(
        calibration_error(probability[order], delayed[order], bins)
    )


def test_a_certain_mistake_is_finite() -> None:
    assert math.isfinite(log_loss(np.array([0.0, 1.0]), np.array([True, False])))


@pytest.mark.parametrize(
    ("probability", "delayed"),
    [
        (np.array([0.5]), np.array([True, False])),
        (np.array([]), np.array([], bool)),
        (np.eye(2), np.eye(2) > 0),
    ],
)
def test_shapes_that_do_not_fit_are_refused(probability: np.ndarray, delayed: np.ndarray) -> None:
    with pytest.raises(ShapeError):
        log_loss(probability, delayed)
