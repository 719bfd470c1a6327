"""Chooses, fits and measures what answers on the day of the flight."""

from __future__ import annotations

from typing import NamedTuple

from puntual.batch import score_optional
from puntual.features.operations import History
from puntual.inference.artifact import Operations
from puntual.inference.cancellation import CancellationModel
from puntual.inference.lead_results import LeadMetrics
from puntual.metrics.arrays import FloatArray
from puntual.models.boosting import FEATURE_NAMES
from puntual.models.exceedance import Condition
from puntual.models.operations import NEAR_MINUTES, OPERATIONS_NAMES
from puntual.training.cancellation import LearnedCancellation
from puntual.training.cross_validation import FULL, Budget
from puntual.training.lead_times import ScheduledAnswers, measure_leads
from puntual.training.operations import Tuned, choose_operations, fit_operations
from puntual.training.operations_outcomes import (
    TunedCancellation,
    choose_cancellation,
    choose_conditions,
    draw_all_leads,
    fit_cancellation,
    fit_conditions,
)
from puntual.training.scheduled import Scheduled
from puntual.training.splits import Part
from puntual.types import Progress, no_progress


class DayChoices(NamedTuple):
    """What was chosen, on flights of the training part that were not learned from.

    Attributes
    ----------
    tuned : of the booster of the last hours, and of that of before
    cancellation : None: the schedule's probability is the answer
    """

    tuned: tuple[Tuned, Tuned]
    conditions: tuple[Condition, ...]
    cancellation: TunedCancellation | None


class DayLearner(NamedTuple):
    """The flights that the day of the flight is learned from.

    Attributes
    ----------
    departed : of the training part
    history : those flights, and any others: only what was known at each moment is read
    scheduled : with the cancelled ones; None if too few were cancelled
    delay_minutes : a flight is delayed when it leaves more than this late
    seed : of random choices
    budget : how much is tried and learned from
    """

    departed: Part
    history: History
    scheduled: Scheduled | None
    delay_minutes: int
    seed: int
    budget: Budget = FULL

    def choose(self, hidden: tuple[str, ...] = (), *, progress: Progress = no_progress) -> DayChoices:
        """Choose everything that is not fitted.

        Parameters
        ----------
        hidden : features that the probability of a cancellation does not read
        progress : called after each step with the stage that it belongs to and how many that has
        """
        departed, history, scheduled, delay_minutes, seed, budget = self
        tuned = choose_operations(
            departed, history, delay_minutes, budget=budget, seed=seed, progress=progress
        )
        sample = draw_all_leads(departed, history, seed, budget.operations_rows)
        conditions = choose_conditions(sample, delay_minutes, budget=budget, seed=seed, progress=progress)
        cancellation = None
        if scheduled is not None and budget.day_cancellation:
            sample = draw_all_leads(scheduled, history, seed, budget.operations_rows)
            cancellation = choose_cancellation(sample, hidden, budget=budget, seed=seed, progress=progress)
        return DayChoices(tuned, conditions, cancellation)

    def fit(self, chosen: DayChoices, *, progress: Progress = no_progress) -> Operations:
        """Fit with what was chosen."""
        departed, history, scheduled, delay_minutes, seed, budget = self
        near, far = fit_operations(
            departed, history, delay_minutes, chosen.tuned, budget=budget, seed=seed, progress=progress
        )
        sample = draw_all_leads(departed, history, seed, budget.operations_rows)
        exceedance = fit_conditions(sample, chosen.conditions, seed=seed, progress=progress)
        cancellation = None
        if scheduled is not None and chosen.cancellation is not None:
            sample = draw_all_leads(scheduled, history, seed, budget.operations_rows)
            cancellation = fit_cancellation(sample, chosen.cancellation, seed=seed)
        return Operations(OPERATIONS_NAMES, near, far, NEAR_MINUTES, exceedance, cancellation)


class LearnedDay(NamedTuple):
    """The model of the day of the flight, how it did by lead time, and what was chosen for it."""

    model: Operations
    leads: tuple[LeadMetrics, ...]
    chosen: DayChoices


def learn_day(
    learner: DayLearner,
    test: Part,
    *,
    schedule: FloatArray,
    decision_threshold: float,
    cancellation: LearnedCancellation,
    progress: Progress = no_progress,
) -> LearnedDay:
    """Choose, fit and measure; parameters as in `measure_leads`."""
    hidden = cancellation.tuning.hidden if cancellation.tuning else ()
    chosen = learner.choose(hidden, progress=progress)
    model = learner.fit(chosen, progress=progress)
    leads = measure_leads(
        model,
        test,
        learner.history,
        delay_minutes=learner.delay_minutes,
        schedule=schedule,
        decision_threshold=decision_threshold,
        base_rate=float(learner.departed.delayed.mean()),
        cancellation=_of_the_schedule(cancellation),
        progress=progress,
    )
    return LearnedDay(model, leads, chosen)


def _of_the_schedule(learned: LearnedCancellation) -> ScheduledAnswers | None:
    """What the schedule says of the cancellations of the test part."""
    if learned.model is None or learned.parts is None:
        return None
    test = learned.parts.test
    scorer = CancellationModel(learned.model, len(FEATURE_NAMES)).scorer
    return ScheduledAnswers(test, score_optional(scorer, test.matrix), learned.model.base_rate)
