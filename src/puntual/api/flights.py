"""Flights in the hand: read from files and data frames, and what is odd about them said as warnings."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from puntual.data.dates import DateLike
from puntual.data.draft_file import draft_mapping as draft_or_source
from puntual.data.drafting import Draft
from puntual.data.facts import PrintedSummary, print_summary
from puntual.data.flights import Flights
from puntual.data.frames import WHERE, is_frame
from puntual.data.notes import rows_left_out
from puntual.data.notes import warnings as oddities
from puntual.data.reading import Data, SourceLike, read_flights
from puntual.errors import DataError, PuntualWarning, SettingError
from puntual.features.challenge import join_challenge_columns


class Reading(NamedTuple):
    """How data is read, as `read` takes it."""

    source: SourceLike = None
    since: DateLike = None
    until: DateLike = None
    constants: Mapping[str, str] | None = None
    sheet: str | None = None


def read(
    data: Data,
    *,
    source: SourceLike = None,
    history: bool = True,
    since: DateLike = None,
    until: DateLike = None,
    constants: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Flights:
    """Read flights from files or a data frame; warn of rows that are left out, and of what looks wrong.

    Parameters
    ----------
    data : a file, several, a folder, a pattern as ``2023/*.csv``, ``"nyc"``, or a data frame of pandas,
        polars, pyarrow or another library that narwhals knows
    source : a source's name, or a mapping: the path of a TOML file, or a dictionary of the same content;
        None: recognised by the columns and their values
    history : require actual times; False: a schedule is enough
    since, until : first local scheduled date, and the first one after the last; a date, or text as
        ``2017-09-01``
    constants : what the data do not hold, such as ``{"origin": "JFK"}``
    sheet : of a workbook; None: the first with a table

    Returns
    -------
    the usable flights (`.frame`), and the rows left out and why (`.rejected`)

    Raises
    ------
    DataError : no flights, a mapping that does not fit them, more than half of the rows bad, or none left
    SettingError : a date that is none, or a constant that no flight has

    Examples
    --------
    >>> read("nyc", until="2013-02-01")
    <Flights of nyc: 27,004 flights from 2013-01-01 to 2013-01-31, 521 of them cancelled>
    """
    how = Reading(source, since, until, constants, sheet)
    flights = read_flights(data, history=history, **how._asdict())
    warn([*rows_left_out(flights), *oddities(flights)])
    return flights


def check(
    data: Data | Flights,
    *,
    source: SourceLike = None,
    since: DateLike = None,
    until: DateLike = None,
    constants: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> PrintedSummary:
    """All that `puntual check` shows: what flights hold, which rows are not used, and what looks wrong.

    Parameters
    ----------
    data : what `read` takes, or has given; a schedule is enough
    source, since, until, constants, sheet : as in `read`

    Returns
    -------
    a summary that prints as text, and has every number as an attribute

    Raises
    ------
    DataError, SettingError : as in `read`

    Examples
    --------
    >>> check("nyc").flights_by_origin
    {'EWR': 120835, 'JFK': 111279, 'LGA': 104662}
    """
    how = Reading(source, since, until, constants, sheet)
    if isinstance(data, Flights):
        return print_summary(flights_of(data, how, history=False))
    return print_summary(read_flights(data, history=False, keep_rows=False, **how._asdict()))


def draft_mapping(data: Data) -> Draft:
    """Draft a mapping for a file or a data frame of unknown columns, by their names and values.

    What is unsure is left open, and warned of: fill it in before the mapping is used.

    Parameters
    ----------
    data : a path, or a data frame

    Returns
    -------
    the draft, which prints as the TOML of a file; `.mapping` is the dictionary that ``source=`` takes,
    `.todos` what is left to fill in, `.doubts` why, and `.guesses` what was found

    Raises
    ------
    DataError : no table, or one that is read without a mapping

    Examples
    --------
    >>> flight = {"Origen": "SCEL", "Fecha": "31/01/2017 18:05", "Cia": "IBE", "Destino": "LFPG"}
    >>> frame = pl.DataFrame([{**flight, "Retraso": "5"}])
    >>> draft_mapping(frame).mapping["columns"]["airline"]
    'Cia'
    """
    draft = draft_or_source(data)
    if isinstance(draft, str):
        where = WHERE if is_frame(data) else str(data)
        raise DataError(where, f"source {draft} reads it", wanted="no mapping")
    warn(f"{draft.data}: to fill in: {todo}" for todo in draft.todos)
    return draft


def flights_of(data: Data | Flights, how: Reading, *, history: bool) -> Flights:
    """Flights that were read, as they are; whatever else, read.

    Raises
    ------
    SettingError : flights that were read with what only reading can take
    """
    if not isinstance(data, Flights):
        return read(data, history=history, **how._asdict())
    for name, given in how._asdict().items():
        if given is not None:
            raise SettingError(f"{name}: the flights are read already; wanted: puntual.read(…, {name}=…)")
    return data


def challenge_columns(
    flights: Data | Flights,
    *,
    source: SourceLike = None,
    since: DateLike = None,
    until: DateLike = None,
    constants: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> pl.DataFrame:
    """The flights' own columns, then ``temporada_alta``, ``dif_min``, ``atraso_15`` and ``periodo_dia``.

    Parameters
    ----------
    flights : a history: a data frame, a path, or what `puntual.read` gave
    source, since, until, constants, sheet : how it is read, as in `puntual.read`

    Returns
    -------
    one row a flight; what the columns are: `puntual.features.challenge`

    Raises
    ------
    DataError : no history, or a source that does not fit it

    Examples
    --------
    >>> challenge_columns("nyc").select("time_hour", "dif_min", "atraso_15", "periodo_dia").row(0)
    ('2013-01-01T10:00:00Z', 2.0, 0, 'mañana')
    """
    how = Reading(source, since, until, constants, sheet)
    return join_challenge_columns(flights_of(flights, how, history=True))


def warn(notes: Iterable[str]) -> None:
    """Warn of each note, at the line outside of Puntual that called it."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and frame.f_globals["__name__"].startswith("puntual."):
        level, frame = level + 1, frame.f_back
    for note in notes:
        warnings.warn(note, PuntualWarning, stacklevel=level)
