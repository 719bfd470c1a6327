"""The distribution of the delay, and the days that hold most of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from puntual.inference.exceedance import EXCEEDANCE_MINUTES
from puntual.inference.tables import Tables
from puntual.metrics.arrays import FloatArray
from puntual.metrics.bootstrap import SEED, Blocks, blocks_of, count_by_day, rate_interval
from puntual.statistics.days import daily_delays

QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
WORST_DAYS = 0.05
SHOWN_MINUTES = (-30, 180)
_SHUFFLES = 99
_DELAY = pl.col("delay")
_DAY = pl.col("scheduled_departure").dt.date()


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


def describe_delays(departed: pl.DataFrame, tables: Tables, threshold: int) -> Delays:
    """Describe the delays of flights that departed.

    Parameters
    ----------
    departed : from `puntual.statistics.rates.with_outcomes`
    tables : with the holidays of the origins' countries
    threshold : minutes
    """
    delay, minutes = departed["delay"], departed["delay"].to_numpy()
    low, high = SHOWN_MINUTES
    shown = pl.DataFrame({"minutes": range(low, high + 1)}, schema={"minutes": pl.Int64})
    counted = departed.group_by(minutes=_DELAY.floor().clip(low, high).cast(pl.Int64)).agg(flights=pl.len())
    histogram = shown.join(counted, on="minutes", how="left").fill_null(0).sort("minutes")
    daily, blocks = daily_delays(departed, tables), blocks_of(departed)
    return Delays(
        mean=float(minutes.mean()),
        early=float((minutes < 0).mean()),
        on_time=float(((minutes >= 0) & (minutes <= threshold)).mean()),
        histogram=histogram,
        cumulative=histogram.select("minutes", share=pl.col("flights").cum_sum() / departed.height),
        quantiles=pl.DataFrame(
            {"share": QUANTILES, "minutes": [delay.quantile(share, "linear") for share in QUANTILES]}
        ),
        exceedance=_exceedance(departed, sorted({*EXCEEDANCE_MINUTES, threshold}), blocks),
        block_days=blocks.length,
        daily=daily,
        worst_share=_worst_share(daily["late_minutes"].to_numpy()),
        worst_expected=_worst_by_chance(departed),
    )


def _exceedance(departed: pl.DataFrame, thresholds: list[int], blocks: Blocks) -> pl.DataFrame:
    rows = []
    for minutes in thresholds:
        late = departed.with_columns(delayed=_DELAY > minutes)
        low, high = (float(end[0]) for end in rate_interval(count_by_day(late, pl.lit("all")), blocks))
        flights = int(late["delayed"].sum())
        rows.append((minutes, flights, flights / departed.height, low, high))
    return pl.DataFrame(rows, schema=["minutes", "flights", "rate", "low", "high"], orient="row").fill_nan(
        None
    )


def _worst_share(late_minutes: FloatArray) -> float:
    worst = max(1, round(len(late_minutes) * WORST_DAYS))
    return float(np.sort(late_minutes)[-worst:].sum() / max(1.0, late_minutes.sum()))


def _worst_by_chance(departed: pl.DataFrame) -> tuple[float, float]:
    """`_worst_share` when no day has a shock of its own: mean and largest of some shuffles."""
    ordered = departed.sort("scheduled_departure")
    starts = ordered.select(_DAY.rle_id()).to_series()
    edges = starts.search_sorted(starts.unique()).to_numpy()
    late = ordered["delay"].clip(lower_bound=0).to_numpy().copy()
    generator = np.random.default_rng(SEED)
    shares = []
    for _ in range(_SHUFFLES):
        generator.shuffle(late)
        shares.append(_worst_share(np.add.reduceat(late, edges)))
    return float(np.mean(shares)), float(max(shares))
