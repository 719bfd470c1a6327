"""Compute every feature of the catalogue over frames; `puntual.inference.encoder` does so for one flight."""

from __future__ import annotations

import math

import polars as pl

from puntual.data.schema import check_known_at
from puntual.errors import LeakageError
from puntual.features import calendar, place
from puntual.features.timetable import count_departures
from puntual.inference.catalogue import CATALOGUE, FEATURES, Feature
from puntual.inference.tables import Tables
from puntual.types import KnownAt


def compute_features(flights: pl.DataFrame, tables: Tables, timetable: pl.DataFrame | None) -> pl.DataFrame:
    """The features that a model reads, one row a flight, in the order of the catalogue.

    Parameters
    ----------
    flights : canonical frame (`puntual.data.schema.COLUMNS`)
    tables : codes, categories, holidays and places
    timetable : canonical frame with the complete scheduled departures of its days; None: no congestion

    Returns
    -------
    Float64 columns; NaN for values that are missing or were never seen in training

    Raises
    ------
    LeakageError : a feature reads a column that is not known from the schedule
    """
    for feature in CATALOGUE:
        check_known_at(feature.reads, KnownAt.SCHEDULE, feature.name)
    coded = in_model_codes(flights, tables)
    expressions = place.expressions(tables) | calendar.expressions(tables)
    for name, expression in expressions.items():
        check_reads(FEATURES[name], expression)
    computed = coded.select(
        expression.cast(pl.Float64).fill_null(math.nan).alias(name)
        for name, expression in expressions.items()
    )
    if timetable is not None:
        timetable = coded if timetable is flights else in_model_codes(timetable, tables)
    counts = count_departures(coded, timetable)
    return computed.hstack(counts).select(feature.name for feature in CATALOGUE)


def check_reads(feature: Feature, expression: pl.Expr) -> None:
    """Check that an expression reads only the columns that its catalogue entry declares.

    Raises
    ------
    LeakageError : it reads another column

    Examples
    --------
    >>> check_reads(FEATURES["month"], pl.col("actual_departure").dt.month())
    Traceback (most recent call last):
        ...
    puntual.errors.LeakageError: feature 'month' reads 'actual_departure', which ... does not declare
    """
    for column in expression.meta.root_names():
        if column not in feature.reads:
            raise LeakageError(feature.name, column)


def in_model_codes(flights: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Convert any known code of airlines and airports to the one that the training flights use."""
    return flights.with_columns(
        pl.col("airline", "operator").str.to_uppercase().replace(tables.airline_codes),
        pl.col("origin", "destination").str.to_uppercase().replace(tables.airport_codes),
    )
