"""Choices that are made inside the training part only, on flights of it that were not learned from.

The flights are taken in time order: each of the last months is predicted from all that came before it. On
these out-of-fold predictions the number of trees and the calibration are chosen. Where the test part is drawn
at random, so are the flights that the choices are made on.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from puntual.evaluation import log_loss
from puntual.models.boosting import (
    LEARNED,
    MAX_TREES,
    PARAMETERS,
    Booster,
    Parameters,
    Rows,
    fit_booster,
)
from puntual.models.calibration import Chosen, Month, choose_calibration
from puntual.models.cores import on_each_core
from puntual.models.season import DRAWN_BACK, NEW, as_asked, in_new_season, some
from puntual.reliability import level_shift

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
DateArray = npt.NDArray[np.datetime64]

Fold = tuple[BoolArray, BoolArray]
Report = Callable[[str, int], None]
View = Callable[[FloatArray], FloatArray]

FOLDS = 4
RANDOM_FOLDS = 2
HIDDEN_SHARE = 0.5
TREES_STEP = 10
_COUNTED = [position for position, feature in enumerate(LEARNED) if feature.counted]


class Tuned(NamedTuple):
    """What was chosen.

    Attributes
    ----------
    loss : log loss of the uncalibrated predictions that it was chosen on
    delayed : outcomes of the flights that `calibration.told` was told of
    months : the loss of each fold
    parameters : LightGBM's own
    """

    trees: int
    loss: float
    calibration: Chosen
    delayed: BoolArray
    months: tuple[float, ...] = ()
    parameters: Parameters = PARAMETERS


class _Predicted(NamedTuple):
    """One fold's held-out flights, by ascending numbers of trees.

    Attributes
    ----------
    raw : log-odds, shape (numbers of trees, n), drawn back in a season that the fold did not learn from
    base_rate : of the flights that the fold learned from
    """

    raw: FloatArray
    delayed: BoolArray
    base_rate: float


def tune(
    rows: Rows,
    folds: list[Fold],
    *,
    seed: int,
    learned_as: View,
    asked_as: tuple[View, ...],
    most: int = MAX_TREES,
    parameters: Parameters = PARAMETERS,
    stage: str = "",
    report: Report = lambda stage, steps: None,
) -> Tuned:
    """Choose the number of trees and the calibration.

    Parameters
    ----------
    rows : the training part in time order, its timetable known; and whether each flight was delayed
    folds : of `rolling_folds` or `random_folds`
    learned_as, asked_as : what a fold learns from and is asked about: `plain`, `without_timetable`, `hide`
    most : trees
    parameters : LightGBM's own
    stage : what is tuned, for `report`
    report : called after each tree with the stage that it belongs to and how many that has
    """
    matrix, delayed = rows
    numbers = [*range(TREES_STEP, most, TREES_STEP), most]

    def predict(fold: int) -> _Predicted:
        learned, held_out = folds[fold]
        part, outcomes = matrix[learned], delayed[learned]
        booster = fit_booster(
            (learned_as(part), outcomes),
            trees=most,
            seed=seed,
            parameters=parameters,
            on_tree=partial(report, f"{stage}fold {fold + 1} of {len(folds)}", most),
        )
        asked = as_asked(matrix[held_out], part)
        seen = np.concatenate([view(asked) for view in asked_as])
        back = _ways_back(booster, asked_as[0](in_new_season(part)), outcomes[some(len(part))], numbers)
        return _Predicted(
            np.array([*booster.curve(seen, numbers)]) + DRAWN_BACK * back[:, None] * seen[:, NEW],
            np.tile(delayed[held_out], len(asked_as)),
            float(outcomes.mean()),
        )

    predicted = on_each_core(predict, range(len(folds)))
    all_delayed = np.concatenate([fold.delayed for fold in predicted])

    def loss(number: int) -> float:
        raw = np.concatenate([fold.raw[number] for fold in predicted])
        return round(log_loss(expit(raw), all_delayed), 6)

    best = min(range(len(numbers)), key=loss)
    months = [Month(fold.raw[best], fold.delayed, fold.base_rate) for fold in predicted]
    return Tuned(
        trees=numbers[best],
        loss=loss(best),
        calibration=choose_calibration(months),
        delayed=all_delayed,
        months=tuple(log_loss(expit(month.raw), month.delayed) for month in months),
        parameters=parameters,
    )


def _ways_back(booster: Booster, asked: FloatArray, delayed: BoolArray, numbers: list[int]) -> FloatArray:
    if delayed.all() or not delayed.any():
        return np.zeros(len(numbers))
    return np.array([level_shift(raw, delayed) for raw in booster.curve(asked, numbers)])


def rolling_folds(dates: DateArray) -> list[Fold]:
    """The last months, each with all that came before it; equal slices of days where there are few months.

    Parameters
    ----------
    dates : shape (n,), ascending

    Returns
    -------
    For each fold: which flights are learned from, and which are held out

    Examples
    --------
    >>> days = np.arange("2017-01-01", "2017-09-01", dtype="datetime64[D]")
    >>> [(int(learned.sum()), int(held_out.sum())) for learned, held_out in rolling_folds(days)]
    [(120, 31), (151, 30), (181, 31), (212, 31)]
    """
    months = np.unique(dates.astype("datetime64[M]"))
    if len(months) >= FOLDS + 2:
        edges = np.append(months[-FOLDS:], months[-1] + 1).astype("datetime64[D]")
    else:
        days = np.unique(dates)
        later = np.array_split(days[len(days) // 2 :], FOLDS)
        edges = np.array([*(part[0] for part in later if len(part)), days[-1] + 1])
    return [(dates < start, (dates >= start) & (dates < end)) for start, end in itertools.pairwise(edges)]


def random_folds(flights: int, seed: int) -> list[Fold]:
    """Two quarters of the flights in turns, drawn at random, each with all others.

    Examples
    --------
    >>> [(int(learned.sum()), int(held_out.sum())) for learned, held_out in random_folds(8, seed=1)]
    [(6, 2), (6, 2)]
    """
    number = np.random.default_rng(seed).permutation(flights) % 4
    return [(number != fold, number == fold) for fold in range(RANDOM_FOLDS)]


def hide(matrix: FloatArray, seed: int) -> FloatArray:
    """The same rows, half of them without their timetable, drawn at random: one model learns to answer both.

    Parameters
    ----------
    matrix : shape (n, features), in the order of `FEATURE_NAMES`
    """
    draw = np.random.default_rng(seed)
    hidden = matrix.copy()
    chosen = np.flatnonzero(draw.random(len(matrix)) < HIDDEN_SHARE)
    hidden[chosen[:, None], _COUNTED] = np.nan
    return hidden


def plain(matrix: FloatArray) -> FloatArray:
    """The rows as they are, within their timetable."""
    return matrix


def without_timetable(matrix: FloatArray) -> FloatArray:
    """The same rows, each as if asked about alone."""
    alone = matrix.copy()
    alone[:, _COUNTED] = np.nan
    return alone


def knows_timetable(matrix: FloatArray) -> BoolArray:
    """Which rows are of a flight whose timetable is known; shape (n,)."""
    known: BoolArray = ~np.isnan(matrix[:, _COUNTED[0]])
    return known
