"""The columns of observed weather, and what each source's reader gives."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from puntual.data.delimited import ROW
from puntual.operations.quantities import QUANTITIES

KNOWN_AT, UTC = "known_at", "UTC"
WEATHER_COLUMNS: dict[str, pl.DataType] = {
    "airport": pl.String(),
    KNOWN_AT: pl.Datetime("us", UTC),
    **dict.fromkeys(QUANTITIES, pl.Float64()),
}
"""An observation a row; the quantities are in the units that end their names, and null means not measured."""
REASONS = pl.Schema({ROW: pl.UInt32, "reason": pl.String})


class WeatherRows(NamedTuple):
    """The observations of one file.

    Attributes
    ----------
    where : the file in messages
    frame : `WEATHER_COLUMNS`, in the file's order
    rows : how many the file has
    rejected : ``row`` and ``reason`` of those that cannot be read
    unusable : ``row`` and ``reason`` of single values that are missing because they cannot be
    unit : ``row`` of a table or ``line`` of a text
    """

    where: str
    frame: pl.DataFrame
    rows: int
    rejected: pl.DataFrame
    unusable: pl.DataFrame
    unit: str = "row"


def reasons(found: list[tuple[int, str]]) -> pl.DataFrame:
    """Rows and reasons as a frame.

    Examples
    --------
    >>> reasons([(3, "valid is missing")]).rows()
    [(3, 'valid is missing')]
    """
    return pl.DataFrame(found, schema=REASONS, orient="row")
