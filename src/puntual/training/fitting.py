"""The model that an artifact holds: chosen on rolling months, then fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from puntual.batch import answer_rows
from puntual.inference.artifact import Trees
from puntual.inference.exceedance import Exceedance
from puntual.metrics.arrays import FloatArray
from puntual.metrics.scores import choose_decision_threshold
from puntual.models.boosting import PARAMETERS, OnTree, Parameters, Rows
from puntual.models.cores import on_each_core
from puntual.models.ensemble import MEMBERS, fit_ensemble
from puntual.models.exceedance import Condition, fit_exceedance
from puntual.models.modes import Transform, knows_timetable, with_timetable, without_timetable
from puntual.training.cross_validation import FULL, TOLERANCE, Budget, TuningResult, tune
from puntual.training.exceedance import tune_exceedance
from puntual.training.splits import Part, Parts
from puntual.types import Progress, no_progress


class FittedModel(NamedTuple):
    """Predicts the probability of a delay.

    Attributes
    ----------
    with_timetable, without_timetable : for flights whose timetable is known, and for the others
    base_rate : share of delayed flights among those learned from
    """

    with_timetable: Trees
    without_timetable: Trees
    base_rate: float

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row of shape (n, features), NaN where missing."""
        return answer_rows(self.with_timetable, self.without_timetable, matrix, knows_timetable(matrix))


class TuningResults(NamedTuple):
    """What was chosen for the trees of each mode, inside the training part."""

    with_timetable: TuningResult
    without_timetable: TuningResult


def choose(
    parts: Parts,
    *,
    trees: int | None = None,
    budget: Budget = FULL,
    settings: Mapping[str, float] | None = None,
    seed: int,
    stage: str = "",
    progress: Progress = no_progress,
) -> TuningResults:
    """Choose the number of trees and the calibration, inside the training part.

    Parameters
    ----------
    trees : how many, where that is not to be chosen
    budget : how much is tried
    settings : of LightGBM, by its own names (`puntual.models.settings`), instead of the usual ones
    stage : what is tuned, for `progress`
    progress : called after each tree with the stage that it belongs to and how many that has
    """
    parts, given = parts.to_choose_on(budget), settings or {}
    folds = parts.folds(seed)

    def tuned(view: Transform, mode: str, parameters: Parameters) -> TuningResult:
        return tune(
            parts.learned.rows,
            folds,
            seed=seed,
            train_view=view,
            eval_views=(view,),
            trees=trees,
            budget=budget,
            parameters=parameters,
            stage=f"{stage}{mode}, ",
            progress=progress,
        )

    known = choose_fraction(
        lambda share, parameters: tuned(with_timetable, f"{share}timetable", parameters), budget, given
    )
    return TuningResults(known, tuned(without_timetable, "alone", known.parameters))


def choose_fraction(
    tuned: Callable[[str, Parameters], TuningResult], budget: Budget, settings: Mapping[str, float]
) -> TuningResult:
    """Choose the share of the features that a tree may use: the first unless another is clearly better.

    Parameters
    ----------
    tuned : chooses everything else, given what is tried, for `progress`, and LightGBM's parameters
    settings : as in `choose`; with a ``feature_fraction`` of theirs nothing is chosen
    """
    if "feature_fraction" in settings:
        return tuned("", _parameters(settings))
    results = [
        tuned(
            f"{100 * fraction:.0f} % of the features, " if len(budget.feature_fractions) > 1 else "",
            _parameters({**settings, "feature_fraction": fraction}),
        )
        for fraction in budget.feature_fractions
    ]
    best = min(results, key=attrgetter("loss"))
    return best if best.loss < results[0].loss - TOLERANCE else results[0]


def fit(
    learned: Part,
    tuning: TuningResults,
    *,
    seed: int,
    stage: str = "fitting",
    progress: Progress = no_progress,
) -> FittedModel:
    """Fit trees with what was chosen; parameters as in `choose`."""
    base_rate = float(learned.delayed.mean())
    on_tree = partial(
        progress, stage, MEMBERS * (tuning.with_timetable.trees + tuning.without_timetable.trees)
    )

    def fitted(mode: tuple[Transform, TuningResult]) -> Trees:
        view, tuned = mode
        return fit_trees((view(learned.matrix), learned.delayed), tuned, seed=seed, on_tree=on_tree)

    modes = [(with_timetable, tuning.with_timetable), (without_timetable, tuning.without_timetable)]
    known, unknown = on_each_core(fitted, modes)
    return FittedModel(known, unknown, base_rate)


def fit_trees(learned: Rows, tuning: TuningResult, *, seed: int, on_tree: OnTree = lambda: None) -> Trees:
    """Fit the calibrated trees of one mode with what was chosen for it.

    Parameters
    ----------
    learned : matrix of shape (n, features) in that mode, NaN where missing; and whether each flight was
        delayed
    on_tree : called after each tree, for progress
    """
    ensemble = fit_ensemble(
        learned, trees=tuning.trees, seed=seed, parameters=tuning.parameters, on_tree=on_tree
    )
    return Trees(ensemble.merged().text, tuning.calibration.anchored_at(float(learned[1].mean())))


def fit_seeds(
    learned: Part, tuning: TuningResults, seeds: Sequence[int], *, progress: Progress
) -> list[FittedModel]:
    """Fit a model for each seed, with what was chosen; parameters as in `choose`."""
    return [
        fit(learned, tuning, seed=seed, stage=stage, progress=progress) for seed, stage in name_seeds(seeds)
    ]


def name_seeds(seeds: Sequence[int]) -> list[tuple[int, str]]:
    """Each seed with the stage of its fits, for `progress`.

    Examples
    --------
    >>> name_seeds(range(11, 13))
    [(11, 'fitting'), (12, 'fitting with seed 12')]
    """
    return [(seed, f"fitting with seed {seed}" if number else "fitting") for number, seed in enumerate(seeds)]


def choose_exceedance(
    parts: Parts,
    delay_minutes: int,
    *,
    budget: Budget = FULL,
    settings: Mapping[str, float] | None = None,
    seed: int,
    progress: Progress,
) -> tuple[Condition, ...]:
    """Choose how the models of P(delay > t) are fitted; parameters as in `choose`."""
    parts = parts.to_choose_on(budget)
    learned = parts.learned
    return tune_exceedance(
        learned.matrix,
        learned.minutes,
        parts.folds(seed),
        delay_minutes=delay_minutes,
        seed=seed,
        budget=budget,
        parameters=_parameters(settings),
        progress=progress,
    )


def fit_conditions(
    learned: Part, conditions: tuple[Condition, ...], *, seed: int, stage: str, progress: Progress
) -> Exceedance:
    """Fit the models of P(delay > t); parameters as in `choose`."""
    on_tree = partial(progress, stage, MEMBERS * sum(one.trees for one in conditions))
    return fit_exceedance(learned.matrix, learned.minutes, conditions, seed=seed, on_tree=on_tree)


def tune_decision_threshold(
    tuning: TuningResults, cost_of_a_missed_delay: float | None, base_rate: float
) -> float:
    """The threshold of `choose_decision_threshold`, by the held-out predictions that `choose` chose by."""
    probability = np.concatenate([result.calibration.probability for result in tuning])
    delayed = np.concatenate([result.delayed for result in tuning])
    return choose_decision_threshold(probability, delayed, base_rate, cost_of_a_missed_delay)


def _parameters(settings: Mapping[str, float] | None) -> Parameters:
    return {**PARAMETERS, **(settings or {})}
