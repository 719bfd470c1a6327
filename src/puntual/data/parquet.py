"""The rows of a Parquet or Arrow file, and of whatever else has types."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import polars as pl

from puntual.data.delimited import ROW, Table
from puntual.data.layout import MAX_COLUMNS
from puntual.errors import DataError

MAX_ROWS = 50_000_000
"""Most rows of a file, since a few bytes can claim billions."""

NO_ROWS = pl.DataFrame(schema={ROW: pl.UInt32, "reason": pl.String})

_ROWS_AT_ONCE = 500_000


class TypedRows(NamedTuple):
    """Rows whose columns have types.

    Attributes
    ----------
    frame : categories are text and durations minutes
    height : how many
    """

    frame: pl.LazyFrame
    names: tuple[str, ...]
    height: int
    where: str
    kind: str

    def tables(self, columns: Collection[str] | None = None) -> Iterator[Table]:
        """Blocks of rows, of which the first is row 1.

        Parameters
        ----------
        columns : names to read; None: all

        Raises
        ------
        DataError : the file is damaged
        """
        kept = self.frame.select(name for name in self.names if columns is None or name in columns)
        for start in range(0, self.height, _ROWS_AT_ONCE):
            size = min(_ROWS_AT_ONCE, self.height - start)
            with _damage(self.where, self.kind):
                block = kept.slice(start, size).collect()
            numbers = pl.Series(ROW, range(start + 1, start + size + 1), pl.UInt32)
            yield Table(block.with_columns(numbers), NO_ROWS, NO_ROWS.select(ROW))


def open_typed(scan: Callable[[], pl.LazyFrame], where: str, kind: str = "Parquet") -> TypedRows:
    """Open rows whose columns have types; categories become text and durations minutes.

    Parameters
    ----------
    scan : gives them
    kind : of their file, in messages

    Raises
    ------
    DataError : the file is damaged, no or too many rows, or a column that holds no plain values
    """
    with _damage(where, kind):
        rows = scan()
        schema = rows.collect_schema()
        height = rows.select(pl.len()).collect().item()
    if height > MAX_ROWS:
        raise DataError(where, f"{height:,} rows", wanted=f"at most {MAX_ROWS:,}")
    _check(schema, height, where)
    categories = pl.selectors.by_dtype(pl.Categorical, pl.Enum)
    minutes = pl.selectors.duration().dt.total_microseconds() / 60e6
    frame = rows.with_columns(categories.cast(pl.String), minutes)
    return TypedRows(frame, tuple(schema), height, where, kind)


def type_rows(rows: pl.LazyFrame, where: str) -> Table:
    """As `open_typed`, and collect the rows.

    Raises
    ------
    DataError : as `open_typed`
    """
    tables = list(open_typed(lambda: rows, where).tables())
    return Table(pl.concat(table.frame for table in tables), NO_ROWS, NO_ROWS.select(ROW))


@contextmanager
def _damage(where: str, kind: str) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(where, f"a {kind} file that is damaged: {reason}", wanted="a whole one") from None


def _check(schema: pl.Schema, rows: int, where: str) -> None:
    if not rows:
        raise DataError(where, "no rows", wanted="one row a flight")
    if len(schema) > MAX_COLUMNS:
        raise DataError(where, f"{len(schema):,} columns", wanted=f"at most {MAX_COLUMNS:,}")
    if ROW in schema:
        raise DataError(
            where, f"a column named {ROW!r}", wanted="another name, since Puntual numbers rows in it"
        )
    for name, dtype in schema.items():
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
            raise DataError(where, f"column {name!r} holds {dtype}", wanted="text, numbers and times")
