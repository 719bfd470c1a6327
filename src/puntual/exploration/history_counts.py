"""What a quick study counts of flights: the counts of parts of a history add up to those of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from puntual.data.schema import DELAY
from puntual.inference.tables import Tables
from puntual.statistics.outcome_counts import OutcomeCounts, add_outcome_counts, count_outcomes
from puntual.statistics.rates import DIMENSIONS, add_groups

SHARES = ("airline", "origin", "destination", "flight_type")
"""Dimensions by which all flights are counted, cancelled ones too."""

COMBINED = (
    ("airline", "period"),
    ("airline", "destination"),
    ("destination", "period"),
    ("weekday", "period"),
)
"""Pairs of dimensions whose groups are compared with the average."""

_SAME = ("airline", "origin", "destination", "scheduled_departure", "flight_number")
_WHEN = pl.col("scheduled_departure")
_FLIGHTS = pl.len().cast(pl.Int64).alias("flights")


class HistoryCounts(NamedTuple):
    """What some flights are; rows in the order of their first columns.

    Attributes
    ----------
    cancelled : how many are
    repeated : how many have the airline, number, places and time of another
    hours : ``day``, ``hour``, ``flights``
    shares : ``dimension`` of `SHARES`, ``value``, ``flights``
    departed : of those that did
    """

    cancelled: int
    repeated: int
    hours: pl.DataFrame
    shares: pl.DataFrame
    departed: OutcomeCounts

    @property
    def flights(self) -> int:
        """How many there are."""
        return int(self.hours["flights"].sum())


def count_history(flights: pl.DataFrame, tables: Tables, threshold: int) -> HistoryCounts:
    """Count flights.

    Parameters
    ----------
    flights : canonical frame
    tables : with the countries of its airports
    threshold : minutes; a flight is delayed when it leaves more than this late
    """
    grouped = add_groups(flights.with_columns(delay=DELAY, delayed=DELAY > threshold), tables)
    shares = [
        grouped.drop_nulls(name)
        .group_by(value=name)
        .agg(_FLIGHTS)
        .select(pl.lit(name).alias("dimension"), "value", "flights")
        for name in SHARES
    ]
    return HistoryCounts(
        cancelled=int(flights["cancelled"].sum()),
        repeated=int(flights.select(pl.struct(_SAME).is_duplicated().sum()).item()),
        hours=grouped.group_by(day=_WHEN.dt.date(), hour=_WHEN.dt.hour()).agg(_FLIGHTS).sort("day", "hour"),
        shares=pl.concat(shares).sort("dimension", "value"),
        departed=count_outcomes(grouped.filter(pl.col("delay").is_not_null()), DIMENSIONS, COMBINED),
    )


def add_histories(counted: Sequence[HistoryCounts]) -> HistoryCounts:
    """The counts of all flights of some that no two of one departure are parted between; at least one."""

    def added(frames: list[pl.DataFrame], *by: str) -> pl.DataFrame:
        return pl.concat(frames).group_by(by).sum().sort(by)

    return HistoryCounts(
        cancelled=sum(one.cancelled for one in counted),
        repeated=sum(one.repeated for one in counted),
        hours=added([one.hours for one in counted], "day", "hour"),
        shares=added([one.shares for one in counted], "dimension", "value"),
        departed=add_outcome_counts([one.departed for one in counted]),
    )
