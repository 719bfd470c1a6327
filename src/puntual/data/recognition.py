"""Which source a file is of, told from its header."""

from __future__ import annotations

from collections.abc import Collection

from puntual.data.declaration import Source
from puntual.data.mapped import MAPPED
from puntual.data.nyc import NYC
from puntual.data.scl import SCL
from puntual.errors import DataError

SOURCES: dict[str, Source] = {"scl": SCL, "nyc": NYC, "mapped": MAPPED}


def known_source(columns: Collection[str]) -> Source | None:
    """The source all of whose schedule columns are there; None: there is none."""
    return next((one for one in SOURCES.values() if set(one.schedule_columns) <= set(columns)), None)


def recognise(columns: Collection[str], where: str, *, source: str | None, history: bool) -> Source:
    """Tell a file's source, and that the file has every column that is needed.

    Parameters
    ----------
    columns : names in the file's header
    where : the file's path, for messages
    source : a name of `SOURCES` that the user gave; None: the one whose columns are all there
    history : the columns of actual times are needed besides

    Raises
    ------
    DataError : an unknown name of a source, or a missing column

    Examples
    --------
    >>> recognise(["Fecha-I", "Ori-I", "Des-I", "Emp-I", "DIA"], "SCL.csv", source=None, history=False).name
    'scl'
    >>> recognise(["Fecha-I", "Ori-I", "Emp-I"], "SCL.csv", source=None, history=False)
    Traceback (most recent call last):
        ...
    puntual.errors.DataError: SCL.csv: no column 'Des-I'; wanted: Fecha-I, Ori-I, Des-I, Emp-I (source scl)
    """
    if source is not None and source not in SOURCES:
        raise DataError(
            where, f"no source {source!r}", wanted=f"one of {', '.join(SOURCES)}, or a .toml file"
        )
    candidates = [SOURCES[source]] if source else list(SOURCES.values())
    nearest = min(candidates, key=lambda candidate: _share_missing(candidate, columns))
    needed = _needed(nearest, history)
    missing = [repr(name) for name in needed if name not in columns]
    if not missing:
        return nearest
    if len(missing) == len(needed):
        shown = ", ".join(map(repr, list(columns)[:5])) + (", …" if len(columns) > 5 else "")
        headers = [f"{', '.join(_needed(one, history))} (source {one.name})" for one in candidates]
        if source is None:
            headers.append("a mapping, which puntual check --write-mapping drafts")
        raise DataError(where, f"the columns are {shown}", wanted=" or ".join(headers))
    found = f"no column {', '.join(missing)}" if len(missing) == 1 else f"no columns {', '.join(missing)}"
    raise DataError(where, found, wanted=f"{', '.join(needed)} (source {nearest.name})")


def _needed(source: Source, history: bool) -> tuple[str, ...]:
    return source.schedule_columns + (source.outcome_columns if history else ())


def _share_missing(source: Source, columns: Collection[str]) -> float:
    wanted = source.schedule_columns
    return sum(name not in columns for name in wanted) / len(wanted)
