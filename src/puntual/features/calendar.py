"""Features of the departure time: weekday, season, holidays, time of day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl

from puntual.arrays import FloatArray, IntArray
from puntual.inference.season_rules import LEAP_DAY, PERIOD_NUMBERS, is_high_season, period_of_day
from puntual.inference.tables import Tables
from puntual.inference.timetable import DAY_MINUTES

_SCHEDULED = pl.col("scheduled_departure")
_UNIX_EPOCH = dt.date(1970, 1, 1).toordinal()
_LEAP_YEAR = [dt.date(2000, 1, 1) + dt.timedelta(days) for days in range(366)]


def expressions(tables: Tables) -> dict[str, pl.Expr]:
    """The features of this module by name; null if no holiday is known."""
    minute = _SCHEDULED.dt.hour().cast(pl.Int32) * 60 + _SCHEDULED.dt.minute()
    read = day_of_year(_SCHEDULED).replace_strict(tables.seasons, default=None, return_dtype=pl.Int16)
    season = {day.month * 100 + day.day: is_high_season(day.month, day.day) for day in _LEAP_YEAR}
    periods = {hour: PERIOD_NUMBERS[period_of_day(hour)] for hour in range(24)}
    return {
        "weekday": _SCHEDULED.dt.weekday() - 1,
        "month": _SCHEDULED.dt.month(),
        "day_of_year": read.fill_null(tables.last_season),
        "new_season": read.is_null(),
        "high_season": (_SCHEDULED.dt.month().cast(pl.Int32) * 100 + _SCHEDULED.dt.day()).replace_strict(
            season, return_dtype=pl.Boolean
        ),
        "days_to_holiday": _by_country(tables, _days_to_next),
        "days_since_holiday": _by_country(tables, _days_since_last),
        "minute_of_day": minute,
        "period_of_day": _SCHEDULED.dt.hour().replace_strict(periods, return_dtype=pl.Float64),
        "minute_of_hour": _SCHEDULED.dt.minute(),
        "minute_of_week": (_SCHEDULED.dt.weekday().cast(pl.Int32) - 1) * DAY_MINUTES + minute,
    }


def day_of_year(moment: pl.Expr) -> pl.Expr:
    """`puntual.inference.season_rules.day_of_year` over frames."""
    number = moment.dt.ordinal_day()
    return number - (moment.dt.is_leap_year() & (number >= LEAP_DAY)).cast(pl.Int16)


def _by_country(tables: Tables, days: Callable[[IntArray, IntArray], FloatArray]) -> pl.Expr:
    """Apply a count of days to the holidays of each origin's country; null if it has none."""
    ordinal = _SCHEDULED.dt.date().cast(pl.Int32).cast(pl.Int64) + _UNIX_EPOCH
    origins = {airport.code: airport.country for airport in tables.airports if airport.country}
    country = pl.col("origin").replace_strict(
        pl.Series(list(origins), dtype=pl.String),
        pl.Series(list(origins.values()), dtype=pl.String),
        default=None,
        return_dtype=pl.String,
    )
    result = pl.lit(None, pl.Float64)
    for name, holidays in tables.holidays.items():
        counted = ordinal.map_batches(partial(_on_series, days, np.array(holidays)), return_dtype=pl.Float64)
        result = pl.when(country == name).then(counted).otherwise(result)
    return result


def _on_series(
    days: Callable[[IntArray, IntArray], FloatArray], holidays: IntArray, day: pl.Series
) -> pl.Series:
    return pl.Series(days(day.to_numpy(), holidays))


def _days_to_next(day: IntArray, holidays: IntArray) -> FloatArray:
    following: FloatArray = np.append(holidays.astype(np.float64), np.nan)
    return _known_only(holidays, day, following[np.searchsorted(holidays, day, side="left")] - day)


def _days_since_last(day: IntArray, holidays: IntArray) -> FloatArray:
    preceding: FloatArray = np.append(np.nan, holidays.astype(np.float64))
    return _known_only(holidays, day, day - preceding[np.searchsorted(holidays, day, side="right")])


def _known_only(holidays: IntArray, day: IntArray, days: FloatArray) -> FloatArray:
    """The same days; NaN before the first and after the last known holiday."""
    return np.where((day < holidays[0]) | (day > holidays[-1]), np.nan, days)
