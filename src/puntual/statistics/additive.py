"""An additive model of several categories: the effect of each value, the others being equal.

A logistic regression on indicators with a weak ridge, so that a group of three flights has a finite effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from puntual.errors import ShapeError
from puntual.metrics.arrays import BoolArray, FloatArray, IntArray
from puntual.metrics.bootstrap import Z_95, Blocks, interval_widening

RIDGE = 1.0
"""Penalty of the coefficients: as a normal prior with a standard deviation of 1 in log-odds."""
_SAMPLED_FLIGHTS = 20_000


class Margins(NamedTuple):
    """The delay rate that all flights would have with each value of a category; each of shape (values,)."""

    rate: FloatArray
    low: FloatArray
    high: FloatArray


class AdditiveModel(NamedTuple):
    """A fitted model, from `fit_additive`.

    Attributes
    ----------
    design : indicators of the values, shape (n, values)
    starts : the first column of each category, and the number of columns
    coefficients : shape (values,), log-odds
    independent, clustered : covariance of the intercept and the coefficients, if flights are independent
        given the model, and if flights of near days share shocks
    widening : factor of each value's interval for its small number of blocks of days, shape (values,); NaN if
        they are too few
    log_odds : of each flight, shape (n,)
    """

    design: scipy.sparse.csr_array
    starts: IntArray
    coefficients: FloatArray
    independent: FloatArray
    clustered: FloatArray
    widening: FloatArray
    log_odds: FloatArray

    @property
    def probability(self) -> FloatArray:
        """Each flight's fitted probability of a delay; shape (n,)."""
        return np.asarray(expit(self.log_odds))

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
        own = slice(*self.starts[category : category + 2])
        # Evenly spaced flights represent a long history.
        sample = slice(None, None, max(1, len(self.log_odds) // _SAMPLED_FLIGHTS))
        design, log_odds = self.design[sample], self.log_odds[sample]
        others = log_odds - design[:, own] @ self.coefficients[own]
        values = range(own.start, own.stop)
        rates, radius = np.empty(len(values)), np.empty(len(values))
        for position, value in enumerate(values):
            probability = expit(others + self.coefficients[value])
            slope = probability * (1 - probability)
            gradient = np.concatenate([[slope.sum()], design.T @ slope])
            gradient[1 + own.start : 1 + own.stop] = 0.0
            gradient[1 + value] = slope.sum()
            rates[position] = probability.mean()
            gradient /= len(log_odds) * rates[position] * (1 - rates[position])
            variances = [gradient @ one @ gradient for one in (self.independent, self.clustered)]
            radius[position] = Z_95 * self.widening[value] * np.sqrt(max(variances))
        middle = logit(rates)
        return Margins(rates, expit(middle - radius), expit(middle + radius))


def fit_additive(
    categories: Sequence[IntArray], delayed: BoolArray, days: IntArray, blocks: Blocks
) -> AdditiveModel:
    """Fit the effect of each value of each category on the log-odds of a delay.

    Parameters
    ----------
    categories : each of shape (n,), codes; values sort as their codes do
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
    encoder = OneHotEncoder(dtype=np.float64)
    design = scipy.sparse.csr_array(encoder.fit_transform(np.column_stack(list(categories))))
    starts = np.cumsum([0, *(len(values) for values in encoder.categories_)])
    model = LogisticRegression(C=1 / RIDGE, solver="newton-cholesky", tol=1e-6).fit(design, delayed)
    log_odds = design @ model.coef_[0] + model.intercept_[0]
    covariances = _covariances(design, delayed, days, expit(log_odds), blocks)
    flights = scipy.sparse.csr_array((np.ones(len(days)), (days, np.arange(len(days))))) @ design
    return AdditiveModel(
        design,
        starts,
        model.coef_[0],
        *covariances,
        interval_widening(blocks.effective(flights.toarray())),
        log_odds,
    )


def _covariances(
    design: scipy.sparse.csr_array,
    delayed: BoolArray,
    days: IntArray,
    probability: FloatArray,
    blocks: Blocks,
) -> tuple[FloatArray, FloatArray]:
    rows = np.arange(len(delayed))
    whole = scipy.sparse.csr_array(scipy.sparse.hstack([np.ones((len(rows), 1)), design]))
    slope = scipy.sparse.csr_array((probability * (1 - probability), (rows, rows)))
    ridge = np.diag([0.0, *np.full(design.shape[1], RIDGE)])
    independent = np.linalg.inv((whole.T @ slope @ whole).toarray() + ridge)
    surprise = scipy.sparse.csr_array((delayed - probability, (days, rows)))
    shocks = blocks.moving_sums((surprise @ whole).toarray())
    return independent, independent @ (shocks.T @ shocks) @ independent
