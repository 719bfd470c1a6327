"""P(delay > t) for several t, and from it the distribution of the delay in minutes.

Each probability follows from that of its neighbour s, which is nearer to the model's threshold. Above the
threshold, P(delay > t) = P(delay > s) · P(delay > t | delay > s). Below it, P(delay > t) = P(delay > s) +
P(delay ≤ s) · P(delay > t | delay ≤ s). So P(delay > t) does not increase with t, and at the threshold equals
the answer (Tutz 1991, Sequential models in categorical regression).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise

import msgspec

from puntual.inference.calibration import Calibration
from puntual.inference.rounding import rounded
from puntual.inference.scorer import OptionalScorer
from puntual.types import DelayMinutes, ExceedanceProbability

EXCEEDANCE_MINUTES = (0, 15, 30, 60, 120)
"""The t of P(delay > t); the threshold of the model is one more."""

QUANTILES = 21


class ConditionalModel(msgspec.Struct, frozen=True):
    """The conditional probability that leads from one t to the next one away from the threshold.

    Attributes
    ----------
    minutes : the t that it leads to
    booster : LightGBM's text format; None: the probability is the same for every flight
    calibration : of the booster; without one, its intercept is the log-odds of the probability
    """

    minutes: int
    booster: str | None
    calibration: Calibration


class DelayBin(msgspec.Struct, frozen=True):
    """The delays between two neighbouring t, of the flights learned from.

    Attributes
    ----------
    mean : minutes
    quantiles : minutes, from the least to the most in steps of 5 %, `QUANTILES` of them
    """

    mean: float
    quantiles: tuple[float, ...]


class Exceedance(msgspec.Struct, frozen=True):
    """The part of an artifact that turns the probability at its threshold into those at other minutes.

    Attributes
    ----------
    above : from the threshold upwards; below : from the threshold downwards
    bins : of all delays, from the earliest to the latest: one more than there are t
    """

    above: tuple[ConditionalModel, ...]
    below: tuple[ConditionalModel, ...]
    bins: tuple[DelayBin, ...] = msgspec.field(name="stretches")

    @property
    def minutes(self) -> tuple[int, ...]:
        """The t that are led to, from the threshold upwards and then downwards."""
        return tuple(model.minutes for model in (*self.above, *self.below))


class ExceedanceModel:
    """Predicts P(delay > t) and the delay in minutes.

    Parameters
    ----------
    exceedance : of the artifact
    delay_minutes : the t of the answers, `threshold_minutes` of the artifact
    features : how many numbers a booster reads

    Attributes
    ----------
    minutes : the t, ascending
    """

    def __init__(self, exceedance: Exceedance, delay_minutes: int, features: int) -> None:
        self._bins = exceedance.bins
        self.above, self.below = (
            [OptionalScorer(model.booster, features, model.calibration) for model in models]
            for models in (exceedance.above, exceedance.below)
        )
        self.minutes = (
            *(model.minutes for model in reversed(exceedance.below)),
            delay_minutes,
            *(model.minutes for model in exceedance.above),
        )

    def predict(self, values: tuple[float, ...], probability: float) -> list[float]:
        """P(delay > t) for each t.

        Parameters
        ----------
        values : what the encoder gives
        probability : of the answer, not rounded
        """
        above = [model.probability(values) for model in self.above]
        below = [model.probability(values) for model in self.below]
        return chain_probabilities(probability, above, below)

    def round_probabilities(
        self, probabilities: Sequence[float], answer: float
    ) -> tuple[ExceedanceProbability, ...]:
        """Round to four decimals, as answers are; the one at the threshold is the answer itself.

        Parameters
        ----------
        probabilities : P(delay > t) for each t
        answer : the probability of a delay, rounded
        """
        given = [rounded(probability) for probability in probabilities]
        given[len(self.below)] = answer
        return tuple(map(ExceedanceProbability, self.minutes, given))

    def delay(self, probabilities: Sequence[float]) -> DelayMinutes:
        """Mean, median and 90 % quantile of the delay, whose parts are distributed as in the bins.

        Parameters
        ----------
        probabilities : P(delay > t) for each t
        """
        shares = [before - after for before, after in pairwise((1.0, *probabilities, 0.0))]
        expected = math.fsum(share * one.mean for share, one in zip(shares, self._bins, strict=True))
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
        quantiles = self._bins[at].quantiles
        return quantiles[left] + (quantiles[left + 1] - quantiles[left]) * (place - left)


def chain_probabilities(probability: float, above: Sequence[float], below: Sequence[float]) -> list[float]:
    """P(delay > t) for each t, ascending in t.

    Parameters
    ----------
    probability : at the threshold
    above, below : conditional probabilities, from the threshold on

    Examples
    --------
    >>> chain_probabilities(0.5, above=[0.5, 0.2], below=[0.25])
    [0.625, 0.5, 0.25, 0.05]
    """
    higher = list(accumulate(above, initial=probability, func=lambda one, given: one * given))
    lower = list(accumulate(below, initial=probability, func=lambda one, given: one + (1 - one) * given))
    return [*lower[:0:-1], *higher]
