"""The share of delayed flights, for every flight: what any other family has to beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from puntual.arrays import FloatArray
from puntual.models.boosting import Rows
from puntual.models.encoding import within_limits


class BaseRate(NamedTuple):
    """A fitted model; `fit` makes it."""

    rate: FloatArray

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row; shape (n,)."""
        return np.full(len(matrix), self.rate)


def fit(rows: Rows, setting: Mapping[str, float], seed: int) -> BaseRate:  # noqa: ARG001
    """Count; there is nothing to set and nothing at random.

    Examples
    --------
    >>> model = fit((np.zeros((4, 1)), np.array([True, False, False, False])), {}, seed=1)
    >>> model.probability(np.zeros((2, 1))).tolist()
    [0.25, 0.25]
    """
    return BaseRate(within_limits(np.array(rows[1].mean())))
