"""A mapping: the TOML file that describes which of a file's columns hold what, in which format."""

from __future__ import annotations

import tomllib
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import polars as pl

from puntual.data.times import DIRECTIVES, NAMED, date_parts, has_clock, signs
from puntual.errors import DataError, parse_decoding_error

Name = Annotated[str, msgspec.Meta(min_length=1)]
Names = Name | Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
Code = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9]{2,8}$")]
FlightType = Literal["N", "I"]

REQUIRED = ("scheduled_departure", "airline", "origin", "destination")
"""What every mapping gives, by a column or a constant; an airline only if the file has them."""

TimeFormat = Name | Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
DelayUnit = Literal["minutes", "seconds", "hours", "clock"]


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Columns(_Table, frozen=True):
    """The file's column for each canonical one, or several columns that hold it together."""

    scheduled_departure: Names | None = None
    airline: Names | None = None
    origin: Names | None = None
    destination: Names | None = None
    operator: Names | None = None
    flight_number: Names | None = None
    flight_type: Names | None = None
    airline_name: Names | None = None
    actual_departure: Names | None = None
    delay: Names | None = None
    cancelled: Names | None = None
    cancelled_at: Names | None = None
    diverted: Names | None = None
    codeshare_of: Names | None = None
    aircraft: Names | None = None
    operated_by: Names | None = None
    operated_flight_number: Names | None = None
    operated_origin: Names | None = None
    operated_destination: Names | None = None


class Formats(_Table, frozen=True):
    """How times are written (`puntual.data.times`), one format or one a column; None: ISO 8601.

    Attributes
    ----------
    delay : its unit; ``clock``: hours and minutes as ``1:35``
    airline : ``designator`` if the column holds an airline and a flight number, such as ``IB 3166``
    """

    scheduled_departure: TimeFormat | None = None
    actual_departure: TimeFormat | None = None
    cancelled_at: TimeFormat | None = None
    delay: DelayUnit = "minutes"
    airline: Literal["code", "designator"] = "code"


class Constants(_Table, frozen=True):
    """Values of all rows, in place of a column."""

    airline: Code | None = None
    origin: Code | None = None
    destination: Code | None = None
    operator: Code | None = None
    flight_type: FlightType | None = None


class Codes(_Table, frozen=True):
    """The file's values -> canonical ones; values that are not listed stay as they are."""

    airline: dict[str, Code] = {}
    origin: dict[str, Code] = {}
    destination: dict[str, Code] = {}
    operator: dict[str, Code] = {}
    flight_type: dict[str, FlightType] = {}
    operated_by: dict[str, Code] = {}
    operated_origin: dict[str, Code] = {}
    operated_destination: dict[str, Code] = {}


class Mapping(_Table, frozen=True):
    """The content of a mapping; ``docs/sources.md`` describes its keys.

    Attributes
    ----------
    separator, encoding, sheet, skip_lines : None: detected from the file
    thousands : the sign that groups a delay's digits, as in ``1.470``; None: none does
    missing : cells that count as blank
    cancelled, diverted : values of the column of that name for such a flight; None: ``true`` and ``1``
    no_outcome : what became of a flight without actual time and delay that no column calls cancelled
    time_zone : IANA zone of the times; None: local at the origin
    offsets : ``ignored`` if the times are local whatever offset they are written with
    rows : values by column; only rows that have them in all these columns are flights
    fill_down : columns whose blank cells continue the row above
    """

    columns: Columns
    separator: Literal[",", ";", "\t", "|"] | None = None
    encoding: str | None = None
    sheet: Name | None = None
    skip_lines: Annotated[int, msgspec.Meta(ge=0)] | None = None
    thousands: Literal[".", ",", "'", " "] | None = None
    missing: tuple[str, ...] = ()
    cancelled: tuple[str, ...] | None = None
    diverted: tuple[str, ...] | None = None
    no_outcome: Literal["not reported", "cancelled"] = "not reported"
    time_zone: Name | None = None
    offsets: Literal["read", "ignored"] = "read"
    rows: dict[str, str | tuple[str, ...]] = {}
    fill_down: tuple[Name, ...] = ()
    formats: Formats = Formats()
    constants: Constants = Constants()
    codes: Codes = Codes()

    def own_columns(self, name: str) -> tuple[str, ...]:
        """The file's columns for a canonical one."""
        names: Names | None = getattr(self.columns, name)
        return () if names is None else (names,) if isinstance(names, str) else names

    def label(self, name: str) -> str | None:
        """A canonical column's name in messages: the file's columns, or the constant; None if neither."""
        if own := self.own_columns(name):
            return ", ".join(own)
        return None if getattr(self.constants, name, None) is None else f"constants.{name}"


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping.

    Raises
    ------
    DataError : no such file, no TOML, or a key or value that a mapping cannot have
    """
    where = str(path)
    try:
        if not path.is_file():
            raise DataError(where, "no such file", wanted="a TOML file that describes columns")
        return check_mapping(tomllib.loads(path.read_bytes().decode()), where)
    except OSError as error:
        raise DataError(where, (error.strerror or str(error)).lower(), wanted="a TOML file") from None
    except UnicodeDecodeError:
        raise DataError(where, "not UTF-8", wanted="a TOML file in UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DataError(where, f"no TOML: {error}") from None


def check_mapping(content: dict[str, Any], where: str) -> Mapping:
    """Check the content of a mapping; a text where a list is wanted is a list of one.

    Raises
    ------
    DataError : a key or value that a mapping cannot have
    """
    lists = {key: [content[key]] for key in _LISTS if isinstance(content.get(key), str)}
    try:
        mapping = msgspec.convert({**content, **lists}, Mapping)
    except msgspec.ValidationError as error:
        raise _mapping_error(where, str(error)) from None
    _check_columns(mapping, where)
    _check_formats(mapping, where)
    _check_names(mapping, where)
    return mapping


def as_mapping(source: str | PathLike[str] | dict[str, Any] | None) -> Mapping | None:
    """The mapping of a source that is one: a TOML file's path, or its content; None for any other source.

    Examples
    --------
    >>> columns = {"scheduled_departure": "Fecha", "airline": "Emp", "destination": "Des"}
    >>> as_mapping({"columns": columns, "constants": {"origin": "SCEL"}}).own_columns("airline")
    ('Emp',)
    >>> as_mapping("nyc") is None
    True
    """
    if isinstance(source, dict):
        return check_mapping(source, "the mapping")
    if source is not None and str(source).endswith(".toml"):
        return read_mapping(Path(source))
    return None


_LISTS = ("cancelled", "diverted", "fill_down")
_TABLES = {"": Mapping, "columns": Columns, "formats": Formats, "constants": Constants, "codes": Codes}
_WANTED = {
    "separator": "',', ';', '|' or a tab, \"\\t\"",
    "constants.flight_type": "N or I",
    "formats.delay": "minutes, seconds, hours or clock",
    "formats.airline": "code or designator",
    "no_outcome": "not reported or cancelled",
    "offsets": "read or ignored",
    "thousands": "'.', ',', \"'\" or a blank",
    "codes.flight_type[...]": "N or I",
}


def _mapping_error(where: str, message: str) -> DataError:
    problem = parse_decoding_error(message)
    place = problem.path.removeprefix("$").removeprefix(".")
    found, wanted = problem.reason, _WANTED.get(place, "")
    if problem.kind == "unknown":
        found, wanted = (
            f"unknown key '{problem.field}'",
            f"one of {', '.join(_TABLES[place].__struct_fields__)}",
        )
    elif problem.kind == "missing":
        found, wanted = "no table [columns]", "the file's column of each canonical one"
    elif "matching regex" in found:
        found, wanted = "no code", "a code of 2 to 8 letters and digits"
    found = found.removeprefix("Invalid enum value ").replace("Expected", "expected").replace(" | null", "")
    return DataError(f"{where}: {place}" if place else where, found, wanted=wanted)


def _check_columns(mapping: Mapping, where: str) -> None:
    for name in REQUIRED:
        may_lack = name == "airline" or (name == "scheduled_departure" and _derives_schedule(mapping))
        if mapping.label(name) is None and not may_lack:
            constant = f' or constants.{name} = "a code"' if name in Constants.__struct_fields__ else ""
            raise DataError(where, f"no {name}", wanted=f'columns.{name} = "a column of the file"{constant}')
    for name in Constants.__struct_fields__:
        if mapping.own_columns(name) and getattr(mapping.constants, name) is not None:
            raise DataError(where, f"both columns.{name} and constants.{name}", wanted="one of them")
    for name in ("cancelled", "diverted"):
        if getattr(mapping, name) is not None and not mapping.own_columns(name):
            raise DataError(f"{where}: {name}", "values without a column", wanted=f"columns.{name}, too")


def _derives_schedule(mapping: Mapping) -> bool:
    """Whether the scheduled time is the actual one less the delay, and on which day is known."""
    dated = mapping.own_columns("scheduled_departure") or date_parts(
        *_several(mapping.formats.actual_departure)
    )
    return bool(mapping.own_columns("actual_departure") and mapping.own_columns("delay") and dated)


def _several(formats: TimeFormat | None) -> tuple[str | None, ...]:
    return formats if isinstance(formats, tuple) else (formats,)


def _check_formats(mapping: Mapping, where: str) -> None:
    for name in ("scheduled_departure", "actual_departure", "cancelled_at"):
        formats: TimeFormat | None = getattr(mapping.formats, name)
        if formats is None:
            continue
        place = f"{where}: formats.{name}"
        several = _several(formats)
        for one in map(str, several):
            unknown = [] if one in NAMED else sorted({*signs(one)} - DIRECTIVES)
            if unknown:
                wanted = f"of {' '.join(sorted(DIRECTIVES))}, or one of {', '.join(NAMED)}"
                raise DataError(place, f"{unknown[0]!r} in {one!r}", wanted=wanted)
        own = mapping.own_columns(name)
        if own and not isinstance(formats, str) and len(formats) != len(own):
            raise DataError(place, f"{len(formats)} formats of {len(own)} columns", wanted="one a column")
        parts, clock = date_parts(*several), has_clock(*several)
        clock = clock or (name == "scheduled_departure" and _derives_schedule(mapping))
        alone = ", or a time alone, as in %H:%M" if name == "actual_departure" else ""
        if not clock or parts not in ((0, 3) if alone else (3,)):
            shown = repr(formats) if isinstance(formats, str) else repr(" ".join(formats))
            raise DataError(place, shown, wanted=f"date and time, as in %d/%m/%Y %H:%M{alone}")
    scheduled, actual = ("%z" in str(one or "") for one in msgspec.structs.astuple(mapping.formats)[:2])
    if mapping.own_columns("actual_departure") and scheduled != actual:
        raise DataError(f"{where}: formats", "an offset (%z) in one of two times", wanted="in both or none")
    if mapping.time_zone and scheduled:
        raise DataError(f"{where}: time_zone", "the times have an offset (%z), too", wanted="one of them")


def _check_names(mapping: Mapping, where: str) -> None:
    if mapping.encoding is not None:
        wanted = "a name such as 'latin-1' or 'cp1252'"
        try:
            fits = ",;\n".encode(mapping.encoding) == b",;\n"
        except (LookupError, ValueError):
            fits = False
        if not fits:
            raise DataError(f"{where}: encoding", repr(mapping.encoding), wanted=wanted)
    if mapping.time_zone is not None:
        try:
            pl.Series([], dtype=pl.Datetime("us", mapping.time_zone))
            pl.select(pl.lit(0).cast(pl.Datetime("us")).dt.replace_time_zone(mapping.time_zone))
        except pl.exceptions.PolarsError:
            wanted = "an IANA name such as 'Europe/Madrid' or 'UTC'"
            raise DataError(f"{where}: time_zone", repr(mapping.time_zone), wanted=wanted) from None
