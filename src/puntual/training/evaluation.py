"""How an artifact does on flights other than those that it was made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from puntual.batch import score, score_cancellation
from puntual.data import Flights
from puntual.data.schema import DELAY
from puntual.errors import ArtifactError, DataError
from puntual.features.operations import History
from puntual.inference.artifact import Artifact
from puntual.inference.card import Assessment
from puntual.inference.estimates import MetricEstimates, Performance, performance_of
from puntual.inference.evaluation_results import CancellationAssessment
from puntual.inference.lead_results import LeadMetrics
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray
from puntual.metrics.calibration_curve import reliability
from puntual.metrics.intervals import Days
from puntual.models.operations import OPERATIONS_NAMES
from puntual.training.cancellation import assess_probabilities
from puntual.training.lead_times import ScheduledAnswers, measure_leads
from puntual.training.scheduled import cancelled_flights, take_scheduled
from puntual.training.splits import Part, take_part
from puntual.types import Progress, no_progress

_CHANCES = ("cancelled_known", "cancelled_unknown")


class _Predicted(NamedTuple):
    """Flights that departed, and what an artifact predicts for them with their timetable, and without."""

    delayed: BoolArray
    dates: DateArray
    known: FloatArray
    unknown: FloatArray


class ScoredFlights(NamedTuple):
    """What an artifact predicts for some flights, and what happened.

    Attributes
    ----------
    departed : ``row``, local ``day``, ``delayed``, and its probability with the timetable (``known``) and
        without (``unknown``); if the artifact has it, that of a cancellation (`_CHANCES`)
    cancelled : of flights that never left, the same without ``delayed``, ``known`` and ``unknown``
    days : of all of the flights, each once
    """

    departed: pl.DataFrame
    cancelled: pl.DataFrame
    days: pl.Series


def evaluate(artifact: Artifact, flights: Flights) -> tuple[Performance, Performance]:
    """The main metrics of an artifact on other flights, with their timetable and without.

    Parameters
    ----------
    flights : a history; all its flights, cancelled ones too, are the timetable of their days

    Raises
    ------
    DataError : no flight has departed
    """
    predicted = _predict(artifact, flights)
    rate = float(predicted.delayed.mean())
    known, unknown = (
        performance_of(estimates, len(predicted.delayed), rate) for estimates in _metrics(artifact, predicted)
    )
    return known, unknown


def evaluate_leads(
    artifact: Artifact,
    flights: Flights,
    history: pl.DataFrame | None = None,
    weather: pl.DataFrame | None = None,
    progress: Progress = no_progress,
) -> tuple[LeadMetrics, ...]:
    """How an artifact does on other flights by lead time, each asked about with only what was known then.

    Parameters
    ----------
    flights : as in `evaluate`
    history : canonical frame with these flights and those before them, whose outcomes were known by then;
        None: these flights
    weather : canonical weather frame (`puntual.data.weather`); None: the weather is missing
    progress : called after each step with the stage that it belongs to and how many that has

    Returns
    -------
    The longest lead time first; none if the artifact answers from the schedule alone

    Raises
    ------
    DataError : no flight has departed
    ArtifactError : its operations horizon reads what this version does not know
    """
    if artifact.operations is None:
        return ()
    if artifact.operations.features != OPERATIONS_NAMES:
        raise ArtifactError("operations", "other values", wanted="a model of this version")
    threshold, tables = artifact.threshold_minutes, artifact.tables
    part = take_part(_departed(flights), flights.frame, tables, threshold)
    every = flights.frame if history is None else history
    return measure_leads(
        artifact.operations,
        part,
        History(every, tables, threshold, weather),
        delay_minutes=threshold,
        schedule=score(artifact, part.frame, flights.frame),
        decision_threshold=artifact.decision_threshold,
        base_rate=artifact.training.base_rate,
        cancellation=_scheduled_answers(artifact, part, flights),
        progress=progress,
    )


def assess(artifact: Artifact, flights: Flights, leads: tuple[LeadMetrics, ...] = ()) -> Assessment:
    """Everything that a card shows of an artifact on other flights, each metric with its interval.

    Parameters and errors as in `evaluate`.

    Parameters
    ----------
    leads : of `evaluate_leads` on the same flights
    """
    return assess_scored(artifact, flights.where, score_flights(artifact, flights.frame), leads)


def score_flights(artifact: Artifact, flights: pl.DataFrame) -> ScoredFlights:
    """What an artifact predicts for flights, such as those of some airports' months, and what happened.

    Parameters
    ----------
    flights : canonical frame; all of them are the timetable of their days
    """
    departed = flights.filter(pl.col("actual_departure").is_not_null())
    cancelled = flights.filter(pl.col("cancelled") & pl.col("actual_departure").is_null())
    asked, chances = pl.concat([departed, cancelled]), list[pl.Series]()
    if artifact.cancellation is not None:
        for name, timetable in zip(_CHANCES, (flights, None), strict=True):
            probability = score_cancellation(artifact, asked, timetable)
            chances.append(pl.Series(name, probability, pl.Float64))
    day = pl.col("scheduled_departure").dt.date().alias("day")
    every = asked.select("row", day).with_columns(chances)
    return ScoredFlights(
        every[: departed.height].with_columns(
            departed.select(delayed=DELAY > artifact.threshold_minutes).to_series(),
            known=score(artifact, departed, flights),
            unknown=score(artifact, departed, None),
        ),
        every[departed.height :],
        flights.select(day.unique()).to_series(),
    )


def add_scored(parts: Sequence[ScoredFlights]) -> ScoredFlights:
    """All flights of some parts, in the order of their rows; at least one part."""
    return ScoredFlights(
        pl.concat(one.departed for one in parts).sort("row"),
        pl.concat(one.cancelled for one in parts).sort("row"),
        pl.concat(one.days for one in parts).unique(),
    )


def assess_scored(
    artifact: Artifact, where: str, scored: ScoredFlights, leads: tuple[LeadMetrics, ...] = ()
) -> Assessment:
    """As `assess`, of flights that are scored already; `where` they come from."""
    departed = scored.departed
    if departed.is_empty():
        raise _none_departed(where)
    delayed, dates, known, unknown = (
        departed[name].to_numpy() for name in ("delayed", "day", "known", "unknown")
    )
    with_timetable, without_timetable = _metrics(artifact, _Predicted(delayed, dates, known, unknown))
    return Assessment(
        data=where,
        first=str(dates.min()),
        last=str(dates.max()),
        learned=_count_learned(artifact, departed["day"]),
        flights=len(delayed),
        base_rate=float(delayed.mean()),
        block_days=Days(dates, delayed).blocks.length,
        with_timetable=with_timetable,
        without_timetable=without_timetable,
        reliability=reliability(known, delayed, dates),
        reliability_without_timetable=reliability(unknown, delayed, dates),
        cancellation=_assess_cancellation(artifact, scored),
        leads=leads,
    )


def _assess_cancellation(artifact: Artifact, scored: ScoredFlights) -> CancellationAssessment | None:
    """How the probability of a cancellation does; None if there is none, or no flight was cancelled."""
    if artifact.cancellation is None or scored.cancelled.is_empty():
        return None
    asked = pl.concat([scored.departed.select(scored.cancelled.columns), scored.cancelled])
    return assess_probabilities(
        [asked[name].to_numpy() for name in _CHANCES],
        np.arange(asked.height) >= scored.departed.height,
        asked["day"].to_numpy(),
        artifact.cancellation.base_rate,
    )


def _scheduled_answers(artifact: Artifact, departed: Part, flights: Flights) -> ScheduledAnswers | None:
    if artifact.cancellation is None:
        return None
    scheduled = take_scheduled(departed, cancelled_flights(flights), flights, artifact.tables)
    probability = score_cancellation(artifact, scheduled.frame, flights.frame)
    if probability is None:
        return None
    return ScheduledAnswers(scheduled, probability, artifact.cancellation.base_rate)


def days_learned(artifact: Artifact, flights: Flights) -> int:
    """How many of the flights that departed are of days that an artifact learned from."""
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    return _count_learned(artifact, departed["scheduled_departure"].dt.date())


def _count_learned(artifact: Artifact, days: pl.Series) -> int:
    first, last = (dt.date.fromisoformat(day) for day in (artifact.training.first, artifact.training.last))
    return int(days.is_between(first, last).sum())


def _departed(flights: Flights) -> pl.DataFrame:
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    if departed.is_empty():
        raise _none_departed(flights.where)
    return departed


def _none_departed(where: str) -> DataError:
    return DataError(where, "no flight has an actual departure", wanted="a history")


def _predict(artifact: Artifact, flights: Flights) -> _Predicted:
    departed = _departed(flights)
    return _Predicted(
        departed.select(DELAY > artifact.threshold_minutes).to_series().to_numpy(),
        departed["scheduled_departure"].dt.date().to_numpy(),
        score(artifact, departed, flights.frame),
        score(artifact, departed, None),
    )


def _metrics(artifact: Artifact, predicted: _Predicted) -> list[MetricEstimates]:
    days = Days(predicted.dates, predicted.delayed)
    threshold, base_rate = artifact.decision_threshold, artifact.training.base_rate
    modes = (predicted.known, predicted.unknown)
    return [days.metrics(probability, predicted.delayed, threshold, base_rate) for probability in modes]
