"""How a probability is told: the levels of risk, and what each would have meant on the test part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from puntual.inference.evaluation_results import Card, OperatingPoint
from puntual.types import Risk

HIGHEST_SHARE = 0.1
"""Of the flights measured, at most so many have a high risk: few enough to look at one by one."""


class RiskLevel(msgspec.Struct, frozen=True):
    """From which probability on a flight has a level of risk or a higher one, and what that would have meant.

    Attributes
    ----------
    risk : ``raised`` or ``high``
    cut : the probability
    called : share of the flights measured that reach it, with the timetable
    precision : share of those that were delayed; null if there is none
    recall : share of the delayed flights that reach it
    """

    risk: Risk
    cut: float
    called: float
    precision: float | None
    recall: float


class RiskScale(NamedTuple):
    """From which probabilities on the risk is `raised` and `high`.

    Examples
    --------
    >>> [RiskScale(0.3, 0.5).assess(probability) for probability in (0.29, 0.3, 0.5)]
    ['low', 'raised', 'high']
    """

    raised: float
    high: float

    def assess(self, probability: float) -> Risk:
        """The level of a probability."""
        if probability < self.raised:
            return "low"
        return "high" if probability >= self.high else "raised"


def risk_scale(decision_threshold: float, base_rate: float, points: Sequence[OperatingPoint]) -> RiskScale:
    """The scale of a model.

    A risk is raised from the decision threshold on, but never below the base rate; and high for the worst
    tenth of the flights measured, which no outcome of theirs decides.

    Parameters
    ----------
    points : ascending in the decision threshold

    Examples
    --------
    >>> points = [OperatingPoint(0.2, 0.4, 0.3, 0.7), OperatingPoint(0.4, 0.09, 0.5, 0.2)]
    >>> risk_scale(0.15, 0.18, points)
    RiskScale(raised=0.18, high=0.4)
    >>> risk_scale(0.45, 0.18, points)
    RiskScale(raised=0.45, high=0.45)
    """
    raised = max(decision_threshold, base_rate)
    few = (point.decision_threshold for point in points if point.called <= HIGHEST_SHARE)
    return RiskScale(raised, max(raised, next(few, 1.0)))


def measured_thresholds(card: Card) -> tuple[OperatingPoint, ...]:
    """Every threshold that was measured: that of the model itself, to the last digit, and whole percents."""
    first = card.evaluations[0]
    metrics = first.with_timetable
    called, precision, recall = (metrics[name] for name in ("called", "precision", "recall"))
    if called is None or recall is None:
        return card.operating_points
    value = None if precision is None else precision.value
    own = OperatingPoint(first.decision_threshold, called.value, value, recall.value)
    return (own, *card.operating_points)


def describe_scale(scale: RiskScale, points: Sequence[OperatingPoint]) -> tuple[RiskLevel, ...]:
    """What each level would have meant, at the threshold measured that is nearest to it; none without any.

    Parameters
    ----------
    points : of `measured_thresholds`

    Examples
    --------
    >>> points = [OperatingPoint(0.2, 0.4, 0.3, 0.7), OperatingPoint(0.4, 0.09, 0.5, 0.2)]
    >>> describe_scale(RiskScale(0.18, 0.4), points)[1]
    RiskLevel(risk='high', cut=0.4, called=0.09, precision=0.5, recall=0.2)
    """
    if not points:
        return ()

    def level(risk: Risk, cut: float) -> RiskLevel:
        nearest = min(points, key=lambda point: abs(point.decision_threshold - cut))
        return RiskLevel(risk, cut, nearest.called, nearest.precision, nearest.recall)

    return level("raised", scale.raised), level("high", scale.high)
