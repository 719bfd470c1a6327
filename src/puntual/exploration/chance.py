"""How likely chance alone is; without scipy, which takes longer to import than a quick study to make."""

from __future__ import annotations

import math

import numpy as np

from puntual.arrays import FloatArray


def two_sided(scores: FloatArray, blocks: FloatArray) -> FloatArray:
    """Chance that a number which is zero but for chance is at least as far from it, in standard errors.

    Parameters
    ----------
    scores : shape (n,), the errors found from blocks of days
    blocks : shape (n,), how many those were (`puntual.metrics.bootstrap.Blocks.effective`), more than one

    Examples
    --------
    >>> two_sided(np.array([0.0, -2.0, -2.0]), np.array([5.0, 5.0, 1e6])).round(3).tolist()
    [1.0, 0.148, 0.046]

    References
    ----------
    Student's t with one degree of freedom less than blocks; as in `puntual.metrics.bootstrap.stretch`, by
    the same approximation of Wallace (1959).
    """
    freedom = blocks - 1
    squares = scores**2 * freedom / blocks
    normal = (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(freedom * np.log1p(squares / freedom))
    return np.array([math.erfc(score / math.sqrt(2)) for score in normal])


def false_discoveries(chances: FloatArray) -> FloatArray:
    """The share of false ones expected among all that are at least as unlikely as each.

    Parameters
    ----------
    chances : shape (n,)

    Examples
    --------
    >>> false_discoveries(np.array([0.01, 0.04, 0.03, 0.005])).tolist()
    [0.02, 0.04, 0.04, 0.02]

    References
    ----------
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57(1).
    """
    order = np.argsort(chances)[::-1]
    ranks = np.arange(len(chances), 0, -1)
    shares = np.empty(len(chances))
    shares[order] = np.minimum.accumulate(chances[order] * len(chances) / ranks)
    return shares
