"""Flights of a folder of partitions, as they are read from the files that it was converted from."""

from __future__ import annotations

import datetime as dt
from os import PathLike, fspath
from typing import Any

import polars as pl

from puntual.data.dates import DateLike
from puntual.data.flights import Flights
from puntual.data.mapped import MAPPED
from puntual.data.parquet import NO_ROWS
from puntual.data.partitions import ASSUMED, Manifest, find_manifest, partitions, read_marked
from puntual.data.schema import COLUMNS
from puntual.errors import DataError, SettingError

_NO_ROWS = NO_ROWS.select("row")
_NO_PAIRS = _NO_ROWS.with_columns(first_row=pl.col("row"))


def find_folder(data: Any) -> Manifest | None:
    """What a folder of partitions holds; None if the data are no such folder.

    Raises
    ------
    DataError : such a folder beside other files, or its manifest is damaged
    """
    if isinstance(data, str | PathLike):
        return find_manifest(data) if fspath(data) not in ("-", "") else None
    if isinstance(data, list | tuple) and all(isinstance(one, str | PathLike) for one in data):
        if len(data) == 1:
            return find_folder(data[0])
        for one in data:
            if find_folder(one) is not None:
                found = "a folder of partitions beside other files"
                raise DataError(fspath(one), found, wanted="it alone")
    return None


def check_canonical(**given: object) -> None:
    """Refuse what says how files are read: partitions are canonical.

    Parameters
    ----------
    given : by the name of a setting; None or empty: not given

    Raises
    ------
    SettingError : something is given
    """
    for name, value in given.items():
        if value:
            raise SettingError(f"{name}: {value!r}; wanted: none, partitions are read as they are")


def read_folder(
    data: Any,
    manifest: Manifest,
    since: dt.date | None = None,
    until: dt.date | None = None,
    *,
    keep_rows: bool = True,
) -> Flights:
    """Read the flights of a folder of partitions, of which only those with the dates are opened.

    Parameters
    ----------
    data : its path or address, or that of a folder in it as ``flights/origin=JFK``
    since, until : first local scheduled date, and the first one after the last; None: all
    keep_rows : the flights' own columns are the canonical ones

    Raises
    ------
    DataError : no flight of these dates, or a damaged file
    """
    where = fspath(data if isinstance(data, str | PathLike) else data[0])
    frames = [read_marked(one) for one in partitions(where, since, until)]
    marked = pl.concat(frames).sort("row") if frames else pl.DataFrame()
    if marked.is_empty():
        raise no_flights(where, manifest, since, until)
    return flights_of_folder(where, manifest, marked, keep_rows=keep_rows)


def no_flights(where: str, manifest: Manifest, since: DateLike, until: DateLike) -> DataError:
    """The error that a folder has no flights of these dates."""
    found = f"no flight from {since or manifest.first} until {until or manifest.last}"
    wanted = f"dates between {manifest.first} and {manifest.last}, the days of the folder"
    return DataError(where, found, wanted=wanted)


def flights_of_folder(
    where: str, manifest: Manifest, marked: pl.DataFrame, *, keep_rows: bool = False
) -> Flights:
    """Flights of a folder of partitions.

    Parameters
    ----------
    marked : from `puntual.data.partitions.read_marked`; without rows, it is said only what the folder is
    keep_rows : as in `read_folder`
    """
    frame = marked.select(*COLUMNS)
    return Flights(
        source=manifest.source,
        where=where,
        frame=frame,
        rejected=NO_ROWS,
        duplicates=_NO_PAIRS,
        joined=_NO_PAIRS,
        outside=_NO_ROWS,
        rows=frame.height,
        raw=frame if keep_rows else frame.select("row"),
        blank=_NO_ROWS,
        airline_names=manifest.airline_names,
        city_names=manifest.city_names,
        complete=manifest.complete,
        known_afterwards=MAPPED.known_afterwards,
        diverted=manifest.diverted,
        not_reported=manifest.not_reported,
        unknown_codes=manifest.unknown_codes,
        joined_codes=manifest.joined_codes,
        city_codes=manifest.city_codes,
        unmatched_statuses=manifest.unmatched_statuses,
        assumed_cancelled=marked.filter(ASSUMED).select("row"),
    )
