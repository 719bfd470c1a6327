"""Read the rows of a CSV text with the row numbers that a spreadsheet shows; find rows of bad length."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.data.layout import ROW as ROW  # noqa: PLC0414, exported
from puntual.data.layout import Layout
from puntual.data.text_blocks import Say, split_rows
from puntual.errors import DataError

_BROKEN_BYTES = 2**20
_PIECE_BYTES = 2**18
_MAX_CELL_BYTES = csv.field_size_limit()
_QUOTE, _LINE_END = ord('"'), ord("\n")

_Positions = npt.NDArray[np.int64]


class Table(NamedTuple):
    """Rows of a file.

    Attributes
    ----------
    frame : the file's own columns, and ``row`` (u32) last
    ragged : ``row`` (u32) and ``reason`` of rows with too few or too many fields
    blank : ``row`` (u32) of rows that consist of separators, which are not in the frame
    """

    frame: pl.DataFrame
    ragged: pl.DataFrame
    blank: pl.DataFrame


class _Rows(NamedTuple):
    """Cells of a text, blank rows included.

    Attributes
    ----------
    cells : the columns that are wanted, named by their position
    blank, separated : by row, whether it has blank cells only, and whether it has separators
    ragged : by index, the reason
    """

    cells: pl.DataFrame
    blank: npt.NDArray[np.bool_]
    separated: npt.NDArray[np.bool_]
    ragged: dict[int, str]


def read_tables(
    blocks: Iterator[bytes], layout: Layout, where: str, say: Say, columns: Collection[str] | None = None
) -> Iterator[Table]:
    r"""Read the blocks of a text, from its beginning, as tables.

    Parameters
    ----------
    blocks : as of `puntual.data.text_blocks.read_blocks`
    say : is told of values in a column without a name that is left out
    columns : names to read; None: all

    Raises
    ------
    DataError : no rows

    Examples
    --------
    >>> from puntual.data.layout import find_layout
    >>> text = b"a;b\n1;2\n\n3;4;5\n"
    >>> table = next(read_tables(iter([text]), find_layout(text, "f.csv", print), "f.csv", print))
    >>> table.frame.rows()
    [('1', '2', 2), ('3', '4', 4)]
    >>> table.ragged.rows()
    [(4, '3 fields instead of 2')]
    """
    reader = _Reader(layout, columns, where, say)
    row, start, empty = layout.row, layout.start, True
    for block in blocks:
        for rows in reader.read(block[start:] if start else block):
            table = reader.table(rows, row)
            row += len(rows.blank)
            empty = empty and table.frame.is_empty()
            yield table
        start = 0
    if empty:
        raise DataError(where, "a header and no rows", wanted="one row a flight")


class _Reader:
    def __init__(self, layout: Layout, columns: Collection[str] | None, where: str, say: Say) -> None:
        self.layout, self.where, self._say = layout, where, say
        named = zip(layout.positions, layout.names, strict=True)
        self.wanted = {place: name for place, name in named if columns is None or name in columns}
        self.dropped = sorted(set(range(layout.width)) - set(layout.positions))
        self.read_places = sorted({*self.wanted, *self.dropped} or {0})
        self._placeholders = layout.separator.join(map(str, range(layout.width))).encode() + b"\n"

    def read(self, text: bytes) -> Iterator[_Rows]:
        if not text:
            return
        text = text if text.endswith(b"\n") else text + b"\n"
        rows = self._read_fast(text)
        if rows is not None:
            yield rows
        elif len(text) <= _BROKEN_BYTES:
            yield self._read_broken(text)
        else:
            # Only where the quotes do not pair is it slow.
            cuts = (text[at : at + _BROKEN_BYTES] for at in range(0, len(text), _BROKEN_BYTES))
            for piece in split_rows(cuts, self.where):
                yield self._read_fast(piece) or self._read_broken(piece)

    def table(self, rows: _Rows, row: int) -> Table:
        numbers = pl.Series(ROW, np.arange(row, row + len(rows.blank), dtype=np.uint32))
        for place in self.dropped:
            if rows.cells[str(place)].null_count() < len(numbers):
                self._say(f"{self.where}: values in column {place + 1}, which has no name, are left out")
        cells = (rows.cells[str(place)].alias(name) for place, name in self.wanted.items())
        frame = pl.DataFrame([*cells, numbers])
        ragged = {index: reason for index, reason in rows.ragged.items() if not rows.blank[index]}
        blank = numbers.to_frame().clear()
        if rows.blank.any():
            frame = frame.filter(~rows.blank)
            blank = numbers.filter(rows.blank & rows.separated).to_frame()
        reasons = pl.DataFrame(
            {ROW: [row + index for index in ragged], "reason": list(ragged.values())},
            schema={ROW: pl.UInt32, "reason": pl.String},
        )
        return Table(frame, reasons, blank)

    def _read_fast(self, text: bytes) -> _Rows | None:
        quoted = b'"' in text
        borders = _find_borders(np.frombuffer(text, np.uint8), ord(self.layout.separator), quoted=quoted)
        if borders is None:
            return None
        separators, ends, over_lines = borders
        fields = self._count_fields(separators, ends)
        if quoted and (_longest(ends) > _MAX_CELL_BYTES or (over_lines and fields is not None)):
            return None
        cells = pl.read_csv(
            self._placeholders + text,
            columns=self.read_places,
            separator=self.layout.separator,
            infer_schema=False,
            quote_char='"' if quoted else None,
            truncate_ragged_lines=True,
        )
        if cells.height != len(ends):
            return None
        if b'""' in text:
            cells = cells.with_columns(pl.all().replace("", None))
        width = self.layout.width
        counts = np.full(len(ends), width) if fields is None else fields
        ragged = {int(at): _wrong_width(counts[at], width) for at in np.flatnonzero(counts != width)}
        return _Rows(cells, self._find_blank(cells, text, ends, counts), counts > 1, ragged)

    def _count_fields(self, separators: _Positions, ends: _Positions) -> _Positions | None:
        """Fields of each row; None if all have as many as the header."""
        each = self.layout.width - 1
        if len(separators) == each * len(ends):
            grid = separators.reshape(len(ends), each)
            if not each or ((grid[:, -1] < ends).all() and (grid[1:, 0] > ends[:-1]).all()):
                return None
        return np.diff(np.searchsorted(separators, ends), prepend=0) + 1

    def _find_blank(
        self, cells: pl.DataFrame, text: bytes, ends: _Positions, fields: _Positions
    ) -> npt.NDArray[np.bool_]:
        blank = np.ones(len(ends), np.bool_)
        for column in cells:
            blank &= (column.str.strip_chars().fill_null("") == "").to_numpy()
            if not blank.any():
                return blank
        starts = np.concatenate([[0], ends[:-1] + 1])
        # A line of separators alone is as long as they are many; others may have cells that were not read.
        unread = (
            fields > self.layout.width if cells.width == self.layout.width else ends - starts != fields - 1
        )
        for at in np.flatnonzero(blank & unread):
            line = text[starts[at] : ends[at]].decode()
            blank[at] = not any(map(str.strip, next(csv.reader([line], delimiter=self.layout.separator), [])))
        return blank

    def _read_broken(self, text: bytes) -> _Rows:
        width, separator, body = self.layout.width, self.layout.separator, text.decode()
        try:
            return self._collect(list(_records(body, width, separator)))
        except csv.Error:
            # An unclosed quote would silently take the lines below it into its field.
            return self._collect(list(_records_by_line(body, separator)))

    def _collect(self, records: list[_Record]) -> _Rows:
        blank = np.array([not any(map(str.strip, record.fields)) for record in records], np.bool_)
        counts = np.array([len(record.fields) or 1 for record in records])
        cells = pl.DataFrame(
            [[record.cell(place) for place in self.read_places] for record in records],
            schema=dict.fromkeys(map(str, self.read_places), pl.String),
            orient="row",
        )
        width = self.layout.width
        ragged = {int(at): _wrong_width(counts[at], width) for at in np.flatnonzero(counts != width)}
        ragged |= {at: record.problem for at, record in enumerate(records) if record.problem}
        return _Rows(cells, blank, counts > 1, ragged)


class _Record(NamedTuple):
    fields: list[str]
    problem: str = ""

    def cell(self, place: int) -> str | None:
        return (self.fields[place] or None) if place < len(self.fields) else None


def _find_borders(
    text: npt.NDArray[np.uint8], separator: int, *, quoted: bool
) -> tuple[_Positions, _Positions, bool] | None:
    """Where separators and line ends are that no quotes enclose, and whether quotes enclose a line end.

    None if a quote stands within a cell, or stays open. A piece at a time stays in the processor's cache.
    """
    separators, line_ends, quotes = list[_Positions](), list[_Positions](), list[_Positions]()
    over_lines, parity = False, np.uint8(0)
    for start in range(0, len(text), _PIECE_BYTES):
        piece = text[start : start + _PIECE_BYTES]
        is_separator, is_line_end = piece == separator, piece == _LINE_END
        if quoted:
            is_quote = piece == _QUOTE
            quotes.append(np.flatnonzero(is_quote) + start)
            counts = np.cumsum(is_quote, dtype=np.uint8)
            counts += parity
            counts &= 1
            parity, is_outside = counts[-1], counts == 0
            ends = np.count_nonzero(is_line_end)
            is_separator &= is_outside
            is_line_end &= is_outside
            over_lines |= bool(np.count_nonzero(is_line_end) < ends)
        separators.append(np.flatnonzero(is_separator) + start)
        line_ends.append(np.flatnonzero(is_line_end) + start)
    if quoted and (parity or not _are_well_placed(text, np.concatenate(quotes), separator)):
        return None
    return np.concatenate(separators), np.concatenate(line_ends), over_lines


def _are_well_placed(text: npt.NDArray[np.uint8], quotes: _Positions, separator: int) -> bool:
    """Whether quotes open and close cells, or are two within one."""
    opening, closing = quotes[0::2], quotes[1::2]
    borders = np.array([separator, _LINE_END, _QUOTE], np.uint8)
    before, after = text[opening[opening > 0] - 1], text[closing + 1]
    return bool(np.isin(before, borders).all() and np.isin(after, borders).all())


def _longest(ends: _Positions) -> int:
    return int(np.diff(ends, prepend=-1).max(initial=0))


def _wrong_width(fields: int, width: int) -> str:
    return f"{fields} fields instead of {width}"


def _records(body: str, width: int, separator: str) -> Iterator[_Record]:
    reader, line = csv.reader(io.StringIO(body, newline="\n"), delimiter=separator, strict=True), 0
    for fields in reader:
        lines, line = reader.line_num - line, reader.line_num
        if lines > 1 and len(fields) != width:
            raise csv.Error("an unclosed quote")
        yield _Record(fields)


def _records_by_line(body: str, separator: str) -> Iterator[_Record]:
    for line in body.removesuffix("\n").split("\n"):
        try:
            yield _Record(next(csv.reader([line], delimiter=separator, strict=True), []))
        except csv.Error as error:
            yield _Record([line], f"quotes that do not pair: {error}")
