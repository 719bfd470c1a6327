"""Calibrations as an artifact carries them."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.inference.calibration import Beta, Calibration, Isotonic, Platt, sigmoid

CURVE = Isotonic(raw=(-3.0, -1.0, 0.5), answers=(0.1, 0.1, 0.6))
CALIBRATIONS = st.one_of(
    st.builds(Platt, slope=st.floats(0, 3), intercept=st.floats(-3, 3)),
    st.builds(Beta, late=st.floats(0, 3), on_time=st.floats(0, 3), intercept=st.floats(-3, 3)),
    st.just(CURVE),
)
RAW = st.floats(-800, 800)


@given(CALIBRATIONS, RAW, RAW)
def test_it_never_falls_and_is_a_probability(calibration: Calibration, one: float, other: float) -> None:
    low, high = (calibration.probability(raw) for raw in sorted((one, other)))
    assert 0 <= low <= high + 1e-12
    assert high <= 1


@given(CALIBRATIONS)
def test_it_is_read_as_it_was_written(calibration: Calibration) -> None:
    told = msgspec.json.decode(msgspec.json.encode(calibration), type=Calibration)
    assert (type(told), told) == (type(calibration), calibration)


@given(RAW)
def test_slopes_of_one_change_nothing(raw: float) -> None:
    for plain in (Platt(), Beta(late=1.0, on_time=1.0, intercept=0.0)):
        assert plain.probability(raw) == pytest.approx(sigmoid(raw), abs=1e-12)


def test_beta_by_its_formula() -> None:
    for raw in (-3.0, -0.5, 0.0, 2.0):
        p = 1 / (1 + np.exp(-raw))
        log_odds = 0.7 * np.log(p) - 1.2 * np.log(1 - p) + 0.3
        told = Beta(late=0.7, on_time=1.2, intercept=0.3).probability(raw)
        assert told == pytest.approx(1 / (1 + np.exp(-log_odds)))


@given(st.floats(-10, 10))
def test_the_curve_is_straight_between_its_points_and_level_beyond(raw: float) -> None:
    assert CURVE.probability(raw) == pytest.approx(np.interp(raw, CURVE.raw, CURVE.answers))


@pytest.mark.parametrize(
    ("raw", "answers"),
    [
        ((0.0,), (0.5,)),
        ((0.0, 1.0), (0.5,)),
        ((1.0, 0.0), (0.2, 0.4)),
        ((0.0, 0.0), (0.2, 0.4)),
        ((0.0, 1.0), (0.4, 0.2)),
    ],
)
def test_what_is_no_rising_curve_is_refused(raw: tuple[float, ...], answers: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="two ascending points"):
        Isotonic(raw=raw, answers=answers)
    data = msgspec.json.encode({"type": "isotonic", "raw": raw, "answers": answers})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(data, type=Calibration)
