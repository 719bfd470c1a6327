"""A logistic regression on the encoded columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from puntual.arrays import FloatArray, IntArray
from puntual.models.boosting import Rows
from puntual.models.encoding import Encoding, fit_encoding, within_limits


class Logistic(NamedTuple):
    """A fitted model; `fit` makes it.

    Attributes
    ----------
    levels, middle, scale : of the encoding
    coefficients, intercept : log-odds, shape (width,) and ()
    """

    levels: IntArray
    middle: FloatArray
    scale: FloatArray
    coefficients: FloatArray
    intercept: FloatArray

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row; shape (n,)."""
        encoded = Encoding(self.levels, self.middle, self.scale).encode(matrix)
        return within_limits(expit(encoded @ self.coefficients + self.intercept))


def fit(rows: Rows, setting: Mapping[str, float], seed: int) -> Logistic:  # noqa: ARG001
    """Fit by Newton's steps; nothing is at random.

    Parameters
    ----------
    setting : ``ridge``: penalty on the squared coefficients
    """
    matrix, delayed = rows
    encoding = fit_encoding(matrix)
    fitted = LogisticRegression(C=1 / setting["ridge"], solver="newton-cholesky", tol=1e-5)
    # In single precision the solver stumbles over indicators that tell the same.
    fitted.fit(encoding.encode(matrix).astype(np.float64), delayed)
    return Logistic(*encoding, fitted.coef_[0].astype(np.float64), np.array(fitted.intercept_[0], np.float64))
