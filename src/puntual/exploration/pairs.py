"""Pairs that interact: cells that are late more, or less, often than their parts make one expect."""

from __future__ import annotations

import numpy as np
import polars as pl
import scipy.sparse

from puntual.arrays import FloatArray
from puntual.exploration.chance import false_discoveries, two_sided
from puntual.exploration.findings import PAIRS
from puntual.metrics.bootstrap import MIN_BLOCKS, Blocks, blocks_of
from puntual.statistics.interactions import cell_names, cross, expect_delays
from puntual.statistics.rates import group_codes


def find_pairs(told: pl.DataFrame) -> pl.DataFrame:
    """Compare the rate of each cell of each pair with the one that the additive model expects of its flights.

    Parameters
    ----------
    told : `group` of `with_outcomes` (`puntual.statistics.rates`); some flights delayed, and not all

    Returns
    -------
    `first`, `second` (names of dimensions), `first_value`, `second_value`, `flights`, `rate`, `expected`, and
    `false_discovery`: the share of false ones among all cells that stand out as much or more, null where a
    cell's days form too few blocks to tell. Cells of fewer than `MIN_GROUP_SIZE` flights are left out
    """
    expected, blocks = expect_delays(told), blocks_of(told)
    return pl.concat([_cells(told, pair, expected, blocks) for pair in PAIRS])


def _cells(told: pl.DataFrame, pair: tuple[str, str], expected: FloatArray, blocks: Blocks) -> pl.DataFrame:
    cell = group_codes(told.select(cell_names(pair)).to_series())
    days = group_codes(told["scheduled_departure"].dt.date())
    surprise = told["delayed"].to_numpy() - expected
    by_day, flights = (
        scipy.sparse.coo_array((weights, (days, cell))).toarray()
        for weights in (surprise, np.ones(len(cell)))
    )
    clustered = np.sum(blocks.moving_sums(by_day) ** 2, axis=0)
    independent = np.bincount(cell, expected * (1 - expected))
    score = by_day.sum(axis=0) / np.sqrt(np.maximum(clustered, independent))
    number = blocks.effective(flights)
    cells = cross(told, pair, expected)
    enough = ~cells["small"].to_numpy() & (number >= MIN_BLOCKS)
    false = np.full(cells.height, np.nan)
    false[enough] = false_discoveries(two_sided(score[enough], number[enough]))
    told_apart = cells.with_columns(false_discovery=pl.Series(false).fill_nan(None))
    return told_apart.filter(~pl.col("small")).drop("delayed", "small")
