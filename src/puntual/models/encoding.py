"""Rows of features as numbers that linear models, machines and networks can read.

An indicator for each value of a category, the weekday and the hour; numbers scaled, and beside each an
indicator that it is missing. A category that is missing or was never seen has no indicator set.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from puntual.arrays import FloatArray, IntArray
from puntual.models.boosting import CATEGORICAL, FEATURE_NAMES

SinglesArray = npt.NDArray[np.float32]

LIMITS = (0.001, 0.999)
HOURS, WEEKDAYS = 24, 7
_FARTHEST = 5.0
_CODES = [FEATURE_NAMES.index(name) for name in CATEGORICAL]
_TOLD_ALREADY = {"weekday", "minute_of_week"}
"""By the indicators of the weekday, and the hour."""
_NUMBERS = [
    position
    for position, name in enumerate(FEATURE_NAMES)
    if position not in _CODES and name not in _TOLD_ALREADY
]
_MINUTE, _WEEKDAY = FEATURE_NAMES.index("minute_of_day"), FEATURE_NAMES.index("weekday")


class Encoding(NamedTuple):
    """What was learned of the columns; `fit_encoding` makes it.

    Attributes
    ----------
    levels : how many values of each category were seen
    middle, scale : of each number, shape (numbers,)
    """

    levels: IntArray
    middle: FloatArray
    scale: FloatArray

    def encode(self, matrix: FloatArray) -> SinglesArray:
        """Encode rows.

        Parameters
        ----------
        matrix : shape (n, features), in the order of `FEATURE_NAMES`, NaN where missing

        Returns
        -------
        shape (n, width), no NaN; numbers are kept within five standard deviations
        """
        codes = [codes_of(matrix[:, column]) for column in _CODES]
        codes += [codes_of(matrix[:, _WEEKDAY]), hours_of(matrix)]
        levels = [*self.levels.tolist(), WEEKDAYS, HOURS]
        encoded = np.zeros((len(matrix), sum(levels) + 2 * len(_NUMBERS)), np.float32)
        start = 0
        for values, count in zip(codes, levels, strict=True):
            seen = np.flatnonzero((values >= 0) & (values < count))
            encoded[seen, start + values[seen]] = 1
            start += count
        numbers = (matrix[:, _NUMBERS] - self.middle) / self.scale
        missing = np.isnan(numbers)
        encoded[:, start : start + len(_NUMBERS)] = np.where(
            missing, 0.0, np.clip(numbers, -_FARTHEST, _FARTHEST)
        )
        encoded[:, start + len(_NUMBERS) :] = missing
        return encoded


def fit_encoding(matrix: FloatArray) -> Encoding:
    """Learn the values of the categories and the scale of the numbers.

    Parameters
    ----------
    matrix : shape (n, features), in the order of `FEATURE_NAMES`, NaN where missing

    Examples
    --------
    >>> rows = np.full((3, len(FEATURE_NAMES)), np.nan)
    >>> rows[:, FEATURE_NAMES.index("airline")] = [0, 1, np.nan]
    >>> fit_encoding(rows).encode(rows)[:, :2].tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    """
    levels = np.array([codes_of(matrix[:, column]).max(initial=-1) + 1 for column in _CODES], np.int64)
    numbers = matrix[:, _NUMBERS]
    known = np.maximum((~np.isnan(numbers)).sum(axis=0), 1)
    middle = np.nansum(numbers, axis=0) / known
    scale = np.sqrt(np.nansum((numbers - middle) ** 2, axis=0) / known)
    return Encoding(levels, middle, np.where(scale > 0, scale, 1.0))


def codes_of(column: FloatArray) -> IntArray:
    """Codes of a category as whole numbers; -1 where missing.

    Examples
    --------
    >>> codes_of(np.array([2.0, np.nan])).tolist()
    [2, -1]
    """
    return np.nan_to_num(column, nan=-1.0).astype(np.int64)


def hours_of(matrix: FloatArray) -> IntArray:
    """Local hour of each row, 0 to 23; -1 where missing."""
    return codes_of(matrix[:, _MINUTE] // 60)


def within_limits(probability: FloatArray) -> FloatArray:
    """No probability is surer than 1 in 1,000 either way.

    Examples
    --------
    >>> within_limits(np.array([-0.2, 0.5])).tolist()
    [0.001, 0.5]
    """
    return np.asarray(np.clip(probability, *LIMITS))
