"""The challenge's four columns, with their Spanish names, of canonical frames."""

from __future__ import annotations

import datetime as dt

import polars as pl

from puntual.data import Flights
from puntual.data.schema import DELAY
from puntual.inference import season_rules

DELAYED_MINUTES = 15
"""`atraso_15` is 1 for a flight that leaves later than this."""

COLUMNS = ("temporada_alta", "dif_min", "atraso_15", "periodo_dia")

_SCHEDULED = pl.col("scheduled_departure")
_LEAP_YEAR = [dt.date(2000, 1, 1) + dt.timedelta(days) for days in range(366)]
_HIGH_SEASON = [
    day.month * 100 + day.day for day in _LEAP_YEAR if season_rules.is_high_season(day.month, day.day)
]
_PERIODS = {hour: season_rules.period_of_day(hour) for hour in range(24)}


def add_challenge_columns(flights: pl.DataFrame) -> pl.DataFrame:
    """Add the challenge's columns to a canonical frame.

    Parameters
    ----------
    flights : with `scheduled_departure` and `actual_departure`

    Returns
    -------
    ``temporada_alta`` (0 or 1), ``dif_min`` (minutes, null for a flight that never departed), ``atraso_15``
    (0 or 1, null likewise), ``periodo_dia`` (``mañana``, ``tarde``, ``noche``)

    Examples
    --------
    >>> scheduled = [dt.datetime(2017, 3, 3, 4, 59), dt.datetime(2017, 3, 4, 5, 0)]
    >>> actual = [dt.datetime(2017, 3, 3, 5, 15), None]
    >>> flights = pl.DataFrame({"scheduled_departure": scheduled, "actual_departure": actual})
    >>> add_challenge_columns(flights).select(COLUMNS).rows()
    [(1, 16.0, 1, 'noche'), (0, None, None, 'mañana')]
    """
    return flights.with_columns(
        temporada_alta=high_season().cast(pl.Int8),
        dif_min=DELAY,
        atraso_15=(DELAY > DELAYED_MINUTES).cast(pl.Int8),
        periodo_dia=period_of_day(),
    )


def join_challenge_columns(flights: Flights) -> pl.DataFrame:
    """A file's own columns, in its row order and duplicates included, then the challenge's four."""
    return flights.join_rows(add_challenge_columns(flights.frame).select("row", *COLUMNS))


def format_minutes(table: pl.DataFrame) -> pl.DataFrame:
    """The same table with `dif_min` as text, whole minutes without a decimal point."""
    minutes = pl.col("dif_min")
    whole = minutes.cast(pl.Int64)
    shown = pl.when(minutes == whole).then(whole.cast(pl.String)).otherwise(minutes.cast(pl.String))
    return table.with_columns(shown)


def high_season() -> pl.Expr:
    """Whether `scheduled_departure` is in the challenge's high season."""
    return (_SCHEDULED.dt.month().cast(pl.Int32) * 100 + _SCHEDULED.dt.day()).is_in(_HIGH_SEASON)


def period_of_day() -> pl.Expr:
    """The challenge's period of the day of `scheduled_departure`."""
    return _SCHEDULED.dt.hour().replace_strict(_PERIODS, return_dtype=pl.String)
