"""How often the flights of each cell of two dimensions are late, and what their parts make one expect."""

from __future__ import annotations

import polars as pl

from puntual.arrays import FloatArray
from puntual.metrics.bootstrap import blocks_of, count_by_day, rate_interval
from puntual.statistics.additive import fit_additive
from puntual.statistics.adjusted_rates import ADJUSTED_FOR
from puntual.statistics.rates import MIN_GROUP_SIZE, group_codes

CROSSED = ("month", "hour")
"""The dimensions whose cells an artifact carries."""

_DAY = pl.col("scheduled_departure").dt.date()


def expect_delays(told: pl.DataFrame) -> FloatArray:
    """The chance of each flight by an additive model of what rates are adjusted for; shape (n,).

    Parameters
    ----------
    told : `group` of `with_outcomes` (`puntual.statistics.rates`); some flights delayed, and not all
    """
    categories = [group_codes(told[name]) for name in ADJUSTED_FOR]
    days = group_codes(told.select(_DAY).to_series())
    return fit_additive(categories, told["delayed"].to_numpy(), days, blocks_of(told)).probability


def cross(told: pl.DataFrame, pair: tuple[str, str], expected: FloatArray) -> pl.DataFrame:
    """The rate of each cell of a pair of dimensions, and the one that is expected of its flights.

    Parameters
    ----------
    told, expected : as in `expect_delays`
    pair : names of `puntual.statistics.rates.DIMENSIONS`

    Returns
    -------
    The fields of `puntual.inference.rates.Cell` but the interval, in the order of `cell_names`
    """
    first, second = pair
    return (
        told.select(*pair, "delayed", cell=cell_names(pair), expected=expected)
        .group_by("cell")
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
        .sort("cell")
        .drop("cell")
    )


def cell_names(pair: tuple[str, str]) -> pl.Expr:
    """The cell that a flight is of, as text by which cells are sorted."""
    return pl.concat_str(pair, separator="\0")


def cross_rates(told: pl.DataFrame) -> pl.DataFrame:
    """The cells of `CROSSED`, each with the interval of its rate.

    Parameters
    ----------
    told : as in `expect_delays`

    Returns
    -------
    The fields of `puntual.inference.rates.Cell`, in the order of their values, which are numbers
    """
    cells = cross(told, CROSSED, expect_delays(told))
    counts = count_by_day(told, cell_names(CROSSED))
    low, high = rate_interval(counts, blocks_of(told))
    ends = pl.DataFrame({"low": low, "high": high}).fill_nan(None)
    return cells.hstack(ends).sort(pl.col("first_value", "second_value").cast(pl.Int64))
