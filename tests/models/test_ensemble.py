"""Two boosters whose mean answers: merged into one, steadier than either, as many trees as help."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from scipy.special import expit

from puntual.inference.calibration import Platt
from puntual.inference.scorer import Scorer
from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.metrics.scores import log_loss
from puntual.models.boosting import DAY_OF_YEAR, FEATURE_NAMES, PARAMETERS, fit_booster
from puntual.models.ensemble import Ensemble, fit_ensemble
from puntual.models.modes import with_timetable
from puntual.training.cross_validation import Budget, map_unseen_days, rolling_folds, tune


@pytest.fixture(scope="module")
def delayed(year: FloatArray) -> BoolArray:
    """Delays grow through the year, so the last days are late more often than all."""
    return np.random.default_rng(2).random(len(year)) < year[:, DAY_OF_YEAR] / 300


@pytest.fixture(scope="module")
def ensemble(year: FloatArray, delayed: BoolArray) -> Ensemble:
    return fit_ensemble((year, delayed), trees=40, seed=1)


def test_one_member_does_not_read_the_day_of_the_year(year: FloatArray, ensemble: Ensemble) -> None:
    moved = year.copy()
    moved[:, DAY_OF_YEAR] = moved[::-1, DAY_OF_YEAR]
    reads, does_not = (not np.array_equal(one.raw(year), one.raw(moved)) for one in ensemble.members)
    assert (reads, does_not) == (True, False)


def test_a_new_season_is_read_as_the_last_days_and_all_flights_in_equal_parts(
    year: FloatArray, delayed: BoolArray, ensemble: Ensemble
) -> None:
    later = year.copy()
    later[:, DAY_OF_YEAR] = 320
    asked = map_unseen_days(later, year)
    last_days, all_flights = (expit(one.raw(asked)).mean() for one in ensemble.members)
    both = expit(ensemble.raw(asked)).mean()
    assert all_flights == pytest.approx(delayed.mean(), abs=0.02)
    assert last_days > all_flights + 0.1
    assert both == pytest.approx((last_days + all_flights) / 2, abs=0.02)


def test_merged_the_service_gives_the_mean(year: FloatArray, ensemble: Ensemble) -> None:
    scorer = Scorer(ensemble.merged().text, len(FEATURE_NAMES), Platt())
    for row, mean in zip(map(tuple, year[:50].tolist()), ensemble.raw(year[:50]).tolist(), strict=True):
        assert scorer.raw(row) == pytest.approx(mean, abs=1e-12)
        assert math.fsum(scorer.contributions(row)) == pytest.approx(mean, abs=1e-9)


def test_the_same_rows_and_seed_give_the_same_bytes(year: FloatArray, delayed: BoolArray) -> None:
    first, again, other = (
        fit_ensemble((year, delayed), trees=3, seed=seed).merged().text for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_it_moves_less_with_the_seed_than_a_booster(year: FloatArray, delayed: BoolArray) -> None:
    single, mean = (
        np.std([expit(fit((year, delayed), trees=20, seed=seed).raw(year)) for seed in range(6)], axis=0)
        for fit in (fit_booster, fit_ensemble)
    )
    assert mean.mean() < 0.85 * single.mean()


def test_trees_are_chosen_by_what_helps_on_the_months(year: FloatArray, delayed: BoolArray) -> None:
    """Slow steps want many trees, bold ones few; no number that stands in the code ends it."""
    folds = rolling_folds(np.datetime64("2017-01-01") + np.arange(len(year)) // 10)
    search = partial(
        tune, (year, delayed), folds, seed=1, train_view=with_timetable, eval_views=(with_timetable,)
    )
    budget = Budget(first_trees=12, steps=3, calibrations=("none",))
    slow, bold = (
        search(budget=budget, parameters={**PARAMETERS, "learning_rate": rate}) for rate in (0.05, 0.5)
    )
    assert slow.trees > 3 * bold.trees > 11
    given = search(budget=budget, trees=7)
    assert given.trees == 7
    for (learned, held_out), month in zip(folds, given.months, strict=True):
        part = year[learned], delayed[learned]
        raw = fit_ensemble(part, trees=7, seed=1).raw(map_unseen_days(year[held_out], part[0]))
        assert log_loss(expit(raw), delayed[held_out]) == pytest.approx(month)
