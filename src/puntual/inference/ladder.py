"""The ladder: P(delay > t) for several t, and from it how long the delay may be.

Each rung is the one nearer to the threshold times a chance of its own: above it, that a flight later than the
rung before is later than this one too; below it, that a flight not later than the rung after is still later
than this one. So it never rises, and its rung at the threshold is the answer itself (Tutz 1991, Sequential
models in categorical regression).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise

import msgspec

from puntual.inference.calibration import Calibration
from puntual.inference.rounding import rounded
from puntual.inference.scorer import Scorer
from puntual.types import DelayMinutes, Rung

RUNGS = (0, 15, 30, 60, 120)
"""Minutes; the threshold of the model is a rung too."""

QUANTILES = 21


class Step(msgspec.Struct, frozen=True):
    """The chance that leads from one rung to the next one away from the threshold.

    Attributes
    ----------
    minutes : of the rung that it leads to
    booster : LightGBM's text format; None: the same chance for every flight
    calibration : of the booster; without one, its intercept is the log-odds
    """

    minutes: int
    booster: str | None
    calibration: Calibration


class Stretch(msgspec.Struct, frozen=True):
    """The delays between two neighbouring rungs, of the flights learned from.

    Attributes
    ----------
    mean : minutes
    quantiles : minutes, from the least to the most in steps of 5 %, `QUANTILES` of them
    """

    mean: float
    quantiles: tuple[float, ...]


class Ladder(msgspec.Struct, frozen=True):
    """What an artifact knows beyond its threshold.

    Attributes
    ----------
    above : from the threshold upwards; below : from the threshold downwards
    stretches : of all delays, from the earliest to the latest: one more than there are rungs
    """

    above: tuple[Step, ...]
    below: tuple[Step, ...]
    stretches: tuple[Stretch, ...]


class Climber:
    """Climbs the ladder of one model.

    Parameters
    ----------
    ladder : of the artifact
    threshold : minutes, of the artifact
    features : how many numbers a booster reads

    Attributes
    ----------
    minutes : of the rungs, ascending
    """

    def __init__(self, ladder: Ladder, threshold: int, features: int) -> None:
        self._stretches = ladder.stretches
        self.above = [StepScorer(step, features) for step in ladder.above]
        self.below = [StepScorer(step, features) for step in ladder.below]
        self.minutes = (
            *(step.minutes for step in reversed(ladder.below)),
            threshold,
            *(step.minutes for step in ladder.above),
        )

    def climb(self, values: tuple[float, ...], probability: float) -> list[float]:
        """P(delay > t) for each rung.

        Parameters
        ----------
        values : what the encoder gives
        probability : of the answer, not rounded
        """
        above = [step.probability(values) for step in self.above]
        below = [step.probability(values) for step in self.below]
        return rungs(probability, above, below)

    def tell(self, chances: Sequence[float], answer: float) -> tuple[Rung, ...]:
        """The rungs as they are answered: four decimals; the one at the threshold is the answer.

        Parameters
        ----------
        chances : P(delay > t) for each rung
        answer : the probability, rounded
        """
        given = [rounded(chance) for chance in chances]
        given[len(self.below)] = answer
        return tuple(map(Rung, self.minutes, given))

    def delay(self, chances: Sequence[float]) -> DelayMinutes:
        """How long the delay may be.

        Parameters
        ----------
        chances : P(delay > t) for each rung
        """
        shares = [before - after for before, after in pairwise((1.0, *chances, 0.0))]
        expected = math.fsum(share * one.mean for share, one in zip(shares, self._stretches, strict=True))
        return DelayMinutes(
            expected=round(expected, 1),
            median=round(self._quantile(shares, 0.5), 1),
            bound_90=round(self._quantile(shares, 0.9), 1),
        )

    def _quantile(self, shares: Sequence[float], part: float) -> float:
        ends = list(accumulate(shares))
        at = min(bisect_left(ends, part), len(ends) - 1)
        start = ends[at] - shares[at]
        within = (part - start) / shares[at] if shares[at] > 0 else 0.0
        place = min(max(within, 0.0), 1.0) * (QUANTILES - 1)
        left = min(int(place), QUANTILES - 2)
        quantiles = self._stretches[at].quantiles
        return quantiles[left] + (quantiles[left + 1] - quantiles[left]) * (place - left)


class StepScorer:
    """The chance of one step."""

    def __init__(self, step: Step, features: int) -> None:
        self.minutes = step.minutes
        self.constant = step.calibration.probability(0.0)
        self.scorer = Scorer(step.booster, features, step.calibration) if step.booster is not None else None

    def probability(self, values: tuple[float, ...]) -> float:
        """For one flight."""
        return self.constant if self.scorer is None else self.scorer.probability(values)


def rungs(probability: float, above: Sequence[float], below: Sequence[float]) -> list[float]:
    """P(delay > t) for each rung, ascending in t.

    Parameters
    ----------
    probability : of the answer
    above, below : chances of the steps, from the threshold on

    Examples
    --------
    >>> rungs(0.5, above=[0.5, 0.2], below=[0.25])
    [0.625, 0.5, 0.25, 0.05]
    """
    higher = list(accumulate(above, initial=probability, func=lambda chance, step: chance * step))
    lower = list(
        accumulate(below, initial=probability, func=lambda chance, step: chance + (1 - chance) * step)
    )
    return [*lower[:0:-1], *higher]
