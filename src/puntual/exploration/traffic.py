"""The flights themselves: how many, when, where, by whom, and what looks wrong in the file."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import polars as pl

from puntual.data import Flights
from puntual.exploration.finding import Finding

FEW_FLIGHTS = 10
"""Airlines and destinations with fewer flights are named, since they may be mistakes of the file."""

_EDGE_MINUTES = 5
_MIN_CUT_FLIGHTS = 10
_MIN_CUT_RATIO = 0.25
_THIN_DAY_RATIO = 0.5
_LONG_HOURS = 12
_WHEN = pl.col("scheduled_departure")
_DAY = _WHEN.dt.date()


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


def describe_traffic(flights: Flights, grouped: pl.DataFrame) -> Traffic:
    """Count the flights of a file.

    Parameters
    ----------
    grouped : from `puntual.statistics.rates.add_groups`, all of the file's flights, with their `delay`
    """
    first, last = grouped.select(first=_DAY.min(), last=_DAY.max()).row(0)
    every_day = pl.DataFrame({"day": pl.date_range(first, last, "1d", eager=True)})
    daily = every_day.join(grouped.group_by(day=_DAY).agg(flights=pl.len()), on="day", how="left")
    daily = daily.with_columns(pl.col("flights").fill_null(0)).sort("day")
    weekly = grouped.group_by(weekday=_WHEN.dt.weekday(), hour=_WHEN.dt.hour()).agg(
        flights=pl.len() / max(1.0, len(every_day) / 7)
    )
    counted = [
        grouped.group_by(value=name)
        .agg(flights=pl.len())
        .select(pl.lit(name).alias("dimension"), "value", "flights")
        .sort("flights", "value", descending=[True, False])
        for name in ("airline", "origin", "destination", "flight_type")
    ]
    shares = pl.concat(counted).drop_nulls()
    return Traffic(
        flights=grouped.height,
        first=first,
        last=last,
        cancelled=int(grouped["cancelled"].sum()),
        rejected=flights.rejected.height,
        duplicates=flights.duplicates.height,
        weekly=weekly.sort("weekday", "hour"),
        daily=daily,
        shares=shares,
        columns=_describe_columns(flights),
        oddities=[
            *_odd_days(daily),
            *_odd_groups(shares),
            *_odd_rows(flights),
            *_odd_delays(grouped["delay"]),
        ],
    )


def _describe_columns(flights: Flights) -> pl.DataFrame:
    raw = flights.raw.drop("row")
    blank = [
        (pl.col(name).is_null() | (pl.col(name).cast(pl.String).is_in(["", "NA"]))).sum()
        for name in raw.columns
    ]
    return pl.DataFrame(
        {
            "column": raw.columns,
            "missing": raw.select(blank).row(0),
            "distinct": raw.select(pl.all().n_unique()).row(0),
            "afterwards": [name in flights.known_afterwards for name in raw.columns],
        }
    )


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


def _odd_rows(flights: Flights) -> list[Finding]:
    oddities = []
    for kind, rows in (("rejected", flights.rejected), ("duplicates", flights.duplicates)):
        if rows.height:
            values = {"count": rows.height, **rows.row(0, named=True)}
            oddities.append(Finding(f"odd_{kind}", "flights", rows.height, (), values))
    same = ["airline", "origin", "destination", "scheduled_departure", "flight_number"]
    repeated = flights.frame.filter(pl.struct(same).is_duplicated()).height
    if repeated:
        oddities.append(Finding("odd_same_flight", "flights", repeated, (), {"count": repeated}))
    return oddities


def _odd_delays(delays: pl.Series) -> list[Finding]:
    known = delays.drop_nulls()
    if known.is_empty():
        return []
    oddities = []
    for kind, bound, inwards in (("cut_low", known.min(), 1), ("cut_high", known.max(), -1)):
        at_edge, next_to_it = (
            int(((known - bound) * inwards).is_between(start, start + _EDGE_MINUTES, closed="left").sum())
            for start in (0, _EDGE_MINUTES)
        )
        # Unless the delays were cut off, the longest one stands alone, far from the next.
        if at_edge >= _MIN_CUT_FLIGHTS and at_edge >= _MIN_CUT_RATIO * next_to_it:
            values = {"bound": bound, "count": at_edge, "minutes": _EDGE_MINUTES}
            oddities.append(Finding(f"odd_{kind}", "histogram", at_edge, (), values))
    long = int((known.abs() > _LONG_HOURS * 60).sum())
    if long:
        values = {"count": long, "hours": _LONG_HOURS, "largest": known.max()}
        oddities.append(Finding("odd_long_delays", "histogram", long, (), values))
    return oddities
