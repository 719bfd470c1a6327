"""The probability that a flight is cancelled: the part of an artifact that gives it."""

from __future__ import annotations

import msgspec

from puntual.inference.calibration import Calibration
from puntual.inference.rounding import rounded
from puntual.inference.scorer import OptionalScorer


class Cancellation(msgspec.Struct, frozen=True):
    """What gives the probability of a cancellation; with the timetable and without it.

    Attributes
    ----------
    booster : LightGBM's text format; None: the probability is the same for every flight
    calibration : of the booster; without one, its intercept is the log-odds of the probability
    base_rate : share of cancelled flights among those learned from
    """

    booster: str | None
    calibration: Calibration
    base_rate: float


class CancellationModel:
    """Predicts the probability that a flight is cancelled, from one thread.

    Parameters
    ----------
    cancellation : of the artifact
    features : how many numbers a booster reads
    """

    def __init__(self, cancellation: Cancellation, features: int) -> None:
        self.scorer = OptionalScorer(cancellation.booster, features, cancellation.calibration)

    def predict(self, values: tuple[float, ...]) -> float:
        """The probability, rounded as it is answered.

        Parameters
        ----------
        values : what the encoder gives
        """
        return rounded(self.scorer.probability(values))
