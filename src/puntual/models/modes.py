"""The two modes of a prediction: with the timetable of the flight's day, and without."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.models.boosting import LEARNED

Transform = Callable[[FloatArray], FloatArray]
"""Rows of features, shape (n, features) in the order of `FEATURE_NAMES` -> the rows of one mode."""

HIDDEN_SHARE = 0.5
_COUNTED = [position for position, feature in enumerate(LEARNED) if feature.counted]


def with_timetable(matrix: FloatArray) -> FloatArray:
    """The rows as they are."""
    return matrix


def without_timetable(matrix: FloatArray) -> FloatArray:
    """A copy of the rows in which what is counted from the timetable is missing."""
    hidden = matrix.copy()
    hidden[:, _COUNTED] = np.nan
    return hidden


def hide_timetables(matrix: FloatArray, seed: int) -> FloatArray:
    """A copy of the rows, half of them, drawn at random, without the timetable: so one model learns both."""
    hidden = matrix.copy()
    chosen = np.flatnonzero(np.random.default_rng(seed).random(len(matrix)) < HIDDEN_SHARE)
    hidden[chosen[:, None], _COUNTED] = np.nan
    return hidden


def knows_timetable(matrix: FloatArray) -> BoolArray:
    """Which rows have a timetable; shape (n,)."""
    known: BoolArray = ~np.isnan(matrix[:, _COUNTED[0]])
    return known
