"""A mapping: the TOML file that tells which of a file's columns hold what, and how they are written."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import polars as pl

from puntual.errors import DataError, parse_decoding_error

Name = Annotated[str, msgspec.Meta(min_length=1)]
Names = Name | Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
Code = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9]{2,8}$")]
FlightType = Literal["N", "I"]

NEEDED = ("scheduled_departure", "airline", "origin", "destination")
"""What every mapping tells, by a column or a constant."""

_DATE_PARTS = ({"%Y", "%y"}, {"%m", "%b", "%B"}, {"%d"})
_HOURS = {"%H", "%I"}
_DIRECTIVES = {"%Y", "%y", "%m", "%b", "%B", "%d", "%H", "%I", "%M", "%S", "%.f", "%p", "%z", "%%"}


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Columns(_Table, frozen=True):
    """The file's column, or columns to be joined with a blank, of each canonical one."""

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
    operated_by: Names | None = None
    operated_flight_number: Names | None = None
    operated_origin: Names | None = None
    operated_destination: Names | None = None


class Formats(_Table, frozen=True):
    """How times are written, in the directives of ``strptime``; None: ISO 8601."""

    scheduled_departure: str | None = None
    actual_departure: str | None = None


class Constants(_Table, frozen=True):
    """Values of every row, where there is no column."""

    airline: Code | None = None
    origin: Code | None = None
    destination: Code | None = None
    operator: Code | None = None
    flight_type: FlightType | None = None


class Codes(_Table, frozen=True):
    """The file's values -> canonical ones; others stay as they are."""

    airline: dict[str, Code] = {}
    origin: dict[str, Code] = {}
    destination: dict[str, Code] = {}
    operator: dict[str, Code] = {}
    flight_type: dict[str, FlightType] = {}
    operated_by: dict[str, Code] = {}
    operated_origin: dict[str, Code] = {}
    operated_destination: dict[str, Code] = {}


class Mapping(_Table, frozen=True):
    """What a mapping tells; its keys are described in ``docs/sources.md``.

    Attributes
    ----------
    separator, encoding : None: told from the file
    missing : cells that mean nothing, besides blank ones
    cancelled : values of ``columns.cancelled`` that mean cancelled; None: ``true`` and ``1``
    time_zone : IANA zone in which times are written; None: local at the origin
    """

    columns: Columns
    separator: Literal[",", ";", "\t", "|"] | None = None
    encoding: str | None = None
    missing: tuple[str, ...] = ()
    cancelled: tuple[str, ...] | None = None
    time_zone: Name | None = None
    formats: Formats = Formats()
    constants: Constants = Constants()
    codes: Codes = Codes()

    def files(self, name: str) -> tuple[str, ...]:
        """The file's columns of a canonical one; none: it has none."""
        names: Names | None = getattr(self.columns, name)
        return () if names is None else (names,) if isinstance(names, str) else names

    def label(self, name: str) -> str | None:
        """How messages call a canonical column: the file's columns, or the constant; None: it is neither."""
        if files := self.files(name):
            return ", ".join(files)
        return None if getattr(self.constants, name, None) is None else f"constants.{name}"


def read_mapping(path: Path) -> Mapping:
    """Read a mapping.

    Raises
    ------
    DataError : no such file, no TOML, or not what a mapping tells; the place in it is named
    """
    where = str(path)
    try:
        if not path.is_file():
            raise DataError(where, "no such file", wanted="a TOML file that describes columns")
        content = tomllib.loads(path.read_bytes().decode())
        mapping = msgspec.convert(content, Mapping)
    except OSError as error:
        raise DataError(where, (error.strerror or str(error)).lower(), wanted="a TOML file") from None
    except UnicodeDecodeError:
        raise DataError(where, "not UTF-8", wanted="a TOML file in UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DataError(where, f"no TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise _mapping_error(where, str(error)) from None
    _check_columns(mapping, where)
    _check_forms(mapping, where)
    _check_names(mapping, where)
    return mapping


_TABLES = {"": Mapping, "columns": Columns, "formats": Formats, "constants": Constants, "codes": Codes}
_WANTED = {
    "separator": "',', ';', '|' or a tab, \"\\t\"",
    "constants.flight_type": "N or I",
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
    for name in NEEDED:
        if mapping.label(name) is None:
            constant = f' or constants.{name} = "a code"' if name in Constants.__struct_fields__ else ""
            raise DataError(where, f"no {name}", wanted=f'columns.{name} = "a column of the file"{constant}')
    for name in Constants.__struct_fields__:
        if mapping.files(name) and getattr(mapping.constants, name) is not None:
            raise DataError(where, f"both columns.{name} and constants.{name}", wanted="one of them")
    if mapping.files("actual_departure") and mapping.files("delay"):
        raise DataError(where, "both columns.actual_departure and columns.delay", wanted="one of them")
    if mapping.cancelled is not None and not mapping.files("cancelled"):
        raise DataError(f"{where}: cancelled", "values of no column", wanted="columns.cancelled besides")


def _check_forms(mapping: Mapping, where: str) -> None:
    for name in Formats.__struct_fields__:
        form: str | None = getattr(mapping.formats, name)
        if form is None:
            continue
        place, used = f"{where}: formats.{name}", set(re.findall(r"%\.?.?", form))
        if unknown := sorted(used - _DIRECTIVES):
            raise DataError(
                place, f"{unknown[0]!r} in {form!r}", wanted=f"of {' '.join(sorted(_DIRECTIVES))}"
            )
        may_be_clock = name == "actual_departure" and is_clock(form)
        if not (used & _HOURS and (may_be_clock or all(parts & used for parts in _DATE_PARTS))):
            clock = ", or a time alone, as in %H:%M" if name == "actual_departure" else ""
            raise DataError(place, repr(form), wanted=f"date and time, as in %d/%m/%Y %H:%M{clock}")
    scheduled, actual = ("%z" in (form or "") for form in msgspec.structs.astuple(mapping.formats))
    if mapping.files("actual_departure") and scheduled != actual:
        raise DataError(f"{where}: formats", "an offset (%z) in one of two times", wanted="in both or none")
    if mapping.time_zone and scheduled:
        raise DataError(f"{where}: time_zone", "times with an offset (%z) besides", wanted="one of them")


def is_clock(form: str | None) -> bool:
    """Whether a form tells the time of the day and no date."""
    return form is not None and not any(parts & set(re.findall("%.", form)) for parts in _DATE_PARTS)


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
