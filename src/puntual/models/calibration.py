"""Fits the calibration that an artifact carries, on months that were not learned from.

Only a slope is taken from the held-out months. Their level is not: the share of delayed flights moves from
month to month by more than a model could know, and a shift fitted on some months makes the others worse
(docs/decisions/0003-schedule-model.md). The slope turns about the base rate of the flights learned from, and
is used only where it helps months that it was not fitted on.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from puntual.evaluation import log_loss
from puntual.inference.calibration import Calibration

_SLOPES = (0.5, 1.5)


class Month(NamedTuple):
    """Flights of a month that was predicted from all before it.

    Attributes
    ----------
    raw : shape (n,), log-odds
    delayed : shape (n,), no nulls
    base_rate : share of delayed flights among those learned from
    """

    raw: npt.NDArray[np.float64]
    delayed: npt.NDArray[np.bool_]
    base_rate: float


def choose_slope(months: list[Month]) -> float:
    """Slope on the raw log-odds, or 1 where it does not help.

    It is fitted on all months but one, and judged by the log loss of that one, in turns.

    Examples
    --------
    >>> raw = np.repeat([-2.0, 2.0], 500)
    >>> delayed = (np.arange(1000) % 500 < 135) ^ (raw > 0)
    >>> round(choose_slope([Month(raw, delayed, 0.5)] * 3), 1)
    0.5
    >>> choose_slope([Month(raw, raw > 0, 0.5)])
    1.0
    """
    if len(months) < 2:
        return 1.0
    plain, sloped = 0.0, 0.0
    for position, month in enumerate(months):
        others = months[:position] + months[position + 1 :]
        plain += _loss(month, 1.0) * len(month.raw)
        sloped += _loss(month, fit_slope(others)) * len(month.raw)
    return fit_slope(months) if sloped < plain else 1.0


def fit_slope(months: list[Month]) -> float:
    """Slope by maximum likelihood, beside a level of its own for each month.

    Returns
    -------
    From 0.5 to 1.5; 1 where no month has both outcomes

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines.
    """
    told = [month for month in months if month.delayed.any() and not month.delayed.all()]
    if not told:
        return 1.0
    level = np.repeat(np.eye(len(told)), [len(month.raw) for month in told], axis=0)
    columns = np.column_stack([np.concatenate([month.raw for month in told]), level])
    delayed = np.concatenate([month.delayed for month in told])
    fitted = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-6, max_iter=1000).fit(columns, delayed)
    return float(np.clip(fitted.coef_[0, 0], *_SLOPES))


def about_base_rate(slope: float, base_rate: float) -> Calibration:
    """The calibration that leaves the base rate where it is.

    Examples
    --------
    >>> about_base_rate(0.5, base_rate=0.2).probability(math.log(0.2 / 0.8))
    0.2
    """
    return Calibration(slope=slope, intercept=(1 - slope) * math.log(base_rate / (1 - base_rate)))


def _loss(month: Month, slope: float) -> float:
    calibration = about_base_rate(slope, month.base_rate)
    return log_loss(np.array([calibration.probability(raw) for raw in month.raw.tolist()]), month.delayed)
