"""Probabilities as they are answered: to four decimals, wherever they come from."""

from __future__ import annotations

STEPS = 10_000
"""Numpy's `rint` of as many steps gives the same bits as `rounded`."""


def rounded(probability: float) -> float:
    """A probability as it is answered.

    Examples
    --------
    >>> rounded(0.312149)
    0.3121
    """
    return round(probability * STEPS) / STEPS
