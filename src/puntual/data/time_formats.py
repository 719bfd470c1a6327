"""The format of the times in a column, detected from its values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import Literal, NamedTuple

import polars as pl

from puntual.data.spelled_times import has_weekdays, has_words, spell_out
from puntual.formats import YEARS

Kind = Literal["datetime", "date", "time"]

MIN_READABLE = 0.8
"""Share of a column's values that its format must read; the others may be mistakes of the file."""

_DATES = (
    *("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%d-%b-%Y", "%d %b %Y", "%d-%b-%y", "%d %B %Y"),
    *("%b %d %Y", "%d %b %y", "%Y-%b-%d", "%d/%b/%Y", "%d/%b/%y", "%Y年%m月%d日", "%Y년 %m월 %d일"),
)
_TIMES = (
    "%H:%M:%S",
    "%H:%M",
    "%H:%M:%S%.f",
    "%I:%M %p",
    "%I:%M:%S %p",
    "%I:%M%p",
    "%I:%M:%S%p",
    "%H.%M",
    "%Hh%M",
)
_NO_DATES = ("1899-12-30", "30/12/1899", "12/30/1899", "30.12.1899", "1900-01-01", "1900-01-00")
"""Days that programs write where a cell holds a time of day alone."""
# In a format, a blank also matches no blank.
_DATETIMES = [
    "".join(parts)
    for parts in product(
        _DATES, ("T", " ", ", "), (*_TIMES, "%H%M", "%H:%M%z", "%H:%M:%S%z", "%H:%M:%S%.f%z", "%I:%M %p%z")
    )
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

    def ordered(self, *, month_first: bool) -> str:
        """The pattern with day and month in the usual order, where values do not show which is which."""
        if not self.ambiguous or (self.pattern.index("%m") < self.pattern.index("%d")) == month_first:
            return self.pattern
        return _swap_day_and_month(self.pattern)

    def with_weekday(self) -> TimeFormat:
        """The format of the same times with the day of the week beside them."""
        return self._replace(pattern=f"%a {self.pattern}")


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
    if has_weekdays(values):
        found = _text_format(pl.select(spell_out(pl.lit(values), "%a")).to_series())
        return found and (found if "%b" in found.pattern or "%B" in found.pattern else found.with_weekday())
    return _number_format(values) or _text_format(values)


def _text_format(values: pl.Series) -> TimeFormat | None:
    """The format of times that are written with signs between their numbers, or words."""
    values = values.str.replace(r"^(\d{4}-\d\d-\d\d)t", "${1}T")  # both are ISO 8601
    clocks = [*_TIMES, *(f"{day}{between}{time}" for day in _NO_DATES for between in " T" for time in _TIMES)]
    patterns: dict[Kind, Iterable[str]] = {"datetime": _DATETIMES, "date": _DATES, "time": clocks}
    spellings = _Spellings(values)
    for kind, candidates in patterns.items():
        readable = {one: count for one in candidates if (count := spellings.count_readable(one))}
        best = max(readable, key=lambda pattern: readable[pattern], default=None)
        if best is None or readable[best] < MIN_READABLE * len(values):
            continue
        if spellings.have_words and "%z" in best and values.str.contains("[A-Z]{3}\\)?$").any():
            return TimeFormat(
                kind, best.replace("%z", " %z")
            )  # otherwise ISO 8601, which has no names of zones
        swapped = _swap_day_and_month(best)
        if readable.get(swapped) != readable[best]:
            return TimeFormat(kind, best)
        # Read the wrong way round, the days of a month become months.
        return TimeFormat(
            kind, min(best, swapped, key=lambda one: _spanned_days(values, one)), ambiguous=True
        )
    return None


def _number_format(values: pl.Series) -> TimeFormat | None:
    """The format of times that are written as numbers: a clock, a spreadsheet's days, an epoch."""
    text = values.cast(pl.String).str.strip_chars()
    numeric = text.filter(text.str.contains(r"^\d{1,13}(?:[.,]\d+)?$"))
    if values.is_empty() or len(numeric) < MIN_READABLE * len(values):
        return None
    numbers = numeric.str.replace(",", ".", literal=True).cast(pl.Float64)

    def most(within: pl.Series) -> bool:
        return int(within.sum()) >= MIN_READABLE * len(values)

    whole = numbers == numbers.floor()
    if most((numbers >= 0) & (numbers < 1)) and not whole.all():
        return TimeFormat("time", "day_fraction")
    if most(whole & (numbers <= 2400) & (numbers % 100 < 60)):
        is_clock = bool((numbers >= 100).any() or (numeric.str.len_chars() == 4).all())
        return TimeFormat("time", "hhmm") if is_clock else None
    if most((numbers > 20_000) & (numbers < 80_000)):
        return TimeFormat("date" if most(whole) else "datetime", "excel")
    for pattern, scale in (("epoch", 1), ("epoch_ms", 1000)):
        if most((numbers > 3e8 * scale) & (numbers < 4.2e9 * scale)):
            return TimeFormat("datetime", pattern)
    return None


class _Spellings:
    """A column's values, with their words as `strptime` knows them.

    Attributes
    ----------
    have_words : whether any value has words
    """

    def __init__(self, values: pl.Series) -> None:
        self.have_words = has_words(values)
        self._values = values
        self._known = dict[frozenset[str], tuple[pl.Series, set[str]]]()

    def count_readable(self, pattern: str) -> int:
        """How many values a format reads; 0 if it reads few of the first."""
        kinds = _word_kinds(pattern) if self.have_words else frozenset()
        if kinds not in self._known:
            values = self._values
            if self.have_words:
                values = pl.select(spell_out(pl.lit(values), " ".join(sorted(kinds)))).to_series()
            self._known[kinds] = values, {_shape(one) for one in values.unique()}
        values, shapes = self._known[kinds]
        shape, exact = _pattern_shape(pattern)
        if not (shape in shapes if exact else any(one.startswith(shape) for one in shapes)):
            return 0
        return _count_readable(values, pattern)


@cache
def _word_kinds(pattern: str) -> frozenset[str]:
    """The words that a format has."""
    return frozenset(
        {"%p", "%z"} & {*re.findall("%.", pattern)} | ({"%b"} if re.search("%[bB]", pattern) else set())
    )


def _shape(text: str) -> str:
    """A text without blanks, with 0 for each number and a for each word.

    A format that reads it has the same, which leaves few formats to be tried.
    """
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", re.sub(r"\s+", "", text)))


@cache
def _pattern_shape(pattern: str) -> tuple[str, bool]:
    """How the shape of what a format reads begins, and whether there is no more of it."""
    start = re.split(r"%\.f|%z", pattern)[0]
    return _shape(re.sub("%[a-zA-Z]", "0", re.sub("%[bBp]", "a", start))), start == pattern


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
    if pattern.startswith(("%Y", "%a %Y")) or "%m" not in pattern:
        return ""
    return pattern.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
