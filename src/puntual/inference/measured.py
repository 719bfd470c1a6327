"""What was measured of a model, as its artifact carries it and its card tells it."""

from __future__ import annotations

from typing import Literal

import msgspec


class Estimate(msgspec.Struct, frozen=True):
    """A number with the ends of its 95 % interval, blocks of consecutive days drawn anew.

    Attributes
    ----------
    low, high : null where the flights' days form too few blocks to tell, and for the calibration error, whose
        noise floor stands in `Reliability`
    """

    value: float
    low: float | None
    high: float | None


class Group(msgspec.Struct, frozen=True):
    """Flights that were given like probabilities, or that left in one month.

    Attributes
    ----------
    name : least and most probability given, as in ``0.12-0.15``; or the month, as in ``2017-09``
    expected : mean probability given
    rate : share that was delayed; low, high : its 95 % interval, blocks of consecutive days drawn anew; null
        where its days form too few
    """

    name: str
    flights: int
    expected: float
    rate: float
    low: float | None
    high: float | None


class Bin(Group, frozen=True):
    """Flights that were given like probabilities.

    Attributes
    ----------
    least, most : probability given to a flight of it
    """

    least: float
    most: float


class BrierParts(msgspec.Struct, frozen=True):
    """What a Brier score is made of: reliability - resolution + uncertainty + within.

    Attributes
    ----------
    reliability : squared distance of expected and rate over the bins; 0 where all came true
    resolution : how far the bins' rates lie from the rate of all
    uncertainty : of the outcomes themselves
    within : what lies within the bins
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float


class NoiseFloor(msgspec.Struct, frozen=True):
    """The calibration error that probabilities would show on some flights although they are right.

    Attributes
    ----------
    expected : mean; most : what 97.5 % of such errors do not exceed
    """

    expected: float
    most: float


class Reliability(msgspec.Struct, frozen=True):
    """How well probabilities came true on some flights.

    Attributes
    ----------
    bins : of equally many flights, ascending
    months : local months
    block_days : how many consecutive days were drawn together for the intervals
    calibration_error : mean distance of expected and rate over the bins
    noise_floor : what it would be by chance; null where there are too few blocks of days to tell
    without_shift : the same, had the odds been scaled so that their mean is the rate: what is not the level
    """

    bins: list[Bin]
    months: list[Group]
    block_days: int
    calibration_error: float
    noise_floor: NoiseFloor | None
    without_shift: float
    brier: BrierParts


Verdict = Literal["better", "no_better", "worse", "unknown"]


def verdict(gain: Estimate) -> Verdict:
    """What an interval of a gain says.

    Examples
    --------
    >>> [verdict(Estimate(0.01, *ends)) for ends in ((0.002, 0.02), (-0.01, 0.03), (None, None))]
    ['better', 'no_better', 'unknown']
    """
    if gain.low is None or gain.high is None:
        return "unknown"
    if gain.low > 0:
        return "better"
    return "worse" if gain.high < 0 else "no_better"


class Protocol(msgspec.Struct, frozen=True, kw_only=True):
    """How a model did that learned from one part of the flights and was measured on the other.

    Attributes
    ----------
    split : ``time``, ``random`` or ``rolling``
    first, last : local dates of the flights measured; learned_first, learned_last : of those learned from
    flights : how many were measured; base_rate : share of them that were delayed
    learned_base_rate : share of delayed flights among those learned from: what `gain` is against
    cut : probability from which a flight is called delayed, of precision, recall, F1 and the share called
    block_days : how many consecutive days were drawn together for the intervals
    with_timetable, alone : by name (`puntual.metrics.intervals.METRICS`); null where one is not defined
    """

    split: str
    first: str
    last: str
    learned_first: str
    learned_last: str
    flights: int
    base_rate: float
    learned_base_rate: float
    cut: float
    block_days: int
    with_timetable: dict[str, Estimate | None]
    alone: dict[str, Estimate | None]


class RollingMonth(Protocol, frozen=True, kw_only=True):
    """How a model of all that came before a month did on that month; the rest is as in `Protocol`.

    Attributes
    ----------
    month : as in ``2017-09``
    learned_flights : how many came before
    plain_log_loss : of saying for every flight the base rate of those
    """

    month: str
    learned_flights: int
    plain_log_loss: Estimate


class OperatingPoint(msgspec.Struct, frozen=True):
    """What calling a flight delayed from a cut on would have meant on the test part.

    Attributes
    ----------
    called : share of the flights that would have been called delayed
    precision : share of those that were; null where none was called; recall : share of the delayed that were
        called
    """

    cut: float
    called: float
    precision: float | None
    recall: float


class Chosen(msgspec.Struct, frozen=True):
    """What did best on flights of the training part that were not learned from.

    Attributes
    ----------
    trees : how many
    calibration : ``none``, ``platt``, ``beta`` or ``isotonic``, the best on folds that it was not fitted on
    losses : log loss of each there; empty where there were too few folds
    settings : of LightGBM, by its own names
    """

    trees: int
    calibration: str
    losses: dict[str, float]
    settings: dict[str, float] = {}


class ExceedanceMetrics(msgspec.Struct, frozen=True):
    """How well one P(delay > `minutes`) did on the test part, within its timetable.

    Attributes
    ----------
    base_rate : share of flights later than `minutes`
    plain_log_loss : of saying for every flight the share among the flights learned from
    auc : null where all flights were alike
    """

    minutes: int
    base_rate: float
    log_loss: float
    plain_log_loss: float
    auc: float | None
    calibration_error: float


class DelayMetrics(msgspec.Struct, frozen=True):
    """How the delay in minutes held on the test part, within its timetable.

    Attributes
    ----------
    mean_expected : mean of the expected delay; mean_observed : of what came
    median_error : mean distance of the median from what came; plain_median_error : of saying for every flight
        the median of the flights learned from
    within_bound_90 : share of flights that were not later than the 90 % bound
    """

    mean_expected: float
    mean_observed: float
    median_error: float
    plain_median_error: float
    within_bound_90: float


class Importance(msgspec.Struct, frozen=True):
    """What the model loses on the test part when one group of features is shuffled among the flights.

    Attributes
    ----------
    group : as in the reasons of an answer
    loss : log loss more than with everything in place; months : the same in each local month
    """

    group: str
    loss: Estimate
    months: dict[str, float]


class Slice(msgspec.Struct, frozen=True):
    """How the model did on some of the test part, within its timetable.

    Attributes
    ----------
    dimension : ``airline``, ``destination`` or ``month``
    expected : mean probability given
    rate : share that was delayed; low, high : its 95 % interval, blocks of consecutive days drawn anew; null
        where its days form too few
    log_loss : of the model; plain_log_loss : of saying the base rate of the flights learned from
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


class FamilyMeasured(msgspec.Struct, frozen=True):
    """How one family of models did on the test part, within its timetable.

    Attributes
    ----------
    servable : whether an artifact can hold it
    setting : chosen on the rolling months, among the first `tried`
    cut : probability from which a flight is called delayed; by the rule of the model that is served
    fit_seconds : of the last fit, on the whole training part
    difference : log loss above the best family's, on the same flights and draws
    """

    family: str
    servable: bool
    note: str
    setting: dict[str, float]
    tried: int
    fit_seconds: float
    cut: float
    metrics: dict[str, Estimate | None]
    difference: Estimate


class Spread(msgspec.Struct, frozen=True):
    """A number that fits with several seeds give.

    Attributes
    ----------
    mean : over the seeds
    deviation : standard deviation between them
    """

    mean: float
    deviation: float


class SeedSpread(msgspec.Struct, frozen=True, kw_only=True):
    """How much is the seed's: models that differ in nothing else, measured on the same flights.

    Attributes
    ----------
    seeds : how many; the first is that of the model itself
    log_loss, auc : within the timetable; log_loss_alone, auc_alone : the same flights, each alone
    timetable : log loss alone above that within the timetable; its interval holds days and seeds
    moved : share of flights whose probability within the timetable differs by more than five points between
        two of the seeds
    """

    seeds: int
    log_loss: Spread
    auc: Spread
    log_loss_alone: Spread
    auc_alone: Spread
    timetable: Estimate
    moved: float


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured of a model; the first protocol is the one that the rest is about.

    Attributes
    ----------
    chosen, chosen_alone : of the trees with the timetable, and of those without
    cost_of_a_missed_delay : what the cut was chosen for, in false alarms; null: as many are called delayed as
        were late among the flights of the training part that were not learned from
    operating_points : ascending in the cut, within the timetable
    seeds : what other seeds of the same model give; null: only one was fitted
    families : of ``train --compare``, least log loss first; else none
    rolling : of ``train --split rolling``, in order; else none
    """

    protocols: tuple[Protocol, ...]
    chosen: Chosen
    chosen_alone: Chosen
    with_timetable: Reliability
    alone: Reliability
    exceedance: tuple[ExceedanceMetrics, ...] = msgspec.field(name="ladder")
    delay: DelayMetrics
    importance: tuple[Importance, ...]
    slices: tuple[Slice, ...]
    cost_of_a_missed_delay: float | None
    operating_points: tuple[OperatingPoint, ...]
    seeds: SeedSpread | None = None
    families: tuple[FamilyMeasured, ...] = ()
    rolling: tuple[RollingMonth, ...] = ()
