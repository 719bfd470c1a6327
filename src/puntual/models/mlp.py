"""A small neural network on the encoded columns: one hidden layer of rectified units."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from puntual.arrays import FloatArray, IntArray
from puntual.models.boosting import Rows
from puntual.models.encoding import Encoding, SinglesArray, fit_encoding, within_limits

_BATCH = 256
_RATE = 0.002


class Network(NamedTuple):
    """A fitted model; `fit` makes it.

    Attributes
    ----------
    levels, middle, scale : of the encoding
    hidden, bias : of the hidden layer, shape (width, units) and (units,)
    output, intercept : log-odds, shape (units,) and ()
    """

    levels: IntArray
    middle: FloatArray
    scale: FloatArray
    hidden: SinglesArray
    bias: SinglesArray
    output: SinglesArray
    intercept: FloatArray

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row; shape (n,)."""
        encoded = Encoding(self.levels, self.middle, self.scale).encode(matrix)
        units = np.maximum(encoded @ self.hidden + self.bias, 0)
        return within_limits(expit((units @ self.output).astype(np.float64) + self.intercept))


def fit(rows: Rows, setting: Mapping[str, float], seed: int) -> Network:
    """Fit by Adam for a set number of passes; no part of the rows is held back to stop earlier.

    Parameters
    ----------
    setting : ``units`` of the hidden layer, ``passes`` over the rows, ``ridge`` on the squared weights

    References
    ----------
    Kingma and Ba (2015), Adam: a method for stochastic optimization.
    """
    matrix, delayed = rows
    encoding = fit_encoding(matrix)
    network = MLPClassifier(
        hidden_layer_sizes=(int(setting["units"]),),
        alpha=setting["ridge"],
        max_iter=int(setting["passes"]),
        batch_size=min(_BATCH, len(delayed)),
        learning_rate_init=_RATE,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is chosen, not a failure
        network.fit(encoding.encode(matrix), delayed)
    hidden, output = network.coefs_
    bias, intercept = network.intercepts_
    return Network(*encoding, hidden, bias, output[:, 0], np.array(intercept[0], np.float64))
