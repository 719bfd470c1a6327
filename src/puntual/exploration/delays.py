"""The distribution of the delay, and the days that hold most of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from puntual.inference.exceedance import EXCEEDANCE_MINUTES
from puntual.inference.tables import Tables
from puntual.metrics.arrays import FloatArray, IntArray
from puntual.metrics.bootstrap import SEED, Blocks, rate_interval, spread_by_day
from puntual.statistics.days import counted_days
from puntual.statistics.outcome_counts import OutcomeCounts, mean_of, quantile_of

QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
WORST_DAYS = 0.05
SHOWN_MINUTES = (-30, 180)
MAX_SHUFFLED = 1_000_000
"""With more flights, a day's sum by chance is drawn from a normal distribution."""
_SHUFFLES = 99
_DELAY = pl.col("delay")


class Delays(NamedTuple):
    """The distribution of the delay, and how few days hold most of it.

    Attributes
    ----------
    mean : minutes
    early, on_time : shares of the flights that left before their time, and 0 to `threshold` minutes after it
    histogram : `minutes`, `flights`; delays outside of `SHOWN_MINUTES` are counted at its ends
    cumulative : `minutes`, `share` of the flights that left no later than that
    quantiles : `share`, `minutes`
    exceedance : `minutes`, `flights` that left later than that, their `rate` and its 95 % interval `low`,
        `high` (null if the days are too few)
    block_days : how many consecutive days were drawn together for the intervals
    daily : from `puntual.statistics.days.daily_delays`
    worst_share : share of the late minutes that the worst 5 % of the days hold
    worst_expected : the same if the delays were dealt to the days at random: mean and largest
    """

    mean: float
    early: float
    on_time: float
    histogram: pl.DataFrame
    cumulative: pl.DataFrame
    quantiles: pl.DataFrame
    exceedance: pl.DataFrame
    block_days: int
    daily: pl.DataFrame
    worst_share: float
    worst_expected: tuple[float, float]


def describe_delays(departed: OutcomeCounts, tables: Tables, threshold: int) -> Delays:
    """Describe the delays of flights that departed.

    Parameters
    ----------
    departed : some flights; they are `delayed` beyond the threshold
    tables : with the holidays of the origins' countries
    threshold : minutes
    """
    counted = departed.delays.group_by("delay").agg(pl.col("flights").sum()).sort("delay")
    low, high = SHOWN_MINUTES
    shown = pl.DataFrame({"minutes": range(low, high + 1)}, schema={"minutes": pl.Int64})
    by_minute = counted.group_by(minutes=_DELAY.floor().clip(low, high).cast(pl.Int64)).agg(
        pl.col("flights").sum()
    )
    histogram = shown.join(by_minute, on="minutes", how="left").fill_null(0).sort("minutes")
    daily, blocks = counted_days(departed.delays, tables), departed.blocks()
    late = pl.col("delay").is_between(0, threshold)
    early, on_time = (
        int(counted.filter(which)["flights"].sum()) / departed.flights for which in (_DELAY < 0, late)
    )
    return Delays(
        mean=float(counted.select(mean_of("delay")).item()),
        early=early,
        on_time=on_time,
        histogram=histogram,
        cumulative=histogram.select("minutes", share=pl.col("flights").cum_sum() / departed.flights),
        quantiles=pl.DataFrame(
            {
                "share": QUANTILES,
                "minutes": [counted.select(quantile_of(share)).item() for share in QUANTILES],
            }
        ),
        exceedance=_exceedance(departed.delays, sorted({*EXCEEDANCE_MINUTES, threshold}), blocks),
        block_days=blocks.length,
        daily=daily,
        worst_share=_worst_share(daily["late_minutes"].to_numpy()),
        worst_expected=_worst_by_chance(departed.delays),
    )


def _exceedance(delays: pl.DataFrame, thresholds: list[int], blocks: Blocks) -> pl.DataFrame:
    rows, all_flights, days = [], int(delays["flights"].sum()), pl.Series(blocks.days)
    for minutes in thresholds:
        late = pl.col("flights").filter(_DELAY > minutes).sum()
        cells = delays.group_by("day").agg(delayed=late, flights=pl.col("flights").sum())
        counts = spread_by_day(cells.with_columns(value=pl.lit("all")), days)
        low, high = (float(end[0]) for end in rate_interval(counts, blocks))
        flights = int(cells["delayed"].sum())
        rows.append((minutes, flights, flights / all_flights, low, high))
    return pl.DataFrame(rows, schema=["minutes", "flights", "rate", "low", "high"], orient="row").fill_nan(
        None
    )


def _worst_share(late_minutes: FloatArray) -> float:
    worst = max(1, round(len(late_minutes) * WORST_DAYS))
    return float(np.sort(late_minutes)[-worst:].sum() / max(1.0, late_minutes.sum()))


def _worst_by_chance(delays: pl.DataFrame) -> tuple[float, float]:
    """`_worst_share` when no day has a shock of its own: mean and largest of some shuffles."""
    of_day = delays.group_by("day").agg(pl.col("flights").sum()).sort("day")["flights"].to_numpy()
    minutes, flights = delays["delay"].clip(lower_bound=0).to_numpy(), delays["flights"].to_numpy()
    generator = np.random.default_rng(SEED)
    many = flights.sum() > MAX_SHUFFLED
    sums = (
        iter(_dealt_sums(minutes, flights, of_day, generator))
        if many
        else _shuffled_sums(np.repeat(minutes, flights), of_day, generator)
    )
    shares = [_worst_share(one) for one in sums]
    return float(np.mean(shares)), float(max(shares))


def _shuffled_sums(
    late: FloatArray, of_day: IntArray, generator: np.random.Generator
) -> Iterator[FloatArray]:
    edges = np.concatenate([[0], np.cumsum(of_day)[:-1]])
    for _ in range(_SHUFFLES):
        generator.shuffle(late)
        yield np.add.reduceat(late, edges)


def _dealt_sums(
    minutes: FloatArray, flights: IntArray, of_day: IntArray, generator: np.random.Generator
) -> FloatArray:
    """The sums of days of very many flights, which are then normal: drawn without replacement."""
    mean = np.average(minutes, weights=flights)
    variance = np.average((minutes - mean) ** 2, weights=flights)
    spread = np.sqrt(variance * of_day * (1 - of_day / of_day.sum()))
    return generator.normal(mean * of_day, spread, size=(_SHUFFLES, len(of_day)))
