"""What every family of models holds to."""

from __future__ import annotations

import numpy as np
import pytest

from puntual.metrics.scores import log_loss
from puntual.models.boosting import CATEGORICAL, FEATURE_NAMES, Rows
from puntual.training.families import FAMILIES, Family
from tests.flights import random_rows

AIRLINE, MINUTE, WEEKDAY = map(FEATURE_NAMES.index, ("airline", "minute_of_day", "weekday"))


def planted(count: int, seed: int, effect: float = 2.0) -> Rows:
    draw = np.random.default_rng(seed)
    rows = random_rows(count, seed)
    codes = [FEATURE_NAMES.index(name) for name in CATEGORICAL]
    rows[:, codes] = np.where(rows[:, codes] < 0, np.nan, rows[:, codes])
    rows[:, AIRLINE] = draw.integers(0, 6, count)
    rows[:, MINUTE] = draw.integers(0, 1440, count)
    rows[:, WEEKDAY] = draw.integers(0, 7, count)
    odds = -1.3 + effect * (rows[:, AIRLINE] < 2) + effect * (rows[:, MINUTE] > 1000) - effect / 2
    return rows, draw.random(count) < 1 / (1 + np.exp(-odds))


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES[request.param]


def test_it_gives_probabilities_and_the_same_again(family: Family) -> None:
    rows, asked = planted(500, 1), random_rows(300, 5)
    asked[0], asked[1], asked[2] = np.nan, 10_000, -1
    model = family.fit(rows, family.settings[0], 3)
    told = model.probability(asked)
    assert told.shape == (300,)
    assert ((told > 0) & (told < 1)).all()
    assert np.array_equal(family.fit(rows, family.settings[0], 3).probability(asked), told)


def test_it_learns_what_is_there(family: Family) -> None:
    (asked, delayed), learned = planted(3000, 2), planted(2500, 1)
    loss = log_loss(family.fit(learned, family.settings[0], 1).probability(asked), delayed)
    plain = log_loss(np.full(len(delayed), learned[1].mean()), delayed)
    assert loss <= plain if family is FAMILIES["base_rate"] else loss < plain - 0.02


def test_it_learns_nothing_from_noise(family: Family) -> None:
    (asked, delayed), learned = planted(5000, 2, 0), planted(10_000, 1, 0)
    loss = log_loss(family.fit(learned, family.settings[0], 1).probability(asked), delayed)
    assert loss < log_loss(np.full(len(delayed), learned[1].mean()), delayed) + 0.01


@pytest.mark.parametrize("count", [20, 200])
def test_a_few_rows_are_enough(family: Family, count: int) -> None:
    matrix, delayed = planted(count, 4)
    delayed[:5], delayed[5:10] = True, False
    for setting in family.settings:
        assert np.isfinite(family.fit((matrix, delayed), setting, 1).probability(matrix)).all()


def test_labels_of_other_rows_play_no_part(family: Family) -> None:
    """The rows learned from are a view of a longer matrix, whose other labels are turned round."""
    matrix, delayed = planted(600, 1)
    turned = delayed.copy()
    turned[400:] = ~turned[400:]
    told, again = (
        family.fit((matrix[:400], labels[:400]), family.settings[0], 1).probability(matrix[400:])
        for labels in (delayed, turned)
    )
    assert np.array_equal(told, again)
