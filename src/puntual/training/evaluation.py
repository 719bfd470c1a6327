"""How an artifact does on flights other than those that it was made from."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import polars as pl

from puntual.batch import score
from puntual.data import Flights
from puntual.data.schema import DELAY
from puntual.errors import DataError
from puntual.inference.artifact import Artifact
from puntual.inference.card import Assessment
from puntual.inference.estimates import MetricEstimates, Performance, performance_of
from puntual.inference.reliability import Reliability
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray
from puntual.metrics.calibration_curve import reliability
from puntual.metrics.intervals import Days


class _Predicted(NamedTuple):
    """Flights that departed, and what an artifact predicts for them with their timetable, and without."""

    delayed: BoolArray
    dates: DateArray
    known: FloatArray
    unknown: FloatArray


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


def reliability_on(artifact: Artifact, flights: Flights) -> tuple[Reliability, Reliability]:
    """How well an artifact's probabilities agree with outcomes, with the timetable and without.

    Parameters and errors as in `evaluate`.
    """
    delayed, dates, known, unknown = _predict(artifact, flights)
    return reliability(known, delayed, dates), reliability(unknown, delayed, dates)


def assess(artifact: Artifact, flights: Flights) -> Assessment:
    """Everything that a card shows of an artifact on other flights, each metric with its interval.

    Parameters and errors as in `evaluate`.
    """
    predicted = _predict(artifact, flights)
    delayed, dates, known, unknown = predicted
    with_timetable, without_timetable = _metrics(artifact, predicted)
    return Assessment(
        data=flights.where,
        first=str(dates.min()),
        last=str(dates.max()),
        learned=days_learned(artifact, flights),
        flights=len(delayed),
        base_rate=float(delayed.mean()),
        block_days=Days(dates, delayed).blocks.length,
        with_timetable=with_timetable,
        without_timetable=without_timetable,
        reliability=reliability(known, delayed, dates),
        reliability_without_timetable=reliability(unknown, delayed, dates),
    )


def days_learned(artifact: Artifact, flights: Flights) -> int:
    """How many flights are of days that an artifact learned from."""
    first, last = (dt.date.fromisoformat(day) for day in (artifact.training.first, artifact.training.last))
    return int(flights.frame["scheduled_departure"].dt.date().is_between(first, last).sum())


def _predict(artifact: Artifact, flights: Flights) -> _Predicted:
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    if departed.is_empty():
        raise DataError(flights.where, "no flight has an actual departure", wanted="a history")
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
