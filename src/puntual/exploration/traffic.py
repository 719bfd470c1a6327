"""The flights themselves: how many, when, where, by whom, and what looks wrong in the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

import polars as pl

from puntual.data import Flights
from puntual.exploration.finding import Finding
from puntual.exploration.history_counts import SHARES, HistoryCounts

FEW_FLIGHTS = 10
"""Airlines and destinations with fewer flights are named, since they may be mistakes of the file."""

_EDGE_MINUTES = 5
_MIN_CUT_FLIGHTS = 10
_MIN_CUT_RATIO = 0.25
_THIN_DAY_RATIO = 0.5
_LONG_HOURS = 12


class Traffic(NamedTuple):
    """What is known of the flights without their delays.

    Attributes
    ----------
    flights : usable ones, cancelled ones too
    first, last : local scheduled dates
    weekly : `weekday` (1 is Monday), `hour`, `flights` a week
    daily : `day`, `flights`; every day from the first to the last
    shares : `dimension` (airline, origin, destination, flight_type), `value`, `flights`; most flights first
    oddities : what looks wrong in the file
    columns : of the file: `column`, `missing`, `distinct`, `afterwards` (known only after departure)
    """

    flights: int
    first: dt.date
    last: dt.date
    cancelled: int
    rejected: int
    duplicates: int
    weekly: pl.DataFrame
    daily: pl.DataFrame
    shares: pl.DataFrame
    columns: pl.DataFrame
    oddities: list[Finding]


def describe_traffic(flights: Flights, counts: HistoryCounts, columns: pl.DataFrame) -> Traffic:
    """Describe the flights of a file.

    Parameters
    ----------
    flights : what is said of the file's other rows
    counts : of its flights
    columns : of the file, from `describe_columns`
    """
    by_day = counts.hours.group_by("day").agg(pl.col("flights").sum())
    first, last = by_day.select(first=pl.col("day").min(), last=pl.col("day").max()).row(0)
    every_day = pl.DataFrame({"day": pl.date_range(first, last, "1d", eager=True)})
    daily = every_day.join(by_day, on="day", how="left").with_columns(pl.col("flights").fill_null(0))
    daily = daily.sort("day")
    weekly = counts.hours.group_by(pl.col("day").dt.weekday().alias("weekday"), "hour").agg(
        flights=pl.col("flights").sum() / max(1.0, len(every_day) / 7)
    )
    shares = [
        counts.shares.filter(pl.col("dimension") == name).sort("flights", "value", descending=[True, False])
        for name in SHARES
    ]
    listed = pl.concat(shares)
    return Traffic(
        flights=counts.flights,
        first=first,
        last=last,
        cancelled=counts.cancelled,
        rejected=flights.rejected.height,
        duplicates=flights.duplicates.height,
        weekly=weekly.sort("weekday", "hour"),
        daily=daily,
        shares=listed,
        columns=columns,
        oddities=[
            *_odd_days(daily),
            *_odd_groups(listed),
            *_odd_rows(flights, counts.repeated),
            *_odd_delays(counts.departed.delays),
        ],
    )


def describe_columns(flights: Flights) -> pl.DataFrame:
    """The columns of a file, as in `Traffic`."""
    raw = flights.raw.drop("row")
    return columns_table(
        raw.columns,
        raw.select(missing(raw.columns)).row(0),
        raw.select(pl.all().n_unique()).row(0),
        flights.known_afterwards,
    )


def columns_table(
    names: Sequence[str], missing: Sequence[int], distinct: Sequence[int], afterwards: Collection[str]
) -> pl.DataFrame:
    """The columns of a file, as in `Traffic`, of what is counted of each."""
    known = [name in afterwards for name in names]
    return pl.DataFrame({"column": names, "missing": missing, "distinct": distinct, "afterwards": known})


def missing(names: Sequence[str]) -> list[pl.Expr]:
    """How many values of each column are none."""
    return [(pl.col(name).is_null() | pl.col(name).cast(pl.String).is_in(["", "NA"])).sum() for name in names]


def _odd_days(daily: pl.DataFrame) -> list[Finding]:
    oddities = []
    empty = daily.filter(pl.col("flights") == 0)["day"].to_list()
    if empty:
        values = {"count": len(empty), "days": empty[:3], "of": daily.height}
        oddities.append(Finding("odd_days_without", "calendar", 0, (), values))
    usual = pl.col("flights").median().over(pl.col("day").dt.weekday())
    thin = daily.filter((pl.col("flights") > 0) & (pl.col("flights") < _THIN_DAY_RATIO * usual))
    if thin.height:
        values = {"count": thin.height, "days": thin["day"].to_list()[:3]}
        oddities.append(Finding("odd_thin_days", "calendar", int(thin["flights"].sum()), (), values))
    return oddities


def _odd_groups(shares: pl.DataFrame) -> list[Finding]:
    oddities = []
    for name in ("airline", "destination"):
        few = shares.filter(pl.col("dimension") == name, pl.col("flights") < FEW_FLIGHTS)
        if few.height:
            values = {"count": few.height, "values": few["value"].to_list()[:5], "limit": FEW_FLIGHTS}
            oddities.append(
                Finding(f"odd_few_{name}", f"rates_{name}", int(few["flights"].sum()), (), values)
            )
    return oddities


def _odd_rows(flights: Flights, repeated: int) -> list[Finding]:
    oddities = []
    for kind, rows in (("rejected", flights.rejected), ("duplicates", flights.duplicates)):
        if rows.height:
            values = {"count": rows.height, **rows.row(0, named=True)}
            oddities.append(Finding(f"odd_{kind}", "flights", rows.height, (), values))
    if repeated:
        oddities.append(Finding("odd_same_flight", "flights", repeated, (), {"count": repeated}))
    return oddities


def _odd_delays(delays: pl.DataFrame) -> list[Finding]:
    if delays.is_empty():
        return []
    delay = pl.col("delay")

    def count(wanted: pl.Expr) -> int:
        return int(delays.filter(wanted)["flights"].sum())

    oddities = []
    least, most = delays.select(least=delay.min(), most=delay.max()).row(0)
    for kind, bound, inwards in (("cut_low", least, 1), ("cut_high", most, -1)):
        at_edge, next_to_it = (
            count(((delay - bound) * inwards).is_between(start, start + _EDGE_MINUTES, closed="left"))
            for start in (0, _EDGE_MINUTES)
        )
        # Unless the delays were cut off, the longest one stands alone, far from the next.
        if at_edge >= _MIN_CUT_FLIGHTS and at_edge >= _MIN_CUT_RATIO * next_to_it:
            values = {"bound": bound, "count": at_edge, "minutes": _EDGE_MINUTES}
            oddities.append(Finding(f"odd_{kind}", "histogram", at_edge, (), values))
    long = count(delay.abs() > _LONG_HOURS * 60)
    if long:
        values = {"count": long, "hours": _LONG_HOURS, "largest": most}
        oddities.append(Finding("odd_long_delays", "histogram", long, (), values))
    return oddities
