"""Contributions of features -> the reasons of an answer, by group, in points of probability.

The contributions of the groups to the log-odds sum to the difference between the model's starting value and
its answer. One factor turns log-odds into points: the mean slope of the calibrated probability between both.
It is never negative, so signs and order are kept. The difference between the base rate and the starting value
is a part of its own, ``base``. This is the path integral of Sundararajan, Taly, Yan (2017), Axiomatic
attribution for deep networks, along a straight line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from puntual.inference.calibration import Calibration
from puntual.inference.catalogue import FEATURES
from puntual.inference.operations import OPERATIONS_GROUPS
from puntual.types import Reason

BASE = "base"
GROUPS = {name: feature.group for name, feature in FEATURES.items()} | OPERATIONS_GROUPS
"""Every feature -> its group."""
_ALIKE = 1e-4


def groups_of(features: Sequence[str]) -> tuple[str, ...]:
    """The groups of some features, each once, in the catalogue's order.

    Examples
    --------
    >>> groups_of(["destination", "distance_km", "weekday"])
    ('destination', 'weekday')
    """
    return tuple(dict.fromkeys(GROUPS[name] for name in features))


class Explainer:
    """Finds the reasons of one model's answers.

    Parameters
    ----------
    features : names, in the order that the booster reads
    base_rate : share of the flights that the model learned from that were delayed

    Attributes
    ----------
    groups : of those features, in the catalogue's order
    """

    def __init__(self, features: Sequence[str], calibration: Calibration, base_rate: float) -> None:
        groups = [GROUPS[name] for name in features]
        self.groups = groups_of(features)
        self.base_rate = base_rate
        self._positions = [
            tuple(position for position, group in enumerate(groups) if group == one) for one in self.groups
        ]
        self._calibration = calibration

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
        factor = mean_slope(self._calibration, contributions[-1], math.fsum(contributions))
        points = [one * factor for one in self.log_odds(contributions)]
        return [*points, math.fsum((answer, -self.base_rate, *(-one for one in points)))]

    def reasons(
        self, contributions: Sequence[float], answer: float, unsaid: frozenset[str] = frozenset({BASE})
    ) -> tuple[Reason, ...]:
        """The reasons of an answer, largest first; parameters as in `points`.

        Parameters
        ----------
        unsaid : groups that come after all others
        """
        names, log_odds = (*self.groups, BASE), (*self.log_odds(contributions), 0.0)
        reasons = map(Reason, names, self.points(contributions, answer), log_odds)
        return tuple(sorted(reasons, key=lambda reason: (reason.group in unsaid, -abs(reason.points))))


def mean_slope(calibration: Calibration, start: float, end: float) -> float:
    """The mean slope of the calibrated probability between two raw log-odds; never below 0.

    Examples
    --------
    >>> from puntual.inference.calibration import Platt
    >>> round(mean_slope(Platt(), -1.0, 1.0), 4)
    0.2311
    >>> round(mean_slope(Platt(), 0.0, 0.0), 4)
    0.25
    """
    if abs(end - start) < _ALIKE:  # the difference would lose its digits
        middle = (start + end) / 2
        start, end = middle - _ALIKE / 2, middle + _ALIKE / 2
    return (calibration.probability(end) - calibration.probability(start)) / (end - start)
