"""Fits what else is answered on the day of the flight: P(delay > t), and whether it is cancelled.

One booster each for all lead times, which learns from every flight once in the last hours before it and once
before that.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from puntual.features.operations import History
from puntual.inference.cancellation import Cancellation
from puntual.inference.estimates import verdict
from puntual.inference.exceedance import Exceedance
from puntual.inference.operations import AIRCRAFT
from puntual.metrics.intervals import Days, losses
from puntual.models.boosting import Parameters, Rows
from puntual.models.cancellation import OF_THE_DATE
from puntual.models.exceedance import Condition, build_exceedance, conditional_chain
from puntual.models.operations import OPERATIONS_NAMES, OPERATIONS_PARAMETERS, RANGES
from puntual.training.cross_validation import FULL, Budget
from puntual.training.exceedance import MIN_OF_EACH
from puntual.training.operations import (
    FOLDS,
    Sample,
    Tuned,
    choose_trees,
    draw_sample,
    fit_day,
    without_choice,
)
from puntual.training.scheduled import Scheduled
from puntual.training.splits import Part
from puntual.types import Progress, no_progress

MONTHS = 4
"""At the end of the training part on which the probability of a cancellation is chosen: storms are few."""
DAY_CANCELLATION: Parameters = {**OPERATIONS_PARAMETERS, "learning_rate": 0.1, "num_leaves": 15}


class TunedCancellation(NamedTuple):
    """What was chosen for the probability of a cancellation.

    Attributes
    ----------
    hidden : features that are not read
    """

    tuned: Tuned
    hidden: tuple[str, ...]


def draw_all_leads(flights: Part | Scheduled, history: History, seed: int, max_rows: int) -> Sample:
    """Each flight once within each of `RANGES`, half as many rows as a member of the answer learns from.

    Parameters
    ----------
    max_rows : of a member
    """
    rows = max_rows // 2 // len(RANGES)
    near, far = (draw_sample(flights, history, between, seed, draws=1, max_rows=rows) for between in RANGES)
    return Sample(*(np.concatenate(both) for both in zip(near, far, strict=True)))


def choose_conditions(
    sample: Sample,
    delay_minutes: int,
    *,
    budget: Budget = FULL,
    seed: int,
    progress: Progress = no_progress,
) -> tuple[Condition, ...]:
    """Choose the trees and the calibration of each condition of P(delay > t).

    Parameters
    ----------
    sample : of `draw_all_leads`
    delay_minutes : the t of the answer
    budget : how much is tried
    progress : called after each step with the stage that it belongs to and how many that has
    """
    chain = conditional_chain(delay_minutes, OPERATIONS_PARAMETERS)
    on_step = partial(progress, "P(delay > t) on the day, choosing", len(chain) * FOLDS)
    chosen = []
    for condition in chain:
        some = sample.where(condition.applies(sample.minutes))
        beyond = some.minutes > condition.minutes
        if min(beyond.sum(), (~beyond).sum()) < MIN_OF_EACH:
            chosen.append(condition)
            continue
        tuned = without_choice(budget.of_exceedance()) or choose_trees(
            some, beyond, budget=budget.of_exceedance(), seed=seed, on_step=on_step
        )
        chosen.append(condition._replace(trees=tuned.trees, calibrate=tuned.calibration.anchored_at))
    return tuple(chosen)


def fit_conditions(
    sample: Sample,
    conditions: tuple[Condition, ...],
    *,
    seed: int,
    progress: Progress = no_progress,
) -> Exceedance:
    """Fit each condition with what was chosen; parameters as in `choose_conditions`."""
    on_step = partial(progress, "P(delay > t) on the day", sum(one.trees > 0 for one in conditions))

    def fit_trees(rows: Rows, condition: Condition) -> str:
        fitted = fit_day(*rows, trees=condition.trees, seed=seed, parameters=condition.parameters)
        on_step()
        return fitted.text

    return build_exceedance(sample.matrix, sample.minutes, conditions, fit_trees)


def choose_cancellation(
    sample: Sample,
    hidden: tuple[str, ...],
    *,
    budget: Budget = FULL,
    seed: int,
    progress: Progress = no_progress,
) -> TunedCancellation | None:
    """Choose trees and calibration of the probability of a cancellation; None if it does not help.

    It helps if the interval of its gain over the base rate, on months not learned from, is above 0. The
    aircraft is not read: whether one is named may itself say that a flight was cancelled.

    Parameters
    ----------
    sample : of `draw_all_leads`, cancelled flights too
    hidden : features of the schedule that are not read
    """
    hidden = tuple(name for name in (*OF_THE_DATE, *hidden, *AIRCRAFT) if name in OPERATIONS_NAMES)
    cancelled = np.isinf(sample.minutes)
    tuned = choose_trees(
        _without(sample, hidden),
        cancelled,
        budget=budget.of_exceedance(),
        seed=seed,
        months=MONTHS,
        parameters=DAY_CANCELLATION,
        on_step=partial(progress, "cancellation on the day, choosing", MONTHS),
    )
    outcome = np.concatenate([month.delayed for month in tuned.months])
    base_rate = np.concatenate([np.full(len(month.delayed), month.base_rate) for month in tuned.months])
    predicted = expit(np.concatenate([month.raw for month in tuned.months]))
    gain = Days(tuned.dates, outcome).mean(losses(base_rate, outcome) - losses(predicted, outcome))
    return TunedCancellation(tuned, hidden) if verdict(gain) == "better" else None


def fit_cancellation(sample: Sample, chosen: TunedCancellation, *, seed: int) -> Cancellation:
    """Fit with what was chosen; parameters as in `choose_cancellation`."""
    cancelled = np.isinf(sample.minutes)
    base_rate = float(cancelled.mean())
    booster = fit_day(
        _without(sample, chosen.hidden).matrix,
        cancelled,
        trees=chosen.tuned.trees,
        seed=seed,
        parameters=DAY_CANCELLATION,
    )
    return Cancellation(booster.text, chosen.tuned.calibration.anchored_at(base_rate), base_rate)


def _without(sample: Sample, hidden: tuple[str, ...]) -> Sample:
    matrix = sample.matrix.copy()
    matrix[:, [OPERATIONS_NAMES.index(name) for name in hidden]] = 0
    return sample._replace(matrix=matrix)
