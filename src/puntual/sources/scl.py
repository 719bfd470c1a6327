"""Source ``scl``: departures of Santiago, in the challenge's columns (``Fecha-I`` … ``SIGLADES``)."""

from __future__ import annotations

import polars as pl

from puntual.schema import COLUMNS, YEARS
from puntual.sources.cells import (
    absurd,
    code,
    first_problem,
    flight_number,
    missing,
    moment,
    not_a_code,
    text,
    wrong,
)
from puntual.sources.declaration import Source

TIME_FORM = "%Y-%m-%d %H:%M:%S"


def read(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Read the challenge's columns; ``-I`` is as scheduled, ``-O`` as operated.

    Who flies it (``Emp-O``) is known only afterwards, so `operator` stays null. A file marks no flight
    as cancelled: one without actual time is, unless no flight of the file has any.
    """
    types = raw.collect_schema()
    without_time = (
        pl.col("Fecha-O").is_null() if types["Fecha-O"].is_temporal() else text("Fecha-O").is_null()
    )
    flights = raw.with_columns(
        scheduled_departure=moment("Fecha-I", types["Fecha-I"], TIME_FORM),
        airline=code("Emp-I"),
        origin=code("Ori-I"),
        destination=code("Des-I"),
        operator=pl.lit(None, pl.String),
        flight_number=flight_number("Vlo-I"),
        flight_type=code("TIPOVUELO"),
        actual_departure=moment("Fecha-O", types["Fecha-O"], TIME_FORM),
        cancelled=without_time & ~without_time.all(),
        operated_by=code("Emp-O"),
        operated_flight_number=flight_number("Vlo-O"),
        operated_origin=code("Ori-O"),
        operated_destination=code("Des-O"),
    )
    scheduled, actual = pl.col("scheduled_departure"), pl.col("actual_departure")
    a_time = f"a time written {TIME_FORM}"
    problem = first_problem(
        missing("Fecha-I", pl.col("Fecha-I")),
        wrong("Fecha-I", scheduled.is_null(), a_time),
        wrong("Fecha-I", ~scheduled.dt.year().is_between(*YEARS), "of a year from {} to {}".format(*YEARS)),
        not_a_code("Emp-I", "airline"),
        not_a_code("Ori-I", "origin"),
        not_a_code("Des-I", "destination"),
        wrong("TIPOVUELO", ~pl.col("flight_type").is_in(["N", "I"]), "N or I"),
        wrong("Fecha-O", actual.is_null() & ~without_time, a_time),
        absurd("Fecha-O", actual - scheduled),
    )
    return flights.select(*COLUMNS, problem)


def airline_names(raw: pl.LazyFrame) -> dict[str, str]:
    """Name each airline as most of the flights that it operated itself do (``OPERA``)."""
    counted = raw.group_by("Emp-I", "Emp-O", "OPERA").len()
    named = (
        counted.select("len", airline=code("Emp-I"), operator=code("Emp-O"), name=text("OPERA"))
        .filter(pl.col("airline") == pl.col("operator"), pl.col("name").is_not_null())
        .group_by("airline", "name")
        .agg(pl.col("len").sum())
        .sort("airline", "len", "name", descending=[False, True, False])
        .unique("airline", keep="first", maintain_order=True)
        .collect()
    )
    return dict(zip(named["airline"], named["name"], strict=True))


SCL = Source(
    name="scl",
    schedule_columns=("Fecha-I", "Ori-I", "Des-I", "Emp-I"),
    outcome_columns=("Fecha-O",),
    optional_columns=("Vlo-I", "TIPOVUELO", "Emp-O", "Vlo-O", "Ori-O", "Des-O", "OPERA"),
    read=read,
    airline_names=airline_names,
    known_afterwards=("Fecha-O", "Vlo-O", "Ori-O", "Des-O", "Emp-O", "OPERA", "DIA", "MES", "AÑO", "DIANOM"),
)
