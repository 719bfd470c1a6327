"""A first mapping for a file that nobody has described: told from its header and its values."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import polars as pl

from puntual.data.cells import minutes
from puntual.data.content import PARQUET, as_text, first_bytes, is_utf_8, read_content
from puntual.data.delimited import ROW, read_delimited, told_separator
from puntual.data.embedded import EMBEDDED
from puntual.data.headings import CANCELLED, FLIGHT_TYPES, MISSING, YES, folded, role
from puntual.data.mapping import Codes
from puntual.data.parquet import read_parquet
from puntual.data.reading import read_flights
from puntual.data.recognition import known_source
from puntual.data.writing import MIN_SHARE, Kind, Written, is_iso, tell_writing
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
    "missing": "cells that mean nothing",
    "scheduled_departure": "local time at the origin, where no time_zone is told",
    "actual_departure": "when it left; a time alone is of the nearest day",
    "delay": "minutes",
    "airline": "its code, IATA or ICAO",
    "origin": "its code, IATA or ICAO",
    "destination": "its code, IATA or ICAO",
    "flight_number": "as scheduled",
    "flight_type": "N domestic, I international",
    "operated_by": "who flew it; operator instead, where that is known days ahead",
    "cancelled": "the values of it that mean cancelled are told above",
}
_TODO, _MAYBE = "# TODO ", "# "


class Line(NamedTuple):
    """A key of the mapping, its value as TOML, and a remark; `mark` comments it out, to do or possible."""

    table: str
    key: str
    value: str
    comment: str = ""
    mark: str = ""

    def __str__(self) -> str:
        meaning = _MEANINGS.get(self.key, "") if self.table in ("", "columns") else ""
        comment = self.comment or meaning
        return f"{self.mark}{self.key} = {self.value}" + (f"  # {comment}" if comment else "")

    def said(self) -> str:
        """The line as a message."""
        place = f"{self.table}.{self.key}" if self.table else self.key
        return f"{place} = {self.value}" + (f" ({self.comment})" if self.comment else "")


class Draft(NamedTuple):
    """A drafted mapping, line by line."""

    data: str
    lines: tuple[Line, ...]

    @property
    def guessed(self) -> list[str]:
        """What was told from the file, for a person."""
        return [line.said() for line in self.lines if not line.mark]

    @property
    def left(self) -> list[str]:
        """What is left to fill in, for a person."""
        return [line.said() for line in self.lines if line.mark == _TODO]

    def toml(self) -> str:
        """The mapping's text."""
        text = [f"# How {_quoted(Path(self.data).name)} is written; docs/sources.md explains every key.", ""]
        for table in _TABLES:
            own = [str(line) for line in self.lines if line.table == table]
            if own:
                text += [*([f"[{table}]"] if table else []), *own, ""]
        return "\n".join(text)


def draft_mapping(data: str) -> Draft | str:
    """Draft a mapping for a file, or name the source that reads it already.

    Parameters
    ----------
    data : path of a CSV or Parquet file, or a name of `EMBEDDED`

    Raises
    ------
    DataError : no file of rows
    """
    if data in EMBEDDED:
        return EMBEDDED[data].source
    frame, lines = _read(Path(data), data)
    known = known_source(frame.columns)
    if known is not None and _reads(data):
        return known.name
    return Draft(data, (*lines, *draft_lines(frame.drop(ROW))))


def _reads(data: str) -> bool:
    """Whether the source that a file's header tells reads its rows too: they may be written otherwise."""
    try:
        read_flights(data, history=False)
    except DataError:
        return False
    return True


def draft_lines(frame: pl.DataFrame) -> list[Line]:
    """Draft the lines that a file's columns tell.

    Examples
    --------
    >>> flights = {"Fecha": ["31/01/2017 18:05"], "Cia": ["IBE"], "Destino": ["LFPG"], "Retraso": ["5"]}
    >>> for line in draft_lines(pl.DataFrame(flights)):
    ...     if line.table == "columns":
    ...         print(line)
    scheduled_departure = "Fecha"  # local time at the origin, where no time_zone is told
    delay = "Retraso"  # minutes
    airline = "Cia"  # its code, IATA or ICAO
    destination = "Destino"  # its code, IATA or ICAO
    """
    file = _File(frame, {})
    for column in frame.columns:
        file.roles.setdefault(role(column) or "", []).append(column)
    return [
        *_missing(file),
        *_times(file),
        *_airline(file),
        *_places(file),
        *_optional(file),
        *_cancelled(file),
    ]


class _File(NamedTuple):
    frame: pl.DataFrame
    roles: dict[str, list[str]]

    def columns(self, *kinds: str) -> list[str]:
        return [column for kind in kinds for column in self.roles.get(kind, [])]

    def values(self, column: str) -> pl.Series:
        """Some of the different values that mean something, from the whole length of the file."""
        cells = self.frame[column].drop_nulls()
        if not cells.dtype.is_temporal():
            cells = cells.cast(pl.String).str.strip_chars()
            cells = cells.filter(~cells.str.to_lowercase().is_in(["", *MISSING]))
        cells = cells.unique(maintain_order=True)
        return cells.gather_every(max(1, len(cells) // _SAMPLED))

    def share(self, column: str, fits: pl.Expr) -> float:
        """Share of a column's values that fit."""
        values = self.values(column).cast(pl.String).alias(column)
        return float(values.to_frame().select(fits.mean()).item() or 0)


class _Times(NamedTuple):
    columns: tuple[str, ...]
    form: str
    ambiguous: bool


def _read(path: Path, data: str) -> tuple[pl.DataFrame, list[Line]]:
    if first_bytes(path, data).startswith(PARQUET):
        return read_parquet(path, data).frame, []
    content = read_content(path, data)
    # Where Latin-1 has no signs, Windows has some.
    of_windows = any(bytes([sign]) in content for sign in range(0x80, 0xA0))
    encoding = "utf-8" if is_utf_8(content) else "cp1252" if of_windows else "latin-1"
    text = as_text(content, data, encoding)
    separator = told_separator(text.lstrip(b"\n").partition(b"\n")[0].decode())
    lines = [Line("", "separator", _quoted(separator)), Line("", "encoding", _quoted(encoding))]
    return read_delimited(text, data, separator).frame, lines


def _missing(file: _File) -> list[Line]:
    told = [file.frame[column] for column in file.columns(*_TIMES, "delay", "flight_number", "status")]
    cells = {cell.strip() for column in told if column.dtype == pl.String for cell in column.unique() if cell}
    nothing = sorted(cell for cell in cells if cell.lower() in MISSING)
    return [Line("", "missing", _listed(nothing))] if nothing else []


def _times(file: _File) -> list[Line]:
    told = {
        kind: [(name, how) for name in file.columns(kind) if (how := tell_writing(file.values(name)))]
        for kind in _TIMES
    }
    scheduled, actual = _scheduled(told), _actual(told)
    if scheduled is None:
        wanted = "a column of date and time, or one of each"
        return [Line("columns", "scheduled_departure", '["…", "…"]', wanted, _TODO), *_delay(file, None)]
    lines = _time_lines("scheduled_departure", scheduled)
    words = folded(" ".join(scheduled.columns)).split()
    if "%z" not in scheduled.form:
        in_utc = bool({"utc", "gmt", "zulu"} & set(words))
        comment = "by its heading" if in_utc else "where times are not local at the origin"
        lines.append(Line("", "time_zone", '"UTC"', comment, "" if in_utc else _MAYBE))
    return [*lines, *_delay(file, actual)]


def _scheduled(told: dict[str, list[tuple[str, Written]]]) -> _Times | None:
    pairs = (("scheduled", "scheduled"), ("date", "scheduled"), ("scheduled", "time"), ("time", "time"))
    found = (_together(told[day], told[clock]) for day, clock in (*pairs, ("date", "date"), ("date", "time")))
    return next((times for times in found if times), None)


def _actual(told: dict[str, list[tuple[str, Written]]]) -> _Times | None:
    alone = _first(told["actual"], "clock")
    return _together(told["actual"], told["actual"]) or (
        None if alone is None else _Times((alone[0],), alone[1].form, ambiguous=False)
    )


def _together(days: list[tuple[str, Written]], clocks: list[tuple[str, Written]]) -> _Times | None:
    """A column of moments, or one of dates and one of times of the day."""
    if days is clocks and (moment := _first(days, "moment")):
        return _Times((moment[0],), moment[1].form, moment[1].ambiguous)
    day, clock = _first(days, "date"), _first(clocks, "clock")
    if day is None or clock is None:
        return None
    form = f"{day[1].form or '%Y-%m-%d'} {clock[1].form or '%H:%M:%S'}"
    return _Times((day[0], clock[0]), form, day[1].ambiguous)


def _first(told: list[tuple[str, Written]], kind: Kind) -> tuple[str, Written] | None:
    return next(((name, how) for name, how in told if how.kind == kind), None)


def _time_lines(name: str, times: _Times) -> list[Line]:
    lines = [
        Line("columns", name, _listed(times.columns) if len(times.columns) > 1 else _quoted(times.columns[0]))
    ]
    if not is_iso(times.form):
        doubt = "a guess: no value tells the day from the month" if times.ambiguous else ""
        lines.append(Line("formats", name, _quoted(times.form), doubt))
    return lines


def _delay(file: _File, actual: _Times | None) -> list[Line]:
    numbers = (
        name for name in file.columns("delay") if file.share(name, minutes(name).is_not_null()) > MIN_SHARE
    )
    delay = next(numbers, None)
    lines = _time_lines("actual_departure", actual) if actual else []
    if delay is not None:
        comment = "minutes, in place of actual_departure" if actual else ""
        return [*lines, Line("columns", "delay", _quoted(delay), comment, _MAYBE if actual else "")]
    todo = Line(
        "columns", "actual_departure", '"…"', "or delay, a column of minutes; only for a history", _TODO
    )
    return lines or [todo]


def _airline(file: _File) -> list[Line]:
    lines, chosen = _code(file, "airline", "columns")
    names = [name for name in file.columns("airline") if name != chosen]
    if names and not lines[-1].mark:
        lines.append(Line("columns", "airline_name", _quoted(names[0])))
    return lines


def _places(file: _File) -> list[Line]:
    return [line for name in ("origin", "destination") for line in _code(file, name, "constants")[0]]


def _code(file: _File, name: str, otherwise: str) -> tuple[list[Line], str | None]:
    """The column that has most codes; where it has few, its values are left to be given some."""
    fits = {
        column: file.share(column, pl.col(column).str.contains(_CODES[name])) for column in file.columns(name)
    }
    chosen = max(fits, key=lambda column: fits[column], default=None)
    if chosen is None:
        wanted = (
            "the column of its code" if otherwise == "columns" else "its code, where it is one for all rows"
        )
        return [Line(otherwise, name, '"…"', wanted, _TODO)], None
    lines = [Line("columns", name, _quoted(chosen))]
    values = file.values(chosen).cast(pl.String)
    others = values.filter(~values.str.contains(_CODES[name])).to_list()
    wanted = f"its code; {len(others)} values are none" if len(others) > _SHOWN else "its code"
    lines += [Line(f"codes.{name}", _quoted(value), '"…"', wanted, _TODO) for value in others[:_SHOWN]]
    return lines, chosen


def _optional(file: _File) -> list[Line]:
    named = [(kind, column) for kind in ("flight_number", "operated_by") for column in file.columns(kind)[:1]]
    lines = [Line("columns", kind, _quoted(column)) for kind, column in named]
    for column in file.columns("flight_type")[:1]:
        lines += _flight_type(column, file.values(column).cast(pl.String).to_list())
    return lines


def _flight_type(column: str, values: list[str]) -> list[Line]:
    types = {
        value: kind for value in values for kind, words in FLIGHT_TYPES.items() if folded(value) in words
    }
    other = [value for value in values if value not in types]
    if not types:
        return []
    comment, mark = ("once every value has its N or I below", _TODO) if other else ("", "")
    told = [(value, _quoted(kind), "", "") for value, kind in types.items() if value.upper() != kind]
    told += [(value, '"…"', _MEANINGS["flight_type"], _TODO) for value in other[:_SHOWN]]
    codes = (Line("codes.flight_type", _quoted(value), *rest) for value, *rest in told)
    return [Line("columns", "flight_type", _quoted(column), comment, mark), *codes]


def _cancelled(file: _File) -> list[Line]:
    for kind, words in (("cancelled", (*YES, *CANCELLED)), ("status", CANCELLED)):
        for column in file.columns(kind):
            values = file.values(column).cast(pl.String).to_list()
            meant = [value for value in values if folded(value) in words]
            if meant:
                named = Line("columns", "cancelled", _quoted(column))
                return [named, Line("", "cancelled", _listed(meant), f"among {_shown(values)}")]
    return []


def _shown(values: list[str]) -> str:
    return ", ".join(map(_quoted, values[:_SHOWN])) + (", …" if len(values) > _SHOWN else "")


def _quoted(text: str) -> str:
    """A TOML string; JSON's is one, but for one sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"
