"""Source ``scl``: departures of Santiago, in the challenge's columns (``Fecha-I`` … ``SIGLADES``)."""

from __future__ import annotations

import polars as pl

from puntual.data.cells import (
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
from puntual.data.declaration import Source
from puntual.data.schema import COLUMNS
from puntual.formats import SCL as HEADER
from puntual.formats import YEARS

TIME_FORM = HEADER.form
_SCHEDULED, _ACTUAL = *HEADER.scheduled_departure, HEADER.actual_departure


def read(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Read the challenge's columns; ``-I`` is as scheduled, ``-O`` as operated.

    Who flies it (``Emp-O``) is known only afterwards, so `operator` stays null. A file marks no flight
    as cancelled: one without actual time is, unless no flight of the file has any.
    """
    types = raw.collect_schema()
    without_time = pl.col(_ACTUAL).is_null() if types[_ACTUAL].is_temporal() else text(_ACTUAL).is_null()
    flights = raw.with_columns(
        scheduled_departure=moment(_SCHEDULED, types[_SCHEDULED], TIME_FORM),
        airline=code(HEADER.airline),
        origin=code(HEADER.origin),
        destination=code(HEADER.destination),
        operator=pl.lit(None, pl.String),
        flight_number=flight_number(HEADER.flight_number),
        flight_type=code(HEADER.flight_type),
        actual_departure=moment(_ACTUAL, types[_ACTUAL], TIME_FORM),
        cancelled=without_time & ~without_time.all(),
        operated_by=code("Emp-O"),
        operated_flight_number=flight_number("Vlo-O"),
        operated_origin=code("Ori-O"),
        operated_destination=code("Des-O"),
    )
    scheduled, actual = pl.col("scheduled_departure"), pl.col("actual_departure")
    a_time = f"a time written {TIME_FORM}"
    problem = first_problem(
        missing(_SCHEDULED, text(_SCHEDULED)),
        wrong(_SCHEDULED, scheduled.is_null(), a_time),
        wrong(_SCHEDULED, ~scheduled.dt.year().is_between(*YEARS), "of a year from {} to {}".format(*YEARS)),
        not_a_code(HEADER.airline, "airline"),
        not_a_code(HEADER.origin, "origin"),
        not_a_code(HEADER.destination, "destination"),
        wrong(HEADER.flight_type, ~pl.col("flight_type").is_in(["N", "I"]), "N or I"),
        wrong(_ACTUAL, actual.is_null() & ~without_time, a_time),
        absurd(_ACTUAL, actual - scheduled),
    )
    return flights.select(*COLUMNS, problem)


def airline_names(raw: pl.LazyFrame) -> dict[str, str]:
    """Name each airline as most of the flights that it operated itself do (``OPERA``)."""
    counted = raw.group_by("Emp-I", "Emp-O", "OPERA").len()
    named = counted.select("len", code=code("Emp-I"), operator=code("Emp-O"), name=text("OPERA"))
    return _most_usual(named.filter(pl.col("code") == pl.col("operator")))


def city_names(raw: pl.LazyFrame) -> dict[str, str]:
    """Name the city of each airport as most of the flights from or to it do (``SIGLAORI``, ``SIGLADES``)."""
    ends = (
        raw.group_by(airport, city).len().select("len", code=code(airport), name=text(city))
        for airport, city in ((HEADER.origin, "SIGLAORI"), (HEADER.destination, "SIGLADES"))
    )
    return _most_usual(pl.concat(ends))


def _most_usual(counted: pl.LazyFrame) -> dict[str, str]:
    """The most frequent name of each code; of names as frequent, the first in the alphabet."""
    named = (
        counted.drop_nulls(["code", "name"])
        .group_by("code", "name")
        .agg(pl.col("len").sum())
        .sort("code", "len", "name", descending=[False, True, False])
        .unique("code", keep="first", maintain_order=True)
        .collect()
    )
    return dict(zip(named["code"], named["name"], strict=True))


SCL = Source(
    name="scl",
    schedule_columns=(_SCHEDULED, HEADER.origin, HEADER.destination, HEADER.airline),
    outcome_columns=(_ACTUAL,),
    optional_columns=(
        *(HEADER.flight_number, HEADER.flight_type),
        *("Emp-O", "Vlo-O", "Ori-O", "Des-O", "OPERA", "SIGLAORI", "SIGLADES"),
    ),
    read=read,
    airline_names=airline_names,
    city_names=city_names,
    known_afterwards=(_ACTUAL, "Vlo-O", "Ori-O", "Des-O", "Emp-O", "OPERA", "DIA", "MES", "AÑO", "DIANOM"),
)
