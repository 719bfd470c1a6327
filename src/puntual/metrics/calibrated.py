"""Probabilities of many raw scores at once, bit by bit those of `puntual.inference.calibration`."""

from __future__ import annotations

import numpy as np
import polars as pl

from puntual.inference.calibration import Beta, Calibration, Isotonic
from puntual.metrics.arrays import FloatArray


def calibrate(calibration: Calibration, raw: FloatArray) -> FloatArray:
    """Probability of each raw score.

    Parameters
    ----------
    raw : shape (n,), no NaN

    Returns
    -------
    shape (n,); each bit by bit what `calibration.probability` gives

    Examples
    --------
    >>> from puntual.inference.calibration import Platt
    >>> calibrate(Platt(slope=2.0, intercept=1.0), np.array([-0.5, 0.25])).tolist()
    [0.5, 0.8175744761936437]
    """
    if isinstance(calibration, Isotonic):
        return _interpolate(calibration, raw)
    if isinstance(calibration, Beta):
        softplus = np.maximum(raw, 0.0) + pl.Series(_exp(-np.abs(raw))).log1p().to_numpy()
        return _sigmoid(
            calibration.late * (raw - softplus) + calibration.on_time * softplus + calibration.intercept
        )
    return _sigmoid(calibration.slope * raw + calibration.intercept)


def _exp(numbers: FloatArray) -> FloatArray:
    # NumPy's own differs from the C library's in the last bit; polars calls that, as Python does.
    return pl.Series(numbers).exp().to_numpy()


def _sigmoid(log_odds: FloatArray) -> FloatArray:
    odds = _exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1 / (1 + odds), odds / (1 + odds))


def _interpolate(calibration: Isotonic, raw: FloatArray) -> FloatArray:
    points, answers = np.array(calibration.raw), np.array(calibration.answers)
    after = np.clip(np.searchsorted(points, raw, side="right"), 1, len(points) - 1)
    start, end, low, high = points[after - 1], points[after], answers[after - 1], answers[after]
    between: FloatArray = low + (high - low) * (raw - start) / (end - start)
    between = np.where(raw >= points[-1], answers[-1], between)
    between[raw <= points[0]] = answers[0]
    return between
