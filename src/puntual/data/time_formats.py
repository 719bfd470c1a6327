"""The format of the times in a column, detected from its values."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Literal, NamedTuple

import polars as pl

from puntual.formats import YEARS

Kind = Literal["datetime", "date", "time"]

MIN_READABLE = 0.8
"""Share of a column's values that its format must read; the others may be mistakes of the file."""

_DATES = (
    *("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%d-%b-%Y", "%d %b %Y", "%d-%b-%y", "%d %B %Y"),
)
_TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S%.f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%H.%M", "%Hh%M", "%H%M")
# In a format, a blank also matches no blank.
_DATETIMES = [
    "".join(parts)
    for parts in product(_DATES, ("T", " ", ", "), (*_TIMES, "%H:%M%z", "%H:%M:%S%z", "%H:%M:%S%.f%z"))
]
_ISO = {
    f"%Y-%m-%d{between}{time}{offset}"
    for between in "T "
    for time in ("%H:%M", "%H:%M:%S", "%H:%M:%S%.f")
    for offset in ("", "%z")
}


class TimeFormat(NamedTuple):
    """The format of a column's times.

    Attributes
    ----------
    pattern : for ``strptime``; empty if the column holds times, not text
    ambiguous : no value shows which is the day and which the month; the shorter period was chosen
    """

    kind: Kind
    pattern: str
    ambiguous: bool = False


def is_iso(pattern: str) -> bool:
    """Whether times of a format are read without a mapping that names it."""
    return not pattern or pattern in _ISO


def detect_time_format(values: pl.Series) -> TimeFormat | None:
    """Detect the format of a column's times; None if it holds none.

    Parameters
    ----------
    values : text or times, without nulls

    Examples
    --------
    >>> detect_time_format(pl.Series(["31/01/2017 18:05", "01/02/2017 9:40"]))
    TimeFormat(kind='datetime', pattern='%d/%m/%Y %H:%M', ambiguous=False)
    >>> detect_time_format(pl.Series(["01/02/2017"])).ambiguous
    True
    """
    if values.dtype.is_temporal():
        typed: dict[object, Kind] = {pl.Date: "date", pl.Time: "time"}
        return TimeFormat(typed.get(values.dtype, "datetime"), "")
    patterns: dict[Kind, Iterable[str]] = {"datetime": _DATETIMES, "date": _DATES, "time": _TIMES}
    for kind, candidates in patterns.items():
        readable = {pattern: count for pattern in candidates if (count := _count_readable(values, pattern))}
        best = max(readable, key=lambda pattern: readable[pattern], default=None)
        if best is None or readable[best] < MIN_READABLE * len(values):
            continue
        swapped = _swap_day_and_month(best)
        if readable.get(swapped) != readable[best]:
            return TimeFormat(kind, best)
        # Read the wrong way round, the days of a month become months.
        return TimeFormat(
            kind, min(best, swapped, key=lambda one: _spanned_days(values, one)), ambiguous=True
        )
    return None


def _count_readable(values: pl.Series, pattern: str) -> int:
    """How many values a format reads; 0 if it reads few of the first."""
    first = values.head(20)
    if len(values) > len(first) and 2 * _count_readable(first, pattern) < len(first):
        return 0
    if not pattern.startswith(_DATES):
        return values.str.to_time(pattern, strict=False).count()
    return int(_parse(values, pattern).dt.year().is_between(*YEARS).sum())


def _parse(values: pl.Series, pattern: str) -> pl.Series:
    return values.str.to_datetime(pattern.replace("%z", "%#z"), time_unit="us", strict=False)


def _spanned_days(values: pl.Series, pattern: str) -> int:
    days = _parse(values, pattern).dt.epoch("d")
    return int(days.max() - days.min())  # type: ignore[operator, arg-type]


def _swap_day_and_month(pattern: str) -> str:
    """The format with day and month swapped; empty if a word or the leading year shows which is which."""
    if pattern.startswith("%Y") or "%m" not in pattern:
        return ""
    return pattern.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
