"""Cells that measure the weather, in the units of their source -> quantities of an observation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import polars as pl

from puntual.data.cells import clean_text, shown
from puntual.data.delimited import ROW
from puntual.data.weather_rows import REASONS
from puntual.operations.quantities import QUANTITIES

MISSING = ("M", "NA", "NULL", "NONE", "NAN")
"""Cells that say that nothing was measured, in any case."""


class Measure(NamedTuple):
    """A column that measures a quantity; the quantity is ``(cell - zero) * factor``.

    Attributes
    ----------
    trace : what ``T`` stands for, in the column's unit
    """

    column: str
    factor: float = 1.0
    zero: float = 0.0
    trace: float | None = None


Measures = Mapping[str, tuple[Measure, ...]]
"""By quantity; of several columns the first with a possible value counts."""


def read_values(frame: pl.DataFrame, measures: Measures) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the quantities of each row.

    Parameters
    ----------
    frame : ``row``, and those columns of `measures` that the file has

    Returns
    -------
    values : a column a quantity; impossible values, and what is no number, are null
    unusable : ``row`` and ``reason`` of these

    Examples
    --------
    >>> cells = pl.DataFrame({"row": [2, 3, 4], "tmpf": ["50", "M", "302"]})
    >>> values, unusable = read_values(cells, {"temperature_c": (Measure("tmpf", 5 / 9, 32.0),)})
    >>> values["temperature_c"].to_list()
    [10.0, None, None]
    >>> unusable.rows()
    [(4, "tmpf '302' is no possible temperature_c, which is within -100 and 70")]
    """
    found = {
        name: [one for one in several if one.column in frame.columns] for name, several in measures.items()
    }
    parsed = frame.with_columns(
        _number(one).alias(_value(name, one)) for name, several in found.items() for one in several
    )
    values = parsed.select(_quantity(name, several).alias(name) for name, several in found.items())
    bad = [unusable for name, several in found.items() for unusable in _unusable(parsed, name, several)]
    return values, pl.concat(bad).sort(ROW, maintain_order=True) if bad else pl.DataFrame(schema=REASONS)


def _value(name: str, measure: Measure) -> str:
    return f"{name} of {measure.column}"


def _written(measure: Measure) -> pl.Expr:
    """The cell as text, null where nothing was measured."""
    text = clean_text(measure.column)
    return pl.when(~text.str.to_uppercase().is_in(MISSING)).then(text)


def _number(measure: Measure) -> pl.Expr:
    text = _written(measure)
    number = text.cast(pl.Float64, strict=False)
    if measure.trace is not None:
        number = pl.when(text.str.to_uppercase() == "T").then(measure.trace).otherwise(number)
    return (number - measure.zero) * measure.factor


def _is_possible(name: str, measure: Measure) -> pl.Expr:
    quantity = QUANTITIES[name]
    return pl.col(_value(name, measure)).is_between(quantity.lowest, quantity.highest)


def _quantity(name: str, measures: list[Measure]) -> pl.Expr:
    possible = (
        pl.when(_is_possible(name, one)).then(pl.col(_value(name, one)).round(QUANTITIES[name].digits) + 0.0)
        for one in measures
    )
    return pl.coalesce(*possible, pl.lit(None, pl.Float64))


def _unusable(parsed: pl.DataFrame, name: str, measures: list[Measure]) -> Iterator[pl.DataFrame]:
    quantity = QUANTITIES[name]
    within = f"no possible {name}, which is within {quantity.lowest:g} and {quantity.highest:g}"
    for one in measures:
        value = pl.col(_value(name, one))
        why = pl.when(value.is_finite()).then(pl.lit(within)).otherwise(pl.lit("no number"))
        bad = parsed.filter(_written(one).is_not_null() & ~_is_possible(name, one).fill_null(value=False))
        text = pl.format("{} '{}' is {}", pl.lit(one.column), shown(one.column), why)
        yield bad.select(ROW, text.alias("reason"))
