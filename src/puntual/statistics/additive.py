"""An additive model of several categories: what each is worth, the others being equal.

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

from puntual.arrays import BoolArray, FloatArray, IntArray
from puntual.errors import ShapeError
from puntual.metrics.bootstrap import Blocks, stretch

RIDGE = 1.0
"""Of each coefficient: a normal prior with a standard deviation of one log-odd."""
_SAMPLE = 20_000
_Z = 1.959964


class Margins(NamedTuple):
    """What each value of one category would do to all flights, each of shape (values,)."""

    rate: FloatArray
    low: FloatArray
    high: FloatArray


class Additive(NamedTuple):
    """A fitted model; `fit_additive` makes it.

    Attributes
    ----------
    design : indicators of the values, shape (n, values)
    starts : where each category's values begin among them, and where the last one's end
    coefficients : shape (values,), log-odds
    independent, clustered : covariance of the intercept and the coefficients, were the flights independent
        given the model, and with the shocks that those of near days share
    wider : by how much blocks of days being few stretches the intervals of each value, shape (values,); NaN
        where they are too few
    raw : log-odds of each flight, shape (n,)
    """

    design: scipy.sparse.csr_array
    starts: IntArray
    coefficients: FloatArray
    independent: FloatArray
    clustered: FloatArray
    wider: FloatArray
    raw: FloatArray

    @property
    def probability(self) -> FloatArray:
        """Of a delay, for each flight that was learned from; shape (n,)."""
        return np.asarray(expit(self.raw))

    def margins(self, category: int) -> Margins:
        """The delay rate that all flights would have, were they all of one value and else as they are.

        With 95 % intervals that are robust to the shocks that the flights of near days share, and never
        narrower than without them: a group of a few flights cannot show its shocks. NaN where a value's days
        form too few blocks.

        Parameters
        ----------
        category : its position among those that the model was fitted on

        References
        ----------
        Graubard and Korn (1999), Predictive margins with survey data, Biometrics 55(2).
        Liang and Zeger (1986), Longitudinal data analysis, Biometrika 73(1), for the intervals; with blocks
        of days as Driscoll and Kraay (1998), Review of Economics and Statistics 80(4).
        """
        own = slice(*self.starts[category : category + 2])
        # Evenly spaced flights stand for all of a long history.
        chosen = slice(None, None, max(1, len(self.raw) // _SAMPLE))
        design, raw = self.design[chosen], self.raw[chosen]
        others = raw - design[:, own] @ self.coefficients[own]
        values = range(own.start, own.stop)
        rates, reach = np.empty(len(values)), np.empty(len(values))
        for position, value in enumerate(values):
            probability = expit(others + self.coefficients[value])
            slope = probability * (1 - probability)
            gradient = np.concatenate([[slope.sum()], design.T @ slope])
            gradient[1 + own.start : 1 + own.stop] = 0.0
            gradient[1 + value] = slope.sum()
            rates[position] = probability.mean()
            gradient /= len(raw) * rates[position] * (1 - rates[position])
            variances = [gradient @ spread @ gradient for spread in (self.independent, self.clustered)]
            reach[position] = _Z * self.wider[value] * np.sqrt(max(variances))
        middle = logit(rates)
        return Margins(rates, expit(middle - reach), expit(middle + reach))


def fit_additive(
    categories: Sequence[IntArray], delayed: BoolArray, days: IntArray, blocks: Blocks
) -> Additive:
    """Fit what each value of each category adds to the log-odds of a delay.

    Parameters
    ----------
    categories : each of shape (n,), codes; values sort as their codes do
    delayed : shape (n,), some and not all
    days : shape (n,), which of the days of `blocks` each flight is of
    blocks : of those days

    Raises
    ------
    ShapeError : lengths differ, or all flights are alike

    Examples
    --------
    Flights at night are late, and the second airline flies at night only: it is late for that alone.

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
        raise ShapeError("categories, outcomes and days of one length, some of them delayed, are wanted")
    encoder = OneHotEncoder(dtype=np.float64)
    design = scipy.sparse.csr_array(encoder.fit_transform(np.column_stack(list(categories))))
    starts = np.cumsum([0, *(len(values) for values in encoder.categories_)])
    model = LogisticRegression(C=1 / RIDGE, solver="newton-cholesky", tol=1e-6).fit(design, delayed)
    raw = design @ model.coef_[0] + model.intercept_[0]
    spreads = _spreads(design, delayed, days, expit(raw), blocks)
    flights = scipy.sparse.csr_array((np.ones(len(days)), (days, np.arange(len(days))))) @ design
    return Additive(
        design, starts, model.coef_[0], *spreads, stretch(blocks.effective(flights.toarray())), raw
    )


def _spreads(
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
