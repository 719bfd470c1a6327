"""Features of the departure time: weekday, season, holidays, time of day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl

from puntual.features.challenge import high_season, period_of_day
from puntual.features.place import look_up
from puntual.inference.season_rules import LEAP_DAY, PERIOD_NUMBERS
from puntual.inference.tables import Tables
from puntual.inference.timetable import DAY_MINUTES
from puntual.metrics.arrays import FloatArray, IntArray

_SCHEDULED = pl.col("scheduled_departure")
_UNIX_EPOCH = dt.date(1970, 1, 1).toordinal()


def expressions(tables: Tables) -> dict[str, pl.Expr]:
    """The features of this module by name; null if no holiday is known."""
    minute = _SCHEDULED.dt.hour().cast(pl.Int32) * 60 + _SCHEDULED.dt.minute()
    read = day_of_year(_SCHEDULED).replace_strict(tables.seasons, default=None, return_dtype=pl.Int16)
    return {
        "weekday": _SCHEDULED.dt.weekday() - 1,
        "month": _SCHEDULED.dt.month(),
        "day_of_year": read.fill_null(tables.last_season),
        "new_season": read.is_null(),
        "high_season": high_season(),
        "days_to_holiday": _by_country(tables, _days_to_next),
        "days_since_holiday": _by_country(tables, _days_since_last),
        "minute_of_day": minute,
        "period_of_day": period_of_day().replace_strict(PERIOD_NUMBERS, return_dtype=pl.Float64),
        "minute_of_hour": _SCHEDULED.dt.minute(),
        "minute_of_week": (_SCHEDULED.dt.weekday().cast(pl.Int32) - 1) * DAY_MINUTES + minute,
    }


def day_of_year(moment: pl.Expr) -> pl.Expr:
    """`puntual.inference.season_rules.day_of_year` over frames."""
    number = moment.dt.ordinal_day()
    return number - (moment.dt.is_leap_year() & (number >= LEAP_DAY)).cast(pl.Int16)


def _by_country(tables: Tables, days: Callable[[FloatArray, IntArray], FloatArray]) -> pl.Expr:
    """Apply a count of days to the holidays of each origin's country; null if it has none."""
    ordinal = _SCHEDULED.dt.date().cast(pl.Int32).cast(pl.Int64) + _UNIX_EPOCH
    origins = {airport.code: airport.country for airport in tables.airports if airport.country}
    country = look_up(pl.col("origin"), origins, pl.String())
    result = pl.lit(None, pl.Float64)
    for name, holidays in tables.holidays.items():
        count = partial(_count_days, days, np.array(holidays, np.float64))
        counted = ordinal.map_batches(count, return_dtype=pl.Float64)
        result = pl.when(country == name).then(counted).otherwise(result)
    return result


def _count_days(
    days: Callable[[FloatArray, IntArray], FloatArray], holidays: FloatArray, day: pl.Series
) -> pl.Series:
    """A count of days; NaN before the first and after the last known holiday."""
    known = day.is_between(holidays[0], holidays[-1])
    return pl.Series(np.where(known, days(holidays, day.to_numpy()), np.nan))


def _days_to_next(holidays: FloatArray, day: IntArray) -> FloatArray:
    following: FloatArray = np.append(holidays, np.nan)
    return following[np.searchsorted(holidays, day, side="left")] - day


def _days_since_last(holidays: FloatArray, day: IntArray) -> FloatArray:
    preceding: FloatArray = np.append(np.nan, holidays)
    return day - preceding[np.searchsorted(holidays, day, side="right")]
