"""Two schedules answered, and compared."""

from __future__ import annotations

import polars as pl

from puntual.batch import predict
from puntual.features import in_model_codes
from puntual.inference.artifact import Artifact
from puntual.operations.comparison import Comparison, ScheduledFlight, compare
from puntual.types import Progress, no_progress

_NAMED = ("origin", "airline", "destination", "flight_number", "scheduled_departure")


def compare_schedules(
    artifact: Artifact, before: pl.DataFrame, after: pl.DataFrame, progress: Progress = no_progress
) -> Comparison:
    """Compare two schedules, each flight answered within its own schedule's day.

    Parameters
    ----------
    before, after : canonical frames of complete days
    """
    return compare(_answer(artifact, before, progress), _answer(artifact, after, progress))


def _answer(artifact: Artifact, schedule: pl.DataFrame, progress: Progress) -> list[ScheduledFlight]:
    answers = predict(artifact, schedule, schedule, progress)
    named = in_model_codes(schedule, artifact.tables).select(*_NAMED)
    probabilities = answers.select("delay_probability", pl.col("unknown").str.split(" "))
    return [
        ScheduledFlight._make((*flight, probability, tuple(filter(None, unknown))))
        for flight, (probability, unknown) in zip(named.iter_rows(), probabilities.iter_rows(), strict=True)
    ]
