"""Tests of significance; without scipy, whose import takes longer than a quick study."""

from __future__ import annotations

import math

import numpy as np

from puntual.metrics.arrays import FloatArray


def p_values(scores: FloatArray, blocks: FloatArray) -> FloatArray:
    """Two-sided p-values of numbers whose standard errors come from blocks of days.

    Parameters
    ----------
    scores : shape (n,), each number divided by its standard error
    blocks : shape (n,), effective blocks of each (`puntual.metrics.bootstrap.Blocks.effective`), more than
        one

    Examples
    --------
    >>> p_values(np.array([0.0, -2.0, -2.0]), np.array([5.0, 5.0, 1e6])).round(3).tolist()
    [1.0, 0.148, 0.046]

    References
    ----------
    Student's t with one degree of freedom less than blocks, by the approximation of Wallace (1959), Annals of
    Mathematical Statistics 30(4), as in `puntual.metrics.bootstrap.interval_widening`.
    """
    freedom = blocks - 1
    squares = scores**2 * freedom / blocks
    normal = (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(freedom * np.log1p(squares / freedom))
    return np.array([math.erfc(score / math.sqrt(2)) for score in normal])


def false_discovery_rates(p: FloatArray) -> FloatArray:
    """For each p-value, the expected share of false discoveries among all that are as small or smaller.

    Parameters
    ----------
    p : shape (n,)

    Examples
    --------
    >>> false_discovery_rates(np.array([0.01, 0.04, 0.03, 0.005])).tolist()
    [0.02, 0.04, 0.04, 0.02]

    References
    ----------
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57(1).
    """
    order = np.argsort(p)[::-1]
    rates = np.empty(len(p))
    rates[order] = np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1))
    return rates
