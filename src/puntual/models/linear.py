"""The original's model: a linear regression on the outcome as 0 and 1, clipped into [0.001, 0.999]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from puntual.arrays import FloatArray, IntArray
from puntual.models.boosting import Rows
from puntual.models.encoding import Encoding, fit_encoding, within_limits

_CHUNK_ROWS = 20_000


class Linear(NamedTuple):
    """A fitted model; `fit` makes it.

    Attributes
    ----------
    levels, middle, scale : of the encoding
    coefficients, intercept : shape (width,) and ()
    """

    levels: IntArray
    middle: FloatArray
    scale: FloatArray
    coefficients: FloatArray
    intercept: FloatArray

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row; shape (n,)."""
        encoded = Encoding(self.levels, self.middle, self.scale).encode(matrix)
        return within_limits(encoded @ self.coefficients + self.intercept)


def fit(rows: Rows, setting: Mapping[str, float], seed: int) -> Linear:  # noqa: ARG001
    """Solve the normal equations; nothing is at random.

    Parameters
    ----------
    setting : ``ridge``: penalty on the squared coefficients; next to nothing, as in the original, only makes
        redundant indicators harmless

    References
    ----------
    Hoerl and Kennard (1970), Ridge regression, Technometrics 12(1).
    """
    matrix, delayed = rows
    encoding = fit_encoding(matrix)
    encoded = encoding.encode(matrix)
    width = encoded.shape[1]
    middle, rate = encoded.mean(axis=0, dtype=np.float64), delayed.mean()
    gram, moment = np.zeros((width, width)), np.zeros(width)
    for start in range(0, len(encoded), _CHUNK_ROWS):
        part = encoded[start : start + _CHUNK_ROWS] - middle
        gram += part.T @ part
        moment += part.T @ (delayed[start : start + _CHUNK_ROWS] - rate)
    coefficients: FloatArray = np.linalg.solve(gram + setting["ridge"] * np.eye(width), moment).astype(
        np.float64
    )
    return Linear(*encoding, coefficients, np.array(rate - middle @ coefficients))
