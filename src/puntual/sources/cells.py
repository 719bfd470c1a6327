"""A source's cells as canonical values, and what is wrong with those that are not: polars expressions."""

from __future__ import annotations

import polars as pl

from puntual.schema import LARGEST_DELAY

_SHOWN_CHARACTERS = 40


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


def moment(column: str, dtype: pl.DataType, form: str) -> pl.Expr:
    """A local time in a declared form; a column that holds times already is taken as it is.

    Examples
    --------
    >>> times = pl.DataFrame({"Fecha-I": ["2017-01-01 23:30:00", "01/01/2017 23:30"]})
    >>> times.select(moment("Fecha-I", pl.String(), "%Y-%m-%d %H:%M:%S")).to_series().to_list()
    [datetime.datetime(2017, 1, 1, 23, 30), None]
    """
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        return pl.col(column).cast(pl.Datetime("us"))
    return text(column).str.to_datetime(form, time_unit="us", strict=False).alias(column)


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
    no_code = ~pl.col(value).str.contains("^[A-Z0-9]{2,8}$")
    return pl.coalesce(
        missing(column, pl.col(value)), wrong(column, no_code, "a code of 2 to 8 letters and digits")
    )


def absurd(column: str, delay: pl.Expr) -> pl.Expr:
    """Say that a delay (a duration) is larger than any that happens."""
    hours = LARGEST_DELAY.total_seconds() / 3600
    return wrong(column, delay.abs() > LARGEST_DELAY, f"within {hours:.0f} hours of the scheduled time")
