"""The additive model over cells gives what scikit-learn gives over flights, in less memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from puntual.errors import ShapeError
from puntual.metrics.arrays import BoolArray, FloatArray, IntArray
from puntual.metrics.bootstrap import Z_95, Blocks, blocks_of_dates, interval_widening
from puntual.statistics.additive import RIDGE, fit_additive

FIRST = np.datetime64("2017-01-01")


def drawn(flights: int, sizes: Sequence[int], seed: int = 1) -> tuple[list[IntArray], BoolArray, IntArray]:
    """Codes of categories, whether each flight was delayed, and the number of its day."""
    draw = np.random.default_rng(seed)
    categories: list[IntArray] = [
        np.append(np.arange(size), draw.integers(0, size, flights - size)) for size in sizes
    ]
    effects = sum(draw.normal(0, 0.7, size)[codes] for size, codes in zip(sizes, categories, strict=True))
    days = np.sort(draw.integers(0, 120, flights))
    shocks = draw.normal(0, 0.5, 120)[days]
    return categories, draw.random(flights) < expit(-1.3 + effects + shocks), days


def over_flights(
    categories: Sequence[IntArray], delayed: BoolArray, days: IntArray, blocks: Blocks, category: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fitted probability of each flight, and the rate of each value and its interval's radius in log-odds."""
    design = OneHotEncoder(sparse_output=False).fit_transform(np.column_stack(list(categories)))
    model = LogisticRegression(C=1 / RIDGE, solver="newton-cholesky", tol=1e-9).fit(design, delayed)
    coefficients = np.append(model.intercept_, model.coef_)
    whole = np.column_stack([np.ones(len(design)), design])
    probability = expit(whole @ coefficients)
    weights = probability * (1 - probability)
    ridge = np.diag([0.0, *np.full(design.shape[1], RIDGE)])
    independent = np.linalg.inv(whole.T @ (weights[:, None] * whole) + ridge)
    of_day = scipy.sparse.csr_array((np.ones(len(days)), (days, np.arange(len(days)))))
    shocks = blocks.moving_sums(of_day @ ((delayed - probability)[:, None] * whole))
    clustered = independent @ (shocks.T @ shocks) @ independent
    widening = interval_widening(blocks.effective(of_day @ design))
    sizes = [int(codes.max()) + 1 for codes in categories]
    first = sum(sizes[:category])
    rates, radii = [], []
    for value in range(first, first + sizes[category]):
        changed = whole.copy()
        changed[:, 1 + first : 1 + first + sizes[category]] = 0
        changed[:, 1 + value] = 1
        with_value = expit(changed @ coefficients)
        rate = with_value.mean()
        gradient = (with_value * (1 - with_value)) @ changed / len(delayed) / (rate * (1 - rate))
        variance = max(gradient @ independent @ gradient, gradient @ clustered @ gradient)
        rates.append(rate)
        radii.append(Z_95 * widening[value] * np.sqrt(variance))
    return probability, np.array(rates), np.array(radii)


@pytest.mark.parametrize("sizes", [(3, 5), (4, 60, 7), (40, 2, 12, 7)])
def test_cells_give_what_flights_give(sizes: tuple[int, ...]) -> None:
    categories, delayed, days = drawn(4_000, sizes)
    blocks, day = blocks_of_dates(FIRST + days, delayed)
    model = fit_additive(categories, delayed, day, blocks)
    for category in range(len(sizes)):
        probability, rate, radius = over_flights(categories, delayed, day, blocks, category)
        margins = model.margins(category)
        np.testing.assert_allclose(model.probability, probability, rtol=1e-6)
        np.testing.assert_allclose(margins.rate, rate, rtol=1e-6)
        np.testing.assert_allclose(margins.low, expit(logit(rate) - radius), rtol=1e-6)
        np.testing.assert_allclose(margins.high, expit(logit(rate) + radius), rtol=1e-6)


def test_a_group_that_is_always_late_where_nearly_none_is() -> None:
    """A whole step of Newton's method would go far beyond the least loss."""
    group = np.zeros(20_000, np.int64)
    group[::500] = 1
    late = group == 1
    late[1::1000] = True
    days = np.arange(len(group)) // 200
    blocks, day = blocks_of_dates(FIRST + days, late)
    low, high = fit_additive([group], late, day, blocks).margins(0).rate
    _, expected, _ = over_flights([group], late, day, blocks, 0)
    assert (low, high) == pytest.approx((expected[0], expected[1]), rel=1e-6)
    assert high > 0.8


def test_thousands_of_routes_hold_no_square_of_them() -> None:
    routes = 3_000
    categories, delayed, days = drawn(12_000, (5, 12, 7, 24, routes))
    blocks, day = blocks_of_dates(FIRST + days, delayed)
    model = fit_additive(categories, delayed, day, blocks)
    assert model.information.nnz < 0.1 * routes**2
    margins = model.margins(4)
    assert len(margins.rate) == routes
    assert (np.nan_to_num(margins.low) <= margins.rate).all()


def test_all_late_or_lengths_that_differ_are_refused() -> None:
    categories, delayed, days = drawn(500, (3, 4))
    blocks, day = blocks_of_dates(FIRST + days, delayed)
    for wrong in (np.ones_like(delayed), np.zeros_like(delayed), delayed[1:]):
        with pytest.raises(ShapeError):
            fit_additive(categories, wrong, day, blocks)
