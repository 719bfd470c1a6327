"""Polars expressions that parse a file's cells into canonical values, and say why a cell is bad."""

from __future__ import annotations

import polars as pl

from puntual.formats import CODE, LARGEST_DELAY_HOURS

_SHOWN_CHARACTERS = 40
_DAY = 86_400_000_000  # µs
_ISO_FORMATS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M")
_OFFSET = r"[T ]\d{1,2}:\d\d.*(?:[Zz]|[+-]\d\d(?::?\d\d)?)$"


def clean_text(column: str) -> pl.Expr:
    """A column as text without outer spaces; null if blank."""
    return pl.col(column).cast(pl.String).str.strip_chars().replace("", None)


def parse_code(column: str) -> pl.Expr:
    """An airline's or airport's code in upper case; null if blank."""
    return clean_text(column).str.to_uppercase()


def parse_flight_number(column: str) -> pl.Expr:
    """A flight number without spaces and without the ``.0`` that spreadsheets add; null if blank.

    Examples
    --------
    >>> numbers = pl.DataFrame({"Vlo-I": ["226", "226.0", " 940P", "", None]})
    >>> numbers.select(parse_flight_number("Vlo-I")).to_series().to_list()
    ['226', '226', '940P', None, None]
    """
    return clean_text(column).str.replace_all(r"\s|\.0$", "").alias(column)


def parse_number(column: str) -> pl.Expr:
    """A finite number; null if the cell holds none."""
    value = pl.col(column).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def parse_datetime(column: str, dtype: pl.DataType, time_format: str | None) -> pl.Expr:
    """A date and time in a `strptime` format (None: ISO 8601); a column of that type stays as it is.

    A time with an offset (``%z``) is converted to UTC.

    Examples
    --------
    >>> times = pl.DataFrame({"Fecha-I": ["2017-01-01 23:30:00", "01/01/2017 23:30"]})
    >>> times.select(parse_datetime("Fecha-I", pl.String(), "%Y-%m-%d %H:%M:%S")).to_series().to_list()
    [datetime.datetime(2017, 1, 1, 23, 30), None]
    >>> times.select(parse_datetime("Fecha-I", pl.String(), None)).to_series().to_list()
    [datetime.datetime(2017, 1, 1, 23, 30), None]
    """
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        return pl.col(column).cast(pl.Datetime("us"))
    if time_format is None:
        iso = clean_text(column).str.replace("T", " ", literal=True)
        return pl.coalesce(_parse(iso, one) for one in _ISO_FORMATS).alias(column)
    parsed = _parse(clean_text(column), time_format.replace("%z", "%#z"))
    return parsed.dt.replace_time_zone(None) if "%z" in time_format else parsed


def has_offset(column: str) -> pl.Expr:
    """Whether a text is an ISO 8601 time with an offset; null if blank.

    Examples
    --------
    >>> times = pl.DataFrame({"Fecha": ["2017-01-31T18:05Z", "2017-01-31 18:05+01:00", "2017-01-31 18:05"]})
    >>> times.select(has_offset("Fecha")).to_series().to_list()
    [True, True, False]
    """
    return clean_text(column).str.contains(_OFFSET)


def parse_iso_utc(column: str) -> pl.Expr:
    """An ISO 8601 time with an offset, in UTC; null if the cell holds none.

    Examples
    --------
    >>> times = pl.DataFrame({"Fecha": ["2017-01-31T18:05Z", "2017-01-31 18:05:09.5+0100", "2017-01-31"]})
    >>> times.select(parse_iso_utc("Fecha").dt.to_string("%H:%M:%S")).to_series().to_list()
    ['18:05:00', '17:05:09', None]
    """
    iso = clean_text(column).str.replace("T", " ", literal=True).str.to_uppercase()
    read = pl.coalesce(_parse(iso, f"{one}%#z") for one in _ISO_FORMATS)
    return read.dt.replace_time_zone(None).alias(column)


def parse_time(column: str, dtype: pl.DataType, time_format: str) -> pl.Expr:
    """A time of day in a `strptime` format; a column of that type stays as it is.

    Examples
    --------
    >>> times = pl.DataFrame({"Hora": ["9:05", "24:10"]})
    >>> times.select(parse_time("Hora", pl.String(), "%H:%M")).to_series().to_list()
    [datetime.time(9, 5), None]
    """
    return pl.col(column) if dtype == pl.Time else clean_text(column).str.to_time(time_format, strict=False)


def nearest_delay(time: pl.Expr, scheduled: pl.Expr) -> pl.Expr:
    """The delay, from -12 h (exclusive) to 12 h, of a departure whose time of day is known, not its date.

    Examples
    --------
    >>> import datetime as dt
    >>> scheduled = pl.lit(dt.datetime(2017, 1, 31, 23, 50))
    >>> pl.select(nearest_delay(pl.lit(dt.time(0, 20)), scheduled)).item()
    datetime.timedelta(seconds=1800)
    """
    later = (time.cast(pl.Int64) - scheduled.dt.time().cast(pl.Int64)) // 1000
    return (_DAY // 2 - (_DAY // 2 - later) % _DAY).cast(pl.Duration("us"))


def parse_minutes(column: str) -> pl.Expr:
    """Minutes, with a decimal point or comma, as a duration; null if the cell holds no number.

    Examples
    --------
    >>> delays = pl.DataFrame({"Retraso": ["12,5", "-3", "late"]})
    >>> delays.select(parse_minutes("Retraso")).to_series().to_list()
    [datetime.timedelta(seconds=750), datetime.timedelta(days=-1, seconds=86220), None]
    """
    value = clean_text(column).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return (value * 60e6).round().cast(pl.Int64, strict=False).cast(pl.Duration("us"))


def _parse(value: pl.Expr, time_format: str) -> pl.Expr:
    return value.str.to_datetime(time_format, time_unit="us", strict=False)


def first_problem(*problems: pl.Expr) -> pl.Expr:
    """The first problem of each row as column ``problem``; null if it has none."""
    return pl.coalesce(*problems).alias("problem")


def missing_value(column: str, value: pl.Expr) -> pl.Expr:
    """The problem that a cell is blank, if its value is null."""
    return pl.when(value.is_null()).then(pl.lit(f"{column} is missing"))


def wrong_value(column: str, is_wrong: pl.Expr, wanted: str) -> pl.Expr:
    """The problem that a cell is wrong, with what it holds and what it should hold."""
    shown = pl.col(column).cast(pl.String).str.slice(0, _SHOWN_CHARACTERS).str.replace_all(r"\s", " ")
    return pl.when(is_wrong).then(pl.format("{} '{}' is not {}", pl.lit(column), shown, pl.lit(wanted)))


def bad_code(column: str, value: str, *, required: bool = True) -> pl.Expr:
    """The problem that the canonical value of a cell is no code, or blank although a code is required."""
    wrong = wrong_value(column, ~pl.col(value).str.contains(CODE), "a code of 2 to 8 letters and digits")
    return pl.coalesce(missing_value(column, pl.col(value)), wrong) if required else wrong


def implausible_delay(column: str, delay: pl.Expr) -> pl.Expr:
    """The problem that a delay (a duration) is larger than any real one."""
    hours = LARGEST_DELAY_HOURS
    too_large = delay.abs() > pl.duration(hours=hours)
    return wrong_value(column, too_large, f"within {hours} hours of the scheduled time")
