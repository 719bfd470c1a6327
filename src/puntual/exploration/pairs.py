"""Pairs that interact: cells that are late more, or less, often than their parts make one expect."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import scipy.sparse

from puntual.crossings import cell_names, cross, expect_delays
from puntual.exploration.chance import false_discoveries, two_sided
from puntual.exploration.findings import PAIRS
from puntual.rates import group_codes

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
    than `puntual.rates.SMALL` flights are left out
    """
    expected = expect_delays(told)
    return pl.concat([_cells(told, pair, expected) for pair in PAIRS])


def _cells(told: pl.DataFrame, pair: tuple[str, str], expected: FloatArray) -> pl.DataFrame:
    cell = group_codes(told.select(cell_names(pair)).to_series())
    days = group_codes(told["scheduled_departure"].dt.date())
    surprise = told["delayed"].to_numpy() - expected
    by_day = scipy.sparse.coo_array((surprise, (days, cell))).tocsr()
    clustered = np.asarray(by_day.power(2).sum(axis=0)).ravel()
    independent = np.bincount(cell, expected * (1 - expected))
    score = np.asarray(by_day.sum(axis=0)).ravel() / np.sqrt(np.maximum(clustered, independent))
    cells = cross(told, pair, expected).with_columns(score=score).filter(~pl.col("small"))
    false = false_discoveries(two_sided(cells["score"].to_numpy()))
    return cells.with_columns(false_discovery=false).drop("score", "delayed", "small")
