"""Flights in the hand: read from files and data frames, and what is odd about them said as warnings."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable

import polars as pl

from puntual.data.notes import rows_left_out
from puntual.data.reading import Data, DateLike, Flights, SourceLike, read_flights
from puntual.errors import PuntualWarning, SettingError
from puntual.features.challenge import join_challenge_columns


def read(
    data: Data,
    *,
    source: SourceLike = None,
    history: bool = True,
    since: DateLike = None,
    until: DateLike = None,
) -> Flights:
    """Read flights from a file or a data frame, and warn of the rows that are left out.

    Parameters and errors as in `puntual.data.reading.read_flights`.

    Examples
    --------
    >>> read("nyc", until="2013-02-01")
    <Flights nyc: 27,004 flights from 2013-01-01 to 2013-01-31>
    """
    flights = read_flights(data, source=source, history=history, since=since, until=until)
    warn(rows_left_out(flights))
    return flights


def flights_of(
    data: Data | Flights,
    source: SourceLike,
    since: DateLike = None,
    until: DateLike = None,
    *,
    history: bool,
) -> Flights:
    """Flights that were read, as they are; whatever else, read.

    Raises
    ------
    SettingError : flights that were read with what only reading can take
    """
    if isinstance(data, Flights):
        for name, given in (("source", source), ("since", since), ("until", until)):
            if given is not None:
                raise SettingError(f"{name}: the flights are read already; wanted: puntual.read(…, {name}=…)")
        return data
    return read(data, source=source, history=history, since=since, until=until)


def challenge_columns(flights: Data | Flights, *, source: SourceLike = None) -> pl.DataFrame:
    """The flights' own columns, then ``temporada_alta``, ``dif_min``, ``atraso_15`` and ``periodo_dia``.

    Parameters and errors as in `read`; what the columns are: `puntual.features.challenge`.

    Examples
    --------
    >>> challenge_columns("nyc").select("time_hour", "dif_min", "atraso_15", "periodo_dia").row(0)
    ('2013-01-01T10:00:00Z', 2.0, 0, 'mañana')
    """
    return join_challenge_columns(flights_of(flights, source, history=True))


def warn(notes: Iterable[str]) -> None:
    """Warn of each note, at the line outside of Puntual that called it."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and frame.f_globals["__name__"].startswith("puntual."):
        level, frame = level + 1, frame.f_back
    for note in notes:
        warnings.warn(note, PuntualWarning, stacklevel=level)
