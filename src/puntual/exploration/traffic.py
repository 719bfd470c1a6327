"""The flights themselves: how many, when, where, by whom, and what of them looks wrong."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import polars as pl

from puntual.data import Flights

FEW_FLIGHTS = 10
"""An airline or a destination with fewer is named: it may be a mistake of the file."""

_EDGE_MINUTES = 5
_CUT_FLIGHTS = 10
_CUT_SHARE = 0.25
_THIN_SHARE = 0.5
_LONG_HOURS = 12
_DAY = pl.col("scheduled_departure").dt.date()


class Oddity(NamedTuple):
    """Something about the file that looks wrong.

    Attributes
    ----------
    kind : key of its sentence among the messages
    flights : how many are touched
    values : what the sentence names, by its placeholders
    """

    kind: str
    flights: int
    values: dict[str, object]


class Traffic(NamedTuple):
    """What is known without a delay.

    Attributes
    ----------
    flights : usable ones, cancelled ones too
    first, last : local scheduled dates
    weekly : `weekday` (1 is Monday), `hour`, `flights` a week
    daily : `day`, `flights`; every day from the first to the last
    shares : `dimension` (airline, origin, destination, flight_type), `value`, `flights`; most flights first
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
    oddities: list[Oddity]


def describe_traffic(flights: Flights, told: pl.DataFrame) -> Traffic:
    """Count the flights of a file.

    Parameters
    ----------
    told : `puntual.statistics.rates.group` of the file's flights, with their `delay`
    """
    first, last = told.select(first=_DAY.min(), last=_DAY.max()).row(0)
    every_day = pl.DataFrame({"day": pl.date_range(first, last, "1d", eager=True)})
    daily = every_day.join(told.group_by(day=_DAY).agg(flights=pl.len()), on="day", how="left")
    daily = daily.with_columns(pl.col("flights").fill_null(0)).sort("day")
    when = pl.col("scheduled_departure")
    weekly = told.group_by(weekday=when.dt.weekday(), hour=when.dt.hour()).agg(
        flights=pl.len() / max(1.0, len(every_day) / 7)
    )
    counted = [
        told.group_by(value=name)
        .agg(flights=pl.len())
        .select(pl.lit(name).alias("dimension"), "value", "flights")
        .sort("flights", "value", descending=[True, False])
        for name in ("airline", "origin", "destination", "flight_type")
    ]
    shares = pl.concat(counted).drop_nulls()
    return Traffic(
        flights=told.height,
        first=first,
        last=last,
        cancelled=int(told["cancelled"].sum()),
        rejected=flights.rejected.height,
        duplicates=flights.duplicates.height,
        weekly=weekly.sort("weekday", "hour"),
        daily=daily,
        shares=shares,
        columns=_columns(flights),
        oddities=[*_odd_days(daily), *_odd_groups(shares), *_odd_rows(flights), *_odd_delays(told)],
    )


def _columns(flights: Flights) -> pl.DataFrame:
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


def _odd_days(daily: pl.DataFrame) -> list[Oddity]:
    empty = daily.filter(pl.col("flights") == 0)["day"].to_list()
    oddities = []
    if empty:
        oddities.append(
            Oddity("days_without", 0, {"count": len(empty), "days": empty[:3], "of": daily.height})
        )
    usual = pl.col("flights").median().over(pl.col("day").dt.weekday())
    thin = daily.filter((pl.col("flights") > 0) & (pl.col("flights") < _THIN_SHARE * usual))
    if thin.height:
        touched = int(thin["flights"].sum())
        oddities.append(
            Oddity("thin_days", touched, {"count": thin.height, "days": thin["day"].to_list()[:3]})
        )
    return oddities


def _odd_groups(shares: pl.DataFrame) -> list[Oddity]:
    oddities = []
    for name in ("airline", "destination"):
        few = shares.filter(pl.col("dimension") == name, pl.col("flights") < FEW_FLIGHTS)
        if few.height:
            values = {"count": few.height, "values": few["value"].to_list()[:5], "limit": FEW_FLIGHTS}
            oddities.append(Oddity(f"few_{name}", int(few["flights"].sum()), values))
    return oddities


def _odd_rows(flights: Flights) -> list[Oddity]:
    oddities = []
    if flights.rejected.height:
        row, reason = flights.rejected.row(0)
        values = {"count": flights.rejected.height, "row": row, "reason": reason}
        oddities.append(Oddity("rejected", flights.rejected.height, values))
    if flights.duplicates.height:
        row, first_row = flights.duplicates.select("row", "first_row").row(0)
        values = {"count": flights.duplicates.height, "row": row, "first_row": first_row}
        oddities.append(Oddity("duplicates", flights.duplicates.height, values))
    same = ["airline", "origin", "destination", "scheduled_departure", "flight_number"]
    twice = flights.frame.filter(pl.struct(same).is_duplicated())
    if twice.height:
        oddities.append(Oddity("same_flight", twice.height, {"count": twice.height}))
    return oddities


def _odd_delays(told: pl.DataFrame) -> list[Oddity]:
    delay = told["delay"].drop_nulls()
    if delay.is_empty():
        return []
    oddities = []
    for kind, bound, inwards in (("cut_low", delay.min(), 1), ("cut_high", delay.max(), -1)):
        at_edge, next_to_it = (
            int(((delay - bound) * inwards).is_between(start, start + _EDGE_MINUTES, closed="left").sum())
            for start in (0, _EDGE_MINUTES)
        )
        # The longest delay of a file that was not cut stands alone, far from the next.
        if at_edge >= _CUT_FLIGHTS and at_edge >= _CUT_SHARE * next_to_it:
            oddities.append(
                Oddity(kind, at_edge, {"bound": bound, "count": at_edge, "minutes": _EDGE_MINUTES})
            )
    long = int((delay.abs() > _LONG_HOURS * 60).sum())
    if long:
        oddities.append(
            Oddity("long_delays", long, {"count": long, "hours": _LONG_HOURS, "largest": delay.max()})
        )
    return oddities
