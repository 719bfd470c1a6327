"""The challenge's calendar: high season and periods of the day, from the scheduled local time."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right

HIGH_SEASON = (((12, 15), (3, 3)), ((7, 15), (7, 31)), ((9, 11), (9, 30)))
"""Whole days, both ends included, as ((month, day), (month, day)); the first runs over the new year."""

PERIODS = (("mañana", 5, 12), ("tarde", 12, 19), ("noche", 19, 5))
"""Name, first hour, hour after the last; the night runs over midnight."""

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


def days_to_nearest(day: dt.date, holidays: tuple[int, ...]) -> tuple[float, float]:
    """Days to the next and since the last of some holidays; 0 on one, NaN where the table has none.

    Parameters
    ----------
    day : the day asked about
    holidays : ordinals (``date.toordinal``), ascending

    Examples
    --------
    >>> christmas = dt.date(2017, 12, 25).toordinal()
    >>> days_to_nearest(dt.date(2017, 12, 24), (christmas - 365, christmas))
    (1.0, 364.0)
    """
    ordinal = day.toordinal()
    following, preceding = bisect_left(holidays, ordinal), bisect_right(holidays, ordinal)
    return (
        float(holidays[following] - ordinal) if following < len(holidays) else float("nan"),
        float(ordinal - holidays[preceding - 1]) if preceding else float("nan"),
    )
