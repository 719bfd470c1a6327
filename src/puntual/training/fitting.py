"""The model that an artifact holds: chosen on rolling months, then fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from puntual.batch import answer_rows
from puntual.inference.artifact import Trees
from puntual.inference.ladder import Ladder
from puntual.metrics.scores import decide_cut
from puntual.models.boosting import PARAMETERS, FloatArray, Parameters
from puntual.models.cores import on_each_core
from puntual.models.ensemble import MEMBERS, fit_ensemble
from puntual.training.cross_validation import (
    Report,
    TuningResult,
    View,
    knows_timetable,
    plain,
    tune,
    without_timetable,
)
from puntual.training.exceedance import StepTuning, fit_ladder, tune_ladder
from puntual.training.splits import Part, Parts


class FittedModel(NamedTuple):
    """What gives the probability of a delay above the threshold.

    Attributes
    ----------
    with_timetable, alone : for flights whose timetable is known, and those that are asked about alone
    base_rate : share of delayed flights among those learned from
    """

    with_timetable: Trees
    alone: Trees
    base_rate: float

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row of shape (n, features), NaN where missing."""
        return answer_rows(self.with_timetable, self.alone, matrix, knows_timetable(matrix))


class Choices(NamedTuple):
    """What was chosen for the trees of an `FittedModel`, inside the training part."""

    with_timetable: TuningResult
    alone: TuningResult


def choose(
    parts: Parts,
    *,
    trees: int | None = None,
    settings: Mapping[str, float] | None = None,
    seed: int,
    stage: str = "",
    report: Report = lambda stage, steps: None,
) -> Choices:
    """Choose the number of trees and the calibration, inside the training part.

    Parameters
    ----------
    trees : how many, where that is not to be chosen
    settings : of LightGBM, by its own names (`puntual.models.settings`), instead of the usual ones
    stage : what is tuned, for `report`
    report : called after each tree with the stage that it belongs to and how many that has
    """
    folds = parts.folds(seed)

    def tuned(view: View, way: str) -> TuningResult:
        return tune(
            parts.learned.rows,
            folds,
            seed=seed,
            learned_as=view,
            asked_as=(view,),
            trees=trees,
            parameters=_parameters(settings),
            stage=f"{stage}{way}, ",
            report=report,
        )

    return Choices(tuned(plain, "timetable"), tuned(without_timetable, "alone"))


def fit(
    learned: Part,
    chosen: Choices,
    *,
    seed: int,
    stage: str = "fitting",
    report: Report = lambda stage, steps: None,
) -> FittedModel:
    """Fit trees with what was chosen; parameters as in `choose`."""
    base_rate = float(learned.delayed.mean())
    on_tree = partial(report, stage, MEMBERS * (chosen.with_timetable.trees + chosen.alone.trees))

    def fitted(way: tuple[View, TuningResult]) -> Trees:
        view, tuned = way
        rows = view(learned.matrix), learned.delayed
        ensemble = fit_ensemble(
            rows, trees=tuned.trees, seed=seed, parameters=tuned.parameters, on_tree=on_tree
        )
        return Trees(ensemble.merged().text, tuned.calibration.about(base_rate))

    ways = [(plain, chosen.with_timetable), (without_timetable, chosen.alone)]
    with_timetable, alone = on_each_core(fitted, ways)
    return FittedModel(with_timetable, alone, base_rate)


def fit_seeds(learned: Part, chosen: Choices, seeds: Sequence[int], *, report: Report) -> list[FittedModel]:
    """Fit a model for each seed, with what was chosen; parameters as in `choose`."""
    stages = ["fitting", *(f"fitting with seed {seed}" for seed in seeds[1:])]
    return [
        fit(learned, chosen, seed=seed, stage=stage, report=report)
        for seed, stage in zip(seeds, stages, strict=True)
    ]


def choose_ladder(
    parts: Parts,
    threshold: int,
    *,
    settings: Mapping[str, float] | None = None,
    seed: int,
    report: Report,
) -> tuple[StepTuning, ...]:
    """Choose the trees and the calibration of each step of the ladder; parameters as in `choose`."""
    learned = parts.learned
    return tune_ladder(
        learned.matrix,
        learned.minutes,
        parts.folds(seed),
        threshold=threshold,
        seed=seed,
        parameters=_parameters(settings),
        report=report,
    )


def fit_steps(
    learned: Part, steps: tuple[StepTuning, ...], *, seed: int, stage: str, report: Report
) -> Ladder:
    """Fit the steps of the ladder; parameters as in `choose`."""
    return fit_ladder(learned.matrix, learned.minutes, steps, seed=seed, stage=stage, report=report)


def choose_cut(chosen: Choices, cost_of_a_missed_delay: float | None, base_rate: float) -> float:
    """The cut of `puntual.metrics.scores.decide_cut`, by the flights that `choose` chose by."""
    probability = np.concatenate([tuned.calibration.told for tuned in chosen])
    delayed = np.concatenate([tuned.delayed for tuned in chosen])
    return decide_cut(probability, delayed, base_rate, cost_of_a_missed_delay)


def _parameters(settings: Mapping[str, float] | None) -> Parameters:
    return {**PARAMETERS, **(settings or {})}
