"""A source's cells as canonical values, and what is wrong with those that are not: polars expressions."""

from __future__ import annotations

import polars as pl

from puntual.formats import CODE, LARGEST_DELAY_HOURS

_SHOWN_CHARACTERS = 40
_DAY = 86_400_000_000  # µs
_ISO_FORMS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M")
_OFFSET = r"[T ]\d{1,2}:\d\d.*(?:[Zz]|[+-]\d\d(?::?\d\d)?)$"


def text(column: str) -> pl.Expr:
    """A column as text without outer spaces; null where blank."""
    return pl.col(column).cast(pl.String).str.strip_chars().replace("", None)


def code(column: str) -> pl.Expr:
    """An airline's or airport's code: upper case, no outer spaces, null where blank."""
    return text(column).str.to_uppercase()


def flight_number(column: str) -> pl.Expr:
    """A flight number without spaces, nor the ``.0`` that a spreadsheet leaves; null where blank.

    Examples
    --------
    >>> numbers = pl.DataFrame({"Vlo-I": ["226", "226.0", " 940P", "", None]})
    >>> numbers.select(flight_number("Vlo-I")).to_series().to_list()
    ['226', '226', '940P', None, None]
    """
    return text(column).str.replace_all(r"\s|\.0$", "").alias(column)


def number(column: str) -> pl.Expr:
    """A column as finite numbers; null where it holds none."""
    value = pl.col(column).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def moment(column: str, dtype: pl.DataType, form: str | None) -> pl.Expr:
    """A local time in a declared form (None: ISO 8601); a column that holds times already is taken as it is.

    One with an offset (``%z``) becomes UTC.

    Examples
    --------
    >>> times = pl.DataFrame({"Fecha-I": ["2017-01-01 23:30:00", "01/01/2017 23:30"]})
    >>> times.select(moment("Fecha-I", pl.String(), "%Y-%m-%d %H:%M:%S")).to_series().to_list()
    [datetime.datetime(2017, 1, 1, 23, 30), None]
    >>> times.select(moment("Fecha-I", pl.String(), None)).to_series().to_list()
    [datetime.datetime(2017, 1, 1, 23, 30), None]
    """
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        return pl.col(column).cast(pl.Datetime("us"))
    if form is None:
        blank = text(column).str.replace("T", " ", literal=True)
        return pl.coalesce(_parsed(blank, one) for one in _ISO_FORMS).alias(column)
    parsed = _parsed(text(column), form.replace("%z", "%#z"))
    return parsed.dt.replace_time_zone(None) if "%z" in form else parsed


def has_offset(column: str) -> pl.Expr:
    """Whether a text is a time of ISO 8601 that tells its offset; null where blank.

    Examples
    --------
    >>> times = pl.DataFrame({"Fecha": ["2017-01-31T18:05Z", "2017-01-31 18:05+01:00", "2017-01-31 18:05"]})
    >>> times.select(has_offset("Fecha")).to_series().to_list()
    [True, True, False]
    """
    return text(column).str.contains(_OFFSET)


def instant_of_iso(column: str) -> pl.Expr:
    """A time of ISO 8601 that tells its offset, in UTC; null where it is none.

    Examples
    --------
    >>> times = pl.DataFrame({"Fecha": ["2017-01-31T18:05Z", "2017-01-31 18:05:09.5+0100", "2017-01-31"]})
    >>> times.select(instant_of_iso("Fecha").dt.to_string("%H:%M:%S")).to_series().to_list()
    ['18:05:00', '17:05:09', None]
    """
    blank = text(column).str.replace("T", " ", literal=True).str.to_uppercase()
    read = pl.coalesce(_parsed(blank, f"{form}%#z") for form in _ISO_FORMS)
    return read.dt.replace_time_zone(None).alias(column)


def clock(column: str, dtype: pl.DataType, form: str) -> pl.Expr:
    """A time of the day in a declared form; a column that holds such times already is taken as it is.

    Examples
    --------
    >>> times = pl.DataFrame({"Hora": ["9:05", "24:10"]})
    >>> times.select(clock("Hora", pl.String(), "%H:%M")).to_series().to_list()
    [datetime.time(9, 5), None]
    """
    return pl.col(column) if dtype == pl.Time else text(column).str.to_time(form, strict=False)


def nearest(time: pl.Expr, scheduled: pl.Expr) -> pl.Expr:
    """The shortest way from a scheduled time to a time of the day, as a duration; half a day is a delay.

    Examples
    --------
    >>> import datetime as dt
    >>> scheduled = pl.lit(dt.datetime(2017, 1, 31, 23, 50))
    >>> pl.select(nearest(pl.lit(dt.time(0, 20)), scheduled)).item()
    datetime.timedelta(seconds=1800)
    """
    later = (time.cast(pl.Int64) - scheduled.dt.time().cast(pl.Int64)) // 1000
    return (_DAY // 2 - (_DAY // 2 - later) % _DAY).cast(pl.Duration("us"))


def minutes(column: str) -> pl.Expr:
    """A number of minutes as a duration, with a decimal point or comma; null where it is none.

    Examples
    --------
    >>> delays = pl.DataFrame({"Retraso": ["12,5", "-3", "late"]})
    >>> delays.select(minutes("Retraso")).to_series().to_list()
    [datetime.timedelta(seconds=750), datetime.timedelta(days=-1, seconds=86220), None]
    """
    value = text(column).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return (value * 60e6).round().cast(pl.Int64, strict=False).cast(pl.Duration("us"))


def _parsed(value: pl.Expr, form: str) -> pl.Expr:
    return value.str.to_datetime(form, time_unit="us", strict=False)


def first_problem(*problems: pl.Expr) -> pl.Expr:
    """Give the first of some problems that a row has; null where it has none."""
    return pl.coalesce(*problems).alias("problem")


def missing(column: str, value: pl.Expr) -> pl.Expr:
    """Say that a cell is blank, where it has no value."""
    return pl.when(value.is_null()).then(pl.lit(f"{column} is missing"))


def wrong(column: str, is_wrong: pl.Expr, wanted: str) -> pl.Expr:
    """Say what a cell holds, and what it should hold, where it is wrong."""
    shown = pl.col(column).cast(pl.String).str.slice(0, _SHOWN_CHARACTERS).str.replace_all(r"\s", " ")
    return pl.when(is_wrong).then(pl.format("{} '{}' is not {}", pl.lit(column), shown, pl.lit(wanted)))


def not_a_code(column: str, value: str) -> pl.Expr:
    """Say that a cell is blank, or that the canonical value read from it is no code."""
    return pl.coalesce(missing(column, pl.col(value)), no_code(column, value))


def no_code(column: str, value: str) -> pl.Expr:
    """Say that the canonical value read from a cell is no code; a blank one may be."""
    is_none = ~pl.col(value).str.contains(CODE)
    return wrong(column, is_none, "a code of 2 to 8 letters and digits")


def absurd(column: str, delay: pl.Expr) -> pl.Expr:
    """Say that a delay (a duration) is larger than any that happens."""
    largest = pl.duration(hours=LARGEST_DELAY_HOURS)
    return wrong(column, delay.abs() > largest, f"within {LARGEST_DELAY_HOURS} hours of the scheduled time")
