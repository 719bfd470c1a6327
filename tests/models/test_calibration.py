"""Calibrations learn a shape on months that were not learned from, and leave the level alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from puntual.inference.calibration import Beta, Platt
from puntual.metrics.calibrated import calibrate
from puntual.metrics.scores import log_loss
from puntual.models.calibration import (
    METHODS,
    Month,
    _predict_held_out,
    choose_calibration,
    fit_beta,
    fit_isotonic,
    fit_platt,
)

LEVELS = (-0.6, 0.4, 0.0, 0.7)


def months(slope: float = 1.0, bend: float = 0.0, flights: int = 3000, seed: int = 1) -> list[Month]:
    """Months whose true log-odds are `slope` · raw, bent upwards by `bend`, each with a level of its own."""
    draw = np.random.default_rng(seed)
    told = []
    for level in LEVELS:
        raw = draw.normal(-1.4, 1.1, flights)
        true = slope * raw + bend * np.logaddexp(0, 3 * (raw + 1)) + level
        told.append(Month(raw, draw.random(flights) < expit(true), 0.2))
    return told


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("base_rate", [0.05, 0.2, 0.5])
def test_the_base_rate_stays_where_it_is(method: str, base_rate: float) -> None:
    calibration = METHODS[method](months(0.6))(base_rate)
    assert calibration.probability(float(logit(base_rate))) == pytest.approx(base_rate, abs=0.002)


@pytest.mark.parametrize("method", METHODS)
def test_it_never_falls(method: str) -> None:
    calibration = METHODS[method](months(0.6, 0.3))(0.2)
    told = calibrate(calibration, np.linspace(-6, 4, 500))
    assert (np.diff(told) >= 0).all()
    assert told[0] < told[-1]
    assert ((told > 0) & (told < 1)).all()


def test_the_levels_of_the_months_do_not_bend_the_slope() -> None:
    for slope in (0.6, 1.0, 1.3):
        fitted = fit_platt(months(slope))(0.2)
        assert isinstance(fitted, Platt)
        assert fitted.slope == pytest.approx(slope, abs=0.07)


def test_the_levels_of_the_months_do_not_bend_the_curve() -> None:
    """Two months of few delays and two of many; what holds within each holds for all."""
    draw = np.random.default_rng(2)
    told = []
    for level in (-2.5, 2.5, -2.5, 2.5):
        raw = draw.normal(-1.4, 1.1, 5000)
        told.append(Month(raw, draw.random(5000) < expit(raw + level), 0.2))
    fitted = fit_isotonic(told)(0.2)
    for score in (-3.0, -2.0, -1.0, 0.0, 0.5):
        assert fitted.probability(score) == pytest.approx(expit(score), abs=0.1)


def test_both_slopes_of_beta_are_found() -> None:
    draw = np.random.default_rng(3)
    told = []
    for level in LEVELS:
        raw = draw.normal(-0.5, 1.5, 6000)
        true = -0.5 * np.logaddexp(0, -raw) + 1.2 * np.logaddexp(0, raw) + level
        told.append(Month(raw, draw.random(6000) < expit(true), 0.2))
    fitted = fit_beta(told)(0.2)
    assert isinstance(fitted, Beta)
    assert (fitted.late, fitted.on_time) == pytest.approx((0.5, 1.2), abs=0.15)


def test_what_is_too_sure_is_calibrated_and_what_holds_is_not_harmed() -> None:
    sure = choose_calibration(months(0.5))
    assert sure.method != "none"
    assert sure.losses[sure.method] < sure.losses["none"] - 0.005
    held = choose_calibration(months(1.0))
    assert held.losses[held.method] <= held.losses["none"] + 1e-5
    told = held.anchored_at(0.2)
    assert told.probability(-3.0) == pytest.approx(expit(-3.0), abs=0.02)


def test_a_bent_curve_needs_more_than_a_slope() -> None:
    chosen = choose_calibration(months(0.3, 0.6, flights=8000))
    assert chosen.method in {"beta", "isotonic"}
    assert chosen.losses[chosen.method] < chosen.losses["platt"]


def test_the_losses_are_of_what_was_told() -> None:
    some = months(0.5)
    chosen = choose_calibration(some)
    delayed = np.concatenate([month.delayed for month in some])
    assert set(chosen.losses) == set(METHODS)
    assert log_loss(chosen.probability, delayed) == pytest.approx(chosen.losses[chosen.method])


@pytest.mark.parametrize("method", METHODS)
def test_a_month_is_told_by_the_others_alone(method: str) -> None:
    some = months(0.8, flights=800)
    turned = [*some[:-1], some[-1]._replace(delayed=months(1.2, flights=800)[-1].delayed)]
    one, other = (_predict_held_out(METHODS[method], each).reshape(len(some), -1) for each in (some, turned))
    assert np.array_equal(one[-1], other[-1])
    assert np.array_equal(one[0], other[0]) == (method == "none")


def test_one_month_calibrates_nothing() -> None:
    (month, *_) = months(0.5)
    chosen = choose_calibration([month])
    assert (chosen.method, chosen.losses, chosen.anchored_at(0.2)) == ("none", {}, Platt())
    assert chosen.probability == pytest.approx(expit(month.raw))


@pytest.mark.parametrize("outcome", [False, True])
def test_months_of_one_outcome_tell_nothing(outcome: bool) -> None:
    alike = [month._replace(delayed=np.full(len(month.raw), outcome)) for month in months(flights=200)]
    for method in METHODS.values():
        assert method(alike)(0.2).probability(-1.0) == pytest.approx(expit(-1.0))
    assert choose_calibration(alike).method == "none"


def test_scores_that_are_all_alike() -> None:
    alike = [month._replace(raw=np.full(len(month.raw), -1.0)) for month in months(flights=200)]
    for method in METHODS.values():
        assert 0 < method(alike)(0.2).probability(-1.0) < 1
