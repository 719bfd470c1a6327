"""Contributions of features -> the reasons of an answer, by group, in points of probability.

The way from the base rate to the answer is straight in calibrated log-odds, and each group goes a part of it:
what it contributes, times the slope. What the base of the trees differs from the base rate is a part of its
own, ``base``. All move at the same pace, so that one factor turns log-odds into points: the mean slope of the
sigmoid between both ends. It lies between 0 and 1/4, whatever the contributions and however small their sum;
signs and order stay as they are. It is the path integral of Sundararajan, Taly, Yan (2017), Axiomatic
attribution for deep networks, along a straight line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from puntual.inference.calibration import Calibration
from puntual.inference.catalogue import FEATURES
from puntual.types import Reason

BASE = "base"

_sigmoid = Calibration().probability
_ALIKE = 1e-4
_CERTAIN = 1e-9


class Explainer:
    """Tells the reasons of one model's answers.

    Parameters
    ----------
    features : names, in the order that the booster reads
    base_rate : share of the flights that the model learned from that were delayed

    Attributes
    ----------
    groups : of those features, in the catalogue's order
    """

    def __init__(self, features: Sequence[str], calibration: Calibration, base_rate: float) -> None:
        groups = [FEATURES[name].group for name in features]
        self.groups = tuple(dict.fromkeys(groups))
        self.base_rate = base_rate
        self._positions = [
            tuple(position for position, group in enumerate(groups) if group == one) for one in self.groups
        ]
        self._calibration = calibration
        self._base_log_odds = _log_odds(base_rate)

    def log_odds(self, contributions: Sequence[float]) -> list[float]:
        """What each group adds to the log-odds before calibration.

        Parameters
        ----------
        contributions : of `puntual.inference.scorer.Scorer.contributions`
        """
        return [math.fsum(contributions[position] for position in group) for group in self._positions]

    def points(self, contributions: Sequence[float], answer: float) -> list[float]:
        """What each group adds to the probability, and last ``base``; they sum to answer − base rate.

        Parameters
        ----------
        contributions : of `puntual.inference.scorer.Scorer.contributions`
        answer : the probability, rounded as it is answered; what rounding takes goes to ``base``
        """
        *added, base = calibrated(contributions, self._calibration)
        factor = mean_slope(self._base_log_odds, math.fsum((*added, base)))
        slope = self._calibration.slope
        points = [slope * one * factor for one in self.log_odds(contributions)]
        return [*points, math.fsum((answer, -self.base_rate, *(-one for one in points)))]

    def reasons(self, contributions: Sequence[float], answer: float) -> tuple[Reason, ...]:
        """Tell the reasons of an answer, largest first; parameters as in `points`."""
        names, log_odds = (*self.groups, BASE), (*self.log_odds(contributions), 0.0)
        told = map(Reason, names, self.points(contributions, answer), log_odds)
        return tuple(sorted(told, key=lambda reason: -abs(reason.points)))


def calibrated(contributions: Sequence[float], calibration: Calibration) -> list[float]:
    """Contributions to the log-odds after calibration, and last their base.

    The answer is the sigmoid of their sum.

    Examples
    --------
    >>> calibrated([0.5, -1.0], Calibration(slope=0.8, intercept=0.1))
    [0.4, -0.7000000000000001]
    """
    *added, base = contributions
    slope = calibration.slope
    return [*(slope * one for one in added), slope * base + calibration.intercept]


def mean_slope(start: float, end: float) -> float:
    """The mean slope of the sigmoid between two log-odds: above 0, at most 1/4.

    Examples
    --------
    >>> mean_slope(0.0, 0.0)
    0.25
    >>> round(mean_slope(-1.0, 1.0), 4)
    0.2311
    """
    if abs(end - start) < _ALIKE:  # the difference would lose its digits; the middle is right to 1e-9
        middle = (start + end) / 2
        return _sigmoid(middle) * _sigmoid(-middle)
    if start + end > 0:  # near 1 as near 0, where no digits are lost
        start, end = -end, -start
    return (_sigmoid(end) - _sigmoid(start)) / (end - start)


def _log_odds(probability: float) -> float:
    certain = min(max(probability, _CERTAIN), 1 - _CERTAIN)
    return math.log(certain / (1 - certain))
