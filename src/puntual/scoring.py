"""A whole schedule at once: frames -> probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.errors import DataError
from puntual.evaluation import measure
from puntual.features import compute_features, in_model_codes
from puntual.inference.artifact import Artifact, Metrics
from puntual.inference.calibration import Calibration
from puntual.inference.predictor import DECIMALS
from puntual.models.boosting import Booster
from puntual.schema import DELAY
from puntual.sources import Flights

FloatArray = npt.NDArray[np.float64]

_FIELDS = ("airline", "destination", "origin", "operator")


def score(artifact: Artifact, flights: pl.DataFrame, timetable: pl.DataFrame | None) -> FloatArray:
    """Probability of a delay of each flight, not rounded.

    Parameters
    ----------
    flights, timetable : canonical frames; no timetable: each flight is alone

    Returns
    -------
    shape (flights.height,)
    """
    if flights.is_empty():
        return np.empty(0)
    matrix = compute_features(flights, artifact.tables, timetable).select(artifact.features).to_numpy()
    return calibrated(Booster(artifact.booster), artifact.calibration, matrix)


def calibrated(booster: Booster, calibration: Calibration, matrix: FloatArray) -> FloatArray:
    """Probability of a delay of each row, by the service's own arithmetic: bit by bit what it answers.

    Parameters
    ----------
    matrix : shape (n, features); NaN where missing
    """
    return np.fromiter(map(calibration.probability, booster.raw(matrix).tolist()), np.float64, len(matrix))


def predict(artifact: Artifact, flights: pl.DataFrame, timetable: pl.DataFrame | None) -> pl.DataFrame:
    """The answers of the service, one a flight and in their order.

    Parameters as in `score`.

    Returns
    -------
    `row` of the flight, `delay_probability` (four decimals), `delayed`, and `unknown`: names of the fields
    whose value the model never saw, with blanks between; empty where there are none
    """
    rounded = [round(probability, DECIMALS) for probability in score(artifact, flights, timetable).tolist()]
    return flights.select("row", unknown=_unknown(artifact, flights)).select(
        "row",
        pl.Series("delay_probability", rounded, pl.Float64),
        pl.Series("delayed", [probability >= artifact.cut for probability in rounded], pl.Boolean),
        "unknown",
    )


def evaluate(artifact: Artifact, flights: Flights) -> tuple[Metrics, Metrics]:
    """How an artifact does on some flights: each within its day's timetable, and each alone.

    Parameters
    ----------
    flights : a history; its flights, cancelled ones too, are the timetable of their days

    Raises
    ------
    DataError : no flight of it has departed
    """
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    if departed.is_empty():
        raise DataError(flights.where, "no flight has an actual departure", wanted="a history")
    delayed = departed.select(artifact.threshold_minutes < DELAY).to_series().to_numpy()
    return (
        measure(score(artifact, departed, flights.frame), delayed),
        measure(score(artifact, departed, None), delayed),
    )


def _unknown(artifact: Artifact, flights: pl.DataFrame) -> pl.Series:
    tables = artifact.tables
    seen = dict(tables.categories) | {"origin": tables.origins, "destination": tables.destinations}
    names = [
        pl.when(pl.col(field).is_in(pl.lit(pl.Series(seen[field], dtype=pl.String)).implode()).not_()).then(
            pl.lit(field)
        )
        for field in _FIELDS
    ]
    coded = in_model_codes(flights, tables)
    return coded.select(unknown=pl.concat_str(names, separator=" ", ignore_nulls=True)).to_series()
