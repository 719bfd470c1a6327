"""The challenge's high season and periods of the day, days of the year, and distances to holidays."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

HIGH_SEASON = (((12, 15), (3, 3)), ((7, 15), (7, 31)), ((9, 11), (9, 30)))
"""Whole days, both ends included, as ((month, day), (month, day)); the first runs over the new year."""

PERIODS = (("mañana", 5, 12), ("tarde", 12, 19), ("noche", 19, 5))
"""Name, first hour, hour after the last; the night runs over midnight."""

DAYS_OF_YEAR = 365

SEASON_REACH = 10
"""The season of a day was learned if a flight learned from left within so many days of it, in any year."""

FAR_DAYS = 366
"""A date is far from what was learned if more days than these lie between it and the nearest learned date."""

LEAP_DAY = 60
"""Number of 29 February, in a year that has it."""

PERIOD_NUMBERS = {name: float(number) for number, (name, _, _) in enumerate(PERIODS)}
"""The number that a model reads for a period."""


def is_high_season(month: int, day: int) -> bool:
    """Whether a day lies in the challenge's high season (``temporada_alta``).

    Examples
    --------
    >>> [is_high_season(12, 15), is_high_season(3, 3), is_high_season(3, 4)]
    [True, True, False]
    """
    moment = (month, day)
    return any(
        first <= moment <= last if first <= last else moment >= first or moment <= last
        for first, last in HIGH_SEASON
    )


def period_of_day(hour: int) -> str:
    """Name of the period of the day (``periodo_dia``) that an hour from 0 to 23 falls in.

    Examples
    --------
    >>> [period_of_day(hour) for hour in (4, 5, 12, 19)]
    ['noche', 'mañana', 'tarde', 'noche']
    """
    return next(
        name
        for name, first, end in PERIODS
        if (first <= hour < end if first < end else hour >= first or hour < end)
    )


def day_of_year(day: dt.date) -> int:
    """Number of a day within its year, from 1 to 365; 29 February counts as the day before it.

    So a date has the same number in every year, and 31 December is always 365.

    Examples
    --------
    >>> [day_of_year(dt.date(year, 12, 31)) for year in (2016, 2017)]
    [365, 365]
    >>> [day_of_year(dt.date(2016, month, day)) for month, day in ((2, 28), (2, 29), (3, 1))]
    [59, 59, 60]
    """
    number = day.timetuple().tm_yday
    return number - 1 if number >= LEAP_DAY and calendar.isleap(day.year) else number


def nearest_days(learned: Iterable[float]) -> dict[int, int]:
    """Days of the year whose season was learned -> the nearest day that flights were learned from.

    The year is a circle: 1 January follows 31 December. Of two days as near, the earlier one is taken. A day
    with no learned one within `SEASON_REACH` days is missing: its season was never seen.

    Parameters
    ----------
    learned : days of the year, from 1 to 365

    Examples
    --------
    >>> near = nearest_days([1, 5])
    >>> [near.get(day) for day in (2, 3, 4, 15, 16, 356, 355)]
    [1, 1, 5, 5, None, 1, None]
    """
    days = set(learned)
    nearest: dict[int, int] = {}
    for away in sorted(range(-SEASON_REACH, SEASON_REACH + 1), key=abs):
        for day in range(1, DAYS_OF_YEAR + 1):
            neighbour = (day + away - 1) % DAYS_OF_YEAR + 1
            if neighbour in days:
                nearest.setdefault(day, neighbour)
    return nearest


def days_to_nearest(day: dt.date, holidays: tuple[int, ...]) -> tuple[float, float]:
    """Days to the next and since the last of some holidays; 0 on one, NaN outside the time that they span.

    Parameters
    ----------
    holidays : ordinals (``date.toordinal``), ascending

    Examples
    --------
    >>> christmas = dt.date(2017, 12, 25).toordinal()
    >>> days_to_nearest(dt.date(2017, 12, 24), (christmas - 365, christmas))
    (1.0, 364.0)
    >>> days_to_nearest(dt.date(2042, 5, 1), (christmas - 365, christmas))
    (nan, nan)
    """
    ordinal = day.toordinal()
    if not holidays or not holidays[0] <= ordinal <= holidays[-1]:
        return math.nan, math.nan
    following, preceding = bisect_left(holidays, ordinal), bisect_right(holidays, ordinal)
    return float(holidays[following] - ordinal), float(ordinal - holidays[preceding - 1])
