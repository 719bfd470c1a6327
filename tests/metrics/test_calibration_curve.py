"""Probabilities that hold are told to hold, and what is wrong is told apart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from puntual.errors import ShapeError
from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.metrics.calibration_curve import reliability
from puntual.metrics.scores import brier_score, calibration_error
from tests.estimates import ends

DAYS = np.repeat(np.arange("2017-07-01", "2017-10-01", dtype="datetime64[D]"), 200)


def drawn(seed: int = 1, shift: float = 0.0) -> tuple[FloatArray, BoolArray]:
    """Probabilities, and outcomes that hold them, but for a shift of the odds."""
    draw = np.random.default_rng(seed)
    raw = draw.normal(-1.5, 0.8, len(DAYS))
    return 1 / (1 + np.exp(-raw)), draw.random(len(DAYS)) < 1 / (1 + np.exp(-raw - shift))


def test_what_holds_lies_within_its_intervals() -> None:
    told = reliability(*drawn(), DAYS)
    assert len(told.bins) == 15
    assert sum(low <= one.expected <= high for one in told.bins for low, high in (ends(one),)) >= 13
    assert [one.name for one in told.months] == ["2017-07", "2017-08", "2017-09"]
    assert sum(one.flights for one in told.months) == sum(one.flights for one in told.bins) == len(DAYS)
    assert told.calibration_error < 0.012
    probability, _ = drawn()
    assert [told.bins[0].least, told.bins[-1].most] == [probability.min(), probability.max()]
    assert all(one.least <= one.expected <= one.most for one in told.bins)
    assert all(one.most <= other.least for one, other in pairwise(told.bins))
    assert told.brier.reliability < 0.001 < told.brier.resolution


def test_the_noise_floor_is_what_right_probabilities_show() -> None:
    """Over many draws of outcomes, the mean error is the one expected, and few are above the most."""
    errors, expected, above = [], [], 0
    for seed in range(20):
        told = reliability(*drawn(seed), DAYS)
        assert told.noise_floor is not None
        errors.append(told.calibration_error)
        expected.append(told.noise_floor.expected)
        above += told.calibration_error > told.noise_floor.most
    assert np.mean(expected) == pytest.approx(np.mean(errors), rel=0.1)
    assert above <= 2


def test_shocks_of_days_raise_the_noise_floor() -> None:
    probability, delayed = drawn()
    bad_day = np.repeat(np.random.default_rng(1).random(len(DAYS) // 200) < 0.1, 200)
    shocked = reliability(probability, delayed | bad_day, DAYS).noise_floor
    calm = reliability(probability, delayed, DAYS).noise_floor
    assert shocked is not None
    assert calm is not None
    assert shocked.expected > 1.5 * calm.expected


def test_too_few_days_have_no_noise_floor() -> None:
    probability, delayed = drawn()
    assert reliability(probability[:4000], delayed[:4000], DAYS[:4000]).noise_floor is None


def test_a_shifted_level_is_told_apart() -> None:
    probability, delayed = drawn(shift=0.7)
    told = reliability(probability, delayed, DAYS)
    assert told.noise_floor is not None
    assert told.noise_floor.most < told.calibration_error / 3
    assert told.calibration_error == calibration_error(probability, delayed) > 0.08
    assert told.without_shift < 0.012
    assert all(one.rate > one.expected for one in told.bins)


def test_a_month_that_drifts_is_seen() -> None:
    """Its rate stands out; it has no interval, as days that drift together are hardly more than a block."""
    probability, delayed = drawn()
    september = DAYS >= np.datetime64("2017-09-01")
    delayed = np.where(september, np.random.default_rng(3).random(len(DAYS)) < probability * 1.8, delayed)
    july, _, last = reliability(probability, delayed, DAYS).months
    assert july.rate == pytest.approx(july.expected, abs=0.02)
    assert last.rate > 1.5 * last.expected
    assert july.low is last.low is None


def test_the_parts_make_the_brier_score() -> None:
    probability, delayed = drawn(shift=0.3)
    parts = reliability(probability, delayed, DAYS).brier
    whole = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert whole == pytest.approx(brier_score(probability, delayed), abs=1e-12)
    assert abs(parts.within) < 0.001
    assert parts.uncertainty == pytest.approx(delayed.mean() * (1 - delayed.mean()))


def test_the_order_of_the_flights_is_of_no_matter() -> None:
    probability, delayed = drawn()
    mixed = np.random.default_rng(5).permutation(len(DAYS))
    one, other = (
        reliability(probability, delayed, DAYS),
        reliability(probability[mixed], delayed[mixed], DAYS[mixed]),
    )
    assert [(part.name, part.rate) for part in one.bins] == [(part.name, part.rate) for part in other.bins]
    assert [(part.name, part.low) for part in one.months] == [(part.name, part.low) for part in other.months]


@pytest.mark.parametrize("outcome", [False, True])
def test_all_alike(outcome: bool) -> None:
    probability, _ = drawn()
    told = reliability(probability, np.full(len(DAYS), outcome), DAYS)
    assert told.without_shift == pytest.approx(0, abs=1e-9)


def test_lengths_that_differ_are_refused() -> None:
    probability, delayed = drawn()
    with pytest.raises(ShapeError):
        reliability(probability, delayed[1:], DAYS)
    with pytest.raises(ShapeError):
        reliability(probability[:0], delayed[:0], DAYS[:0])
