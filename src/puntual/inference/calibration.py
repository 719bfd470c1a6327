"""Raw log-odds of a booster -> probability; fitted by `puntual.models.calibration`."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise

import msgspec


def sigmoid(log_odds: float) -> float:
    """Probability of some log-odds.

    Examples
    --------
    >>> sigmoid(0.0)
    0.5
    """
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)


class Platt(msgspec.Struct, frozen=True, tag="platt"):
    """Platt's sigmoid on the raw log-odds; slope 1 and intercept 0 leave them as they are.

    Examples
    --------
    >>> Platt(slope=1.0, intercept=0.0).probability(0.0)
    0.5

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines.
    """

    slope: float = 1.0
    intercept: float = 0.0

    def probability(self, raw: float) -> float:
        """Probability of one raw score."""
        return sigmoid(self.slope * raw + self.intercept)


class Beta(msgspec.Struct, frozen=True, tag="beta"):
    """Beta calibration of p: the log-odds ``late`` · ln p − ``on_time`` · ln(1 − p) + ``intercept``.

    Examples
    --------
    >>> Beta(late=1.0, on_time=1.0, intercept=0.0).probability(0.0)
    0.5

    References
    ----------
    Kull, Silva Filho and Flach (2017), Beta calibration, AISTATS.
    """

    late: float
    on_time: float
    intercept: float

    def probability(self, raw: float) -> float:
        """Probability of one raw score."""
        softplus = max(raw, 0.0) + math.log1p(math.exp(-abs(raw)))  # −ln(1 − p); and −ln p = softplus − raw
        return sigmoid(self.late * (raw - softplus) + self.on_time * softplus + self.intercept)


class Isotonic(msgspec.Struct, frozen=True, tag="isotonic"):
    """A curve that never falls: straight between its points, level beyond them.

    Attributes
    ----------
    raw : log-odds, ascending, at least two
    answers : their probabilities, within (0, 1), never falling

    Raises
    ------
    ValueError : such a curve it is not

    Examples
    --------
    >>> Isotonic(raw=(-1.0, 1.0), answers=(0.2, 0.6)).probability(0.0)
    0.4

    References
    ----------
    Zadrozny and Elkan (2002), Transforming classifier scores into accurate multiclass probability estimates.
    """

    raw: tuple[float, ...]
    answers: tuple[float, ...]

    def __post_init__(self) -> None:
        ascending = all(one < other for one, other in pairwise(self.raw))
        rising = all(one <= other for one, other in pairwise(self.answers))
        if len(self.raw) < 2 or len(self.raw) != len(self.answers) or not (ascending and rising):
            raise ValueError("an isotonic curve needs two ascending points or more")

    def probability(self, raw: float) -> float:
        """Probability of one raw score."""
        if raw <= self.raw[0]:
            return self.answers[0]
        if raw >= self.raw[-1]:
            return self.answers[-1]
        after = bisect_right(self.raw, raw)
        start, end = self.raw[after - 1], self.raw[after]
        low, high = self.answers[after - 1], self.answers[after]
        return low + (high - low) * (raw - start) / (end - start)


Calibration = Platt | Beta | Isotonic
