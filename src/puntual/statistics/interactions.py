"""The delay rates of pairs of groups, and the rates that each pair's two groups make one expect."""

from __future__ import annotations

import polars as pl

from puntual.metrics.arrays import FloatArray
from puntual.metrics.bootstrap import blocks_of, count_by_day, rate_interval
from puntual.statistics.additive import fit_additive
from puntual.statistics.adjusted_rates import ADJUSTED_FOR
from puntual.statistics.rates import MIN_GROUP_SIZE, group_codes

INTERACTION = ("month", "hour")
"""The two dimensions whose interaction an artifact holds."""


def expected_probabilities(grouped: pl.DataFrame) -> FloatArray:
    """Each flight's probability of a delay by an additive model of `ADJUSTED_FOR`; shape (n,).

    Parameters
    ----------
    grouped : from `puntual.statistics.rates.add_groups`; some flights delayed, and not all
    """
    categories = [group_codes(grouped[name]) for name in ADJUSTED_FOR]
    days = group_codes(grouped["scheduled_departure"].dt.date())
    return fit_additive(categories, grouped["delayed"].to_numpy(), days, blocks_of(grouped)).probability


def count_pairs(grouped: pl.DataFrame, dimensions: tuple[str, str], expected: FloatArray) -> pl.DataFrame:
    """The delay rate of each pair of groups that has a flight, and the expected one.

    Parameters
    ----------
    grouped, expected : as in `expected_probabilities`
    dimensions : two names of `puntual.statistics.rates.DIMENSIONS`

    Returns
    -------
    The fields of `puntual.inference.rates.InteractionRate` but its interval, sorted by `pair_keys`
    """
    first, second = dimensions
    return (
        grouped.select(*dimensions, "delayed", pair=pair_keys(dimensions), expected=expected)
        .group_by("pair")
        .agg(
            pl.lit(first).alias("first"),
            pl.lit(second).alias("second"),
            first_value=pl.col(first).first(),
            second_value=pl.col(second).first(),
            flights=pl.len(),
            delayed=pl.col("delayed").sum(),
            rate=pl.col("delayed").mean(),
            expected=pl.col("expected").mean(),
            small=pl.len() < MIN_GROUP_SIZE,
        )
        .sort("pair")
        .drop("pair")
    )


def pair_keys(dimensions: tuple[str, str]) -> pl.Expr:
    """Each flight's pair of groups as one text."""
    return pl.concat_str(dimensions, separator="\0")


def interaction_rates(grouped: pl.DataFrame) -> pl.DataFrame:
    """The rates of the pairs of `INTERACTION`, each with its 95 % interval.

    Returns
    -------
    The fields of `puntual.inference.rates.InteractionRate`, sorted by their values, which are numbers
    """
    pairs = count_pairs(grouped, INTERACTION, expected_probabilities(grouped))
    low, high = rate_interval(count_by_day(grouped, pair_keys(INTERACTION)), blocks_of(grouped))
    interval = pl.DataFrame({"low": low, "high": high}).fill_nan(None)
    return pairs.hstack(interval).sort(pl.col("first_value", "second_value").cast(pl.Int64))
