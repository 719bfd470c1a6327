"""An additive model of several categories: the effect of each value, the others being equal.

A logistic regression on indicators with a weak ridge, so that a group of three flights has a finite effect.
Flights with the same categories are one cell, and the Hessian stays sparse: a network has thousands of
routes, of which no flight has two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse
from scipy.sparse.linalg import splu
from scipy.special import expit, logit

from puntual.errors import ShapeError
from puntual.metrics.arrays import BoolArray, FloatArray, IntArray
from puntual.metrics.bootstrap import Z_95, Blocks, interval_widening

RIDGE = 1.0
"""Penalty of the coefficients: as a normal prior with a standard deviation of 1 in log-odds."""
_SAMPLED_FLIGHTS = 20_000
_NUMBERS_AT_ONCE = 1 << 22
_STEPS, _HALVINGS = 50, 20
_TOLERANCE = 1e-9
"""Of the gradient of the mean loss."""


class Margins(NamedTuple):
    """The delay rate that all flights would have with each value of a category; each of shape (values,)."""

    rate: FloatArray
    low: FloatArray
    high: FloatArray


class AdditiveModel(NamedTuple):
    """A fitted model, from `fit_additive`.

    Attributes
    ----------
    starts : the first coefficient of each category, and the number of coefficients; the intercept is before
    coefficients : shape (1 + values,), log-odds, the intercept first
    sample : coefficients that evenly spaced flights have, shape (m, 1 + categories)
    information : factors of the Hessian, whose inverse is the covariance of the coefficients if flights are
        independent given the model
    shocks : shape (blocks, 1 + values), what each block of days moves the coefficients by; its square is
        their covariance if flights of near days share shocks
    widening : factor of each coefficient's interval for its small number of blocks of days; NaN if they are
        too few
    probability : of a delay, of each flight as fitted, shape (n,)
    """

    starts: IntArray
    coefficients: FloatArray
    sample: IntArray
    information: Any
    shocks: FloatArray
    widening: FloatArray
    probability: FloatArray

    def margins(self, category: int) -> Margins:
        """The delay rate that all flights would have with each value of a category, all else as it is.

        The 95 % intervals are robust to the shocks that flights of near days share, and never narrower than
        if flights were independent, since a group of a few flights cannot show its shocks. They are NaN if
        a value's days form too few blocks.

        Parameters
        ----------
        category : position among the categories that the model was fitted on

        References
        ----------
        Graubard and Korn (1999), Predictive margins with survey data, Biometrics 55(2).
        Liang and Zeger (1986), Longitudinal data analysis, Biometrika 73(1), for the intervals; with blocks
        of days as Driscoll and Kraay (1998), Review of Economics and Statistics 80(4).
        """
        first, end = self.starts[category : category + 2]
        others, flights = np.unique(np.delete(self.sample, 1 + category, axis=1), axis=0, return_counts=True)
        log_odds = self.coefficients[others].sum(axis=1)
        design = _indicators(others, len(self.coefficients))
        rates, variances = np.empty(end - first), np.empty(end - first)
        at_once = max(1, _NUMBERS_AT_ONCE // max(design.shape))
        for start in range(first, end, at_once):
            values = np.arange(start, min(start + at_once, end))
            probability = expit(log_odds[:, None] + self.coefficients[values])
            slope = flights[:, None] * probability * (1 - probability)
            rate = flights @ probability / len(self.sample)
            gradient = design.T @ slope
            gradient[values, np.arange(len(values))] = slope.sum(axis=0)
            gradient /= len(self.sample) * rate * (1 - rate)
            independent = np.sum(gradient * self.information.solve(gradient), axis=0)
            clustered = np.sum((self.shocks @ gradient) ** 2, axis=0)
            rates[values - first], variances[values - first] = rate, np.maximum(independent, clustered)
        radius, middle = Z_95 * self.widening[first:end] * np.sqrt(variances), logit(rates)
        return Margins(rates, expit(middle - radius), expit(middle + radius))


def fit_additive(
    categories: Sequence[IntArray], delayed: BoolArray, days: IntArray, blocks: Blocks
) -> AdditiveModel:
    """Fit the effect of each value of each category on the log-odds of a delay.

    Parameters
    ----------
    categories : each of shape (n,), codes from 0 of which each is used; values sort as their codes do
    delayed : shape (n,), some and not all
    days : shape (n,), position of each flight's day among the days of `blocks`

    Raises
    ------
    ShapeError : lengths differ, or all flights are delayed, or none

    Examples
    --------
    Flights at night are late, and the second airline flies only at night, which explains its delays.

    >>> night, airline = np.tile([0, 1, 1, 0], 50), np.tile([0, 0, 1, 0], 50)
    >>> late = np.tile([0, 1, 1, 0], 50) == 1
    >>> late[::7] = ~late[::7]
    >>> from puntual.metrics.bootstrap import draw_blocks
    >>> days = np.arange(200) // 5
    >>> dates = np.datetime64("2017-01-01") + np.arange(40)
    >>> blocks = draw_blocks(dates, np.bincount(days).astype(float), np.bincount(days, late))
    >>> model = fit_additive([night, airline], late, days, blocks)
    >>> model.margins(0).rate.round(1).tolist()
    [0.2, 0.8]
    >>> bool(np.ptp(model.margins(1).rate) < 0.1)
    True
    """
    if any(len(codes) != len(delayed) for codes in (*categories, days)) or delayed.all() or not delayed.any():
        raise ShapeError("categories, outcomes and days must have one length, with some delayed, not all")
    # The intercept is a category that all flights share.
    codes = [np.zeros(len(delayed), np.int64), *categories]
    sizes = [int(of_category.max()) + 1 for of_category in codes]
    starts = np.cumsum([0, *sizes])
    _, first, cell = np.unique(np.ravel_multi_index(codes, sizes), return_index=True, return_inverse=True)
    flights, late = np.bincount(cell).astype(np.float64), np.bincount(cell, delayed).astype(np.float64)
    design = _indicators(_columns(codes, starts, first), int(starts[-1]))
    coefficients = _fit(design, flights, late)
    of_cell = expit(design @ coefficients)
    probability = of_cell[cell]
    information = splu(_hessian(design, flights * of_cell * (1 - of_cell)), **_SYMMETRIC)

    def by_day(weights: FloatArray) -> FloatArray:
        """Sums over the flights of each day with each coefficient, shape (days, coefficients)."""
        summed = [
            np.bincount(days * size + of_category, weights, minlength=len(blocks.days) * size)
            for of_category, size in zip(codes, sizes, strict=True)
        ]
        return np.hstack([each.reshape(len(blocks.days), -1) for each in summed])

    every = slice(None, None, max(1, len(delayed) // _SAMPLED_FLIGHTS))
    return AdditiveModel(
        starts[1:],
        coefficients,
        _columns(codes, starts, every),
        information,
        information.solve(blocks.moving_sums(by_day(delayed - probability)).T).T,
        interval_widening(blocks.effective(by_day(np.ones(len(delayed))))),
        probability,
    )


_SYMMETRIC = {"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}
"""The Hessian is: then the coefficients of which no flight has two, such as routes, are eliminated first."""


def _columns(codes: Sequence[IntArray], starts: IntArray, rows: IntArray | slice) -> IntArray:
    """The coefficients that some flights have, one of each category."""
    return np.column_stack(
        [start + of_category[rows] for start, of_category in zip(starts[:-1], codes, strict=True)]
    )


def _indicators(columns: IntArray, width: int) -> scipy.sparse.csr_array:
    rows, each = columns.shape
    pointers = np.arange(0, columns.size + 1, each)
    return scipy.sparse.csr_array((np.ones(columns.size), columns.ravel(), pointers), shape=(rows, width))


def _hessian(design: scipy.sparse.csr_array, weights: FloatArray) -> scipy.sparse.csc_array:
    weighted = scipy.sparse.dia_array((weights[None, :], [0]), shape=(len(weights), len(weights))) @ design
    ridge = scipy.sparse.diags_array(_ridge(design.shape[1]))
    return scipy.sparse.csc_array(design.T @ weighted + ridge)


def _ridge(width: int) -> FloatArray:
    """The penalty of each coefficient: none of the intercept."""
    return np.array([0.0, *np.full(width - 1, RIDGE)])


def _fit(design: scipy.sparse.csr_array, flights: FloatArray, late: FloatArray) -> FloatArray:
    """The coefficients of the least penalized loss, by Newton's method with halved steps.

    Parameters
    ----------
    design : indicators of each cell, the intercept's first
    flights, late : of each cell
    """
    ridge, total = _ridge(design.shape[1]), flights.sum()

    def loss(coefficients: FloatArray) -> float:
        log_odds = design @ coefficients
        return float(flights @ np.logaddexp(0, log_odds) - late @ log_odds + ridge @ coefficients**2 / 2)

    coefficients = np.zeros(len(ridge))
    coefficients[0] = logit(late.sum() / total)
    lowest = loss(coefficients)
    for _ in range(_STEPS):
        probability = expit(design @ coefficients)
        gradient = design.T @ (flights * probability - late) + ridge * coefficients
        if np.abs(gradient).max() <= _TOLERANCE * total:
            break
        hessian = _hessian(design, flights * probability * (1 - probability))
        step = splu(hessian, **_SYMMETRIC).solve(gradient)
        for _ in range(_HALVINGS):
            found = loss(coefficients - step)
            if found <= lowest:
                coefficients, lowest = coefficients - step, found
                break
            step /= 2
        else:
            break
    return coefficients
