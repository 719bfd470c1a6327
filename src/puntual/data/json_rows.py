"""Read the objects of a JSON file as rows of text, nested ones flattened with dots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import polars as pl

from puntual.data.delimited import ROW, Table
from puntual.data.layout import MAX_COLUMNS, unique_names
from puntual.data.part import UnusableError
from puntual.data.text_blocks import Say
from puntual.errors import DataError

MAX_JSON_BYTES = 512 * 2**20
"""Longest JSON text, which is read whole."""
LIST = "list"
"""The column that names the list which a row is from, if there are several."""

_WANTED = "a list of objects, an object with lists of objects, or an object on each line"
_ROWS_AT_ONCE = 20_000
_MAX_DEPTH = 50
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_OBJECT, _LIST = msgspec.json.Decoder(dict[str, msgspec.Raw]), msgspec.json.Decoder(list[msgspec.Raw])


class _Item(NamedTuple):
    """What should be an object, in the list of that name."""

    name: str
    row: int
    text: msgspec.Raw | bytes


def read_json(text: bytes, where: str, say: Say) -> Table:
    """Read a JSON text: a list of objects, an object with lists of objects, or an object on each line.

    Values become text: numbers as they are written, truth values ``true`` and ``false``, lists as JSON.
    With several lists of objects, all of their rows are read, and the column ``list`` names theirs.

    Raises
    ------
    DataError : no objects, or text that is not JSON

    Examples
    --------
    >>> text = b'{"flights": [{"to": {"iata": "SCL"}, "late": 5.0, "via": ["LIM"]}, {"to": null}]}'
    >>> read_json(text, "f.json", print).frame.rows(named=True)[0]
    {'to.iata': 'SCL', 'late': '5.0', 'via': '["LIM"]', 'to': None, 'row': 1}
    """
    try:
        items = list(_find_items(text))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise DataError(where, f"no JSON: {error}", wanted=_WANTED) from None
    if not items:
        raise UnusableError(where, "JSON without objects in a list", wanted=_WANTED)
    names = {item.name for item in items}
    if len(names) > 1:
        say(f"{where}: the rows of {len(names)} lists are read: {', '.join(map(repr, sorted(names)))}")
    return _read_items(items, where, say, several=len(names) > 1)


def _find_items(text: bytes) -> Iterator[_Item]:
    start = text.lstrip()
    first, _, rest = start.partition(b"\n")
    if start.startswith(b"{") and rest.lstrip().startswith(b"{") and first.rstrip().endswith(b"}"):
        lines = enumerate(text.split(b"\n"), 1)
        yield from (_Item("", number, line) for number, line in lines if line.strip())
    else:
        yield from _find_lists(msgspec.Raw(start), "", 0)


def _find_lists(value: msgspec.Raw, name: str, depth: int) -> Iterator[_Item]:
    start = bytes(memoryview(value)[:1])
    if start == b"[":
        items = _LIST.decode(value)
        if items and bytes(memoryview(items[0])[:1]) == b"{":
            yield from (_Item(name, number, item) for number, item in enumerate(items, 1))
    elif start == b"{" and depth < _MAX_DEPTH:
        for key, inner in _OBJECT.decode(value).items():
            yield from _find_lists(inner, f"{name}.{key}" if name else key, depth + 1)


def _read_items(items: list[_Item], where: str, say: Say, *, several: bool) -> Table:
    frames, problems, columns = [], dict[int, str](), dict[str, None]()
    for start in range(0, len(items), _ROWS_AT_ONCE):
        rows = []
        for number, item in enumerate(items[start : start + _ROWS_AT_ONCE], start + 1):
            flat, problem = _read_object(item)
            rows.append(flat)
            columns |= dict.fromkeys(flat)
            if problem:
                problems[item.row if not several else number] = problem
        if len(columns) > MAX_COLUMNS:
            raise DataError(where, f"{len(columns):,} columns", wanted=f"at most {MAX_COLUMNS:,}")
        frames.append(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String)))
    frame = pl.concat(frames, how="diagonal")
    if several:
        frame = frame.with_columns(pl.Series(LIST, [item.name for item in items]).alias(f"\0{LIST}"))
    names = unique_names([*columns, LIST] if several else list(columns), where, say)
    numbers = range(1, len(items) + 1) if several else [item.row for item in items]
    frame = frame.rename(dict(zip(frame.columns, names, strict=True)))
    ragged = pl.DataFrame(
        {ROW: list(problems), "reason": list(problems.values())}, schema={ROW: pl.UInt32, "reason": pl.String}
    )
    return Table(frame.with_columns(pl.Series(ROW, numbers, pl.UInt32)), ragged, ragged.select(ROW).clear())


def _read_object(item: _Item) -> tuple[dict[str, str | None], str]:
    try:
        value = _DECODER.decode(item.text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return {}, f"no JSON: {error}"
    if not isinstance(value, dict):
        return {}, "no object"
    try:
        return dict(_flatten(value, "")), ""
    except RecursionError:
        return {}, "objects within objects without end"


def _flatten(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str | None]]:
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from _flatten(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _text(inner)


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return _ENCODER.encode(value).decode() if value else None
    return None if value is None else str(value)
