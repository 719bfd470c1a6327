"""Open files of flights of any source, and read them block by block."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from os import PathLike
from typing import Any, NamedTuple

import polars as pl

from puntual.data.declaration import Source
from puntual.data.delimited import ROW, Table
from puntual.data.embedded import EMBEDDED, Embedded
from puntual.data.file_kinds import ASA_HEADER
from puntual.data.frames import WHERE, read_frame
from puntual.data.joining import HASH
from puntual.data.mapping import as_mapping
from puntual.data.part import Part
from puntual.data.parts import open_parts
from puntual.data.recognition import recognise
from puntual.data.unmatched_statuses import Counts, count_values
from puntual.errors import SettingError

Data = str | PathLike[str] | Sequence[str | PathLike[str]] | Any
"""A path or several, a folder, a pattern, the name of embedded flights, or a data frame."""
SourceLike = str | PathLike[str] | dict[str, Any] | None
"""A source's name, or a mapping: its path, or its content."""

_SAMPLED_ROWS = 200_000
_WIDE = 40  # columns


class Opened(NamedTuple):
    """Files of flights, and what they are read as.

    Attributes
    ----------
    where : what they are called in messages
    embedded : of which package they are, if they are
    said : sentences about how they are read, to which reading adds
    recognised_as : those about their columns
    """

    where: str
    parts: list[Part]
    source: Source
    embedded: Embedded | None
    said: list[str]
    recognised_as: tuple[str, ...]

    @property
    def read_as(self) -> tuple[str, ...]:
        """All sentences about how the files are read."""
        return (*self.said, *self.recognised_as)


class Block(NamedTuple):
    """Some rows of a file, as their source reads them."""

    read: pl.DataFrame
    ragged: pl.DataFrame
    blank: pl.DataFrame
    outside: pl.DataFrame
    raw: pl.DataFrame
    airline_names: dict[str, str]
    city_names: dict[str, str]
    statuses: Counts


def open_flights(
    data: Data,
    *,
    source: SourceLike = None,
    history: bool = True,
    constants: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Opened:
    """Open files and recognise what they are; parameters as in `puntual.data.read_flights`.

    Raises
    ------
    DataError : no file of flights, or a mapping that does not fit it
    MissingDependencyError : the package of the embedded flights is not installed
    """
    said: list[str] = []
    embedded = EMBEDDED.get(data) if isinstance(data, str) else None
    where, parts = _open(data, source, sheet, said)
    parts = [_with_header(part) for part in parts]
    recognised = recognise(
        parts[0].names,
        lambda: _sample(parts),
        where,
        source=embedded.source if embedded else source,
        history=history,
        constants=constants or {},
    )
    return Opened(where, parts, recognised.source, embedded, said, recognised.read_as)


def _open(data: Data, source: SourceLike, sheet: str | None, said: list[str]) -> tuple[str, list[Part]]:
    """What the flights are called in messages, and their parts."""
    if isinstance(data, str) and data in EMBEDDED:
        embedded = EMBEDDED[data]
        return data, open_parts(embedded.path(embedded.flights), say=said.append)
    several = [data] if isinstance(data, str | PathLike) else data
    if not (isinstance(several, list | tuple) and all(isinstance(one, str | PathLike) for one in several)):
        if sheet is not None:
            raise SettingError(f"sheet: {sheet!r}; wanted: none, a data frame has no sheets")
        table = read_frame(data)
        names = tuple(name for name in table.frame.columns if name != ROW)
        return WHERE, [Part(WHERE, names, lambda _: iter([table]))]
    mapping = as_mapping(source)
    where = str(several[0]) if len(several) == 1 else f"{several[0]} and {len(several) - 1} more"
    if mapping is None:
        return where, open_parts(data, sheet=sheet, say=said.append)
    return where, open_parts(
        data,
        encoding=mapping.encoding,
        separator=mapping.separator,
        sheet=sheet or mapping.sheet,
        skip_lines=mapping.skip_lines,
        say=said.append,
    )


def read_sample(data: Data) -> pl.DataFrame:
    """Some rows of a file, with its own columns and ``row``."""
    _, parts = _open(data, None, None, [])
    return _sample([_with_header(part) for part in parts])


def _with_header(part: Part) -> Part:
    """A file without a header with the one that it has to have, by the number of its columns."""
    if part.has_header or len(part.names) != len(ASA_HEADER):
        return part
    own = dict(zip(part.names, ASA_HEADER, strict=True))

    def read(columns: Collection[str] | None) -> Iterator[Table]:
        wanted = None if columns is None else [name for name, named in own.items() if named in columns]
        for table in part.tables(wanted):
            yield table._replace(frame=table.frame.rename(own, strict=False))

    return part._replace(names=ASA_HEADER, read=read)


def _sample(parts: list[Part]) -> pl.DataFrame:
    """The first rows of the first part and of the last one."""
    ends = [parts[0]] if len(parts) == 1 else [parts[0], parts[-1]]
    heads = [next(part.tables()).frame.head(_SAMPLED_ROWS) for part in ends]
    return pl.concat([head.select(heads[0].columns) for head in heads], how="vertical_relaxed")


def read_blocks(
    opened: Opened, starts: dict[int, str], *, keep_rows: bool, done: Callable[[], None] = lambda: None
) -> Iterator[Block]:
    """Read all parts, and note how many rows there are before each.

    Parameters
    ----------
    starts : gets the rows before each part, and its name
    keep_rows : keep the files' own columns
    done : is called after each part
    """
    tables = _tables(opened.parts, opened.source, starts, keep_rows=keep_rows, done=done)
    with ThreadPoolExecutor(1) as ahead:
        for table in _ahead(tables, ahead):
            yield _read_block(table, opened.source, keep_rows=keep_rows)


def _tables(
    parts: list[Part],
    source: Source,
    starts: dict[int, str],
    *,
    keep_rows: bool,
    done: Callable[[], None],
) -> Iterator[Table]:
    before = 0
    for part in parts:
        last, starts[before] = 0, part.where
        for table in part.tables(_columns(part, source, keep_rows=keep_rows)):
            last = max(last, _last_row(table))
            yield _renumber(_reorder(table, parts[0].names), before)
        before += last
        done()


def _ahead(tables: Iterator[Table], executor: Executor) -> Iterator[Table]:
    """The tables, each split from its text while the one before it is still worked on."""
    following = executor.submit(next, tables, None)
    while (table := following.result()) is not None:
        following = executor.submit(next, tables, None)
        yield table


def _columns(part: Part, source: Source, *, keep_rows: bool) -> Collection[str] | None:
    """The columns to read; None: all, by which rows are duplicates.

    Of wide files, the columns that the source reads have to tell the flights apart.
    """
    return None if keep_rows or len(part.names) <= _WIDE else source.columns


def _last_row(table: Table) -> int:
    rows = pl.concat([table.frame[ROW], table.blank[ROW]])
    return int(rows.max()) if len(rows) else 0  # type: ignore[arg-type]


def _reorder(table: Table, names: Sequence[str]) -> Table:
    """The columns in the order of the first part, so that rows of all parts can be compared."""
    own = table.frame.columns
    ordered = [*(name for name in names if name in own), ROW]
    return table if own == ordered else table._replace(frame=table.frame.select(ordered))


def _renumber(table: Table, before: int) -> Table:
    if not before:
        return table
    return Table(*(frame.with_columns(pl.col(ROW) + before) for frame in table))


def _read_block(table: Table, source: Source, *, keep_rows: bool) -> Block:
    own = [name for name in table.frame.columns if name != ROW]
    absent = [name for name in source.columns if name not in own]
    raw = table.frame.lazy().with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    # By sharing subexpressions, polars would also format the values shown in problems for every good row.
    read = source.read(raw).collect(optimizations=pl.QueryOptFlags(comm_subexpr_elim=False))
    rows = table.frame.select(ROW, pl.lit(table.frame.select(own).hash_rows()).alias(HASH))
    outside = rows.select(ROW).clear()
    if len(read) < len(rows):
        outside = rows.join(read.select(ROW), ROW, "anti", maintain_order="left").select(ROW)
        rows = rows.join(read.select(ROW), ROW, "semi", maintain_order="left")
    return Block(
        read=read.with_columns(rows[HASH]),
        ragged=table.ragged,
        blank=table.blank,
        outside=outside,
        raw=table.frame if keep_rows else table.frame.select(ROW),
        airline_names=source.airline_names(raw),
        city_names=source.city_names(raw),
        statuses=count_values(table.frame, source.statuses),
    )
