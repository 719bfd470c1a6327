"""The model that an artifact holds: chosen on rolling months, then fitted."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from puntual.evaluation import best_cut
from puntual.inference.calibration import Calibration
from puntual.inference.ladder import Ladder
from puntual.inference.scorer import Scorer
from puntual.models.boosting import FEATURE_NAMES, FloatArray, fit_booster
from puntual.models.ladder import StepTuned, fit_ladder, tune_ladder
from puntual.models.rolling import Report, Tuned, hide, tune, without_timetable
from puntual.scoring import score_rows
from puntual.splits import Part


class Answerer(NamedTuple):
    """What gives the probability of a delay above the threshold.

    Attributes
    ----------
    booster : LightGBM's text format
    base_rate : share of delayed flights among those learned from
    """

    booster: str
    calibration: Calibration
    base_rate: float

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row of shape (n, features), NaN where missing."""
        return score_rows(Scorer(self.booster, len(FEATURE_NAMES), self.calibration), matrix)

    def alone(self, matrix: FloatArray) -> FloatArray:
        """The same, each flight as if asked about alone."""
        return self.probability(without_timetable(matrix))


def choose(learned: Part, *, seed: int, stage: str = "", report: Report) -> Tuned:
    """Choose the number of trees and the calibration on the rolling months of what is learned from.

    Parameters
    ----------
    stage : what is tuned, for `report`
    report : called after each tree with the stage that it belongs to and how many that has
    """
    return tune(learned.rows, learned.dates, seed=seed, stage=stage, report=report)


def fit(learned: Part, tuned: Tuned, *, seed: int, stage: str = "fitting", report: Report) -> Answerer:
    """Fit trees with what was chosen; parameters as in `choose`."""
    booster = fit_booster(
        (hide(learned.matrix, seed), learned.delayed),
        trees=tuned.trees,
        seed=seed,
        on_tree=partial(report, stage, tuned.trees),
    )
    base_rate = float(learned.delayed.mean())
    return Answerer(booster.text, tuned.calibration.about(base_rate), base_rate)


def choose_ladder(learned: Part, threshold: int, *, seed: int, report: Report) -> tuple[StepTuned, ...]:
    """Choose the trees and the calibration of each step of the ladder; parameters as in `choose`."""
    return tune_ladder(
        learned.matrix, learned.minutes, learned.dates, threshold=threshold, seed=seed, report=report
    )


def fit_steps(
    learned: Part, steps: tuple[StepTuned, ...], *, seed: int, stage: str, report: Report
) -> Ladder:
    """Fit the steps of the ladder; parameters as in `choose`."""
    return fit_ladder(learned.matrix, learned.minutes, steps, seed=seed, stage=stage, report=report)


def choose_cut(tuned: Tuned, cost_of_a_missed_delay: float | None) -> float:
    """The probability from which an answer says that a flight is delayed.

    Parameters
    ----------
    cost_of_a_missed_delay : in false alarms; None: the cut of the best F1 on the rolling months

    References
    ----------
    Elkan (2001), The foundations of cost-sensitive learning, IJCAI, equation 2.
    """
    if cost_of_a_missed_delay is None:
        return best_cut(tuned.calibration.told, tuned.delayed)
    return 1 / (1 + cost_of_a_missed_delay)
