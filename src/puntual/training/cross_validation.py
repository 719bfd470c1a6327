"""TuningResults that are made inside the training part only, on flights of it that were not learned from.

The flights are taken in time order: each of the last months is predicted from all that came before it. On
these out-of-fold predictions the number of trees and the calibration are chosen. Where the test part is drawn
at random, so are the flights that the choices are made on.
"""

from __future__ import annotations

import itertools
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from puntual.inference.season_rules import nearest_days
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray
from puntual.metrics.scores import log_loss
from puntual.models.boosting import DAY_OF_YEAR, PARAMETERS, Parameters, Rows
from puntual.models.calibration import METHODS, CalibrationResult, Month, choose_calibration
from puntual.models.cores import on_each_core
from puntual.models.ensemble import MEMBERS, fit_ensemble
from puntual.models.modes import Transform
from puntual.types import Progress, no_progress

Fold = tuple[BoolArray, BoolArray]
"""Which flights are learned from, and which are held out."""

FOLDS = 4
RANDOM_FOLDS = 2
TOLERANCE = 0.0003
"""Of log loss: fewer trees are taken rather than less than that, which another seed would change as much."""


class Budget(NamedTuple):
    """How much is tried and learned from; as it stands, what `puntual train` tries.

    Attributes
    ----------
    first_trees, max_trees : the most trees that are tried first, doubled as long as the last of them help;
        and where that ends
    first_exceedance_trees, max_exceedance_trees : the same for each condition of P(delay > t): an answer in
        full costs the trees of all conditions
    cancellation_trees : the most trees that are tried for the probability of a cancellation
    steps : how many numbers of trees are tried each time, evenly spaced
    calibrations : names of `puntual.models.calibration.METHODS`
    feature_fractions : shares of the features that a tree may choose from; the first unless another is better
        by more than `TOLERANCE` (docs/decisions/0009-feature-fraction.md)
    rows, sampled_rows : of more flights to learn from than `rows`, trees, calibration and settings are chosen
        on at most `sampled_rows` that are evenly spaced; for the operations horizon, that are drawn
    operations_rows : the most that a member of the operations horizon learns from; of more, some are drawn
    day_cancellation : whether a model of cancellations is tried on the day of the flight; else the schedule's
        probability is the answer
    importance : whether a model is fitted without each variable, which says what the variable is worth
    """

    first_trees: int = 160
    max_trees: int = 5120
    first_exceedance_trees: int = 80
    max_exceedance_trees: int = 160
    cancellation_trees: int = 32
    steps: int = 16
    calibrations: tuple[str, ...] = tuple(METHODS)
    feature_fractions: tuple[float, ...] = (0.5, 0.25)
    rows: int = 400_000
    sampled_rows: int = 100_000
    operations_rows: int = 300_000
    day_cancellation: bool = True
    importance: bool = True

    def of_exceedance(self) -> Budget:
        """What is tried for each condition of P(delay > t)."""
        return self._replace(first_trees=self.first_exceedance_trees, max_trees=self.max_exceedance_trees)

    def of_cancellation(self) -> Budget:
        """What is tried for the probability of a cancellation; days are too few to shape a curve freely."""
        return self._replace(
            first_trees=self.cancellation_trees,
            max_trees=self.cancellation_trees,
            calibrations=tuple(name for name in self.calibrations if name != "isotonic"),
        )


FULL = Budget()


class TuningResult(NamedTuple):
    """What was chosen.

    Attributes
    ----------
    loss : log loss of the uncalibrated predictions that it was chosen on
    raw : log-odds of the flights of all folds, uncalibrated
    delayed : outcomes of those flights
    months : the loss of each fold
    parameters : LightGBM's own
    """

    trees: int
    loss: float
    calibration: CalibrationResult
    raw: FloatArray
    delayed: BoolArray
    months: tuple[float, ...] = ()
    parameters: Parameters = PARAMETERS


def tune(
    rows: Rows,
    folds: list[Fold],
    *,
    seed: int,
    train_view: Transform,
    eval_views: tuple[Transform, ...],
    trees: int | None = None,
    budget: Budget = FULL,
    parameters: Parameters = PARAMETERS,
    stage: str = "",
    progress: Progress = no_progress,
) -> TuningResult:
    """Choose the number of trees and the calibration.

    The fewest trees within `TOLERANCE` of the least loss are taken; twice as many are tried as long as
    the last quarter of them helps.

    Parameters
    ----------
    rows : the training part in time order, its timetable known; and whether each flight was delayed
    folds : of `rolling_folds` or `random_folds`
    train_view, eval_views : the modes (`puntual.models.modes`) that a fold learns from, and is evaluated in
    trees : how many each booster has, where that is not to be chosen
    budget : how much is tried
    parameters : LightGBM's own
    stage : what is tuned, for `progress`
    progress : called after each tree with the stage that it belongs to and how many that has
    """
    matrix, delayed = rows
    first = min(budget.first_trees, budget.max_trees)
    outcomes = [np.tile(delayed[held_out], len(eval_views)) for _, held_out in folds]
    all_outcomes = np.concatenate(outcomes)

    def predict(fold: int, numbers: list[int]) -> FloatArray:
        """Log-odds of a fold's held-out flights by ascending numbers of trees, shape (numbers, flights)."""
        learned, held_out = folds[fold]
        most = numbers[-1]
        of = "" if trees or most == first else f" with {most} trees"
        ensemble = fit_ensemble(
            (train_view(matrix[learned]), delayed[learned]),
            trees=most,
            seed=seed,
            parameters=parameters,
            on_tree=partial(progress, f"{stage}fold {fold + 1} of {len(folds)}{of}", MEMBERS * most),
        )
        later = map_unseen_days(matrix[held_out], matrix[learned])
        return np.array([*ensemble.curve(np.concatenate([view(later) for view in eval_views]), numbers)])

    most = trees or first
    while True:
        numbers = [trees] if trees else [most * step // budget.steps for step in range(1, budget.steps + 1)]
        raw = on_each_core(partial(predict, numbers=numbers), range(len(folds)))
        losses = [round(log_loss(expit(one), all_outcomes), 6) for one in np.concatenate(raw, axis=1)]
        best = next(at for at, loss in enumerate(losses) if loss <= min(losses) + TOLERANCE)
        if trees or numbers[best] <= most * 3 / 4 or most >= budget.max_trees:
            break
        most *= 2
    months = [
        Month(of_fold[best], delayed_of_fold, float(delayed[learned].mean()))
        for of_fold, delayed_of_fold, (learned, _) in zip(raw, outcomes, folds, strict=True)
    ]
    return TuningResult(
        trees=numbers[best],
        loss=losses[best],
        calibration=choose_calibration(months, budget.calibrations),
        raw=np.concatenate([month.raw for month in months]),
        delayed=all_outcomes,
        months=tuple(log_loss(expit(month.raw), month.delayed) for month in months),
        parameters=parameters,
    )


def map_unseen_days(matrix: FloatArray, learned: FloatArray) -> FloatArray:
    """Rows as an artifact encodes them that learned from others only.

    A day of the year that was never learned is read as the nearest one that was, and as the last one if that
    is too far (`puntual.inference.season_rules.nearest_days`).

    Parameters
    ----------
    matrix, learned : shape (n, features) and (m, features), the second in time order

    Examples
    --------
    >>> rows = np.zeros((3, DAY_OF_YEAR + 1))
    >>> rows[:, DAY_OF_YEAR] = [31, 41, 42]
    >>> map_unseen_days(rows[1:], learned=rows[:1])[:, DAY_OF_YEAR].tolist()
    [31.0, 31.0]
    """
    near = nearest_days(learned[:, DAY_OF_YEAR].tolist())
    days, place = np.unique(matrix[:, DAY_OF_YEAR], return_inverse=True)
    mapped = matrix.copy()
    last = learned[-1, DAY_OF_YEAR]
    mapped[:, DAY_OF_YEAR] = np.array([near.get(day, last) for day in days.tolist()])[place]
    return mapped


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
