"""Summarise a file of flights: what it holds, which rows are not used, and why."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

import msgspec
import polars as pl

from puntual.data.reading import Flights


class Rejected(msgspec.Struct, frozen=True):
    """A bad row."""

    row: int
    reason: str


class Duplicate(msgspec.Struct, frozen=True):
    """A row that equals an earlier one in every column."""

    row: int
    first_row: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds.

    Attributes
    ----------
    data : the path or embedded name
    history : the flights have actual times; otherwise the file is a schedule
    rows : of the file, without blank ones; each is a usable flight, rejected or a duplicate
    flights : usable ones, which the next six fields describe
    first, last : local scheduled dates
    reasons : number of rejected rows by reason without the value, most frequent first
    """

    data: str
    source: str
    history: bool
    rows: int
    flights: int
    first: dt.date
    last: dt.date
    airlines: int
    origins: int
    destinations: int
    cancelled: int
    rejected: tuple[Rejected, ...]
    reasons: dict[str, int]
    duplicates: tuple[Duplicate, ...]


def summarise(flights: Flights) -> Summary:
    """Summarise the flights of a file."""
    day = pl.col("scheduled_departure").dt.date()
    counts = flights.frame.select(
        pl.len().alias("flights"),
        first=day.min(),
        last=day.max(),
        airlines=pl.col("airline").n_unique(),
        origins=pl.col("origin").n_unique(),
        destinations=pl.col("destination").n_unique(),
        cancelled=pl.col("cancelled").sum(),
    )
    return Summary(
        data=flights.where,
        source=flights.source,
        history=flights.complete,
        rows=flights.rows,
        rejected=tuple(Rejected(*row) for row in flights.rejected.iter_rows()),
        reasons=dict(Counter(map(_without_value, flights.rejected["reason"])).most_common()),
        duplicates=tuple(Duplicate(*row) for row in flights.duplicates.iter_rows()),
        **counts.row(0, named=True),
    )


def _without_value(reason: str) -> str:
    return re.sub(r" '.*' is not ", " is not ", reason, flags=re.DOTALL)
