"""Flights in a data frame of pandas, polars, pyarrow or another library that narwhals knows."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import narwhals as nw
import polars as pl

from puntual.data.delimited import Table
from puntual.data.parquet import type_rows
from puntual.errors import DataError, MissingDependencyError

WHERE = "the data frame"
"""A frame's name in messages, where a file has its path."""


def row_name(where: str, row: int) -> str:
    """A row in messages; a frame's rows have no numbers that their owner sees, so it says where they begin.

    Examples
    --------
    >>> row_name("flights.csv", 2), row_name(WHERE, 2)
    ('row 2', 'row 2 (counted from 1)')
    """
    return f"row {row} (counted from 1)" if where == WHERE else f"row {row}"


def is_frame(data: object) -> bool:
    """Whether narwhals knows this kind of frame.

    Examples
    --------
    >>> is_frame(pl.DataFrame({"airline": ["LAN"]})), is_frame("flights.csv")
    (True, False)
    """
    try:
        return isinstance(nw.from_native(data, pass_through=True), nw.DataFrame | nw.LazyFrame)
    except nw.exceptions.DuplicateError as error:
        raise DataError(WHERE, _in_a_line(error), wanted="one name for each column") from None


def read_frame(data: Any) -> Table:
    """Read the rows of a frame; its first row is row 1.

    Parameters
    ----------
    data : a frame that `is_frame`; a lazy one is collected

    Raises
    ------
    DataError : no frame, no rows, two columns of one name, or a column without plain values
    MissingDependencyError : pyarrow, which pandas needs to hand its columns over

    Examples
    --------
    >>> read_frame(pl.DataFrame({"airline": ["LAN", "SKU"]})).frame.rows()
    [('LAN', 1), ('SKU', 2)]
    """
    if not is_frame(data):
        wanted = "a path, or a data frame of pandas, polars or pyarrow"
        raise DataError(f"data of type {type(data).__name__}", "no flights", wanted=wanted)
    try:
        frame = nw.from_native(data).lazy().collect("polars").to_native()
    except ImportError as error:
        raise MissingDependencyError(error.name or "pyarrow", extra="pandas") from None
    except nw.exceptions.DuplicateError as error:
        raise DataError(WHERE, _in_a_line(error), wanted="one name for each column") from None
    return type_rows(frame.lazy(), WHERE)


def _in_a_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text[:1].lower() + text[1:]


def add_columns(data: Any, added: pl.DataFrame) -> Any:
    """Add columns to a frame of the caller's, which stays as it is; the answer is of the same kind.

    Parameters
    ----------
    data : a frame; lazy ones are collected
    added : as many rows, in the same order; columns of the same name are replaced

    Examples
    --------
    >>> add_columns(pl.DataFrame({"airline": ["LAN"]}), pl.DataFrame({"delayed": [True]})).row(0)
    ('LAN', True)
    """
    frame = nw.from_native(data)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    columns = [_series(added[name], nw.get_native_namespace(frame)) for name in added.columns]
    index = nw.maybe_get_index(frame)
    if index is not None:
        columns = [nw.maybe_set_index(one, index=index) for one in columns]
    return frame.with_columns(*columns).to_native()


def _series(values: pl.Series, backend: ModuleType) -> nw.Series[Any]:
    # Truth values that may be missing have no type of their own in pandas: True, False and None stay objects.
    dtype = (
        None
        if values.has_nulls() and values.dtype == pl.Boolean
        else nw.from_native(values, series_only=True).dtype
    )
    return nw.new_series(values.name, values.to_list(), dtype, backend=backend)
