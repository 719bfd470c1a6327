"""A whole schedule at once: frames -> probabilities, by the service's own arithmetic."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.features import compute_features
from puntual.inference.artifact import Artifact
from puntual.inference.predictor import STEPS
from puntual.inference.scorer import Scorer

FloatArray = npt.NDArray[np.float64]
Report = Callable[[str, int], None]

CHUNK_ROWS = 20_000

_FIELDS = ("airline", "destination", "origin", "operator")


def predict(
    artifact: Artifact,
    flights: pl.DataFrame,
    timetable: pl.DataFrame | None,
    report: Report = lambda stage, steps: None,
) -> pl.DataFrame:
    """The answers of the service, one a flight and in their order.

    Parameters
    ----------
    flights, timetable : canonical frames; no timetable: each flight is alone
    report : called after each step with the stage that it belongs to and how many that has

    Returns
    -------
    `row` of the flight, `delay_probability` (four decimals), `delayed`, and `unknown`: names of the fields
    whose value the model never saw, with blanks between; empty where there are none
    """
    features = compute_features(flights, artifact.tables, timetable)
    report("features", 1)
    answered = np.rint(_probabilities(artifact, features, report) * STEPS) / STEPS
    unknown = [
        pl.when(pl.col(field).is_nan() & pl.lit(flights[field].is_not_null())).then(pl.lit(field))
        for field in _FIELDS
    ]
    return pl.DataFrame(
        {
            "row": flights["row"],
            "delay_probability": answered,
            "delayed": answered >= artifact.cut,
            "unknown": features.select(pl.concat_str(unknown, separator=" ", ignore_nulls=True)).to_series(),
        }
    )


def score(artifact: Artifact, flights: pl.DataFrame, timetable: pl.DataFrame | None) -> FloatArray:
    """Probability of a delay of each flight, not rounded.

    Parameters as in `predict`.

    Returns
    -------
    shape (flights.height,)
    """
    return _probabilities(artifact, compute_features(flights, artifact.tables, timetable))


def score_rows(scorer: Scorer, matrix: FloatArray, report: Report = lambda stage, steps: None) -> FloatArray:
    """Probability of a delay of each row; bit by bit what `Scorer.probability` gives.

    Parameters
    ----------
    matrix : shape (n, features); NaN where missing
    """
    starts = range(0, len(matrix), CHUNK_ROWS)

    def scored(start: int) -> FloatArray:
        rows = np.ascontiguousarray(matrix[start : start + CHUNK_ROWS])
        raw = scorer.raw_rows(rows.ctypes.data, len(rows))
        return np.fromiter(map(scorer.calibration.probability, raw), np.float64, len(rows))

    parts = [np.empty(0)]
    # The library lets go of the interpreter, so that each core scores a part of its own.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for part in threads.map(scored, starts):
            parts.append(part)
            report("scoring", len(starts))
    return np.concatenate(parts)


def _probabilities(
    artifact: Artifact, features: pl.DataFrame, report: Report = lambda stage, steps: None
) -> FloatArray:
    scorer = Scorer(artifact.booster, len(artifact.features), artifact.calibration)
    return score_rows(scorer, features.select(artifact.features).to_numpy(order="c"), report)
