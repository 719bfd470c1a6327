"""A support vector machine with a Gaussian kernel, approximated so that it finishes on all rows.

An exact one takes time that grows with the square of the flights or faster. Here the kernel is replaced by
its Nystroem features over a few hundred rows drawn at random, the machine is linear on them and fitted by
stochastic gradient descent, and a sigmoid turns its margin into a probability.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, SGDClassifier

from puntual.arrays import BoolArray, FloatArray, IntArray
from puntual.models.boosting import Rows
from puntual.models.encoding import Encoding, SinglesArray, fit_encoding, within_limits

PARTS = 3
_CHUNK_ROWS = 20_000
_PASSES = 10


class Machine(NamedTuple):
    """A fitted model; `fit` makes it.

    Attributes
    ----------
    levels, middle, scale : of the encoding
    centres, mixing : rows that the kernel is taken to, shape (m, width), and how it is mixed, shape (m, m)
    gamma : of the kernel exp(-gamma distance squared)
    coefficients, intercept : of the margin, shape (m,) and ()
    sigmoid : slope and level that turn the margin into log-odds
    """

    levels: IntArray
    middle: FloatArray
    scale: FloatArray
    centres: SinglesArray
    mixing: SinglesArray
    gamma: FloatArray
    coefficients: FloatArray
    intercept: FloatArray
    sigmoid: FloatArray

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row; shape (n,)."""
        encoded = Encoding(self.levels, self.middle, self.scale).encode(matrix)
        features = _features(encoded, self.centres, self.mixing, float(self.gamma))
        margin = features @ self.coefficients + self.intercept
        return within_limits(expit(self.sigmoid[0] * margin + self.sigmoid[1]))


def fit(rows: Rows, setting: Mapping[str, float], seed: int) -> Machine:
    """Fit the machine, and its sigmoid on margins of rows that the margin was not fitted on, in turns.

    Parameters
    ----------
    setting : ``centres``, how many; ``gamma`` of the kernel; ``ridge``, the penalty of the margin

    References
    ----------
    Williams and Seeger (2001), Using the Nystroem method to speed up kernel machines.
    Platt (1999), Probabilistic outputs for support vector machines.
    """
    matrix, delayed = rows
    encoding = fit_encoding(matrix)
    encoded = encoding.encode(matrix)
    centres = min(int(setting["centres"]), len(encoded))
    kernel = Nystroem(gamma=setting["gamma"], n_components=centres, random_state=seed).fit(encoded)
    basis, mixing = kernel.components_, kernel.normalization_.T.astype(np.float32)
    features = _features(encoded, basis, mixing, setting["gamma"])

    def machine(learned: BoolArray) -> tuple[FloatArray, FloatArray]:
        fitted = SGDClassifier(
            loss="hinge",
            alpha=setting["ridge"],
            average=True,
            class_weight="balanced",
            max_iter=_PASSES,
            tol=None,
            random_state=seed,
        ).fit(features[learned], delayed[learned])
        return fitted.coef_[0].astype(np.float64), np.array(fitted.intercept_[0], np.float64)

    margin = np.empty(len(delayed))
    edges = np.linspace(0, len(delayed), PARTS + 1).astype(int)
    for start, end in itertools.pairwise(edges):
        others = np.ones(len(delayed), bool)
        others[start:end] = False
        if delayed[others].all() or not delayed[others].any():
            others[:] = True
        coefficients, intercept = machine(others)
        margin[start:end] = features[start:end] @ coefficients + intercept
    platt = LogisticRegression(C=1.0).fit(margin[:, None], delayed)
    sigmoid = np.array([platt.coef_[0, 0], platt.intercept_[0]])
    gamma = np.array(setting["gamma"])
    return Machine(*encoding, basis, mixing, gamma, *machine(np.ones(len(delayed), bool)), sigmoid)


def _features(
    encoded: SinglesArray, centres: SinglesArray, mixing: SinglesArray, gamma: float
) -> SinglesArray:
    features = np.empty((len(encoded), len(centres)), np.float32)
    lengths = (centres**2).sum(axis=1)
    for start in range(0, len(encoded), _CHUNK_ROWS):
        part = encoded[start : start + _CHUNK_ROWS]
        distance = (part**2).sum(axis=1)[:, None] + lengths - 2 * (part @ centres.T)
        features[start : start + _CHUNK_ROWS] = np.exp(-gamma * np.maximum(distance, 0)) @ mixing
    return features
