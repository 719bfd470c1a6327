"""Polars expressions that parse a file's cells into canonical values, and say why a cell is bad."""

from __future__ import annotations

import polars as pl

from puntual.formats import CODE, LARGEST_DELAY_HOURS
from puntual.formats.headings import ON_TIME

_SHOWN_CHARACTERS = 40
_DAY = 86_400_000_000  # µs
NO_AIRCRAFT = (
    *("NA", "N/A", "#N/A", "NAN", "NULL", "NONE", "NIL", "S/D", "UNK", "NKNO", "UNKNOW", "UNKNOWN"),
    *("TBA", "TBD", "XXX", "XXXX", "XXXXX", "XXXXXX"),
)
"""What stands in a column of tail numbers where there is none."""
_ISO_FORMATS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M")
_OFFSET = r"[Tt ]\d{1,2}:\d\d.*(?:[Zz]|[+-]\d\d(?::?\d\d)?)$"


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


def parse_aircraft(column: str) -> pl.Expr:
    """A tail number in capitals without blanks; null if blank, or a filler such as ``NA`` or ``000000``.

    Examples
    --------
    >>> numbers = pl.DataFrame({"tailnum": [" cc-baa", "N14 228", "NA", "UNKNOW", "0", "--", ""]})
    >>> numbers.select(parse_aircraft("tailnum")).to_series().to_list()
    ['CC-BAA', 'N14228', None, None, None, None, None]
    """
    number = clean_text(column).str.to_uppercase().str.replace_all(r"\s", "")
    given = number.str.contains("[A-Z1-9]") & ~number.is_in(NO_AIRCRAFT)
    return pl.when(given).then(number).alias(column)


def parse_number(column: str) -> pl.Expr:
    """A finite number; null if the cell holds none."""
    value = pl.col(column).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def parse_datetime(text: pl.Expr, time_format: str | None) -> pl.Expr:
    """A date and time in a `strptime` format (None: ISO 8601); 24:00 is the next midnight.

    A time with an offset (``%z``) is converted to UTC.

    Examples
    --------
    >>> times = pl.DataFrame({"Fecha-I": ["2017-01-01 23:30:00", "2017-01-01 24:00:00", "01/01/2017 23:30"]})
    >>> read = times.select(parse_datetime(pl.col("Fecha-I"), "%Y-%m-%d %H:%M:%S")).to_series()
    >>> [str(time) for time in read]
    ['2017-01-01 23:30:00', '2017-01-02 00:00:00', 'None']
    >>> read.equals(times.select(parse_datetime(pl.col("Fecha-I"), None)).to_series())
    True
    """
    text = (
        text.str.replace("T", " ", literal=True).str.replace("t", " ", literal=True)
        if time_format is None
        else text
    )
    midnight = text.str.contains(" 24:00", literal=True)
    earlier = text.str.replace(" 24:00", " 00:00", literal=True)
    if time_format is None:
        parsed = pl.coalesce(_parse(earlier, one) for one in _ISO_FORMATS)
    else:
        parsed = _parse(earlier, time_format.replace("%z", "%#z"))
        parsed = parsed.dt.replace_time_zone(None) if "%z" in time_format else parsed
    return parsed + pl.duration(days=midnight.cast(pl.Int64))


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
    iso = clean_text(column).str.to_uppercase().str.replace("T", " ", literal=True)
    read = pl.coalesce(_parse(iso, f"{one}%#z") for one in _ISO_FORMATS)
    return read.dt.replace_time_zone(None).alias(column)


def time_of_day(moment: pl.Expr) -> pl.Expr:
    """The time of day as a duration since midnight."""
    return moment - moment.dt.truncate("1d")


def within_half_a_day(difference: pl.Expr) -> pl.Expr:
    """A difference of two times of day, from -12 h (exclusive) to 12 h.

    Examples
    --------
    >>> import datetime as dt
    >>> later = pl.lit(dt.timedelta(minutes=20) - dt.timedelta(hours=23, minutes=50))
    >>> pl.select(within_half_a_day(later)).item()
    datetime.timedelta(seconds=1800)
    """
    later = difference.cast(pl.Int64)
    return (_DAY // 2 - (_DAY // 2 - later) % _DAY).cast(pl.Duration("us"))


UNITS = {"minutes": 60e6, "seconds": 1e6, "hours": 3600e6}
"""Microseconds of a delay's unit."""


def parse_delay(column: str, unit: str = "minutes", thousands: str | None = None) -> pl.Expr:
    """A delay with a decimal point or comma, as a duration; null if the cell holds none.

    Parameters
    ----------
    unit : of `UNITS`, or ``clock``: hours and minutes as in ``-1:35`` or ``2h 05m``
    thousands : the sign that groups the digits, as in ``1.470``

    Examples
    --------
    >>> delays = pl.DataFrame({"Retraso": ["12,5", "-3 min", "late", "inf"]})
    >>> [str(delay) for delay in delays.select(parse_delay("Retraso")).to_series()]
    ['0:12:30', '-1 day, 23:57:00', 'None', 'None']
    >>> early = pl.DataFrame({"Retraso": ["(3)", "3-", "\u22123", "ON TIME"]})
    >>> [str(delay) for delay in early.select(parse_delay("Retraso")).to_series()]
    ['-1 day, 23:57:00', '-1 day, 23:57:00', '-1 day, 23:57:00', '0:00:00']
    >>> clocks = pl.DataFrame({"Retraso": ["1:35", "-0:05:30", "2h 05m"]})
    >>> [str(delay) for delay in clocks.select(parse_delay("Retraso", "clock")).to_series()]
    ['1:35:00', '-1 day, 23:54:30', '2:05:00']
    """
    text = _with_sign_first(clean_text(column))
    if unit == "clock":
        text = text.str.replace(r"(?i)(\d)\s*h(?:rs?)?\s*(\d{1,2})\s*(?:m|mins?)?$", "${1}:$2")
        text = text.str.replace(r"(?i)^([+-]?)(\d{1,2})\s*(?:m|mins?)$", "${1}0:$2")
        parts = text.str.extract_groups(r"^([+-]?)(\d{1,3}):(\d\d?)(?::(\d\d))?$").struct
        hours, minutes, seconds = (parts[at].cast(pl.Int64, strict=False).fill_null(0) for at in (1, 2, 3))
        size = pl.duration(hours=hours, minutes=minutes, seconds=seconds, time_unit="us")
        return pl.when(parts[1].is_not_null()).then(pl.when(parts[0] == "-").then(-size).otherwise(size))
    grouped = text if thousands is None else text.str.replace_all(thousands, "", literal=True)
    plain = grouped.str.replace(",", ".", literal=True).str.replace(
        r"(?i)\s*(?:mins?|minutes|minutos|sec|s|h)?\.?$", ""
    )
    value = plain.str.strip_prefix("+").cast(pl.Float64, strict=False)
    finite = pl.when(value.is_finite()).then(value)
    return (finite * UNITS[unit]).round().cast(pl.Int64, strict=False).cast(pl.Duration("us"))


def _with_sign_first(delay: pl.Expr) -> pl.Expr:
    """A delay's text with one way to write that it is negative, and 0 for words that say on time."""
    delay = delay.str.replace_many({"\u2212": "-", "\u2013": "-"}).str.replace(r"^\((\d.*)\)$", "-$1")
    delay = delay.str.replace(r"^(\d.*?)\s*-$", "-$1")
    return pl.when(delay.str.to_lowercase().is_in(ON_TIME)).then(pl.lit("0")).otherwise(delay)


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
    return pl.when(is_wrong).then(
        pl.format("{} '{}' is not {}", pl.lit(column), shown(column), pl.lit(wanted))
    )


def shown(column: str) -> pl.Expr:
    """A cell as a message shows it: its first characters in one line."""
    return pl.col(column).cast(pl.String).str.slice(0, _SHOWN_CHARACTERS).str.replace_all(r"\s", " ")


def bad_code(column: str, value: str, *, required: bool = True) -> pl.Expr:
    """The problem that the canonical value of a cell is no code, or blank although a code is required."""
    wrong = wrong_value(column, ~pl.col(value).str.contains(CODE), "a code of 2 to 8 letters and digits")
    return pl.coalesce(missing_value(column, pl.col(value)), wrong) if required else wrong


def implausible_delay(column: str, delay: pl.Expr) -> pl.Expr:
    """The problem that a delay (a duration) is larger than any real one."""
    hours = LARGEST_DELAY_HOURS
    too_large = delay.abs() > pl.duration(hours=hours)
    return wrong_value(column, too_large, f"within {hours} hours of the scheduled time")
