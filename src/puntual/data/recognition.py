"""What a file is read as: a source, a kind that is known, a mapping, or what its columns show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import msgspec
import polars as pl

from puntual.data.declaration import Source
from puntual.data.delimited import ROW
from puntual.data.drafting import Draft, draft_lines
from puntual.data.file_kinds import FILE_KINDS, NO_FLIGHTS, FileKind, find_file_kind
from puntual.data.file_sample import File
from puntual.data.frames import WHERE
from puntual.data.mapped import MAPPED, check_columns, mapped_source, status_words
from puntual.data.mapping import REQUIRED, Columns, Constants, as_mapping, check_mapping
from puntual.data.mapping import Mapping as ColumnMapping
from puntual.data.nyc import NYC
from puntual.data.scl import SCL
from puntual.data.statuses import add_unseen_statuses
from puntual.data.times import date_parts
from puntual.errors import DataError, SettingError
from puntual.formats.headings import squeeze

SOURCES: dict[str, Source] = {"scl": SCL, "nyc": NYC, "mapped": MAPPED}
"""The sources with columns of their own."""
NAMES = (*SOURCES, *(kind.name for kind in FILE_KINDS))

_SHOWN_COLUMNS = 12
_ALMOST = 0.34
"""Share of a source's columns that a file of it may lack and still be called that."""


class Recognised(NamedTuple):
    """What a file is read as.

    Attributes
    ----------
    read_as : sentences that say so, where nobody named it
    """

    source: Source
    read_as: tuple[str, ...] = ()


def find_source(columns: Collection[str]) -> Source | None:
    """The source whose schedule columns are all there; None if there is none."""
    return next((one for one in SOURCES.values() if set(one.schedule_columns) <= set(columns)), None)


def recognise(
    columns: Collection[str],
    sample: Callable[[], pl.DataFrame],
    where: str,
    *,
    source: Any,
    history: bool,
    constants: Mapping[str, str],
) -> Recognised:
    """Find out what a file is read as, and check that it has every column that is needed.

    Parameters
    ----------
    columns : names in the file's header
    sample : gives some of its rows, with ``row``
    where : the file's path, for messages
    source : a name of `NAMES`, or a mapping: a TOML file's path or its content; None: by the columns
    history : require the columns of actual times, too
    constants : what the file does not hold, by name of `puntual.data.mapping.Constants`

    Raises
    ------
    DataError : an unknown name, a missing column, or columns that show too little
    """
    _check_constants(constants)
    own = list(columns)
    mapping = as_mapping(source)
    if mapping is not None:
        place = "the mapping" if isinstance(source, dict) else str(source)
        mapping = _with_constants(mapping, constants)
        check_columns(mapping, own, place=place, where=where, history=history)
        return Recognised(mapped_source(mapping)._replace(statuses=status_words(mapping)))
    if source is not None and source not in NAMES:
        raise DataError(where, f"no source {source!r}", wanted=f"one of {', '.join(NAMES)}, or a .toml file")
    if source in SOURCES or (source is None and find_source(own)):
        return Recognised(detect_source(own, where, source=source, history=history))
    _refuse_other_tables(own, where)
    kind = find_file_kind(own) if source is None else next(one for one in FILE_KINDS if one.name == source)
    if kind is not None:
        try:
            return _by_kind(kind, sample(), where, history, constants)
        except DataError as error:
            if source is None and (found := _attempt_by_values(sample(), where, history, constants)):
                return found
            raise error from None
    if not constants and min(_missing_share(one, own) for one in (SCL, NYC)) < _ALMOST:
        detect_source(own, where, source=None, history=history)  # says what it lacks
    return _by_values(sample(), where, history, constants)


def detect_source(columns: Collection[str], where: str, *, source: str | None, history: bool) -> Source:
    """Detect a file's source of `SOURCES`, and check that the file has every column that it needs.

    Parameters
    ----------
    columns : names in the file's header
    where : the file's path, for messages
    source : a name of `SOURCES`; None: the one that misses the fewest columns
    history : require the columns of actual times, too

    Raises
    ------
    DataError : a missing column

    Examples
    --------
    >>> columns = ["Fecha-I", "Ori-I", "Des-I", "Emp-I", "DIA"]
    >>> detect_source(columns, "SCL.csv", source=None, history=False).name
    'scl'
    >>> detect_source(["Fecha-I", "Ori-I"], "f.csv", source=None, history=False)
    Traceback (most recent call last):
        ...
    puntual.errors.DataError: f.csv: no columns 'Des-I', 'Emp-I'; wanted: Fecha-I, ... (source scl)
    """
    candidates = [SOURCES[source]] if source else list(SOURCES.values())
    closest = min(candidates, key=lambda candidate: _missing_share(candidate, columns))
    needed = _needed(closest, history)
    missing = [repr(name) for name in needed if name not in columns]
    if not missing:
        return closest
    found = f"no column {', '.join(missing)}" if len(missing) == 1 else f"no columns {', '.join(missing)}"
    raise DataError(where, found, wanted=f"{', '.join(needed)} (source {closest.name})")


def _needed(source: Source, history: bool) -> tuple[str, ...]:
    return source.schedule_columns + (source.outcome_columns if history else ())


def _missing_share(source: Source, columns: Collection[str]) -> float:
    wanted = source.schedule_columns
    return sum(name not in columns for name in wanted) / len(wanted)


def _check_constants(constants: Mapping[str, str]) -> None:
    for name in constants:
        if name not in Constants.__struct_fields__:
            wanted = f"one of {', '.join(Constants.__struct_fields__)}"
            raise SettingError(f"constants: no value {name!r}; wanted: {wanted}, as in origin=JFK")


def _with_constants(mapping: ColumnMapping, constants: Mapping[str, str]) -> ColumnMapping:
    if not constants:
        return mapping
    return check_mapping(_as_content(mapping, constants), "the mapping with these constants")


def _as_content(mapping: ColumnMapping, constants: Mapping[str, str]) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.to_builtins(mapping)
    content = {key: value for key, value in content.items() if value is not None}
    content["constants"] = {
        key: value for key, value in (content["constants"] | dict(constants)).items() if value is not None
    }
    return content


def _refuse_other_tables(columns: Collection[str], where: str) -> None:
    headings = {squeeze(column) for column in columns}
    for known, held in NO_FLIGHTS.items():
        if headings >= set(known):
            raise DataError(where, held, wanted="one row a flight, with its scheduled time")


def _by_kind(
    kind: FileKind, sample: pl.DataFrame, where: str, history: bool, constants: Mapping[str, str]
) -> Recognised:
    own = kind.own_columns([name for name in sample.columns if name != ROW])
    own = {name: columns for name, columns in own.items() if name not in constants}
    if own.get("operator") == own.get("airline"):
        own.pop("operator", None)
    _check_there(own, constants, where, f"source {kind.name}", history)
    formats = {
        name: found
        for name in ("scheduled_departure", "actual_departure")
        if name in own and (found := _formats(kind, own[name], sample)) is not None
    }
    rows = {
        column: kind.rows[heading] for column in sample.columns if (heading := squeeze(column)) in kind.rows
    }
    settings = {
        key: value
        for key, value in kind.settings.items()
        if key not in ("cancelled", "diverted") or key in own
    }
    content = {
        "columns": {name: columns if len(columns) > 1 else columns[0] for name, columns in own.items()},
        "formats": formats,
        "constants": dict(constants),
        "rows": rows,
        **settings,
    }
    mapping = check_mapping(content, where)
    return Recognised(
        mapped_source(mapping, name=kind.name), (_sentence(where, f"source {kind.name}", mapping),)
    )


def _check_there(
    own: Mapping[str, Any], constants: Mapping[str, str], where: str, read_as: str, history: bool
) -> None:
    absent = [name for name in REQUIRED if name not in own and name not in constants and name != "airline"]
    if absent == ["origin"]:
        found = f"no column of the origin ({read_as})"
        given = 'constants={"origin": "CODE"}' if where == WHERE else "--set origin=CODE"
        raise DataError(where, found, wanted=f"{given}, the airport that all these flights leave from")
    if absent:
        raise DataError(where, f"no column of {', '.join(absent)} ({read_as})", wanted="a column of each")
    if history and not {"actual_departure", "delay"} & set(own):
        found = f"no column of actual times or delays ({read_as})"
        raise DataError(where, found, wanted="a history of flights that have left")


def _formats(kind: FileKind, columns: tuple[str, ...], sample: pl.DataFrame) -> str | tuple[str, ...] | None:
    """How the times of columns are written: as declared, else as their values show."""
    file, found = File(sample, {}), []
    for column in columns:
        declared = kind.formats.get(squeeze(column))
        if sample[column].dtype.is_temporal():
            declared = "%Y-%m-%d %H:%M:%S"  # never used: such a column is read as it is
        if declared is None:
            detected = file.time_format(column)
            declared = detected.ordered(month_first=kind.month_first) if detected else None
        found.append(declared)
    if len(columns) == 1:
        only = found[0]
        return None if only is None or ("%Y-%m-%d" in only and "%H" in only and "%a" not in only) else only
    return tuple(one or "%Y-%m-%d %H:%M:%S" for one in found)


def _attempt_by_values(
    sample: pl.DataFrame, where: str, history: bool, constants: Mapping[str, str]
) -> Recognised | None:
    """As `_by_values`, for headings that are only in part those of a kind of file."""
    try:
        return _by_values(sample, where, history, constants)
    except DataError:
        return None


def _by_values(sample: pl.DataFrame, where: str, history: bool, constants: Mapping[str, str]) -> Recognised:
    draft = Draft(where, tuple(draft_lines(sample.drop(ROW, strict=False), constants)))
    content = draft.mapping
    own = content.get("columns", {})
    if not own:
        raise DataError(where, f"the columns are {_shown(sample)}", wanted=_wanted(where))
    if draft.doubts and ("scheduled_departure" not in own or not {"actual_departure", "delay"} & set(own)):
        raise DataError(where, draft.doubts[0], wanted=_wanted(where))
    _check_there(own, constants, where, "by its headings", history)
    content["constants"] = content.get("constants", {}) | dict(constants)
    add_unseen_statuses(content)
    mapping = check_mapping(content, where)
    check_columns(mapping, sample.columns, place="by its headings", where=where, history=history)
    guesses = (
        f"{where}: {line.describe()}" for line in draft.lines if line.table == "formats" and line.comment
    )
    return Recognised(
        mapped_source(mapping), (_sentence(where, "its headings and values", mapping), *guesses)
    )


def _wanted(where: str) -> str:
    drafts = "puntual.draft_mapping" if where == WHERE else "puntual check --write-mapping"
    return f"a source that is known ({', '.join(NAMES)}), or a mapping, which {drafts} drafts"


def _shown(sample: pl.DataFrame) -> str:
    names = [name for name in sample.columns if name != ROW]
    return ", ".join(map(repr, names[:_SHOWN_COLUMNS])) + (", …" if len(names) > _SHOWN_COLUMNS else "")


def _sentence(where: str, read_as: str, mapping: ColumnMapping) -> str:
    """Which column gave what."""
    given = ", ".join(
        f"{name} from {' and '.join(map(repr, own))}"
        for name in Columns.__struct_fields__
        if (own := mapping.own_columns(name))
    )
    zone = f"; times of {mapping.time_zone}" if mapping.time_zone else ""
    airline = "" if mapping.label("airline") else "; no airlines"
    return f"{where}: read by {read_as}: {given}{zone}{airline}{_bare_clock(mapping)}"


def _bare_clock(mapping: ColumnMapping) -> str:
    """What is assumed of an actual time of day whose date the file does not hold."""
    formats = mapping.formats.actual_departure
    several = formats if isinstance(formats, tuple) else (formats,)
    if formats is None or date_parts(*several) or mapping.label("delay"):
        return ""
    own = mapping.label("actual_departure")
    return f"; a time in {own!r} has no date, so the nearest to the schedule counts"
