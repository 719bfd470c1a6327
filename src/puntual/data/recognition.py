"""The sources, and how a file's source is detected from its header."""

from __future__ import annotations

from collections.abc import Collection

from puntual.data.declaration import Source
from puntual.data.mapped import MAPPED
from puntual.data.nyc import NYC
from puntual.data.scl import SCL
from puntual.errors import DataError

SOURCES: dict[str, Source] = {"scl": SCL, "nyc": NYC, "mapped": MAPPED}


def find_source(columns: Collection[str]) -> Source | None:
    """The source whose schedule columns are all there; None if there is none."""
    return next((one for one in SOURCES.values() if set(one.schedule_columns) <= set(columns)), None)


def detect_source(columns: Collection[str], where: str, *, source: str | None, history: bool) -> Source:
    """Detect a file's source, and check that the file has every column that it needs.

    Parameters
    ----------
    columns : names in the file's header
    where : the file's path, for messages
    source : a name of `SOURCES`; None: detected from the columns
    history : require the columns of actual times, too

    Raises
    ------
    DataError : an unknown name, or a missing column

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
    if source is not None and source not in SOURCES:
        raise DataError(
            where, f"no source {source!r}", wanted=f"one of {', '.join(SOURCES)}, or a .toml file"
        )
    candidates = [SOURCES[source]] if source else list(SOURCES.values())
    closest = min(candidates, key=lambda candidate: _missing_share(candidate, columns))
    needed = _needed(closest, history)
    missing = [repr(name) for name in needed if name not in columns]
    if not missing:
        return closest
    if len(missing) == len(needed):
        shown = ", ".join(map(repr, list(columns)[:5])) + (", …" if len(columns) > 5 else "")
        headers = [f"{', '.join(_needed(one, history))} (source {one.name})" for one in candidates]
        if source is None:
            headers.append("a mapping, which puntual check --write-mapping drafts")
        raise DataError(where, f"the columns are {shown}", wanted=" or ".join(headers))
    found = f"no column {', '.join(missing)}" if len(missing) == 1 else f"no columns {', '.join(missing)}"
    raise DataError(where, found, wanted=f"{', '.join(needed)} (source {closest.name})")


def _needed(source: Source, history: bool) -> tuple[str, ...]:
    return source.schedule_columns + (source.outcome_columns if history else ())


def _missing_share(source: Source, columns: Collection[str]) -> float:
    wanted = source.schedule_columns
    return sum(name not in columns for name in wanted) / len(wanted)
