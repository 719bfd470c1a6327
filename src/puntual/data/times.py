"""How files write times: the signs of ``strptime``, and four ways that it has no signs for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from puntual.data.cells import clean_text, parse_datetime, time_of_day
from puntual.data.spelled_times import spell_format, spell_out

NAMED = ("hhmm", "day_fraction", "excel", "epoch", "epoch_ms")
"""``hhmm``: hours and minutes as one number, 5 to 2400, with leading zeros or without; ``day_fraction``: a
time of day as 0.25; ``excel``: days since 1900 as spreadsheets count them; ``epoch``, ``epoch_ms``: seconds
or milliseconds since 1970, UTC."""
DIRECTIVES = {"%Y", "%y", "%m", "%b", "%B", "%d", "%a", "%H", "%I", "%M", "%S", "%.f", "%p", "%z", "%%"}

_CLOCKS = ("hhmm", "day_fraction")
_ISO_CLOCKS = ("%H:%M", "%H:%M:%S%.f")
_DATE_PARTS = ({"%Y", "%y"}, {"%m", "%b", "%B"}, {"%d"})
_HOURS = {"%H", "%I"}
_MINUTE, _DAY = 60_000_000, 86_400_000_000  # µs
_EXCEL_EPOCH = 25_569  # days from Excel's day 0 to 1970
_DAYS_LATER = r"\s*\(?([+-]\d)\s*(?:d|days?)?\)?$"
_OFFSET = r"\s*(?:[Zz]|[+-]\d\d(?::?\d\d)?)$"

Formats = str | tuple[str, ...] | None


class Written(NamedTuple):
    """What a file writes of a time, as polars expressions; None: nothing.

    Attributes
    ----------
    day : its date
    clock : the time of day as a duration since midnight; 24 h is the next midnight
    later : days after the scheduled one, as in ``00:25 +1``; null where nothing says so
    """

    day: pl.Expr | None
    clock: pl.Expr | None
    later: pl.Expr | None = None

    def moment(self) -> pl.Expr:
        """Date and time of day together; null if either is missing."""
        if self.day is None or self.clock is None:
            return pl.lit(None, pl.Datetime("us"))
        moment = self.day.cast(pl.Datetime("us")) + self.clock
        return moment if self.later is None else moment + self.later.fill_null(0) * pl.duration(days=1)


def signs(time_format: str) -> list[str]:
    """The signs of a ``strptime`` format; ``%-H``, which pads no number, is read as ``%H``.

    Examples
    --------
    >>> signs("%-d/%m/%Y %H:%M:%S%.f")
    ['%d', '%m', '%Y', '%H', '%M', '%S', '%.f']
    """
    return re.findall(r"%\.?.?", without_padding(time_format))


def without_padding(time_format: str) -> str:
    """The format with ``%-H`` and its like as ``%H``, which reads numbers of one digit, too."""
    return time_format.replace("%-", "%")


def date_parts(*formats: str | None) -> int:
    """How many of year, month and day formats hold together; None is ISO 8601.

    Examples
    --------
    >>> date_parts("%d/%m/%Y %H:%M"), date_parts("%Y", "%m", "%d", "hhmm"), date_parts("%d %H:%M")
    (3, 3, 1)
    """
    if any(one is None or (one in NAMED and one not in _CLOCKS) for one in formats):
        return len(_DATE_PARTS)
    used = {sign for one in formats for sign in signs(one or "")}
    return sum(bool(part & used) for part in _DATE_PARTS)


def has_clock(*formats: str | None) -> bool:
    """Whether formats hold a time of day."""
    return any(one is None or one in NAMED or _HOURS & {*signs(one)} for one in formats)


def is_part_of_date(time_format: str | None) -> bool:
    """Whether a format is a year, a month or a day and not all of them."""
    return 0 < date_parts(time_format) < len(_DATE_PARTS) and not has_clock(time_format)


def read_time(
    columns: Sequence[str], formats: Formats, types: pl.Schema, *, ignore_offsets: bool = False
) -> Written:
    """Read what columns hold of a time together.

    Of several dates the first counts, of several times of day the last: ``3/1/2023 12:00:00 AM`` beside a
    column ``0600`` is six in the morning. Columns with types need no format, nor does text as ``18:05``
    beside them.

    Parameters
    ----------
    formats : one a column, or one for all, joined with a blank; None: ISO 8601
    types : of the file's columns
    ignore_offsets : read ``09:05+00:00`` as 09:05

    Examples
    --------
    >>> rows = pl.DataFrame({"day": ["3/1/2023", "3/2/2023"], "clock": ["45", "2400"]})
    >>> written = read_time(["day", "clock"], ("%m/%d/%Y", "hhmm"), rows.schema)
    >>> [str(moment) for moment in rows.select(written.moment()).to_series()]
    ['2023-03-01 00:45:00', '2023-03-03 00:00:00']
    """
    if isinstance(formats, tuple):
        pieces = [_read_piece(*piece, types, ignore_offsets) for piece in _join_parts(columns, formats)]
    elif len(columns) > 1 and any(types[one].is_temporal() for one in columns):
        pieces = list(_read_with_typed(columns, formats, types, ignore_offsets))
    else:
        pieces = [_read_piece(tuple(columns), formats, types, ignore_offsets)]
    day = next((piece.day for piece in pieces if piece.day is not None), None)
    clock, later = next(
        ((piece.clock, piece.later) for piece in reversed(pieces) if piece.clock is not None), (None, None)
    )
    return Written(day, clock, later)


def _read_with_typed(
    columns: Sequence[str], time_format: str | None, types: pl.Schema, ignore_offsets: bool
) -> Iterable[Written]:
    """Columns with types as they are; text beside them is a time of day, ``18:05`` if no format is given."""
    texts = tuple(one for one in columns if not types[one].is_temporal())
    yield from (_typed(one, types[one]) for one in columns if types[one].is_temporal())
    if texts and time_format is not None:
        found = re.search(r"%-?[HI].*", time_format)
        yield _read_piece(texts, found[0] if found else time_format, types, ignore_offsets)
    elif texts:
        clocks = [_clock(join_text(texts), one) for one in _ISO_CLOCKS]
        yield Written(None, pl.coalesce(clocks))


def _join_parts(columns: Sequence[str], formats: Sequence[str]) -> Iterable[tuple[tuple[str, ...], str]]:
    """Columns of a year, a month and a day as one piece, every other column as a piece."""
    parts = [(one, form) for one, form in zip(columns, formats, strict=True) if is_part_of_date(form)]
    if parts:
        yield tuple(one for one, _ in parts), " ".join(form for _, form in parts)
    yield from (
        ((one,), form) for one, form in zip(columns, formats, strict=True) if (one, form) not in parts
    )


def _read_piece(
    columns: tuple[str, ...], time_format: str | None, types: pl.Schema, ignore_offsets: bool
) -> Written:
    dtype = types[columns[0]] if len(columns) == 1 else pl.String()
    if dtype.is_temporal():
        return _typed(columns[0], dtype)
    text = strip_offset(join_text(columns)) if ignore_offsets else join_text(columns)
    if time_format in NAMED:
        return _named(text, str(time_format))
    if time_format is not None:
        text, time_format = spell_out(text, time_format), spell_format(without_padding(time_format))
    if time_format is None:
        moment = parse_datetime(text, None)
    elif has_clock(time_format) and date_parts(time_format):
        moment = parse_datetime(text, time_format)
    elif has_clock(time_format):
        days = text.str.extract(_DAYS_LATER).cast(pl.Int64, strict=False)
        return Written(None, _clock(text.str.replace(_DAYS_LATER, ""), time_format), days)
    else:
        return Written(text.str.to_date(time_format, strict=False), None)
    return _split(moment)


def join_text(columns: Sequence[str]) -> pl.Expr:
    """The text of columns, joined with a blank; numbers without the ``.0`` of spreadsheets; null if blank."""
    texts = [clean_text(column) for column in columns]
    if len(texts) == 1:
        return texts[0]
    whole = [text.str.replace(r"^(\d+)\.0$", "$1") for text in texts]
    return pl.concat_str(whole, separator=" ", ignore_nulls=True).replace("", None)


def strip_offset(text: pl.Expr) -> pl.Expr:
    """A time's text without its offset from UTC."""
    return text.str.replace(_OFFSET, "")


def _typed(column: str, dtype: pl.DataType) -> Written:
    value = pl.col(column)
    if dtype == pl.Time:
        return Written(None, (value.cast(pl.Int64) // 1000).cast(pl.Duration("us")))
    if isinstance(dtype, pl.Duration):
        return Written(None, value.cast(pl.Duration("us")))
    if dtype == pl.Date:
        return Written(value, None)
    return _split(value.dt.replace_time_zone(None).cast(pl.Datetime("us")))


def _split(moment: pl.Expr) -> Written:
    return Written(moment.dt.date(), time_of_day(moment))


def _clock(text: pl.Expr, time_format: str) -> pl.Expr:
    midnight = text.str.contains(r"^24\D?00") if "%H" in time_format else pl.lit(value=False)
    read = text.str.to_time(time_format, strict=False).cast(pl.Int64) // 1000
    return pl.when(midnight).then(_DAY).otherwise(read).cast(pl.Duration("us"))


def _named(text: pl.Expr, name: str) -> Written:
    number = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    if name == "hhmm":
        digits = text.str.extract(r"^(\d{1,4})(?:\.0+)?$").cast(pl.Int64, strict=False)
        minutes = digits // 100 * 60 + digits % 100
        valid = (digits % 100 < 60) & (minutes <= 24 * 60)
        return Written(None, (pl.when(valid).then(minutes) * _MINUTE).cast(pl.Duration("us")))
    if name == "day_fraction":
        seconds = (pl.when(number.is_between(0, 1)).then(number) * 86_400).round()
        return Written(None, (seconds.cast(pl.Int64, strict=False) * 1_000_000).cast(pl.Duration("us")))
    if name == "excel":
        seconds = ((number - _EXCEL_EPOCH) * 86_400).round()
        return _split((seconds.cast(pl.Int64, strict=False) * 1_000_000).cast(pl.Datetime("us")))
    scale = 1_000_000 if name == "epoch" else 1000
    return _split((number * scale).round().cast(pl.Int64, strict=False).cast(pl.Datetime("us")))
