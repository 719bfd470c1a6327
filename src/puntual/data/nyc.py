"""Source ``nyc``: departures of New York, in the columns of nycflights13 (``year`` … ``time_hour``)."""

from __future__ import annotations

import polars as pl

from puntual.data.cells import (
    bad_code,
    clean_text,
    first_problem,
    implausible_delay,
    missing_value,
    parse_code,
    parse_flight_number,
    parse_number,
    wrong_value,
)
from puntual.data.declaration import Source
from puntual.data.schema import COLUMNS
from puntual.formats import NYC as HEADER
from puntual.formats import YEARS

_WHEN = HEADER.scheduled_departure
_ABSENT = ("operator", "flight_type", *(name for name in COLUMNS if name.startswith("operated_")))


def read(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Read the package's columns; ``NA`` is null, and a flight without departure time was cancelled.

    ``carrier`` publishes the flight; who flies it is unknown. The actual departure is the scheduled one plus
    ``dep_delay``, since ``dep_time`` has no date.
    """
    not_departed = pl.all_horizontal(map(_is_na, HEADER.departure))
    number = pl.when(~_is_na(HEADER.flight_number)).then(parse_flight_number(HEADER.flight_number))
    flights = raw.with_columns(
        scheduled_departure=_scheduled(),
        airline=_code(HEADER.airline),
        origin=_code(HEADER.origin),
        destination=_code(HEADER.destination),
        flight_number=number,
        cancelled=not_departed & ~not_departed.all(),
        **dict.fromkeys(_ABSENT, pl.lit(None, pl.String)),
    )
    scheduled, delay = pl.col("scheduled_departure"), pl.duration(minutes=parse_number(HEADER.delay))
    flights = flights.with_columns(actual_departure=scheduled + delay)
    actual = pl.col("actual_departure")
    problem = first_problem(
        *(missing_value(column, clean_text(column)) for column in _WHEN),
        _bad_time(scheduled),
        bad_code(HEADER.airline, "airline"),
        bad_code(HEADER.origin, "origin"),
        bad_code(HEADER.destination, "destination"),
        wrong_value(HEADER.delay, actual.is_null() & ~not_departed, "a number of minutes"),
        implausible_delay(HEADER.delay, actual - scheduled),
    )
    return flights.select(*COLUMNS, problem)


def _code(column: str) -> pl.Expr:
    return parse_code(column).replace(HEADER.missing, None)


def _is_na(column: str) -> pl.Expr:
    return _code(column).is_null()


def _scheduled() -> pl.Expr:
    year, month, day, clock = map(parse_number, _WHEN)
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
    schedule_columns=(*_WHEN, HEADER.airline, HEADER.origin, HEADER.destination),
    outcome_columns=HEADER.departure,
    optional_columns=(HEADER.flight_number,),
    read=read,
    known_afterwards=(*HEADER.departure, "arr_time", "arr_delay", "tailnum", "air_time"),
)
