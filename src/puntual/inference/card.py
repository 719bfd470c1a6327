"""The model card as plain data: intended use, metrics, weak slices and limits of a model.

It needs only `puntual.inference`, so that the service and the command line's page show the same.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Literal

import msgspec

from puntual.inference.artifact import Artifact, Training
from puntual.inference.estimates import MetricEstimates
from puntual.inference.evaluation_results import CancellationAssessment, Card, Slice
from puntual.inference.lead_results import LeadMetrics
from puntual.inference.reliability import Reliability
from puntual.inference.tables import Tables

HORIZON, OPERATIONS_HORIZON = "schedule", "operations"
"""What answers are made from: the timetable alone, days ahead; or also what has happened by the moment."""

Weakness = Literal["too_low", "too_high", "no_better"]
LimitName = Literal[
    "decisions",
    "airports",
    "season",
    "no_cancellations",
    "later",
    "cause",
    "day",
    "untold",
    "few_days",
    "few_late",
]
OF_THE_DATA = frozenset({"season", "no_cancellations", "few_days", "few_late"})
"""Limits that other data would lift; they are shown when a model is trained."""
OF_THE_FIGURES = frozenset({"few_days", "few_late"})
"""Limits of what was measured; they are shown with the figures."""

MIN_DAYS = 28
"""Days measured: intervals from fewer than four weeks are too narrow."""
MIN_LATE = 200
"""Late flights measured, for the calibration error and for metrics at the decision threshold.

References
----------
Collins, Ogundimu and Altman (2016), Statistics in Medicine 35(2): at least 100 events to validate a model,
better 200.
"""
MIN_CANCELLED = 0.001
"""Share of a history; of New York's airports in 2013, the calmest month had four times as many."""
NO_CANCELLATIONS = (
    "no cancelled flights in this history: the timetable is of flights that were flown, which nobody knows "
    "beforehand; figures with the timetable may be flattered"
)


class WeakSlice(Slice, frozen=True, kw_only=True):
    """Flights of the test part that the model predicted badly.

    Attributes
    ----------
    weakness : ``too_low`` or ``too_high`` if the mean probability is outside the rate's interval;
        ``no_better`` if it is inside, but the base rate of the flights learned from does as well
    lost : log loss per flight that is due to it: by the level (`level_loss`) or against the base rate,
        whichever is more
    """

    weakness: Weakness
    lost: float


class Limit(msgspec.Struct, frozen=True):
    """What a model must not be used for.

    Attributes
    ----------
    name : kind of limit
    about : codes of the airports, numbers of the months never seen, the last date, or how many were measured
        and how many are wanted; empty for other limits
    text : a sentence
    """

    name: LimitName
    about: tuple[str, ...]
    text: str


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """How a model did on flights other than those of its artifact.

    Attributes
    ----------
    data : the file that holds them
    first, last : their local dates
    learned : how many of those measured are of days that the model learned from; if any, the metrics are too
        good
    flights : how many were measured
    base_rate : share of them that were delayed
    block_days : length of the blocks of consecutive days that are resampled for the intervals
    with_timetable, alone : by name (`puntual.metrics.intervals.METRICS`); null if one is not defined
    reliability, reliability_alone : with the timetable, and without
    cancellation : of the probability of a cancellation; null if there is none, or no flight was cancelled
    leads : of the operations horizon, as in `Card`
    """

    data: str
    first: str
    last: str
    learned: int
    flights: int
    base_rate: float
    block_days: int
    with_timetable: MetricEstimates
    without_timetable: MetricEstimates = msgspec.field(name="alone")
    reliability: Reliability
    reliability_without_timetable: Reliability = msgspec.field(name="reliability_alone")
    cancellation: CancellationAssessment | None = None
    leads: tuple[LeadMetrics, ...] = ()


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a model's artifact says of it.

    Attributes
    ----------
    horizon : ``schedule``: answers are made days ahead, from the timetable alone; ``operations``: also from
        what has happened by the moment of asking
    cut : a prediction is ``delayed`` if its probability reaches this decision threshold
    origins : codes of the airports of departure that it knows
    measured : on the flights of its first protocol, unless it says otherwise
    weak_slices : the worst first
    given : on other flights; null if none were given
    """

    model: str
    threshold_minutes: int
    horizon: str
    decision_threshold: float = msgspec.field(name="cut")
    origins: tuple[str, ...]
    features: tuple[str, ...]
    training: Training
    limits: tuple[Limit, ...]
    evaluation_results: Card = msgspec.field(name="measured")
    weak_slices: tuple[WeakSlice, ...]
    given: Assessment | None = None


def describe(artifact: Artifact, given: Assessment | None = None) -> ModelCard:
    """The card of a model, and of how it did on other flights, if any were assessed."""
    return ModelCard(
        model=artifact.name,
        threshold_minutes=artifact.threshold_minutes,
        horizon=horizon_of(artifact),
        decision_threshold=artifact.decision_threshold,
        origins=artifact.tables.origins,
        features=artifact.features,
        training=artifact.training,
        limits=limits(artifact),
        evaluation_results=artifact.card,
        weak_slices=weak_slices(artifact.card.slices),
        given=given,
    )


def horizon_of(artifact: Artifact) -> str:
    """The richest horizon that a model answers from."""
    return HORIZON if artifact.operations is None else OPERATIONS_HORIZON


def limits(artifact: Artifact) -> tuple[Limit, ...]:
    """What a model must not be used for, and why."""
    tables, training, first = artifact.tables, artifact.training, artifact.card.evaluations[0]
    days = (dt.date.fromisoformat(first.last) - dt.date.fromisoformat(first.first)).days + 1
    unseen = unseen_months(tables)
    named = ", ".join(dt.date(2017, month, 1).strftime("%B") for month in unseen)
    season = f"It has seen no flight of {named}: there its level is a guess"
    no_cancellations = NO_CANCELLATIONS[:1].upper() + NO_CANCELLATIONS[1:]
    if artifact.operations is None:
        day_limit = Limit(
            "day",
            (),
            "Not on the day itself, once weather and actual operations are known: it was made days ahead "
            "from the timetable",
        )
    else:
        day_limit = Limit(
            "untold",
            (),
            "Not on the day itself unless it is told what has happened: otherwise it answers from the "
            "timetable alone",
        )
    return (
        Limit(
            "decisions",
            (),
            "Not for decisions about one flight's passengers, their rights, or the work of its crew: "
            "a probability holds for many flights alike, not for one",
        ),
        Limit(
            "airports",
            tables.origins,
            f"Not for flights from other airports than {', '.join(tables.origins)}: it knows nothing of them",
        ),
        *([Limit("season", tuple(map(str, unseen)), season)] if unseen else []),
        *([Limit("no_cancellations", (), no_cancellations)] if few_cancelled(training.cancelled) else []),
        Limit(
            "later",
            (training.last,),
            f"It knows nothing after {training.last}: the longer ago that is, the less it holds",
        ),
        Limit(
            "cause",
            (),
            "Not as a cause: what it reads in a flight goes with delays, and need not bring them about",
        ),
        day_limit,
        *too_few(days, round(first.flights * first.base_rate)),
    )


def few_cancelled(share: float) -> bool:
    """Whether a history holds fewer cancelled flights than any airport has."""
    return share < MIN_CANCELLED


def too_few(days: int, late: int) -> tuple[Limit, ...]:
    """What was measured on too few days, or too few late flights, to say.

    Examples
    --------
    >>> [limit.text for limit in too_few(4, 500)]
    ['Measured on 4 days: too few for the intervals, which want 28 or more']
    """
    found = []
    if days < MIN_DAYS:
        wanted = f"{days} day{'' if days == 1 else 's'}: too few for the intervals, which want {MIN_DAYS}"
        found.append(Limit("few_days", (str(days), str(MIN_DAYS)), f"Measured on {wanted} or more"))
    if late < MIN_LATE:
        wanted = (
            f"{late} late flight{'' if late == 1 else 's'}: too few for the calibration error and for "
            f"precision and recall, which want {MIN_LATE}"
        )
        found.append(Limit("few_late", (str(late), str(MIN_LATE)), f"Measured on {wanted} or more"))
    return tuple(found)


def unseen_months(tables: Tables) -> list[int]:
    """Months of which no day was learned from, from 1.

    Examples
    --------
    >>> empty = dict.fromkeys(("airlines", "airports", "origins", "destinations"), ())
    >>> empty |= {"categories": {}, "holidays": {}}
    >>> days = {"first_day": dt.date(2017, 1, 1), "last_day": dt.date(2017, 10, 26)}
    >>> unseen_months(Tables(days_of_year=tuple(range(1, 300)), **days, **empty))
    [11, 12]
    """
    start = dt.date(2017, 1, 1)
    seen = {(start + dt.timedelta(days=day - 1)).month for day in tables.days_of_year}
    return [month for month in range(1, 13) if month not in seen]


def weak_slices(slices: Iterable[Slice]) -> tuple[WeakSlice, ...]:
    """Slices where the level is wrong or the base rate does as well; the largest loss per flight first.

    Examples
    --------
    >>> good = Slice("airline", "LAN", 900, 0.2, 0.21, 0.18, 0.24, 0.45, 0.48)
    >>> high = Slice("airline", "ONE", 109, 0.19, 0.09, 0.04, 0.16, 0.37, 0.33)
    >>> [(one.value, one.weakness, round(one.lost, 3)) for one in weak_slices([good, high])]
    [('ONE', 'too_high', 0.04)]
    """
    found = []
    for one in slices:
        weakness = _weakness(one)
        if weakness is not None:
            worse = one.log_loss - one.plain_log_loss
            lost = worse if weakness == "no_better" else max(worse, level_loss(one.expected, one.rate))
            found.append(WeakSlice(**msgspec.structs.asdict(one), weakness=weakness, lost=lost))
    return tuple(sorted(found, key=lambda one: (-one.lost, -one.flights, one.value)))


def level_loss(expected: float, rate: float) -> float:
    """Log loss per flight of predicting one rate for flights that have another: the divergence of both.

    Parameters
    ----------
    expected : predicted rate, in (0, 1)
    rate : observed rate, in [0, 1]

    Examples
    --------
    >>> level_loss(0.2, 0.2), round(level_loss(0.2, 0.4), 3)
    (0.0, 0.105)

    References
    ----------
    Kullback and Leibler (1951), On information and sufficiency, Annals of Mathematical Statistics 22(1).
    """
    parts = ((rate, expected), (1 - rate, 1 - expected))
    return math.fsum(
        observed * math.log(observed / predicted) for observed, predicted in parts if observed > 0
    )


def _weakness(one: Slice) -> Weakness | None:
    if one.low is not None and one.expected < one.low:
        return "too_low"
    if one.high is not None and one.expected > one.high:
        return "too_high"
    return "no_better" if one.log_loss >= one.plain_log_loss else None
