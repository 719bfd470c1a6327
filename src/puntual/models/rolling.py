"""Choices that are made inside the training part only, on months that were not learned from.

The flights are taken in time order: each of the last months is predicted from all that came before it. On
these out-of-fold predictions the number of trees and the slope of the calibration are chosen.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from puntual.models.boosting import FEATURE_NAMES, LEARNED, MAX_TREES, Rows, fit_with_curve
from puntual.models.calibration import Chosen, Month, choose_calibration

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
DateArray = npt.NDArray[np.datetime64]

Fold = tuple[BoolArray, BoolArray]
Report = Callable[[str, int], None]

FOLDS = 4
HIDDEN_SHARE = 0.5
_SEASON = [FEATURE_NAMES.index("day_of_year")]
_COUNTED = [position for position, feature in enumerate(LEARNED) if feature.counted]


class Tuned(NamedTuple):
    """What the rolling months chose.

    Attributes
    ----------
    delayed : outcomes of the flights that `calibration.told` was told of, each twice: within its timetable,
        and alone
    """

    trees: int
    calibration: Chosen
    delayed: BoolArray


def tune(
    rows: Rows,
    dates: DateArray,
    *,
    seed: int,
    most: int = MAX_TREES,
    stage: str = "",
    report: Report = lambda stage, steps: None,
) -> Tuned:
    """Choose the number of trees, and the calibration.

    Parameters
    ----------
    rows : the training part in time order, its timetable known; and whether each flight was delayed
    dates : shape (n,), local dates of the flights, ascending
    most : trees
    stage : what is tuned, for `report`
    report : called after each tree with the stage that it belongs to and how many that has
    """
    matrix, delayed = rows
    folds = rolling_folds(dates)
    boosters, curves = [], []
    for number, (learned, held_out) in enumerate(folds, 1):
        full, outcomes = without_season(matrix[held_out]), delayed[held_out]
        booster, curve = fit_with_curve(
            (hide(matrix[learned], seed), delayed[learned]),
            [(full, outcomes), (without_timetable(full), outcomes)],
            trees=most,
            seed=seed,
            on_tree=partial(report, f"{stage}rolling month {number} of {len(folds)}", most),
        )
        boosters.append(booster)
        curves.append(curve.mean(axis=0))
    weights = [int(held_out.sum()) for _, held_out in folds]
    trees = int(np.argmin(np.average(curves, axis=0, weights=weights))) + 1
    months = [
        Month(
            np.concatenate([booster.raw(seen, trees) for seen in (full, without_timetable(full))]),
            np.tile(delayed[held_out], 2),
            delayed[learned].mean(),
        )
        for booster, (learned, held_out) in zip(boosters, folds, strict=True)
        for full in [without_season(matrix[held_out])]
    ]
    return Tuned(trees, choose_calibration(months), np.concatenate([month.delayed for month in months]))


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


def hide(matrix: FloatArray, seed: int) -> FloatArray:
    """The same rows, some without their timetable, some without their season, drawn apart.

    So a model learns to answer a flight alone, and a flight of a season that it never saw.

    Parameters
    ----------
    matrix : shape (n, features), in the order of `FEATURE_NAMES`
    """
    draw = np.random.default_rng(seed)
    hidden = matrix.copy()
    for columns in (_COUNTED, _SEASON):
        chosen = np.flatnonzero(draw.random(len(matrix)) < HIDDEN_SHARE)
        hidden[chosen[:, None], columns] = np.nan
    return hidden


def without_timetable(matrix: FloatArray) -> FloatArray:
    """The same rows, each as if asked about alone."""
    alone = matrix.copy()
    alone[:, _COUNTED] = np.nan
    return alone


def without_season(matrix: FloatArray) -> FloatArray:
    """The same rows, each as if its season had never been seen; a month to come is such a season."""
    unseen = matrix.copy()
    unseen[:, _SEASON] = np.nan
    return unseen
