"""How times are written in a column, told from its values."""

from __future__ import annotations

from itertools import product
from typing import Literal, NamedTuple

import polars as pl

from puntual.formats import YEARS

Kind = Literal["moment", "date", "clock"]

MIN_SHARE = 0.8
"""Values of a column that its form has to read; the others may be mistakes of the file."""

_DATES = (
    *("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%d-%b-%Y", "%d %b %Y", "%d-%b-%y", "%d %B %Y"),
)
_CLOCKS = ("%H:%M:%S", "%H:%M", "%H:%M:%S%.f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%H.%M", "%Hh%M", "%H%M")
# A blank in a form stands for none, too.
_MOMENTS = [
    "".join(parts)
    for parts in product(_DATES, ("T", " ", ", "), (*_CLOCKS, "%H:%M%z", "%H:%M:%S%z", "%H:%M:%S%.f%z"))
]
_ISO = {
    f"%Y-%m-%d{between}{clock}{offset}"
    for between in "T "
    for clock in ("%H:%M", "%H:%M:%S", "%H:%M:%S%.f")
    for offset in ("", "%z")
}


class Written(NamedTuple):
    """How a column writes its times.

    Attributes
    ----------
    form : for ``strptime``; blank: the column holds times, not text
    ambiguous : no value tells the day from the month; the shorter period is taken
    """

    kind: Kind
    form: str
    ambiguous: bool = False


def is_iso(form: str) -> bool:
    """Whether a form is read without being told."""
    return not form or form in _ISO


def tell_writing(values: pl.Series) -> Written | None:
    """How a column writes its times; None: it holds none.

    Parameters
    ----------
    values : text or times, without nulls

    Examples
    --------
    >>> tell_writing(pl.Series(["31/01/2017 18:05", "01/02/2017 9:40"]))
    Written(kind='moment', form='%d/%m/%Y %H:%M', ambiguous=False)
    >>> tell_writing(pl.Series(["01/02/2017"])).ambiguous
    True
    """
    dtype = values.dtype
    if dtype.is_temporal():
        typed: dict[object, Kind] = {pl.Date: "date", pl.Time: "clock"}
        return Written(typed.get(dtype, "moment"), "")
    forms: tuple[tuple[Kind, list[str]], ...] = (
        ("moment", _MOMENTS),
        ("date", list(_DATES)),
        ("clock", list(_CLOCKS)),
    )
    for kind, candidates in forms:
        read = {form: count for form in candidates if (count := _read(values, form))}
        best = max(read, key=lambda form: read[form], default=None)
        if best is None or read[best] < MIN_SHARE * len(values):
            continue
        swapped = _swapped(best)
        if read.get(swapped) != read[best]:
            return Written(kind, best)
        # Read the wrong way round, the days of a month become months.
        return Written(kind, min(best, swapped, key=lambda form: _days(values, form)), ambiguous=True)
    return None


def _read(values: pl.Series, form: str) -> int:
    """How many values a form reads; none where it reads few of the first."""
    first = values.head(20)
    if len(values) > len(first) and 2 * _read(first, form) < len(first):
        return 0
    if not form.startswith(_DATES):
        return values.str.to_time(form, strict=False).count()
    return int(_parsed(values, form).dt.year().is_between(*YEARS).sum())


def _parsed(values: pl.Series, form: str) -> pl.Series:
    return values.str.to_datetime(form.replace("%z", "%#z"), time_unit="us", strict=False)


def _days(values: pl.Series, form: str) -> int:
    """Days from the first to the last."""
    days = _parsed(values, form).dt.epoch("d")
    return int(days.max() - days.min())  # type: ignore[operator, arg-type]


def _swapped(form: str) -> str:
    """The form with day and month in each other's place; blank where a word or the year tells them."""
    if form.startswith("%Y") or "%m" not in form:
        return ""
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
