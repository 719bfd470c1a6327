"""Read the rows of a CSV text with the row numbers that a spreadsheet shows; find rows of bad length."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
import polars as pl

from puntual.errors import DataError
from puntual.formats import SEPARATORS

ROW = "row"
_RAGGED = "\0ragged"
_ROWS_AT_ONCE = 50_000
_WANTED_HEADER = "a header of names, separated by ',', ';', '|' or tabs"


class Table(NamedTuple):
    """The rows of a file.

    Attributes
    ----------
    frame : the file's own columns, and ``row`` (u32) last
    ragged : ``row`` (u32) and ``reason`` of rows with too few or too many fields
    blank : ``row`` (u32) of rows that consist of separators, which are not in the frame
    """

    frame: pl.DataFrame
    ragged: pl.DataFrame
    blank: pl.DataFrame


def read_delimited(text: bytes, where: str, separator: str | None = None) -> Table:
    r"""Read a CSV text (UTF-8, lines end in ``\n``); blank lines are skipped.

    Parameters
    ----------
    separator : None: the most frequent one of ``,``, ``;``, ``|`` and tab in the header

    Raises
    ------
    DataError : no header, no rows, or a repeated name in the header

    Examples
    --------
    >>> table = read_delimited(b"a;b\n1;2\n\n3;4;5\n", "flights.csv")
    >>> table.frame.rows()
    [('1', '2', 2), ('3', '4', 4)]
    >>> table.ragged.rows()
    [(4, '3 fields instead of 2')]
    """
    header_row = 1 + len(text) - len(text.lstrip(b"\n"))
    header, _, body = text.lstrip(b"\n").partition(b"\n")
    names, separator = _header(header.decode(), where, separator)
    if b'"' in body:
        rows = _read_quoted(body.decode(), names, separator)
    else:
        rows = _read_plain(body, names, separator)
    rows, blank = _split_blank(rows.with_row_index(ROW, offset=header_row + 1), names)
    if rows.is_empty():
        raise DataError(where, "a header and no rows", wanted="one row a flight")
    ragged = rows.filter(pl.col(_RAGGED).is_not_null()).select(ROW, reason=_RAGGED)
    return Table(rows.select(*names, ROW), ragged, blank)


def detect_separator(header: str) -> str:
    """The most frequent separator of a header; a comma if it has none."""
    return max(SEPARATORS, key=header.count)


def _split_blank(rows: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    # Spreadsheets write cleared rows as separators only. Readers of CSV skip lines without any.
    blank = [pl.col(name).str.strip_chars().fill_null("") == "" for name in names]
    if not rows.select(blank[0].any()).item():
        return rows, rows.select(ROW).clear()
    has_separators = pl.col(_RAGGED).is_null() | ~pl.col(_RAGGED).str.starts_with("1 fields ")
    blank_rows = rows.filter(pl.all_horizontal(*blank, has_separators))
    return rows.filter(~pl.all_horizontal(blank)), blank_rows.select(ROW)


def _header(header: str, where: str, separator: str | None) -> tuple[list[str], str]:
    if header.count('"') % 2:
        raise DataError(where, "a name in the header runs over several lines", wanted=_WANTED_HEADER)
    separator = separator or detect_separator(header)
    names = [name.strip() for name in next(csv.reader([header], delimiter=separator))]
    if len(names) == 1:
        raise DataError(where, f"a header of one column, {names[0][:40]!r}", wanted=_WANTED_HEADER)
    names = [name or f"column {position}" for position, name in enumerate(names, 1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(where, f"column {twice!r} twice in the header", wanted="each column once")
    if ROW in names:
        raise DataError(
            where, f"a column named {ROW!r}", wanted="another name, since Puntual numbers rows in it"
        )
    return names, separator


def _read_plain(body: bytes, names: list[str], separator: str) -> pl.DataFrame:
    if not body.strip():
        return pl.DataFrame(schema=_text_columns(names))
    body = body if body.endswith(b"\n") else body + b"\n"
    placeholders = separator.join(map(str, range(len(names)))).encode() + b"\n"
    rows = pl.read_csv(
        placeholders + body,
        separator=separator,
        infer_schema=False,
        quote_char=None,
        truncate_ragged_lines=True,
    )
    rows.columns = names
    characters = np.frombuffer(body, np.uint8)
    separators = np.flatnonzero(characters == ord(separator))
    line_ends = np.flatnonzero(characters == ord("\n"))
    fields = pl.lit(pl.Series(np.diff(np.searchsorted(separators, line_ends), prepend=0) + 1))
    reason = pl.format("{} fields instead of {}", fields, pl.lit(len(names)))
    return rows.with_columns(pl.when(fields != len(names)).then(reason).alias(_RAGGED))


def _read_quoted(body: str, names: list[str], separator: str) -> pl.DataFrame:
    try:
        return _to_frame(_records(body, len(names), separator), names)
    except csv.Error:
        # An unclosed quote would silently take the lines below it into its field.
        return _to_frame(_records_by_line(body, len(names), separator), names)


def _records(body: str, width: int, separator: str) -> Iterator[list[str | None]]:
    reader, line = csv.reader(io.StringIO(body, newline="\n"), delimiter=separator, strict=True), 0
    for fields in reader:
        lines, line = reader.line_num - line, reader.line_num
        if lines > 1 and len(fields) != width:
            raise csv.Error("an unclosed quote")
        yield _record(fields, width)


def _records_by_line(body: str, width: int, separator: str) -> Iterator[list[str | None]]:
    for line in body.split("\n"):
        try:
            yield _record(next(csv.reader([line], delimiter=separator, strict=True), []), width)
        except csv.Error as error:
            yield [line, *[None] * (width - 1), f"quotes that do not pair: {error}"]


def _record(fields: list[str], width: int) -> list[str | None]:
    if len(fields) == width:
        return [*fields, None]
    reason = f"{len(fields) or 1} fields instead of {width}"
    return [*(fields + [""] * width)[:width], reason]


def _to_frame(records: Iterator[list[str | None]], names: list[str]) -> pl.DataFrame:
    schema = _text_columns(names)
    parts = [pl.DataFrame(schema=schema)]
    while batch := list(islice(records, _ROWS_AT_ONCE)):
        parts.append(pl.DataFrame(batch, schema=schema, orient="row"))
    return pl.concat(parts).with_columns(pl.col(names).replace("", None))


def _text_columns(names: list[str]) -> dict[str, type[pl.String]]:
    return dict.fromkeys([*names, _RAGGED], pl.String)
