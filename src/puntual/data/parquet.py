"""The rows of a Parquet file, and of whatever else has types."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from puntual.data.delimited import ROW, Table
from puntual.errors import DataError

MAX_ROWS = 50_000_000
"""Most rows of a file, since a few bytes can claim billions."""


def read_parquet(path: Path, where: str) -> Table:
    """Read a Parquet file; its first row is row 1.

    Columns keep their types, except that categories become text and durations minutes.

    Raises
    ------
    DataError : the file is damaged, empty or too long, or a column holds no plain values
    """
    try:
        return type_rows(pl.scan_parquet(path, glob=False), where)
    except pl.exceptions.PolarsError as error:
        reason = str(error).partition("\n")[0]
        raise DataError(where, f"a Parquet file that is damaged: {reason}", wanted="a whole one") from None


def type_rows(rows: pl.LazyFrame, where: str) -> Table:
    """Collect rows whose columns have types; categories become text and durations minutes.

    Raises
    ------
    DataError : no or too many rows, or a column that holds no plain values
    """
    schema = rows.collect_schema()
    height = rows.select(pl.len()).collect().item()
    if height > MAX_ROWS:
        raise DataError(where, f"{height:,} rows", wanted=f"at most {MAX_ROWS:,}")
    _check(schema, height, where)
    categories = pl.selectors.by_dtype(pl.Categorical, pl.Enum)
    minutes = pl.selectors.duration().dt.total_microseconds() / 60e6
    frame = rows.with_columns(categories.cast(pl.String), minutes).collect()
    numbers = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias(ROW)
    none = pl.DataFrame(schema={ROW: pl.UInt32, "reason": pl.String})
    return Table(frame.with_columns(numbers), none, none.select(ROW))


def _check(schema: pl.Schema, rows: int, where: str) -> None:
    if not rows:
        raise DataError(where, "no rows", wanted="one row a flight")
    if ROW in schema:
        raise DataError(
            where, f"a column named {ROW!r}", wanted="another name, since Puntual numbers rows in it"
        )
    for name, dtype in schema.items():
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
            raise DataError(where, f"column {name!r} holds {dtype}", wanted="text, numbers and times")
