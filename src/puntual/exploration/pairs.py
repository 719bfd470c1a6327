"""Interactions: pairs of groups that are late more or less often than their two groups make one expect."""

from __future__ import annotations

import numpy as np
import polars as pl
import scipy.sparse

from puntual.exploration.findings import PAIRS
from puntual.exploration.significance import false_discovery_rates, p_values
from puntual.metrics.arrays import FloatArray
from puntual.metrics.bootstrap import MIN_BLOCKS, Blocks, blocks_of
from puntual.statistics.interactions import count_pairs, expected_probabilities, pair_keys
from puntual.statistics.rates import group_codes


def find_pairs(grouped: pl.DataFrame) -> pl.DataFrame:
    """Compare the rate of each pair of groups with the rate that the additive model expects of its flights.

    Parameters
    ----------
    grouped : from `puntual.statistics.rates.add_groups`; some flights delayed, and not all

    Returns
    -------
    For the known dimensions of `PAIRS`, without pairs of few flights (`MIN_GROUP_SIZE`): `first`, `second`
    (the dimensions), `first_value`, `second_value`, `flights`, `rate`, `expected`, and `false_discovery`:
    the rate of false discoveries among the pairs that stand out as much or more; null if the pair's days
    form too few blocks
    """
    expected, blocks = expected_probabilities(grouped), blocks_of(grouped)
    known = [pair for pair in PAIRS if grouped.select(pl.col(pair).null_count()).row(0) == (0, 0)]
    return pl.concat([_compare(grouped, dimensions, expected, blocks) for dimensions in known])


def _compare(
    grouped: pl.DataFrame, dimensions: tuple[str, str], expected: FloatArray, blocks: Blocks
) -> pl.DataFrame:
    pair = group_codes(grouped.select(pair_keys(dimensions)).to_series())
    days = group_codes(grouped["scheduled_departure"].dt.date())
    residuals, flights = (
        scipy.sparse.coo_array((weights, (days, pair))).toarray()
        for weights in (grouped["delayed"].to_numpy() - expected, np.ones(len(pair)))
    )
    clustered = np.sum(blocks.moving_sums(residuals) ** 2, axis=0)
    independent = np.bincount(pair, expected * (1 - expected))
    scores = residuals.sum(axis=0) / np.sqrt(np.maximum(clustered, independent))
    effective_blocks = blocks.effective(flights)
    pairs = count_pairs(grouped, dimensions, expected)
    tested = ~pairs["small"].to_numpy() & (effective_blocks >= MIN_BLOCKS)
    rates = np.full(pairs.height, np.nan)
    rates[tested] = false_discovery_rates(p_values(scores[tested], effective_blocks[tested]))
    compared = pairs.with_columns(false_discovery=pl.Series(rates).fill_nan(None))
    return compared.filter(~pl.col("small")).drop("delayed", "small")
