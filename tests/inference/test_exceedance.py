"""P(delay > t) does not increase, equals the answer at the threshold, and gives the delay in minutes."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.batch import predict_exceedance, score_rows
from puntual.inference.artifact import Artifact
from puntual.inference.calibration import Platt
from puntual.inference.exceedance import (
    QUANTILES,
    ConditionalModel,
    DelayBin,
    Exceedance,
    ExceedanceModel,
    chain_probabilities,
)
from puntual.inference.predictor import Predictor
from puntual.inference.rounding import rounded
from puntual.inference.scorer import Scorer
from puntual.models.boosting import FEATURE_NAMES
from puntual.types import Flight
from tests.flights import random_rows

CHANCE = st.floats(0, 1)
CHANCES = st.lists(CHANCE, max_size=5)
NOON = dt.datetime(2017, 2, 3, 12)
FLIGHTS = [
    Flight(airline=airline, destination=destination, scheduled_departure=NOON + dt.timedelta(hours=31 * hour))
    for hour in range(12)
    for airline in ("LAN", "SKU", "ZZ")
    for destination in ("SCFA", "SAEZ")
]


def even(*edges: float) -> tuple[DelayBin, ...]:
    """Stretches in which every delay is as frequent."""
    return tuple(
        DelayBin((low + high) / 2, tuple(np.linspace(low, high, QUANTILES).tolist()))
        for low, high in pairwise(edges)
    )


def constants(threshold: int, above: list[int], below: list[int], *edges: float) -> ExceedanceModel:
    """A model without trees."""
    up, down = (
        tuple(ConditionalModel(minutes, None, Platt()) for minutes in steps) for steps in (above, below)
    )
    return ExceedanceModel(Exceedance(up, down, even(*edges)), threshold, len(FEATURE_NAMES))


SCL = constants(15, [30, 60, 120], [0], -10, 0, 15, 30, 60, 120, 300)


@given(CHANCE, CHANCES, CHANCES)
def test_it_never_rises_and_holds_the_answer(
    probability: float, above: list[float], below: list[float]
) -> None:
    told = chain_probabilities(probability, above, below)
    assert len(told) == len(above) + len(below) + 1
    assert told[len(below)] == probability
    assert all(one >= other for one, other in pairwise((1, *told, 0)))


@given(CHANCE, st.tuples(CHANCE, CHANCE, CHANCE), CHANCE)
def test_rounding_keeps_it(probability: float, above: tuple[float, ...], below: float) -> None:
    told = SCL.round_probabilities(chain_probabilities(probability, above, [below]), rounded(probability))
    assert [one.minutes for one in told] == [0, 15, 30, 60, 120]
    assert told[1].probability == rounded(probability)
    assert all(one.probability >= other.probability for one, other in pairwise(told))


def test_a_certain_step_at_half_a_unit_does_not_rise() -> None:
    """0.00005 lies between two answers; the same chance is rounded the same way on every one."""
    for steps in range(200):
        probability = steps / 10_000 + 0.00005
        told = SCL.round_probabilities(
            chain_probabilities(probability, [1.0, 1.0, 1.0], [0.0]), rounded(probability)
        )
        assert len({one.probability for one in told}) == 1


def test_the_delay_by_hand() -> None:
    """Half of the flights leave from 10 minutes early to 15 late, half up to 40 late."""
    model = constants(15, [], [], -10, 15, 40)
    assert msgspec.structs.astuple(model.delay([0.5])) == (15.0, 15.0, 35.0)
    assert msgspec.structs.astuple(model.delay([0.0])) == (2.5, 2.5, 12.5)
    assert msgspec.structs.astuple(model.delay([1.0])) == (27.5, 27.5, 37.5)


@given(CHANCE, st.tuples(CHANCE, CHANCE, CHANCE), CHANCE)
def test_the_delay_agrees_with_the_rungs(probability: float, above: tuple[float, ...], below: float) -> None:
    chances = chain_probabilities(probability, above, [below])
    delay = SCL.delay(chances)
    assert -10 <= delay.median <= delay.bound_90 <= 300
    assert -5 <= delay.expected <= 210
    for minutes, chance in zip(SCL.minutes, chances, strict=True):
        for told, share in ((delay.median, 0.5), (delay.bound_90, 0.1)):
            assert told >= minutes or chance < share + 1e-9
            assert told <= minutes or chance > share - 1e-9


def test_more_chance_of_a_delay_means_a_longer_one() -> None:
    told = [
        SCL.delay(chain_probabilities(chance, [0.5, 0.5, 0.5], [0.3]))
        for chance in (0.05, 0.2, 0.4, 0.7, 0.95)
    ]
    for name in ("expected", "median", "bound_90"):
        values = [getattr(delay, name) for delay in told]
        assert values == sorted(values)
        assert values[0] < values[-1]


def test_answers_carry_it(small_artifact: Artifact) -> None:
    predictor = Predictor(small_artifact)
    told = predictor.explain(FLIGHTS, complete_days=True)
    for answer in told:
        assert [one.minutes for one in answer.exceedance] == [0, 15, 30, 60, 120]
        assert answer.exceedance[1].probability == answer.delay_probability
        assert all(one.probability >= other.probability for one, other in pairwise(answer.exceedance))
        assert answer.exceedance[0].probability > answer.exceedance[4].probability
        assert answer.delay_minutes.median <= answer.delay_minutes.bound_90
    assert len({answer.exceedance for answer in told}) > 1


def test_a_step_with_trees_is_read_from_them(small_artifact: Artifact) -> None:
    model = ExceedanceModel(small_artifact.exceedance, 15, len(FEATURE_NAMES))
    step = small_artifact.exceedance.above[0]
    assert step.booster is not None
    scorer = Scorer(step.booster, len(FEATURE_NAMES), step.calibration)
    for values in map(tuple, random_rows(20, seed=3).tolist()):
        chances = model.predict(values, 0.25)
        assert chances[2] == 0.25 * scorer.probability(values)
        assert chances[3] / chances[2] == pytest.approx(1 / (1 + np.exp(0.4)))


def test_a_batch_is_its_flights_one_at_a_time(small_artifact: Artifact, scorer: Scorer) -> None:
    model = ExceedanceModel(small_artifact.exceedance, 15, len(FEATURE_NAMES))
    rows = random_rows(300, seed=8)
    rows[0] = np.nan
    probability = score_rows(scorer, rows)
    alone = [
        model.predict(tuple(values), chance)
        for values, chance in zip(rows.tolist(), probability.tolist(), strict=True)
    ]
    assert predict_exceedance(model, rows, probability).tolist() == alone


@pytest.mark.parametrize(("threshold", "above", "below"), [(0, [15, 30], []), (200, [], [120, 60, 0])])
def test_any_threshold_is_a_rung(threshold: int, above: list[int], below: list[int]) -> None:
    model = constants(threshold, above, below, *range(len(above) + len(below) + 3))
    assert model.minutes == tuple(sorted([*above, threshold, *below]))
    chances = model.predict(tuple([0.0] * len(FEATURE_NAMES)), 0.3)
    told = {one.minutes: one.probability for one in model.round_probabilities(chances, 0.3)}
    assert told[threshold] == 0.3
    assert predict_exceedance(model, np.empty((0, len(FEATURE_NAMES))), np.empty(0)).shape == (
        0,
        len(told),
    )
