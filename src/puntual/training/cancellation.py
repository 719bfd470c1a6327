"""The probability of a cancellation: chosen on rolling months, fitted and measured."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np

from puntual.batch import score_optional
from puntual.data import Flights
from puntual.inference.calibration import Platt
from puntual.inference.cancellation import Cancellation, CancellationModel
from puntual.inference.estimates import Estimate, verdict
from puntual.inference.evaluation_results import CancellationAssessment, CancellationMetrics
from puntual.inference.tables import Tables
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray
from puntual.metrics.intervals import CANCELLATION_METRICS, NO_THRESHOLD, Days, losses
from puntual.models.boosting import FEATURE_NAMES
from puntual.models.calibration import Anchored
from puntual.models.cancellation import (
    CANCELLATION_PARAMETERS,
    OF_THE_DATE,
    fit_cancellation,
    hide_from_cancellation,
)
from puntual.models.ensemble import MEMBERS
from puntual.models.modes import with_timetable, without_timetable
from puntual.training.cross_validation import FULL, Budget, tune
from puntual.training.scheduled import (
    Scheduled,
    ScheduledParts,
    cancelled_flights,
    divide_scheduled,
    take_scheduled,
)
from puntual.training.splits import Part, Parts
from puntual.types import Progress, no_progress

MIN_BEFORE = 20
"""Cancelled flights before a month that is held out."""
MISSING_APART = 0.05
"""If the shares of cancelled and of other flights without a value differ by more, the value is not read."""
_OPTIONAL = ("operator", "flight_type")
_VIEWS = (with_timetable, without_timetable)


class CancellationTuning(NamedTuple):
    """What was chosen, on flights of the training part that were not learned from.

    Attributes
    ----------
    trees : of each booster; 0: none did clearly better than the base rate
    method : of the calibration
    hidden : features that are not read
    gain : log loss below that of the base rate, on those flights; None: there are none
    """

    trees: int
    method: str
    anchored_at: Anchored
    hidden: tuple[str, ...]
    gain: Estimate | None


class LearnedCancellation(NamedTuple):
    """The model, how it did, what was chosen for it, and from which flights.

    All are None if too few flights were cancelled.
    """

    model: Cancellation | None = None
    metrics: CancellationMetrics | None = None
    tuning: CancellationTuning | None = None
    parts: ScheduledParts | None = None

    @property
    def learned(self) -> Scheduled | None:
        """The flights that it was fitted on."""
        return self.parts and self.parts.learned

    def refit(
        self, flights: Flights, departed: Part, tables: Tables, *, seed: int, progress: Progress = no_progress
    ) -> LearnedCancellation:
        """Fit again on all flights of a history, with what was chosen; parameters as in `take_scheduled`."""
        if self.tuning is None:
            return self
        every = take_scheduled(departed, cancelled_flights(flights), flights, tables)
        return self.refit_on(every, seed=seed, progress=progress)

    def refit_on(
        self, every: Scheduled, *, seed: int, progress: Progress = no_progress
    ) -> LearnedCancellation:
        """As `refit`, on flights with their features."""
        if self.tuning is None or self.parts is None:
            return self
        known, stage = every.with_known_codes(), "cancellation on all flights"
        model = fit_tuned(known, self.tuning, seed=seed, stage=stage, progress=progress)
        return self._replace(model=model, parts=self.parts._replace(learned=known))


def learn_cancellation(
    flights: Flights,
    parts: Parts,
    *,
    budget: Budget = FULL,
    seed: int,
    progress: Progress = no_progress,
) -> LearnedCancellation:
    """Choose, fit and measure.

    Parameters
    ----------
    flights : a history
    parts : of those flights
    budget : how much is tried
    progress : called after each tree with the stage that it belongs to and how many that has
    """
    scheduled = divide_scheduled(flights, parts, seed)
    return learn_scheduled(scheduled, budget=budget, seed=seed, progress=progress)


def learn_scheduled(
    scheduled: ScheduledParts | None,
    *,
    budget: Budget = FULL,
    seed: int,
    progress: Progress = no_progress,
) -> LearnedCancellation:
    """As `learn_cancellation`, on divided flights with their features; None: too few were cancelled."""
    if scheduled is None:
        return LearnedCancellation()
    tuning = tune_cancellation(scheduled, budget=budget, seed=seed, progress=progress)
    model = fit_tuned(scheduled.learned, tuning, seed=seed, progress=progress)
    return LearnedCancellation(model, measure_cancellation(model, tuning, scheduled), tuning, scheduled)


def tune_cancellation(
    parts: ScheduledParts, *, seed: int, budget: Budget = FULL, progress: Progress = no_progress
) -> CancellationTuning:
    """Choose the trees and the calibration by flights that were not learned from; none if they do not help.

    They help if the interval of the gain over the base rate is above 0.

    Parameters
    ----------
    parts : the test part is not used
    budget : how much is tried
    progress : called after each tree with the stage that it belongs to and how many that has
    """
    cancelled, dates = parts.learned.cancelled, parts.learned.dates
    hidden = (*OF_THE_DATE, *_revealing(parts.learned))
    folds = [
        (before, held_out)
        for before, held_out in parts.folds
        if cancelled[before].sum() >= MIN_BEFORE and held_out.any()
    ]
    if not folds:
        return CancellationTuning(0, "none", lambda rate: Platt(), hidden, None)
    tuned = tune(
        parts.learned.rows,
        folds,
        seed=seed,
        train_view=partial(hide_from_cancellation, seed=seed, names=hidden),
        eval_views=_VIEWS,
        budget=budget.of_cancellation(),
        parameters=CANCELLATION_PARAMETERS,
        stage="cancellation, ",
        progress=progress,
    )
    base_rate = np.concatenate(
        [np.full(len(_VIEWS) * held_out.sum(), cancelled[before].mean()) for before, held_out in folds]
    )
    days = np.concatenate([np.tile(dates[held_out], len(_VIEWS)) for _, held_out in folds])
    gains = losses(base_rate, tuned.delayed) - losses(tuned.calibration.probability, tuned.delayed)
    gain = Days(days, tuned.delayed).mean(gains)
    if verdict(gain) != "better":
        return CancellationTuning(0, "none", tuned.calibration.anchored_at, hidden, gain)
    calibration = tuned.calibration
    return CancellationTuning(tuned.trees, calibration.method, calibration.anchored_at, hidden, gain)


def fit_tuned(
    learned: Scheduled,
    tuning: CancellationTuning,
    *,
    seed: int,
    stage: str = "fitting cancellation",
    progress: Progress = no_progress,
) -> Cancellation:
    """Fit with what was chosen; parameters as in `tune_cancellation`."""
    return fit_cancellation(
        learned.rows,
        trees=tuning.trees,
        anchored_at=tuning.anchored_at,
        hidden=tuning.hidden,
        seed=seed,
        on_tree=partial(progress, stage, MEMBERS * tuning.trees),
    )


def measure_cancellation(
    cancellation: Cancellation, tuning: CancellationTuning, parts: ScheduledParts
) -> CancellationMetrics:
    """Measure the probability on all scheduled flights of the test part, with the timetable and without."""
    learned, test = parts.learned, parts.test
    model = CancellationModel(cancellation, len(FEATURE_NAMES))
    modes = [score_optional(model.scorer, view(test.matrix)) for view in _VIEWS]
    assessment = assess_probabilities(modes, test.cancelled, test.dates, cancellation.base_rate)
    return CancellationMetrics(
        **msgspec.structs.asdict(assessment),
        trees=tuning.trees,
        calibration=tuning.method,
        validation_gain=tuning.gain,
        learned_flights=len(learned.cancelled),
        learned_cancelled=int(learned.cancelled.sum()),
    )


def assess_probabilities(
    modes: Sequence[FloatArray], cancelled: BoolArray, dates: DateArray, base_rate: float
) -> CancellationAssessment:
    """Measure some probabilities of a cancellation.

    Parameters
    ----------
    modes : with the timetable and without, shape (n,) each
    cancelled, dates : shape (n,)
    base_rate : share of cancelled flights among those learned from
    """
    days = Days(dates, cancelled)
    every = [days.metrics(probability, cancelled, NO_THRESHOLD, base_rate) for probability in modes]
    known, unknown = ({name: one[name] for name in CANCELLATION_METRICS} for one in every)
    return CancellationAssessment(
        first=str(dates.min()),
        last=str(dates.max()),
        flights=len(cancelled),
        cancelled=int(cancelled.sum()),
        base_rate=float(cancelled.mean()),
        learned_base_rate=base_rate,
        block_days=days.blocks.length,
        with_timetable=known,
        without_timetable=unknown,
    )


def _revealing(learned: Scheduled) -> list[str]:
    """Optional values that are given, or missing, where a flight was cancelled."""
    found = []
    for name in _OPTIONAL:
        missing = np.isnan(learned.matrix[:, FEATURE_NAMES.index(name)])
        if abs(missing[learned.cancelled].mean() - missing[~learned.cancelled].mean()) > MISSING_APART:
            found.append(name)
    return found
