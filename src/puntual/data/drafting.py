"""Draft a mapping for a file of unknown layout from its header and its values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import polars as pl

from puntual.data.cells import parse_minutes
from puntual.data.content import PARQUET, decode_text, first_bytes, is_utf_8, read_content
from puntual.data.delimited import ROW, detect_separator, read_delimited
from puntual.data.embedded import EMBEDDED
from puntual.data.headings import CANCELLED, FLIGHT_TYPES, MISSING, YES, detect_role, normalise
from puntual.data.mapping import Codes
from puntual.data.parquet import read_parquet
from puntual.data.reading import read_flights
from puntual.data.recognition import find_source
from puntual.data.time_formats import MIN_READABLE, Kind, TimeFormat, detect_time_format, is_iso
from puntual.errors import DataError

_SAMPLED = 2000
_SHOWN = 12
_TABLES = ("", "columns", "formats", "constants", *(f"codes.{name}" for name in Codes.__struct_fields__))
_TIMES = ("scheduled", "actual", "date", "time")
_CODES = {
    "airline": "^[A-Za-z0-9]{2,3}$",
    "origin": "^[A-Za-z0-9]{3,4}$",
    "destination": "^[A-Za-z0-9]{3,4}$",
}
_MEANINGS = {
    "separator": "between cells",
    "missing": "cells that count as blank",
    "scheduled_departure": "local time at the origin, unless time_zone is given",
    "actual_departure": "a time alone belongs to the nearest day",
    "delay": "minutes",
    "airline": "its code, IATA or ICAO",
    "origin": "its code, IATA or ICAO",
    "destination": "its code, IATA or ICAO",
    "flight_number": "as scheduled",
    "flight_type": "N domestic, I international",
    "operated_by": "who flew it; use operator instead if that is known days ahead",
    "cancelled": "its values for cancelled flights are given above",
}
_TODO, _OPTIONAL = "# TODO ", "# "


class Line(NamedTuple):
    """A key of the mapping, its value as TOML, and a comment; `mark` comments the line out."""

    table: str
    key: str
    value: str
    comment: str = ""
    mark: str = ""

    def __str__(self) -> str:
        comment = self.comment or (_MEANINGS.get(self.key, "") if self.table in ("", "columns") else "")
        return f"{self.mark}{self.key} = {self.value}" + (f"  # {comment}" if comment else "")

    def describe(self) -> str:
        """The line as a message."""
        place = f"{self.table}.{self.key}" if self.table else self.key
        return f"{place} = {self.value}" + (f" ({self.comment})" if self.comment else "")


class Draft(NamedTuple):
    """A drafted mapping, line by line."""

    data: str
    lines: tuple[Line, ...]

    @property
    def guesses(self) -> list[str]:
        """Messages of what was detected."""
        return [line.describe() for line in self.lines if not line.mark]

    @property
    def todos(self) -> list[str]:
        """Messages of what is left to fill in."""
        return [line.describe() for line in self.lines if line.mark == _TODO]

    def toml(self) -> str:
        """The mapping's text."""
        text = [f"# The layout of {_quote(Path(self.data).name)}; docs/sources.md explains every key.", ""]
        for table in _TABLES:
            own = [str(line) for line in self.lines if line.table == table]
            if own:
                text += [*([f"[{table}]"] if table else []), *own, ""]
        return "\n".join(text)


def draft_mapping(data: str) -> Draft | str:
    """Draft a mapping for a file, or name the source that reads it without one.

    Parameters
    ----------
    data : path of a CSV or Parquet file, or a name of `EMBEDDED`

    Raises
    ------
    DataError : the file cannot be read as a table
    """
    if data in EMBEDDED:
        return EMBEDDED[data].source
    frame, lines = _read(Path(data), data)
    source = find_source(frame.columns)
    if source is not None and _is_readable(data):
        return source.name
    return Draft(data, (*lines, *draft_lines(frame.drop(ROW))))


def _is_readable(data: str) -> bool:
    """Whether a file's rows can be read, too, not only its header recognised."""
    try:
        read_flights(data, history=False)
    except DataError:
        return False
    return True


def draft_lines(frame: pl.DataFrame) -> list[Line]:
    """Draft the lines of a mapping from a file's columns.

    Examples
    --------
    >>> flights = {"Fecha": ["31/01/2017 18:05"], "Cia": ["IBE"], "Destino": ["LFPG"], "Retraso": ["5"]}
    >>> for line in draft_lines(pl.DataFrame(flights)):
    ...     if line.table == "columns":
    ...         print(line)
    scheduled_departure = "Fecha"  # local time at the origin, unless time_zone is given
    delay = "Retraso"  # minutes
    airline = "Cia"  # its code, IATA or ICAO
    destination = "Destino"  # its code, IATA or ICAO
    """
    file = _File(frame, {})
    for column in frame.columns:
        file.roles.setdefault(detect_role(column) or "", []).append(column)
    draft = (_missing, _times, _airline, _places, _optional, _cancelled)
    return [line for part in draft for line in part(file)]


class _File(NamedTuple):
    frame: pl.DataFrame
    roles: dict[str, list[str]]

    def columns(self, *roles: str) -> list[str]:
        return [column for role in roles for column in self.roles.get(role, [])]

    def values(self, column: str) -> pl.Series:
        """Evenly spaced distinct values of a column, without blank ones."""
        cells = self.frame[column].drop_nulls()
        if not cells.dtype.is_temporal():
            cells = cells.cast(pl.String).str.strip_chars()
            cells = cells.filter(~cells.str.to_lowercase().is_in(["", *MISSING]))
        cells = cells.unique(maintain_order=True)
        return cells.gather_every(max(1, len(cells) // _SAMPLED))

    def texts(self, column: str) -> list[str]:
        return self.values(column).cast(pl.String).to_list()

    def matching_share(self, column: str, matches: pl.Expr) -> float:
        """Share of a column's values that match."""
        values = self.values(column).cast(pl.String).alias(column)
        return float(values.to_frame().select(matches.mean()).item() or 0)


class _Times(NamedTuple):
    columns: tuple[str, ...]
    pattern: str
    ambiguous: bool = False


_Formats = list[tuple[str, TimeFormat]]


def _read(path: Path, data: str) -> tuple[pl.DataFrame, list[Line]]:
    if first_bytes(path, data).startswith(PARQUET):
        return read_parquet(path, data).frame, []
    content = read_content(path, data)
    # Windows-1252 has signs at these bytes, Latin-1 has none.
    windows = any(bytes([sign]) in content for sign in range(0x80, 0xA0))
    encoding = "utf-8" if is_utf_8(content) else "cp1252" if windows else "latin-1"
    text = decode_text(content, data, encoding)
    separator = detect_separator(text.lstrip(b"\n").partition(b"\n")[0].decode())
    lines = [Line("", "separator", _quote(separator)), Line("", "encoding", _quote(encoding))]
    return read_delimited(text, data, separator).frame, lines


def _missing(file: _File) -> list[Line]:
    columns = [file.frame[name] for name in file.columns(*_TIMES, "delay", "flight_number", "status")]
    cells = {cell.strip() for one in columns if one.dtype == pl.String for cell in one.unique() if cell}
    missing = sorted(cell for cell in cells if cell.lower() in MISSING)
    return [Line("", "missing", _list(missing))] if missing else []


def _times(file: _File) -> list[Line]:
    formats = {
        role: [(name, one) for name in file.columns(role) if (one := detect_time_format(file.values(name)))]
        for role in _TIMES
    }
    scheduled, actual = _scheduled(formats), _actual(formats["actual"])
    if scheduled is None:
        wanted = "a column of date and time, or one of each"
        return [Line("columns", "scheduled_departure", '["…", "…"]', wanted, _TODO), *_delay(file, None)]
    lines = _time_lines("scheduled_departure", scheduled)
    if "%z" not in scheduled.pattern:
        in_utc = bool({"utc", "gmt", "zulu"} & set(normalise(" ".join(scheduled.columns)).split()))
        comment = "by its heading" if in_utc else "if times are not local at the origin"
        lines.append(Line("", "time_zone", '"UTC"', comment, "" if in_utc else _OPTIONAL))
    return [*lines, *_delay(file, actual)]


def _scheduled(formats: dict[str, _Formats]) -> _Times | None:
    pairs = [("scheduled", "scheduled"), ("date", "scheduled"), ("scheduled", "time"), ("time", "time")]
    pairs += [("date", "date"), ("date", "time")]
    found = (_combine(formats[day], formats[time]) for day, time in pairs)
    return next((times for times in found if times), None)


def _actual(formats: _Formats) -> _Times | None:
    if times := _combine(formats, formats):
        return times
    alone = _first(formats, "time")
    return _Times((alone[0],), alone[1].pattern) if alone else None


def _combine(days: _Formats, times: _Formats) -> _Times | None:
    """A column of dates and times, or one of each."""
    if days is times and (both := _first(days, "datetime")):
        return _Times((both[0],), both[1].pattern, both[1].ambiguous)
    day, time = _first(days, "date"), _first(times, "time")
    if day is None or time is None:
        return None
    pattern = f"{day[1].pattern or '%Y-%m-%d'} {time[1].pattern or '%H:%M:%S'}"
    return _Times((day[0], time[0]), pattern, day[1].ambiguous)


def _first(formats: _Formats, kind: Kind) -> tuple[str, TimeFormat] | None:
    return next(((name, one) for name, one in formats if one.kind == kind), None)


def _time_lines(name: str, times: _Times) -> list[Line]:
    several = len(times.columns) > 1
    lines = [Line("columns", name, _list(times.columns) if several else _quote(times.columns[0]))]
    if not is_iso(times.pattern):
        doubt = "a guess: no value shows which is the day and which the month" if times.ambiguous else ""
        lines.append(Line("formats", name, _quote(times.pattern), doubt))
    return lines


def _delay(file: _File, actual: _Times | None) -> list[Line]:
    lines = _time_lines("actual_departure", actual) if actual else []
    for name in file.columns("delay"):
        if file.matching_share(name, parse_minutes(name).is_not_null()) > MIN_READABLE:
            comment, mark = ("minutes, in place of actual_departure", _OPTIONAL) if actual else ("", "")
            return [*lines, Line("columns", "delay", _quote(name), comment, mark)]
    wanted = "or delay, a column of minutes; only for a history"
    return lines or [Line("columns", "actual_departure", '"…"', wanted, _TODO)]


def _airline(file: _File) -> list[Line]:
    lines, chosen = _code(file, "airline")
    names = [name for name in file.columns("airline") if name != chosen]
    if names and not lines[-1].mark:
        lines.append(Line("columns", "airline_name", _quote(names[0])))
    return lines


def _places(file: _File) -> list[Line]:
    return [line for name in ("origin", "destination") for line in _code(file, name)[0]]


def _code(file: _File, name: str) -> tuple[list[Line], str | None]:
    """The column with the largest share of codes, and its other values, which need a code each."""
    pattern = _CODES[name]
    shares = {
        column: file.matching_share(column, pl.col(column).str.contains(pattern))
        for column in file.columns(name)
    }
    chosen = max(shares, key=lambda column: shares[column], default=None)
    if chosen is None:
        if name == "airline":
            return [Line("columns", name, '"…"', "the column of its code", _TODO)], None
        return [Line("constants", name, '"…"', "its code, if all rows have the same", _TODO)], None
    others = [value for value in file.texts(chosen) if not re.search(pattern, value)]
    wanted = f"its code; {len(others)} values are none" if len(others) > _SHOWN else "its code"
    todos = [Line(f"codes.{name}", _quote(value), '"…"', wanted, _TODO) for value in others[:_SHOWN]]
    return [Line("columns", name, _quote(chosen)), *todos], chosen


def _optional(file: _File) -> list[Line]:
    lines = [
        Line("columns", role, _quote(column))
        for role in ("flight_number", "operated_by")
        for column in file.columns(role)[:1]
    ]
    for column in file.columns("flight_type")[:1]:
        lines += _flight_type(column, file.texts(column))
    return lines


def _flight_type(column: str, values: list[str]) -> list[Line]:
    types = {
        value: kind for value in values for kind, words in FLIGHT_TYPES.items() if normalise(value) in words
    }
    if not types:
        return []
    unknown = [value for value in values if value not in types]
    comment, mark = ("once every value has its N or I below", _TODO) if unknown else ("", "")
    table = "codes.flight_type"
    return [
        Line("columns", "flight_type", _quote(column), comment, mark),
        *(Line(table, _quote(value), _quote(kind)) for value, kind in types.items() if value.upper() != kind),
        *(Line(table, _quote(value), '"…"', _MEANINGS["flight_type"], _TODO) for value in unknown[:_SHOWN]),
    ]


def _cancelled(file: _File) -> list[Line]:
    for role, words in (("cancelled", (*YES, *CANCELLED)), ("status", CANCELLED)):
        for column in file.columns(role):
            values = file.texts(column)
            cancelled = [value for value in values if normalise(value) in words]
            if cancelled:
                shown = ", ".join(map(_quote, values[:_SHOWN])) + (", …" if len(values) > _SHOWN else "")
                named = Line("columns", "cancelled", _quote(column))
                return [named, Line("", "cancelled", _list(cancelled), f"among {shown}")]
    return []


def _quote(text: str) -> str:
    """A TOML string; JSON writes the same, but for one sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quote, texts))}]"
