"""Measures the operations horizon at each lead time, beside the schedule's on the same flights."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from puntual.batch import predict_exceedance, score_optional, score_rows
from puntual.data.schema import GONE
from puntual.features.operations import History
from puntual.inference.artifact import Operations, Trees
from puntual.inference.cancellation import CancellationModel
from puntual.inference.exceedance import ExceedanceModel
from puntual.inference.lead_results import LEADS, LeadCancellation, LeadExceedance, LeadMetrics
from puntual.inference.scorer import Scorer
from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.metrics.intervals import CANCELLATION_METRICS, NO_THRESHOLD, Days, losses
from puntual.metrics.scores import auc, calibration_error, log_loss
from puntual.models.cores import on_each_core
from puntual.training.operations import operations_matrix
from puntual.training.scheduled import Scheduled
from puntual.training.splits import Part, evenly_spaced
from puntual.types import Progress, no_progress

MAX_ASKED = 100_000
"""Flights that are asked about at each lead time. Days differ more than flights of a day do, so of more
flights some of every day give nearly the same intervals."""
_PROBABLE = 1e-6, 1 - 1e-6


class ScheduledAnswers(NamedTuple):
    """All scheduled flights, and what the schedule says of their cancellation.

    Attributes
    ----------
    probability : shape (n,), with the timetable
    base_rate : share of cancelled flights among those learned from
    """

    flights: Scheduled
    probability: FloatArray
    base_rate: float

    def where(self, rows: BoolArray) -> ScheduledAnswers:
        """Some of the flights."""
        return ScheduledAnswers(self.flights.where(rows), self.probability[rows], self.base_rate)


def predict_at(operations: Operations, part: Part, history: History, lead: int) -> FloatArray:
    """Probability of a delay of each flight, asked about so many minutes before it; shape (n,).

    Parameters
    ----------
    history : of which only what was known by then is read
    """
    matrix = operations_matrix(part, history, np.full(len(part.delayed), lead))
    return _score(operations, matrix, lead)


def is_open(flights: Part | Scheduled, lead: int) -> BoolArray:
    """Which flights had neither left nor were known to be cancelled so many minutes before; shape (n,)."""
    gone: FloatArray = flights.frame.select(GONE).to_series().to_numpy()
    return gone > -lead


def measure_leads(
    operations: Operations,
    part: Part,
    history: History,
    *,
    delay_minutes: int,
    schedule: FloatArray,
    decision_threshold: float,
    base_rate: float,
    cancellation: ScheduledAnswers | None = None,
    max_asked: int = MAX_ASKED,
    progress: Progress = no_progress,
) -> tuple[LeadMetrics, ...]:
    """Ask about each flight that has not left, at each lead time, with only what was known then.

    Of more than `max_asked` flights, evenly spaced ones are asked about (`LeadMetrics.every`).

    Parameters
    ----------
    part : the flights that are asked about
    history : of which only what was known at each moment is read: outcomes of earlier flights of `part`, too
    schedule : shape (n,), the schedule's probabilities of the same flights, with their timetable
    delay_minutes, decision_threshold, base_rate : of the model
    cancellation : of the same days; None: it is not measured
    """
    on_step = partial(progress, "lead times", len(LEADS))
    every, some = evenly_spaced(len(part.delayed), max_asked)
    part, schedule = part.where(some), schedule[some]
    if cancellation:
        _, of_scheduled = evenly_spaced(len(cancellation.probability), max_asked)
        cancellation = cancellation.where(of_scheduled)
    loss = losses(schedule, part.delayed)
    model = ExceedanceModel(operations.exceedance, delay_minutes, len(operations.features))

    def measure(lead: int) -> LeadMetrics:
        open_then = is_open(part, lead)
        asked = part.where(open_then)
        matrix = operations_matrix(asked, history, np.full(len(asked.delayed), lead))
        probability, days = _score(operations, matrix, lead), Days(asked.dates, asked.delayed)
        one = LeadMetrics(
            lead_minutes=lead,
            flights=len(asked.delayed),
            base_rate=float(asked.delayed.mean()),
            metrics=days.metrics(probability, asked.delayed, decision_threshold, base_rate),
            gain=days.mean(loss[open_then] - losses(probability, asked.delayed)),
            exceedance=_exceedance(model, predict_exceedance(model, matrix, probability), asked.minutes),
            cancellation=cancellation and _cancellation(operations, cancellation, history, lead),
            every=every,
        )
        on_step()
        return one

    return tuple(on_each_core(measure, LEADS))


def _score(operations: Operations, matrix: FloatArray, lead: int) -> FloatArray:
    trees = operations.near if lead <= operations.near_minutes else operations.far
    return score_rows(_scorer(trees, matrix), matrix)


def _scorer(trees: Trees, matrix: FloatArray) -> Scorer:
    return Scorer(trees.booster, matrix.shape[1], trees.calibration)


def _exceedance(
    model: ExceedanceModel, probabilities: FloatArray, delays: FloatArray
) -> tuple[LeadExceedance, ...]:
    measured = []
    for minutes, probability in zip(model.minutes, probabilities.T, strict=True):
        late = delays > minutes
        measured.append(
            LeadExceedance(
                minutes=minutes,
                base_rate=float(late.mean()),
                log_loss=log_loss(np.clip(probability, *_PROBABLE), late),
                auc=auc(probability, late),
                calibration_error=calibration_error(probability, late),
            )
        )
    return tuple(measured)


def _cancellation(
    operations: Operations, answers: ScheduledAnswers, history: History, lead: int
) -> LeadCancellation | None:
    """Of the flights that had neither left nor were known to be cancelled by then."""
    if operations.cancellation is None:
        return None
    open_then = is_open(answers.flights, lead)
    flights, schedule, _ = answers.where(open_then)
    if not flights.cancelled.any():
        return None
    matrix = operations_matrix(flights, history, np.full(len(flights.minutes), lead))
    model = CancellationModel(operations.cancellation, len(operations.features))
    probability = score_optional(model.scorer, matrix)
    days = Days(flights.dates, flights.cancelled)
    every = days.metrics(probability, flights.cancelled, NO_THRESHOLD, answers.base_rate)
    gain = days.mean(losses(schedule, flights.cancelled) - losses(probability, flights.cancelled))
    return LeadCancellation({name: every[name] for name in CANCELLATION_METRICS}, gain)
