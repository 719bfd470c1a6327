"""The ladder is fitted step by step, and its delays are those of the flights learned from."""

from __future__ import annotations

import re

import numpy as np
import pytest

from puntual.batch import predict_exceedance
from puntual.inference.calibration import Platt
from puntual.inference.exceedance import QUANTILES, Exceedance, ExceedanceModel
from puntual.metrics.arrays import DateArray, FloatArray
from puntual.metrics.scores import auc
from puntual.models.boosting import FEATURE_NAMES, PARAMETERS
from puntual.models.ensemble import MEMBERS
from puntual.models.exceedance import Condition, conditional_chain, fit_exceedance
from puntual.training import exceedance as fitting
from puntual.training.cross_validation import Budget, rolling_folds
from puntual.training.exceedance import tune_exceedance
from tests.flights import random_rows
from tests.quick import QUICK

HOUR = FEATURE_NAMES.index("minute_of_day")
COUNT = 5000

History = tuple[FloatArray, FloatArray, DateArray]
"""Features, minutes of delay and dates of some flights."""


@pytest.fixture(scope="module")
def history() -> History:
    """Half of the flights are later, and later by longer; few by more than two hours."""
    draw = np.random.default_rng(1)
    matrix = random_rows(COUNT, 1)
    matrix[:, HOUR] = draw.integers(0, 1440, COUNT)
    evening = matrix[:, HOUR] > 720
    minutes = (draw.exponential(np.where(evening, 40, 12), COUNT) - 8).round()
    minutes = np.where(minutes > 120, np.where(np.arange(COUNT) % 10 == 0, 150.0, 100.0), minutes)
    dates = np.datetime64("2017-01-01") + np.sort(draw.integers(0, 200, COUNT))
    return matrix, minutes, dates


@pytest.fixture(scope="module")
def steps(history: History) -> tuple[Condition, ...]:
    matrix, minutes, dates = history
    budget = Budget(max_exceedance_trees=80, steps=8)
    return tune_exceedance(matrix, minutes, rolling_folds(dates), delay_minutes=15, seed=1, budget=budget)


@pytest.fixture(scope="module")
def exceedance(history: History, steps: tuple[Condition, ...]) -> Exceedance:
    return fit_exceedance(*history[:2], steps, seed=1)


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (0, [(15, 0), (30, 15), (60, 30), (120, 60)]),
        (45, [(60, 45), (120, 60), (30, 45), (15, 30), (0, 15)]),
        (300, [(120, 300), (60, 120), (30, 60), (15, 30), (0, 15)]),
    ],
)
def test_steps_lead_away_from_the_threshold(threshold: int, expected: list[tuple[int, int]]) -> None:
    assert [(one.minutes, one.given_minutes) for one in conditional_chain(threshold)] == expected


def test_a_step_is_of_the_flights_beyond_the_rung_before() -> None:
    minutes = np.array([-5.0, 0, 15, 16, 30, 31])
    assert minutes[Condition(30, 15).applies(minutes)].tolist() == [16, 30, 31]
    assert minutes[Condition(0, 15).applies(minutes)].tolist() == [-5, 0, 15]


def test_too_few_flights_share_one_chance(
    history: History, steps: tuple[Condition, ...], exceedance: Exceedance
) -> None:
    _, minutes, _ = history
    assert [(step.minutes, step.trees == 0) for step in steps] == [
        (30, False), (60, False), (120, True), (0, False),
    ]  # fmt: skip
    last = exceedance.above[-1]
    later, among = (minutes > 120).sum(), (minutes > 60).sum()
    assert last.booster is None
    assert 0 < later < fitting.MIN_OF_EACH
    assert last.calibration.probability(0.0) == pytest.approx((later + 1) / (among + 2))
    assert all(step.booster for step in (*exceedance.above[:-1], *exceedance.below))


def test_rungs_hold_what_was_learned(history: History, exceedance: Exceedance) -> None:
    matrix, minutes, _ = history
    model = ExceedanceModel(exceedance, 15, len(FEATURE_NAMES))
    evening = matrix[:, HOUR] > 720
    told = np.where(evening, (minutes[evening] > 15).mean(), (minutes[~evening] > 15).mean())
    for at, chance in zip(model.minutes, predict_exceedance(model, matrix, told).T, strict=True):
        late = minutes > at
        assert chance.mean() == pytest.approx(late.mean(), abs=0.025)
        ranked = auc(chance, late)
        assert ranked is not None
        assert ranked > 0.6


def test_the_mean_delay_comes_back(history: History, exceedance: Exceedance) -> None:
    """From the shares of all flights learned from, as if they were one flight's chances."""
    _, minutes, _ = history
    model = ExceedanceModel(exceedance, 15, len(FEATURE_NAMES))
    delay = model.delay([float((minutes > at).mean()) for at in model.minutes])
    assert delay.expected == pytest.approx(minutes.mean(), abs=0.06)
    assert delay.median == pytest.approx(np.median(minutes), abs=1)
    assert delay.bound_90 == pytest.approx(np.quantile(minutes, 0.9), abs=2)


def test_delay_bins_lie_between_their_edges(exceedance: Exceedance) -> None:
    edges = [-np.inf, 0, 15, 30, 60, 120, np.inf]
    assert len(exceedance.bins) == len(edges) - 1
    for one, low, high in zip(exceedance.bins, edges[:-1], edges[1:], strict=True):
        assert len(one.quantiles) == QUANTILES
        assert list(one.quantiles) == sorted(one.quantiles)
        assert low < one.quantiles[0] <= one.mean <= one.quantiles[-1] <= high


def test_a_stretch_without_flights_is_its_rung() -> None:
    """No flight is later than an hour, and none leaves before its time."""
    minutes = np.tile([5.0, 20.0, 40.0, 55.0], 30)
    steps = conditional_chain(15)
    exceedance = fit_exceedance(random_rows(120, 1), minutes, steps, seed=1)
    assert [one.mean for one in exceedance.bins] == [0, 5, 20, 47.5, 120, 120]
    model = ExceedanceModel(exceedance, 15, len(FEATURE_NAMES))
    chances = model.predict(tuple([0.0] * len(FEATURE_NAMES)), 0.75)
    assert chances == pytest.approx([0.75 + 0.25 * 31 / 32, 0.75, 0.75 * 61 / 92, 0.75 * 61 / 92 / 62,
                                     0.75 * 61 / 92 / 62 / 2])  # fmt: skip
    assert all(isinstance(step.calibration, Platt) for step in (*exceedance.above, *exceedance.below))


def test_the_settings_are_those_of_every_step(history: History, exceedance: Exceedance) -> None:
    matrix, minutes, dates = history
    parameters = {**PARAMETERS, "num_leaves": 3}
    small = tune_exceedance(
        matrix, minutes, rolling_folds(dates), delay_minutes=15, seed=1, budget=QUICK, parameters=parameters
    )
    assert all(step.parameters == parameters for step in small)
    assert leaves(fit_exceedance(matrix, minutes, small, seed=1)) == 3 < leaves(exceedance)


def leaves(exceedance: Exceedance) -> int:
    """Of the largest tree."""
    text = "".join(step.booster or "" for step in (*exceedance.above, *exceedance.below))
    return max(map(int, re.findall(r"num_leaves=(\d+)", text)))


def test_the_same_flights_and_seed_give_the_same_models(
    history: History, steps: tuple[Condition, ...], exceedance: Exceedance
) -> None:
    fitted: list[None] = []
    again = fit_exceedance(*history[:2], steps, seed=1, on_tree=lambda: fitted.append(None))
    assert again == exceedance
    assert len(fitted) == MEMBERS * sum(step.trees for step in steps)
