"""What was measured of a model, as its artifact carries it and its card shows it."""

from __future__ import annotations

import msgspec

from puntual.inference.estimates import Estimate, MetricEstimates, Performance, performance_of
from puntual.inference.lead_results import LeadMetrics
from puntual.inference.reliability import Reliability


class EvaluationSummary(msgspec.Struct, frozen=True):
    """The main metrics of an `Evaluation`.

    Attributes
    ----------
    split : ``time`` or ``random``
    first, last : local dates of the first and last flight measured, ISO 8601
    with_timetable : each flight predicted with its day's timetable
    alone : the same flights, each predicted without it
    """

    split: str
    first: str
    last: str
    with_timetable: Performance
    without_timetable: Performance = msgspec.field(name="alone")


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """How a model did that learned from one part of the flights and was measured on the other.

    Attributes
    ----------
    split : ``time``, ``random`` or ``rolling``
    first, last : local dates of the flights measured, ISO 8601
    learned_first, learned_last : local dates of the flights learned from
    flights : how many were measured
    base_rate : share of them that were delayed
    learned_base_rate : share of delayed flights among those learned from, which `gain` compares with
    cut : probability from which a flight is predicted to be delayed, for precision, recall, F1 and ``called``
    block_days : length of the blocks of consecutive days that are resampled for the intervals
    with_timetable, alone : metrics by name; null if one is not defined
    """

    split: str
    first: str
    last: str
    learned_first: str
    learned_last: str
    flights: int
    base_rate: float
    learned_base_rate: float
    decision_threshold: float = msgspec.field(name="cut")
    block_days: int
    with_timetable: MetricEstimates
    without_timetable: MetricEstimates = msgspec.field(name="alone")


class RollingMonth(Evaluation, frozen=True, kw_only=True):
    """How a model that learned from all flights before a month did on that month; see `Evaluation`.

    Attributes
    ----------
    month : as in ``2017-09``
    learned_flights : how many came before
    plain_log_loss : of always predicting their base rate
    """

    month: str
    learned_flights: int
    plain_log_loss: Estimate


class OperatingPoint(msgspec.Struct, frozen=True):
    """What a decision threshold would have meant on the test part.

    Attributes
    ----------
    cut : the decision threshold
    called : share of the flights predicted to be delayed
    precision : share of those that were; null if none was predicted
    recall : share of the delayed flights that were predicted
    """

    decision_threshold: float = msgspec.field(name="cut")
    called: float
    precision: float | None
    recall: float


class Tuning(msgspec.Struct, frozen=True):
    """What did best on flights of the training part that were not learned from.

    Attributes
    ----------
    trees : how many each booster has
    calibration : ``none``, ``platt``, ``beta`` or ``isotonic``
    losses : log loss of each calibration on folds that it was not fitted on; empty if there were too few
    settings : of LightGBM, by its own names
    """

    trees: int
    calibration: str
    losses: dict[str, float]
    settings: dict[str, float] = {}


class ExceedanceMetrics(msgspec.Struct, frozen=True):
    """How well P(delay > `minutes`) did on the test part, with the timetable.

    Attributes
    ----------
    base_rate : share of flights later than `minutes`
    plain_log_loss : of always predicting the share among the flights learned from
    auc : null if all flights were later, or none
    """

    minutes: int
    base_rate: float
    log_loss: float
    plain_log_loss: float
    auc: float | None
    calibration_error: float


class DelayMetrics(msgspec.Struct, frozen=True):
    """How well the delay in minutes was predicted on the test part, with the timetable.

    Attributes
    ----------
    mean_expected : mean of the expected delay, minutes
    mean_observed : mean of the observed delay, minutes
    median_error : mean absolute difference of the predicted median and the observed delay, minutes
    plain_median_error : the same of always predicting the median of the flights learned from
    within_bound_90 : share of flights that were not later than the 90 % bound
    """

    mean_expected: float
    mean_observed: float
    median_error: float
    plain_median_error: float
    within_bound_90: float


class CancellationAssessment(msgspec.Struct, frozen=True, kw_only=True):
    """How well the probability of a cancellation did on flights that departed or were cancelled.

    Attributes
    ----------
    first, last : local dates of the flights measured, ISO 8601
    flights, cancelled : how many were measured, and how many of them were cancelled
    base_rate : share of them that was cancelled
    learned_base_rate : share of cancelled flights among those learned from, which `gain` compares with
    block_days : length of the blocks of consecutive days that are resampled for the intervals
    with_timetable, alone : metrics by name; null if one is not defined
    """

    first: str
    last: str
    flights: int
    cancelled: int
    base_rate: float
    learned_base_rate: float
    block_days: int
    with_timetable: MetricEstimates
    without_timetable: MetricEstimates = msgspec.field(name="alone")


class CancellationMetrics(CancellationAssessment, frozen=True, kw_only=True):
    """How well it did on the test part, and what was chosen for it; see `CancellationAssessment`.

    Attributes
    ----------
    trees : how many each booster has; 0: the probability is the learned base rate for every flight, since no
        number of trees did clearly better on flights of the training part that were not learned from
    calibration : ``none``, ``platt``, ``beta`` or ``isotonic``
    validation_gain : log loss below that of always predicting the base rate, on those flights; null if no
        part of the training part had cancelled flights enough to learn from
    learned_flights, learned_cancelled : how many were learned from, and how many of them were cancelled
    """

    trees: int
    calibration: str
    validation_gain: Estimate | None
    learned_flights: int
    learned_cancelled: int


class Importance(msgspec.Struct, frozen=True):
    """How much worse a model does on the test part if it is fitted without a variable.

    Attributes
    ----------
    group : name of the variable
    loss : increase of the log loss
    months : the same in each local month
    """

    group: str
    loss: Estimate
    months: dict[str, float]


class Slice(msgspec.Struct, frozen=True):
    """How the model did on a part of the test part, with the timetable.

    Attributes
    ----------
    dimension : ``airline``, ``destination`` or ``month``
    expected : mean probability given
    rate : share that was delayed
    low, high : 95 % interval of the rate, from resampled blocks of consecutive days; null if these are too
        few
    log_loss : of the model
    plain_log_loss : of always predicting the base rate of the flights learned from
    """

    dimension: str
    value: str
    flights: int
    expected: float
    rate: float
    low: float | None
    high: float | None
    log_loss: float
    plain_log_loss: float


class FamilyResult(msgspec.Struct, frozen=True):
    """How one family of models did on the test part, with the timetable.

    Attributes
    ----------
    servable : whether an artifact can hold it
    setting : chosen on the rolling months, among the first `tried`
    fit_seconds : of the last fit, on the whole training part
    cut : probability from which a flight is predicted to be delayed, by the same rule for all families
    difference : log loss above that of the best family, on the same flights and resampled days
    """

    family: str
    servable: bool
    note: str
    setting: dict[str, float]
    tried: int
    fit_seconds: float
    decision_threshold: float = msgspec.field(name="cut")
    metrics: MetricEstimates
    difference: Estimate


class Spread(msgspec.Struct, frozen=True):
    """Mean and standard deviation of a number over fits with several seeds."""

    mean: float
    deviation: float


class SeedSpread(msgspec.Struct, frozen=True, kw_only=True):
    """How much depends on the seed: models that differ in nothing else, measured on the same flights.

    Attributes
    ----------
    seeds : how many; the first is that of the model itself
    log_loss, auc : with the timetable
    log_loss_alone, auc_alone : the same flights without it
    timetable : log loss without the timetable minus that with it; its interval covers days and seeds
    moved : share of flights whose probability with the timetable differs by more than five points between two
        of the seeds
    """

    seeds: int
    log_loss: Spread
    auc: Spread
    log_loss_without_timetable: Spread = msgspec.field(name="log_loss_alone")
    auc_without_timetable: Spread = msgspec.field(name="auc_alone")
    timetable: Estimate
    moved: float


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured of a model.

    Attributes
    ----------
    protocols : the first is that of the split asked for, which the rest is about
    chosen, chosen_alone : what was chosen for the trees with the timetable, and for those without
    with_timetable, alone : reliability of the probabilities with the timetable, and without
    ladder : of P(delay > t), ascending in t
    cancellation : null if there were too few cancelled flights to learn from, or to measure on
    cost_of_a_missed_delay : what the decision threshold was chosen for, in false alarms; null: it predicts
        as many flights to be delayed as were, among those of the training part that were not learned from
    operating_points : ascending in the decision threshold, with the timetable
    seeds : null if only one seed was fitted
    families : of ``train --compare``, least log loss first; else none
    rolling : of ``train --split rolling``, in order; else none
    leads : of the operations horizon, the longest lead time first; none without it
    """

    evaluations: tuple[Evaluation, ...] = msgspec.field(name="protocols")
    tuning: Tuning = msgspec.field(name="chosen")
    tuning_without_timetable: Tuning = msgspec.field(name="chosen_alone")
    with_timetable: Reliability
    without_timetable: Reliability = msgspec.field(name="alone")
    exceedance: tuple[ExceedanceMetrics, ...] = msgspec.field(name="ladder")
    delay: DelayMetrics
    importance: tuple[Importance, ...]
    slices: tuple[Slice, ...]
    cost_of_a_missed_delay: float | None
    operating_points: tuple[OperatingPoint, ...]
    cancellation: CancellationMetrics | None = None
    seeds: SeedSpread | None = None
    families: tuple[FamilyResult, ...] = ()
    rolling: tuple[RollingMonth, ...] = ()
    leads: tuple[LeadMetrics, ...] = ()


def summarize(evaluation: Evaluation) -> EvaluationSummary:
    """The main metrics of an evaluation."""
    flights, base_rate = evaluation.flights, evaluation.base_rate
    return EvaluationSummary(
        evaluation.split,
        evaluation.first,
        evaluation.last,
        performance_of(evaluation.with_timetable, flights, base_rate),
        performance_of(evaluation.without_timetable, flights, base_rate),
    )
