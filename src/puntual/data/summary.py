"""Summarise a file of flights: what it holds, which rows are not used, and why."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from typing import Any

import msgspec
import polars as pl

from puntual.data.flights import Flights
from puntual.data.oddities import find_oddities
from puntual.data.oddity import Oddity
from puntual.data.partitions import Manifest
from puntual.data.profile import Counts, Profile, clock_changes, days_between, profile_counts, profile_flights

LATE_MINUTES = 15
"""A flight is late if it leaves more than this many minutes after its time."""


class Rejected(msgspec.Struct, frozen=True):
    """A bad row.

    Attributes
    ----------
    place : the row as its file shows it, with the file's name if there are several
    """

    row: int
    reason: str
    place: str


class Duplicate(msgspec.Struct, frozen=True):
    """A row that equals an earlier one in every column."""

    row: int
    first_row: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds, and what looks wrong in it.

    Attributes
    ----------
    data : the path or embedded name
    history : the flights have actual times; otherwise the file is a schedule
    read_as : how the file was read, a sentence each
    rows : of the file, without blank ones; each is a usable flight, rejected, a duplicate, a codeshare of a
        flight, or filtered
    flights : usable ones, which the fields below describe
    first, last : local scheduled dates
    days_without_flights : between these
    clock_changes : days on which clocks changed, and at which origins
    hours : flights of each hour of the local day
    at_midnight : share that is scheduled at 00:00
    airlines, origins, destinations : how many there are
    flights_by_airline, flights_by_origin, flights_by_destination : of each code, most first
    with_aircraft : flights that have a tail number
    late : share of the departed flights that left more than 15 minutes late; None: none departed
    median_delay, delay_p1, delay_p99 : minutes, also of the 1st and 99th percentile
    not_reported : flights of a history with neither an actual time nor a cancellation
    codeshares : rows joined to the flight that they are
    filtered : rows that are no departures, as the source declares
    joined_codes : by code, the other codes of the same airline or airport
    reasons : number of rejected rows by reason without the value, most frequent first
    warnings : what flights of no airport have
    """

    data: str
    source: str
    history: bool
    read_as: tuple[str, ...]
    rows: int
    flights: int
    first: dt.date
    last: dt.date
    days_without_flights: tuple[dt.date, ...]
    clock_changes: dict[dt.date, tuple[str, ...]]
    hours: tuple[int, ...]
    at_midnight: float
    airlines: int
    origins: int
    destinations: int
    flights_by_airline: dict[str, int]
    flights_by_origin: dict[str, int]
    flights_by_destination: dict[str, int]
    with_aircraft: int
    late: float | None
    median_delay: float | None
    delay_p1: float | None
    delay_p99: float | None
    cancelled: int
    diverted: int
    not_reported: int
    codeshares: int
    filtered: int
    unknown_codes: tuple[str, ...]
    city_codes: tuple[str, ...]
    joined_codes: dict[str, tuple[str, ...]]
    rejected: tuple[Rejected, ...]
    reasons: dict[str, int]
    duplicates: tuple[Duplicate, ...]
    warnings: tuple[Oddity, ...]


def summarise(flights: Flights) -> Summary:
    """Summarise the flights of a file.

    Examples
    --------
    >>> from puntual.data import read_flights
    >>> summary = summarise(read_flights("nyc"))
    >>> summary.hours[5:8], summary.median_delay, summary.flights_by_airline["UA"], summary.warnings
    ((1953, 25951, 22821), -2.0, 58665, ())
    """
    profile = profile_flights(flights)
    return Summary(
        **_describe(profile),
        data=flights.where,
        source=flights.source,
        history=flights.complete,
        read_as=flights.read_as,
        rows=flights.rows,
        diverted=flights.diverted,
        codeshares=flights.codeshares,
        filtered=flights.filtered,
        unknown_codes=flights.unknown_codes,
        city_codes=flights.city_codes,
        joined_codes=flights.joined_codes,
        rejected=tuple(
            Rejected(row, reason, flights.name_row(row)) for row, reason in flights.rejected.iter_rows()
        ),
        reasons=dict(Counter(map(_without_value, flights.rejected["reason"])).most_common()),
        duplicates=tuple(Duplicate(*row) for row in flights.duplicates.iter_rows()),
        warnings=find_oddities(profile, flights),
    )


def summarise_counts(where: str, manifest: Manifest, counts: Counts, first_days: pl.DataFrame) -> Summary:
    """Summarise a folder of partitions whose flights are counted; what `summarise` gives of all of them.

    Parameters
    ----------
    where : the folder, or one in it, in messages
    counts : of all flights (`puntual.data.profile.merge_counts`)
    first_days : of all flights (`puntual.data.profile.select_first_days`)
    """
    profile = profile_counts(counts, first_days, history=manifest.complete)
    # Rows that were no flights are not in the folder.
    read = msgspec.structs.replace(manifest, rows=profile.flights, duplicates=0).rows_read
    return Summary(
        **_describe(profile),
        data=where,
        source=manifest.source,
        history=manifest.complete,
        read_as=(),
        rows=profile.flights,
        diverted=manifest.diverted,
        codeshares=0,
        filtered=0,
        unknown_codes=manifest.unknown_codes,
        city_codes=manifest.city_codes,
        joined_codes=manifest.joined_codes,
        rejected=(),
        reasons={},
        duplicates=(),
        warnings=find_oddities(profile, read),
    )


def _describe(profile: Profile) -> dict[str, Any]:
    """The fields of a summary that are counts of flights."""
    delays, days = profile.delays, profile.days["day"]
    at_midnight = int(profile.minutes.filter(pl.col("minute") == 0)["flights"].sum())
    by_airline, by_origin, by_destination = (
        dict(counts.drop_nulls().iter_rows())
        for counts in (profile.airlines, profile.origins, profile.destinations)
    )
    return {
        "flights": profile.flights,
        "first": days[0],
        "last": days[-1],
        "days_without_flights": tuple(days_between(profile)),
        "clock_changes": clock_changes(profile),
        "hours": tuple(profile.by_hour()),
        "at_midnight": at_midnight / profile.flights,
        "airlines": len(by_airline),
        "origins": len(by_origin),
        "destinations": len(by_destination),
        "flights_by_airline": by_airline,
        "flights_by_origin": by_origin,
        "flights_by_destination": by_destination,
        "with_aircraft": profile.with_aircraft,
        "late": delays.share(pl.col("delay") > LATE_MINUTES) if delays.flights else None,
        "median_delay": delays.quantile(0.5),
        "delay_p1": delays.quantile(0.01),
        "delay_p99": delays.quantile(0.99),
        "cancelled": profile.cancelled,
        "not_reported": profile.not_reported if profile.history else 0,
    }


def _without_value(reason: str) -> str:
    return re.sub(r" '.*' (is (?:not|no) )", r" \1", reason, flags=re.DOTALL)
