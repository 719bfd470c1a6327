"""TuningResults made quickly: few trees and no calibration, where a test is about something else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

import puntual.training.cross_validation
from puntual.models.calibration import CalibrationResult, Month, uncalibrated

TREES = 20


def choose_quickly(patch: pytest.MonkeyPatch) -> None:
    """At most `TREES` trees, their probabilities as they are."""
    for name, value in {"MAX_TREES": TREES, "STEPS": 2}.items():
        patch.setattr(puntual.training.cross_validation, name, value)
    patch.setattr(puntual.training.cross_validation, "choose_calibration", _as_they_are)


def _as_they_are(months: list[Month]) -> CalibrationResult:
    told = np.concatenate([expit(month.raw) for month in months])
    return CalibrationResult("none", uncalibrated(months), {}, told)
