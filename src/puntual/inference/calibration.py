"""Raw log-odds of a booster -> probability; fitted by `puntual.models.calibration`."""

from __future__ import annotations

import math

import msgspec


class Calibration(msgspec.Struct, frozen=True):
    """Platt's sigmoid on the raw log-odds; slope 1 and intercept 0 leave them as they are.

    Examples
    --------
    >>> Calibration(slope=1.0, intercept=0.0).probability(0.0)
    0.5

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines.
    """

    slope: float = 1.0
    intercept: float = 0.0

    def probability(self, raw: float) -> float:
        """Probability of one raw score."""
        log_odds = self.slope * raw + self.intercept
        if log_odds >= 0:
            return 1 / (1 + math.exp(-log_odds))
        odds = math.exp(log_odds)
        return odds / (1 + odds)
