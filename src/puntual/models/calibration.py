"""Fits the calibration that an artifact carries, on months that were not learned from.

The delay rate moves from month to month by more than a model can anticipate, so a level fitted on some months
makes others worse (docs/decisions/0003-schedule-model.md). So each method learns only the shape of the
calibration curve, with an intercept for each month, and the curve is anchored at the base rate of the flights
learned from. A method is used only if it helps months that it was not fitted on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from puntual.inference.calibration import Beta, Calibration, Isotonic, Platt
from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.metrics.calibrated import calibrate
from puntual.metrics.calibration_curve import level_shift
from puntual.metrics.scores import log_loss

Anchored = Callable[[float], Calibration]
"""Base rate of the flights learned from -> the calibration that maps it to itself."""

_SLOPES = (0.5, 1.5)
_SUREST = 0.001
_POINTS = 50


class Month(NamedTuple):
    """Flights of a month that was predicted from all before it.

    Attributes
    ----------
    raw : shape (n,), log-odds
    delayed : shape (n,), no nulls
    base_rate : share of delayed flights among those learned from
    """

    raw: FloatArray
    delayed: BoolArray
    base_rate: float


class CalibrationResult(NamedTuple):
    """The method that did best on months that it was not fitted on.

    Attributes
    ----------
    losses : log loss of each method on those months
    probability : of the flights of each month, by the method fitted on the other months; months in order
    """

    method: str
    anchored_at: Anchored
    losses: dict[str, float]
    probability: FloatArray


def uncalibrated(months: list[Month]) -> Anchored:  # noqa: ARG001
    """Leave every score as it is."""
    return lambda base_rate: Platt()


def fit_platt(months: list[Month]) -> Anchored:
    """Fit Platt's slope by maximum likelihood, from 0.5 to 1.5.

    Examples
    --------
    >>> raw = np.repeat([-2.0, 2.0], 500)
    >>> delayed = (np.arange(1000) % 500 < 135) ^ (raw > 0)
    >>> fitted = fit_platt([Month(raw, delayed, 0.5)] * 3)(0.2)
    >>> round(fitted.slope, 1), round(fitted.probability(math.log(0.2 / 0.8)), 6)
    (0.5, 0.2)

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines.
    """
    (slope,) = _fit([month.raw[:, None] for month in months], months)
    slope = float(np.clip(slope, *_SLOPES))
    return lambda base_rate: Platt(slope=slope, intercept=(1 - slope) * float(logit(base_rate)))


def fit_beta(months: list[Month]) -> Anchored:
    """Fit both slopes of beta calibration by maximum likelihood, from 0 to 1.5.

    References
    ----------
    Kull, Silva Filho and Flach (2017), Beta calibration, AISTATS.
    """
    columns = [
        np.column_stack([-np.logaddexp(0, -month.raw), np.logaddexp(0, month.raw)]) for month in months
    ]
    late, on_time = (float(np.clip(slope, 0, _SLOPES[1])) for slope in _fit(columns, months))

    def anchored_at(base_rate: float) -> Beta:
        intercept = logit(base_rate) - late * math.log(base_rate) + on_time * math.log1p(-base_rate)
        return Beta(late=late, on_time=on_time, intercept=float(intercept))

    return anchored_at


def fit_isotonic(months: list[Month]) -> Anchored:
    """Fit the increasing curve of least squares, at fifty scores of equally many flights.

    References
    ----------
    Zadrozny and Elkan (2002), Transforming classifier scores into accurate multiclass probability estimates.
    """
    usable = _with_both(months)
    if not usable:
        return uncalibrated(months)
    raw = np.concatenate([month.raw + level_shift(month.raw, month.delayed) for month in usable])
    fitted = IsotonicRegression(y_min=_SUREST, y_max=1 - _SUREST, out_of_bounds="clip")
    fitted.fit(raw, np.concatenate([month.delayed for month in usable]))
    points = np.unique(np.quantile(raw, np.linspace(0, 1, _POINTS)))
    answers = np.clip(fitted.predict(points), _SUREST, 1 - _SUREST)
    if len(points) < 2:
        return uncalibrated(months)

    def anchored_at(base_rate: float) -> Isotonic:
        shift = logit(base_rate) - logit(np.interp(logit(base_rate), points, answers))
        levelled = np.clip(expit(logit(answers) + shift), _SUREST, 1 - _SUREST)
        return Isotonic(raw=tuple(points.tolist()), answers=tuple(levelled.tolist()))

    return anchored_at


METHODS: dict[str, Callable[[list[Month]], Anchored]] = {
    "none": uncalibrated,
    "platt": fit_platt,
    "beta": fit_beta,
    "isotonic": fit_isotonic,
}
"""The simplest first: of two that do equally well, the first is chosen."""


def choose_calibration(months: list[Month], methods: tuple[str, ...] = tuple(METHODS)) -> CalibrationResult:
    """Choose the method by cross-validation: each month is predicted by the method fitted on all others.

    Parameters
    ----------
    methods : of `METHODS`, in their order; of less than two months, none is fitted

    Examples
    --------
    >>> raw = np.repeat([-2.0, 2.0], 500)
    >>> delayed = (np.arange(1000) % 500 < 135) ^ (raw > 0)
    >>> choose_calibration([Month(raw, delayed, 0.5)] * 3).method
    'platt'
    >>> choose_calibration([Month(raw, raw > 0, 0.5)]).method
    'none'
    """
    if len(months) < 2:
        return CalibrationResult("none", uncalibrated(months), {}, _predict_held_out(uncalibrated, months))
    predictions = {name: _predict_held_out(METHODS[name], months) for name in methods}
    delayed = np.concatenate([month.delayed for month in months])
    losses = {name: log_loss(one, delayed) for name, one in predictions.items()}
    best = min(methods, key=lambda name: round(losses[name], 5))
    return CalibrationResult(best, METHODS[best](months), losses, predictions[best])


def _predict_held_out(fit: Callable[[list[Month]], Anchored], months: list[Month]) -> FloatArray:
    of_months = [
        calibrate(fit(months[:position] + months[position + 1 :])(month.base_rate), month.raw)
        for position, month in enumerate(months)
    ]
    return np.concatenate([np.empty(0), *of_months])


def _fit(columns: list[FloatArray], months: list[Month]) -> FloatArray:
    """Slopes by maximum likelihood, with an intercept for each month; 1 if no month has both outcomes."""
    usable = [(column, month) for column, month in zip(columns, months, strict=True) if _with_both([month])]
    width = columns[0].shape[1]
    if not usable:
        return np.ones(width)
    intercepts = np.repeat(np.eye(len(usable)), [len(month.raw) for _, month in usable], axis=0)
    matrix = np.column_stack([np.concatenate([column for column, _ in usable]), intercepts])
    delayed = np.concatenate([month.delayed for _, month in usable])
    fitted = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-6, max_iter=1000).fit(matrix, delayed)
    return np.asarray(fitted.coef_[0, :width])


def _with_both(months: list[Month]) -> list[Month]:
    return [month for month in months if month.delayed.any() and not month.delayed.all()]
