"""The dates between which flights are selected."""

from __future__ import annotations

import contextlib
import datetime as dt

import polars as pl

from puntual.errors import DataError, SettingError

DateLike = dt.date | str | None
_DATE_LETTERS = len("2013-11-02")


def parse_date(name: str, date: DateLike) -> dt.date | None:
    """A date that may be given as text.

    Raises
    ------
    SettingError : anything but a date, or text that is an ISO 8601 date

    Examples
    --------
    >>> parse_date("since", "2017-09-01")
    datetime.date(2017, 9, 1)
    """
    if isinstance(date, dt.datetime):
        return date.date()
    if date is None or isinstance(date, dt.date):
        return date
    try:
        return dt.date.fromisoformat(date)
    except (TypeError, ValueError):
        raise SettingError(f"{name}: {date!r}; wanted: a date as 2017-09-01") from None


def parse_moment(name: str, moment: dt.datetime | str) -> dt.datetime:
    """A whole minute that may be given as text, with or without an offset.

    Raises
    ------
    SettingError : anything but a date and a time of day, as ISO 8601 writes them

    Examples
    --------
    >>> parse_moment("as_of", "2013-11-02T14:00-04:00").isoformat()
    '2013-11-02T14:00:00-04:00'
    """
    wanted = "a moment as 2013-11-02T14:00, local at each origin, or 2013-11-02T18:00Z"
    if isinstance(moment, str) and len(moment.strip()) > _DATE_LETTERS:
        with contextlib.suppress(ValueError):
            moment = dt.datetime.fromisoformat(moment.strip())
    if not isinstance(moment, dt.datetime) or not 1 < moment.year < dt.MAXYEAR:
        raise SettingError(f"{name}: {str(moment)!r}; wanted: {wanted}")
    return moment.replace(second=0, microsecond=0)


def select_dates(
    frame: pl.DataFrame, since: dt.date | None, until: dt.date | None, where: str
) -> pl.DataFrame:
    """The canonical flights from one date until another.

    Raises
    ------
    DataError : there is none
    """
    day = pl.col("scheduled_departure").dt.date()
    selected = frame.filter(day >= (since or dt.date.min), day < (until or dt.date.max))
    if selected.is_empty():
        first, last = frame.select(first=day.min(), last=day.max()).row(0)
        found = f"no flight from {since or first} until {until or last}"
        raise DataError(where, found, wanted=f"dates between {first} and {last}, the days of the file")
    return selected
