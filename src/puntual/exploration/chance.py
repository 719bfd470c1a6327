"""How likely chance alone is; without scipy.stats, which takes longer to import than a study to make."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def two_sided(scores: FloatArray) -> FloatArray:
    """Chance that a standard normal is at least as far from zero.

    Parameters
    ----------
    scores : shape (n,)

    Examples
    --------
    >>> two_sided(np.array([0.0, -1.959964])).round(3).tolist()
    [1.0, 0.05]
    """
    return np.array([math.erfc(abs(score) / math.sqrt(2)) for score in scores])


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
