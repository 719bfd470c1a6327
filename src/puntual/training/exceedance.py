"""Chooses how the models of P(delay > t) are fitted, on months of the training part not learned from."""

from __future__ import annotations

from functools import partial

from puntual.metrics.arrays import FloatArray
from puntual.models.boosting import PARAMETERS, Parameters
from puntual.models.exceedance import Condition, conditional_chain
from puntual.models.modes import hide_timetables, with_timetable, without_timetable
from puntual.training.cross_validation import FULL, Budget, Fold, tune
from puntual.types import Progress, no_progress

MIN_OF_EACH = 200
"""Flights on either side of t; with fewer, the conditional probability is the same for every flight."""


def tune_exceedance(
    matrix: FloatArray,
    minutes: FloatArray,
    folds: list[Fold],
    *,
    delay_minutes: int,
    seed: int,
    budget: Budget = FULL,
    parameters: Parameters = PARAMETERS,
    progress: Progress = no_progress,
) -> tuple[Condition, ...]:
    """Choose the trees and the calibration of each condition, by flights that were not learned from.

    Parameters
    ----------
    matrix : shape (n, features), flights in time order, their timetable known
    minutes : shape (n,), delay
    folds : of those flights (`puntual.training.cross_validation`)
    budget : how much is tried
    parameters : LightGBM's own
    progress : called after each tree with the stage that it belongs to and how many that has
    """
    tuned = []
    for condition in conditional_chain(delay_minutes, parameters):
        applies = condition.applies(minutes)
        beyond = minutes[applies] > condition.minutes
        if min(beyond.sum(), (~beyond).sum()) >= MIN_OF_EACH:
            result = tune(
                (matrix[applies], beyond),
                [(learned[applies], held_out[applies]) for learned, held_out in folds],
                seed=seed,
                train_view=partial(hide_timetables, seed=seed),
                eval_views=(with_timetable, without_timetable),
                budget=budget.of_exceedance(),
                parameters=parameters,
                stage=f"P(delay > {condition.minutes} min), ",
                progress=progress,
            )
            tuned.append(condition._replace(trees=result.trees, calibrate=result.calibration.anchored_at))
        else:
            tuned.append(condition)
    return tuple(tuned)
