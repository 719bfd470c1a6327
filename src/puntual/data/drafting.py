"""Draft a mapping for a file of unknown layout from its header and its values."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from puntual.data.codes import Resolution, resolve_airlines, resolve_airports, split_designator
from puntual.data.delay_columns import Delay
from puntual.data.draft_line import DOUBT, MEANINGS, OPTIONAL, TODO, Line, list_of, quote
from puntual.data.file_sample import File, Times
from puntual.data.guessing import Guess, guess_times, is_utc
from puntual.data.mapping import Codes
from puntual.data.statuses import direction_lines, status_lines
from puntual.data.time_formats import is_iso
from puntual.formats.headings import AIRCRAFT, FLIGHT_TYPES, MISSING, detect_role, normalise

_SHOWN = 12
MIN_CODES = 0.5
"""Share of a column's values that must be airlines, or airports, for it to be the column of them."""
MIN_OTHER_AIRPORTS = 0.8
_PLACES = {
    *("airport", "flughafen", "aeropuerto", "aeroporto", "aeroport", "city", "ciudad", "cidade", "ville"),
    *("stadt", "ort", "lugar", "route", "ruta"),
}
_TABLES = (
    "",
    "rows",
    "columns",
    "formats",
    "constants",
    *(f"codes.{name}" for name in Codes.__struct_fields__),
)
_TIMES = ("scheduled", "actual", "date", "time")


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
        return [line.describe() for line in self.lines if line.mark == TODO]

    @property
    def doubts(self) -> list[str]:
        """Why something that a heading promised is left open."""
        return [line.value for line in self.lines if line.mark == DOUBT]

    @property
    def mapping(self) -> dict[str, Any]:
        """The mapping as a dictionary, as ``source=`` takes it."""
        return tomllib.loads(self.toml())

    def __repr__(self) -> str:
        return self.toml()

    def toml(self) -> str:
        """The mapping's text."""
        text = [f"# The layout of {quote(Path(self.data).name)}; docs/sources.md explains every key.", ""]
        for table in _TABLES:
            own = [str(line) for line in self.lines if line.table == table]
            if own:
                text += [*([f"[{table}]"] if table else []), *own, ""]
        return "\n".join(text)


def draft_lines(frame: pl.DataFrame, constants: Collection[str] = ()) -> list[Line]:
    """Draft the lines of a mapping from a file's columns.

    Parameters
    ----------
    constants : names of what the file does not hold

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
    roles: dict[str, list[str]] = {}
    for column in frame.columns:
        roles.setdefault(detect_role(column) or "", []).append(column)
    file = File(frame, roles)
    if "airline" not in roles and not _designators(file):
        roles["airline"] = roles.pop("operated_by", [])
    guess = guess_times(file)
    return [
        *_missing(file),
        *_fill_down(file),
        *direction_lines(file),
        *_times(guess),
        *_airline(file),
        *_places(file, constants),
        *_optional(file),
        *status_lines(file),
        *(Line("", "doubt", doubt, mark=DOUBT) for doubt in guess.doubts),
    ]


def _missing(file: File) -> list[Line]:
    columns = [file.frame[name] for name in file.columns(*_TIMES, "delay", "flight_number", "status")]
    cells = {cell.strip() for one in columns if one.dtype == pl.String for cell in one.unique() if cell}
    missing = sorted(cell for cell in cells if cell.lower() in MISSING)
    return [Line("", "missing", list_of(missing))] if missing else []


def _fill_down(file: File) -> list[Line]:
    """The columns that a table for the eye fills in only where they change."""
    columns = [
        column
        for column in file.columns("flight_number", "airline", "origin", "destination", "date")
        if file.is_sparse(column)
    ]
    return [Line("", "fill_down", list_of(columns), "blank cells continue the row above")] if columns else []


def _times(guess: Guess) -> list[Line]:
    if guess.scheduled is None:
        wanted = "a column of date and time, or one of each"
        return [Line("columns", "scheduled_departure", '["…", "…"]', wanted, TODO), *_outcome(guess)]
    lines = _time_lines("scheduled_departure", guess.scheduled)
    if not {"epoch", "epoch_ms"} & {*guess.scheduled.formats} and "%z" not in guess.scheduled.pattern:
        in_utc = is_utc(guess.scheduled)
        comment = "by its heading" if in_utc else "if times are not local at the origin"
        lines.append(Line("", "time_zone", '"UTC"', comment, "" if in_utc else OPTIONAL))
    return [*lines, *_outcome(guess)]


def _time_lines(name: str, times: Times) -> list[Line]:
    several = len(times.columns) > 1
    lines = [Line("columns", name, list_of(times.columns) if several else quote(times.columns[0]))]
    doubt = "a guess: no value shows which is the day and which the month" if times.ambiguous else ""
    if not times.is_joined:
        formats = list_of(times.formats) if several else quote(times.formats[0])
        lines.append(Line("formats", name, formats, doubt))
    elif not is_iso(times.pattern):
        lines.append(Line("formats", name, quote(times.pattern), doubt))
    return lines


def _outcome(guess: Guess) -> list[Line]:
    lines = _time_lines("actual_departure", guess.actual) if guess.actual else []
    if guess.delay is not None:
        dated = guess.actual is not None and guess.actual.has_date
        comment = "in place of actual_departure" if dated else ""
        return [*lines, *_delay_lines(guess.delay, comment, OPTIONAL if dated else "")]
    wanted = "or delay, a column of minutes; only for a history"
    return lines or [Line("columns", "actual_departure", '"…"', wanted, TODO)]


def _delay_lines(delay: Delay, comment: str, mark: str) -> list[Line]:
    unit = f"{delay.unit}, {comment}" if comment else delay.unit
    lines = [
        Line("columns", "delay", quote(delay.column), unit if mark or delay.unit != "minutes" else "", mark)
    ]
    if not mark and delay.unit != "minutes":
        lines.append(Line("formats", "delay", quote(delay.unit)))
    if not mark and delay.thousands:
        lines.append(Line("", "thousands", quote(delay.thousands), "groups the digits of a delay"))
    return lines


def _airline(file: File) -> list[Line]:
    lines, chosen = _code(file, "airline", resolve_airlines)
    if chosen is None:
        return _designators(file) or lines
    names = [name for name in file.columns("airline") if name != chosen]
    if names and not lines[-1].mark:
        lines.append(Line("columns", "airline_name", quote(names[0])))
    return lines


def _designators(file: File) -> list[Line] | None:
    """The column of flights such as ``IB 3166`` as that of the airlines, too."""
    for column in file.columns("flight_number"):
        values = file.texts(column)
        airlines = [found[0] for value in values if (found := split_designator(value))]
        known = resolve_airlines(dict.fromkeys(airlines, 1))
        if values and len(airlines) >= 0.9 * len(values) and len(known.unknown) < len(known.codes):
            return [
                Line("columns", "airline", quote(column), "the airline of its flights"),
                Line("formats", "airline", '"designator"'),
            ]
    return None


def _places(file: File, constants: Collection[str]) -> list[Line]:
    if not file.columns("destination") and "destination" not in constants:
        file.roles["destination"] = _other_airport(file)
    return [
        line
        for name in ("origin", "destination")
        if name not in constants
        for line in _code(file, name, resolve_airports)[0]
    ]


def _other_airport(file: File) -> list[str]:
    """The column of the only airport that a list of one airport's flights names."""
    return [
        column
        for column in file.columns("")
        if set(normalise(column).split()) & _PLACES
        and len(values := file.texts(column)) > 1
        and _known_share(resolve_airports(dict.fromkeys(values, 1))) > MIN_OTHER_AIRPORTS
    ][:1]


def _code(
    file: File, name: str, resolve: Callable[[dict[str, int]], Resolution]
) -> tuple[list[Line], str | None]:
    """The column with the largest share of codes, and its other values, which need a code each."""
    found = {column: resolve(dict.fromkeys(file.texts(column), 1)) for column in file.columns(name)}
    shares = {column: _known_share(one) for column, one in found.items()}
    chosen = max(shares, key=lambda column: shares[column], default=None)
    least = 0 if name == "airline" else MIN_CODES
    if chosen is None or shares[chosen] < least:
        if name == "airline":
            return [Line("columns", name, '"…"', "the column of its code", TODO)], None
        return [Line("constants", name, '"…"', "its code, if all rows have the same", TODO)], None
    others = [value for value in file.texts(chosen) if value in found[chosen].refused]
    wanted = f"its code; {len(others)} values are none" if len(others) > _SHOWN else "its code"
    todos = [Line(f"codes.{name}", quote(value), '"…"', wanted, TODO) for value in others[:_SHOWN]]
    return [Line("columns", name, quote(chosen)), *todos], chosen


def _known_share(found: Resolution) -> float:
    known = sum(code not in found.unknown for code in found.codes.values())
    return (known + 0.5 * (len(found.codes) - known)) / max(1, len(found.codes) + len(found.refused))


def _optional(file: File) -> list[Line]:
    lines = [
        Line("columns", role, quote(column))
        for role in ("flight_number", "operated_by", "codeshare_of")
        for column in file.columns(role)[:1]
    ]
    lines += _aircraft(file)
    lines += _cancelled_at(file)
    for column in file.columns("flight_type")[:1]:
        lines += _flight_type(column, file.texts(column))
    return lines


def _aircraft(file: File) -> list[Line]:
    """The column of tail numbers, by its heading, or by its values where a heading may also mean types."""
    by_values = (
        column
        for column in file.columns("")
        if normalise(column) in AIRCRAFT and file.matching_share(column, _is_tail_number(column)) > MIN_CODES
    )
    return [Line("columns", "aircraft", quote(one)) for one in [*file.columns("aircraft"), *by_values][:1]]


def _is_tail_number(column: str) -> pl.Expr:
    numbers = ("N[1-9][0-9]{0,4}[A-Z]{0,2}", "[A-Z]-[A-Z0-9]{4,5}", "[A-Z0-9]{2}-[A-Z0-9]{3,5}")
    return pl.col(column).str.contains(f"(?i)^(?:{'|'.join(numbers)})$")


def _cancelled_at(file: File) -> list[Line]:
    for column in file.of_kind(file.columns("cancelled_at"), "datetime")[:1]:
        found = file.time_format(column)
        times = Times((column,), (found.pattern,), found.ambiguous) if found else None
        return _time_lines("cancelled_at", times) if times else []
    return []


def _flight_type(column: str, values: list[str]) -> list[Line]:
    types = {
        value: kind for value in values for kind, words in FLIGHT_TYPES.items() if normalise(value) in words
    }
    if not types:
        return []
    unknown = [value for value in values if value not in types]
    comment, mark = ("once every value has its N or I below", TODO) if unknown else ("", "")
    table = "codes.flight_type"
    return [
        Line("columns", "flight_type", quote(column), comment, mark),
        *(Line(table, quote(value), quote(kind)) for value, kind in types.items() if value.upper() != kind),
        *(Line(table, quote(value), '"…"', MEANINGS["flight_type"], TODO) for value in unknown[:_SHOWN]),
    ]
