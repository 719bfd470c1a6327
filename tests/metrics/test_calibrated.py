"""Many raw scores are calibrated as one is, bit by bit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.inference.calibration import Beta, Calibration, Isotonic, Platt
from puntual.metrics.calibrated import calibrate

CALIBRATIONS: list[Calibration] = [
    Platt(),
    Platt(slope=0.93, intercept=-0.07),
    Beta(late=1.2, on_time=0.8, intercept=-0.3),
    Isotonic(raw=(-3.1, -1.0, -0.2, 1.7), answers=(0.03, 0.2, 0.2, 0.8)),
]


def bits(calibration: Calibration, raw: list[float]) -> None:
    found = calibrate(calibration, np.array(raw))
    assert found.tolist() == [calibration.probability(one) for one in raw]


@pytest.mark.parametrize("calibration", CALIBRATIONS)
def test_many_are_as_one(calibration: Calibration) -> None:
    """200,000: NumPy's exponential would differ from the C library's in about 1 of 20."""
    raw = np.random.default_rng(3).normal(-1, 2, 200_000).tolist()
    ends = [-745.2, -709.8, 709.8, 745.2, -0.0, 0.0, -3.1, -1.0, -0.2, 1.7, math.nextafter(1.7, 0), 5e-324]
    bits(calibration, [*raw, *ends])


@given(
    raw=st.lists(st.floats(-800, 800)),
    slope=st.floats(0.01, 100),
    intercept=st.floats(-50, 50),
)
def test_any_scores_are_as_one(raw: list[float], slope: float, intercept: float) -> None:
    bits(Platt(slope, intercept), raw)
    bits(Beta(slope, 1 / slope, intercept), raw)
    bits(Isotonic((intercept, intercept + slope), (0.1, 0.7)), raw)
