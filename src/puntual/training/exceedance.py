"""Fits the ladder: a chain of chances that leads from the threshold to the other rungs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import logit

from puntual.inference.calibration import Platt
from puntual.inference.ladder import QUANTILES, RUNGS, Ladder, Step, Stretch
from puntual.models.boosting import PARAMETERS, BoolArray, FloatArray, Parameters
from puntual.models.cores import on_each_core
from puntual.models.ensemble import MEMBERS, fit_ensemble
from puntual.training.cross_validation import Fold, Report, TuningResult, hide, plain, tune, without_timetable

FIRST_TREES, MAX_TREES = 80, 160
"""Tried for a step, first and at the most: an answer in full costs the trees of all steps."""
MIN_OF_EACH = 200
"""Flights on either side of a rung; with fewer, its chance is the same for every flight."""

MoreTrees = Callable[[], None]


class StepTuning(NamedTuple):
    """What the rolling months chose for one step; no trees where there are too few flights.

    Attributes
    ----------
    minutes : of the rung that it leads to; from_minutes : of the rung that it comes from
    """

    minutes: int
    from_minutes: int
    tuned: TuningResult | None

    def among(self, minutes: FloatArray) -> BoolArray:
        """Which flights it is a chance of: those beyond the rung that it comes from."""
        late = minutes > self.from_minutes
        return late if self.minutes > self.from_minutes else ~late


def steps_from(threshold: int) -> list[tuple[int, int]]:
    """Rungs with the rung that each is reached from, upwards and then downwards.

    Examples
    --------
    >>> steps_from(15)
    [(30, 15), (60, 30), (120, 60), (0, 15)]
    """
    rungs = sorted({*RUNGS, threshold})
    at = rungs.index(threshold)
    upwards = [(high, low) for low, high in itertools.pairwise(rungs[at:])]
    downwards = [(low, high) for low, high in itertools.pairwise(rungs[: at + 1])]
    return [*upwards, *reversed(downwards)]


def tune_ladder(
    matrix: FloatArray,
    minutes: FloatArray,
    folds: list[Fold],
    *,
    threshold: int,
    seed: int,
    parameters: Parameters = PARAMETERS,
    report: Report = lambda stage, steps: None,
) -> tuple[StepTuning, ...]:
    """Choose the trees and the calibration of each step, by flights that were not learned from.

    Parameters
    ----------
    matrix : shape (n, features), flights in time order, their timetable known
    minutes : shape (n,), delay
    folds : of those flights (`puntual.training.cross_validation`)
    parameters : LightGBM's own
    report : called after each tree with the stage that it belongs to and how many that has
    """
    chosen = []
    for to, start in steps_from(threshold):
        step = StepTuning(to, start, None)
        among = step.among(minutes)
        later = minutes[among] > to
        if min(later.sum(), (~later).sum()) >= MIN_OF_EACH:
            tuned = tune(
                (matrix[among], later),
                [(learned[among], held_out[among]) for learned, held_out in folds],
                seed=seed,
                learned_as=partial(hide, seed=seed),
                asked_as=(plain, without_timetable),
                first=FIRST_TREES,
                limit=MAX_TREES,
                parameters=parameters,
                stage=f"ladder {to} min, ",
                report=report,
            )
            step = step._replace(tuned=tuned)
        chosen.append(step)
    return tuple(chosen)


def fit_ladder(
    matrix: FloatArray,
    minutes: FloatArray,
    steps: tuple[StepTuning, ...],
    *,
    seed: int,
    stage: str = "fitting the ladder",
    report: Report = lambda stage, steps: None,
) -> Ladder:
    """Fit every step, and take the distribution of the delays between the rungs.

    Parameters
    ----------
    matrix, minutes, report : as in `tune_ladder`
    steps : of `tune_ladder`
    """
    trees = MEMBERS * sum(step.tuned.trees for step in steps if step.tuned)
    on_tree = partial(report, stage, trees)
    fitted = on_each_core(lambda step: _fit(step, matrix, minutes, seed, on_tree), steps)
    upwards = sum(step.minutes > step.from_minutes for step in steps)
    rungs = sorted({minute for step in steps for minute in (step.minutes, step.from_minutes)})
    return Ladder(tuple(fitted[:upwards]), tuple(fitted[upwards:]), _stretches(minutes, rungs))


def _fit(step: StepTuning, matrix: FloatArray, minutes: FloatArray, seed: int, on_tree: MoreTrees) -> Step:
    among = step.among(minutes)
    later = minutes[among] > step.minutes
    rate = (later.sum() + 1) / (len(later) + 2)
    if step.tuned is None:
        return Step(step.minutes, None, Platt(slope=0.0, intercept=float(logit(rate))))
    rows = hide(matrix[among], seed), later
    ensemble = fit_ensemble(
        rows, trees=step.tuned.trees, seed=seed, parameters=step.tuned.parameters, on_tree=on_tree
    )
    return Step(step.minutes, ensemble.merged().text, step.tuned.calibration.about(float(rate)))


def _stretches(minutes: FloatArray, rungs: list[int]) -> tuple[Stretch, ...]:
    at = np.searchsorted(rungs, minutes, side="left")
    told = []
    for stretch in range(len(rungs) + 1):
        delays = minutes[at == stretch]
        if not len(delays):
            delays = np.array([rungs[min(stretch, len(rungs) - 1)]], np.float64)
        quantiles = np.quantile(delays, np.linspace(0, 1, QUANTILES))
        told.append(Stretch(float(delays.mean()), tuple(quantiles.tolist())))
    return tuple(told)
