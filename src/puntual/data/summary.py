"""What a file of flights holds, and what of it is not used and why."""

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
    history : the flights have actual times; otherwise it is a schedule only
    rows : of the file, blank ones aside; each is a usable flight, rejected or a duplicate
    flights : usable ones; what follows is told of them
    first, last : local scheduled dates
    reasons : how often a row was rejected, by reason without the value, most frequent first
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
    """Tell what a file holds."""
    day = pl.col("scheduled_departure").dt.date()
    codes = pl.col("airline", "origin", "destination").n_unique()
    told = flights.frame.select(codes, pl.col("cancelled").sum(), first=day.min(), last=day.max()).row(
        0, named=True
    )
    return Summary(
        data=flights.where,
        source=flights.source,
        history=flights.complete,
        rows=flights.rows,
        flights=flights.frame.height,
        first=told["first"],
        last=told["last"],
        airlines=told["airline"],
        origins=told["origin"],
        destinations=told["destination"],
        cancelled=told["cancelled"],
        rejected=tuple(Rejected(*row) for row in flights.rejected.iter_rows()),
        reasons=dict(Counter(map(_without_value, flights.rejected["reason"])).most_common()),
        duplicates=tuple(Duplicate(*row) for row in flights.duplicates.iter_rows()),
    )


def _without_value(reason: str) -> str:
    return re.sub(r" '.*' is not ", " is not ", reason, flags=re.DOTALL)
