"""Pairs that interact: cells that are late more, or less, often than their parts make one expect."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import scipy.sparse

from puntual.adjustment import ADJUSTED_FOR
from puntual.exploration.chance import false_discoveries, two_sided
from puntual.exploration.findings import PAIRS
from puntual.models.additive import fit_additive
from puntual.rates import SMALL, group_codes

FloatArray = npt.NDArray[np.float64]


def find_pairs(told: pl.DataFrame) -> pl.DataFrame:
    """Compare the rate of each cell of each pair with the one that the additive model expects of its flights.

    Parameters
    ----------
    told : `puntual.rates.group` of `puntual.rates.with_outcomes`; some flights delayed, and not all

    Returns
    -------
    `first`, `second` (names of dimensions), `first_value`, `second_value`, `flights`, `rate`, `expected`, and
    `false_discovery`: the share of false ones among all cells that stand out as much or more. Cells of fewer
    than `SMALL` flights are left out
    """
    delayed = told["delayed"].to_numpy()
    days = group_codes(told["scheduled_departure"].dt.date())
    categories = [group_codes(told[name]) for name in ADJUSTED_FOR]
    expected = fit_additive(categories, delayed, days).probability
    return pl.concat([_cells(told, pair, expected, delayed - expected, days) for pair in PAIRS])


def _cells(
    told: pl.DataFrame,
    pair: tuple[str, str],
    expected: FloatArray,
    surprise: FloatArray,
    days: npt.NDArray[np.int64],
) -> pl.DataFrame:
    cell = group_codes(told.select(pl.concat_str(pair, separator="\0")).to_series())
    by_day = scipy.sparse.coo_array((surprise, (days, cell))).tocsr()
    clustered = np.asarray(by_day.power(2).sum(axis=0)).ravel()
    independent = np.bincount(cell, expected * (1 - expected))
    cells = (
        told.select(pair[0], pair[1], "delayed", cell=cell, expected=expected)
        .group_by("cell")
        .agg(
            pl.lit(pair[0]).alias("first"),
            pl.lit(pair[1]).alias("second"),
            first_value=pl.col(pair[0]).first(),
            second_value=pl.col(pair[1]).first(),
            flights=pl.len(),
            rate=pl.col("delayed").mean(),
            expected=pl.col("expected").mean(),
        )
        .sort("cell")
        .with_columns(
            score=np.asarray(by_day.sum(axis=0)).ravel() / np.sqrt(np.maximum(clustered, independent))
        )
        .filter(pl.col("flights") >= SMALL)
    )
    false = false_discoveries(two_sided(cells["score"].to_numpy()))
    return cells.with_columns(false_discovery=false).drop("cell", "score")
