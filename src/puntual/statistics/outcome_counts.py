"""Departed flights counted by group, day and delay: counts of parts of a history add up to those of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from puntual.metrics.bootstrap import Blocks, DayCounts, draw_blocks, spread_by_day

Key = tuple[str, ...]
"""Dimensions whose groups are told apart together."""

SEPARATOR = "\0"
"""Between the values of a group of several dimensions."""

_FLIGHTS = pl.len().cast(pl.Int64).alias("flights")
_DAY = pl.col("scheduled_departure").dt.date().alias("day")


class OutcomeCounts(NamedTuple):
    """What is counted of flights that departed; rows in the order of their first columns.

    Attributes
    ----------
    delays : ``day``, ``delay`` in minutes, ``flights``, ``delayed``
    by_day : for each key, ``value``, ``day``, ``flights``, ``delayed``; flights without a value are left out
    by_delay : for each key, ``value``, ``delay``, ``flights``
    """

    delays: pl.DataFrame
    by_day: dict[Key, pl.DataFrame]
    by_delay: dict[Key, pl.DataFrame]

    @property
    def flights(self) -> int:
        """How many departed."""
        return int(self.delays["flights"].sum())

    @property
    def delayed(self) -> int:
        """How many of them were delayed."""
        return int(self.delays["delayed"].sum())

    def days(self) -> pl.DataFrame:
        """``day``, ``flights``, ``delayed`` of all days."""
        return self.delays.group_by("day").agg(pl.col("flights", "delayed").sum()).sort("day")

    def blocks(self) -> Blocks:
        """The blocks of the days, as `puntual.metrics.bootstrap.blocks_of` gives them."""
        days = self.days()
        flights, delayed = (days[name].cast(pl.Float64).to_numpy() for name in ("flights", "delayed"))
        return draw_blocks(days["day"].to_numpy(), flights, delayed)

    def count_by_day(self, key: Key) -> DayCounts:
        """As `puntual.metrics.bootstrap.count_by_day`."""
        return spread_by_day(self.by_day[key], self.delays["day"].unique().sort())


def count_outcomes(
    grouped: pl.DataFrame, dimensions: Iterable[str], pairs: Sequence[Key] = ()
) -> OutcomeCounts:
    """Count flights that departed.

    Parameters
    ----------
    grouped : from `puntual.statistics.rates.add_groups`, with `delay` and `delayed`
    dimensions : whose groups are counted by day and by delay
    pairs : of dimensions, whose groups are counted by day

    Examples
    --------
    >>> import datetime as dt
    >>> noon = dt.datetime(2017, 1, 1, 12)
    >>> flights = pl.DataFrame({"scheduled_departure": [noon] * 3, "delay": [20.0, -1.0, 20.0]})
    >>> flights = flights.with_columns(delayed=pl.col("delay") > 15, airline=pl.Series(["A", "A", "B"]))
    >>> count_outcomes(flights, ["airline"]).by_delay["airline",].rows()
    [('A', -1.0, 1), ('A', 20.0, 1), ('B', 20.0, 1)]
    """
    rows, singles = grouped.lazy().with_columns(_DAY), [(name,) for name in dimensions]
    delayed = pl.col("delayed").sum().cast(pl.Int64)

    def groups(key: Key) -> pl.LazyFrame:
        named = rows.select("day", "delay", "delayed", value=pl.concat_str(key, separator=SEPARATOR))
        return named.drop_nulls("value")

    counted = [
        rows.group_by("day", "delay").agg(_FLIGHTS, delayed).sort("day", "delay"),
        *(
            groups(key).group_by("value", "day").agg(_FLIGHTS, delayed).sort("value", "day")
            for key in (*singles, *pairs)
        ),
        *(groups(key).group_by("value", "delay").agg(_FLIGHTS).sort("value", "delay") for key in singles),
    ]
    delays, *others = pl.collect_all(counted)
    by_day = dict(zip((*singles, *pairs), others, strict=False))
    return OutcomeCounts(delays, by_day, dict(zip(singles, others[len(by_day) :], strict=True)))


def add_outcome_counts(counted: Sequence[OutcomeCounts]) -> OutcomeCounts:
    """The counts of all flights of some, of the same keys; at least one."""

    def added(frames: Iterable[pl.DataFrame], *by: str) -> pl.DataFrame:
        return pl.concat(frames).group_by(by).sum().sort(by)

    first = counted[0]
    return OutcomeCounts(
        added((one.delays for one in counted), "day", "delay"),
        {key: added((one.by_day[key] for one in counted), "value", "day") for key in first.by_day},
        {key: added((one.by_delay[key] for one in counted), "value", "delay") for key in first.by_delay},
    )


def mean_of(delays: str = "delay") -> pl.Expr:
    """The mean of a column of which each value stands for `flights`."""
    return (pl.col(delays) * pl.col("flights")).sum() / pl.col("flights").sum()


def quantile_of(share: float) -> pl.Expr:
    """A quantile of `delay`, in ascending order, of which each value stands for `flights`.

    As polars' own with linear interpolation gives it of the flights themselves.

    Examples
    --------
    >>> delays = pl.DataFrame({"delay": [0.0, 10.0], "flights": [3, 1]})
    >>> delays.select(quantile_of(0.5), quantile_of(0.75).alias("p75")).row(0)
    (0.0, 2.5)
    """
    reached, at = pl.col("flights").cum_sum(), (pl.col("flights").sum() - 1) * share
    low, high = (pl.col("delay").filter(reached > place).first() for place in (at.floor(), at.ceil()))
    return low + (high - low) * (at - at.floor())
