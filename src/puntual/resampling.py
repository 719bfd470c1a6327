"""Whole days drawn anew: intervals that respect that the flights of a day share its shocks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

FloatArray = npt.NDArray[np.float64]

REPEATS = 1000
LEVEL = 0.95
SEED = 11
_Z = 1.959964


class DayCounts(NamedTuple):
    """Flights and delayed flights of some groups, day by day.

    Attributes
    ----------
    values : of the groups, sorted
    days : local dates, ascending
    flights, delayed : shape (days, groups)
    """

    values: list[str]
    days: list[object]
    flights: FloatArray
    delayed: FloatArray


class Interval(NamedTuple):
    """Ends of 95 % intervals, each of shape (groups,)."""

    low: FloatArray
    high: FloatArray


def count_by_day(flights: pl.DataFrame, value: pl.Expr) -> DayCounts:
    """Count the flights of each group on each day.

    Parameters
    ----------
    flights : with `scheduled_departure` and `delayed` (boolean, no nulls)
    value : text that tells the group; where it is null the flight is of none

    Examples
    --------
    >>> import datetime as dt
    >>> noon = dt.datetime(2017, 1, 1, 12)
    >>> flights = pl.DataFrame({"scheduled_departure": [noon] * 3, "delayed": [True, False, True]})
    >>> counts = count_by_day(flights.with_columns(airline=pl.Series(["A", "A", "B"])), pl.col("airline"))
    >>> counts.values, counts.flights.tolist(), counts.delayed.tolist()
    (['A', 'B'], [[2.0, 1.0]], [[1.0, 1.0]])
    """
    told = flights.select("delayed", day=pl.col("scheduled_departure").dt.date(), value=value.cast(pl.String))
    days = told["day"].unique().sort()
    told = told.drop_nulls("value")
    values = told["value"].unique().sort()
    cells = told.group_by("day", "value").agg(pl.len(), pl.col("delayed").sum())
    at = days.search_sorted(cells["day"]).to_numpy(), values.search_sorted(cells["value"]).to_numpy()
    counted = np.zeros((2, len(days), len(values)))
    counted[0][at], counted[1][at] = cells["len"].to_numpy(), cells["delayed"].to_numpy()
    return DayCounts(values.to_list(), days.to_list(), counted[0], counted[1])


def draw_days(days: int, repeats: int = REPEATS, seed: int = SEED) -> FloatArray:
    """How often each day is drawn, as many days as there are each time.

    Returns
    -------
    shape (repeats, days); each row sums to `days`

    References
    ----------
    Field and Welsh (2007), Bootstrapping clustered data, Journal of the Royal Statistical Society B 69(3).
    """
    return draw_units(days, days, repeats, seed)


def draw_units(units: int, drawn: int, repeats: int, seed: int = SEED) -> FloatArray:
    """How often each of some units is drawn, with replacement.

    Returns
    -------
    shape (repeats, units); each row sums to `drawn`
    """
    draw = np.random.default_rng(seed)
    return draw.multinomial(drawn, np.full(units, 1 / units), size=repeats).astype(np.float64)


def rate_interval(counts: DayCounts, drawn: FloatArray) -> Interval:
    """95 % interval of the delay rate of each group.

    Percentiles over the days drawn anew; never narrower than Wilson's interval, which takes the flights for
    independent: a group of few days, or with no delay at all, cannot show its spread by being drawn anew.

    Parameters
    ----------
    drawn : from `draw_days`

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22(158).
    """
    flights, delayed = counts.flights.sum(axis=0), counts.delayed.sum(axis=0)
    low, high = np.nanpercentile(_rates(counts, drawn), [50 * (1 - LEVEL), 50 * (1 + LEVEL)], axis=0)
    rate, spread = delayed / flights, _Z**2 / flights
    middle = (rate + spread / 2) / (1 + spread)
    reach = np.sqrt(rate * (1 - rate) * spread + spread**2 / 4) / (1 + spread)
    return Interval(
        np.clip(np.minimum(low, middle - reach), 0, rate), np.clip(np.maximum(high, middle + reach), rate, 1)
    )


def rate_variance(counts: DayCounts, drawn: FloatArray) -> FloatArray:
    """Sampling variance of the delay rate of each group; never less than with independent flights.

    Returns
    -------
    shape (groups,)
    """
    mean = counts.delayed.sum() / counts.flights.sum()
    independent = mean * (1 - mean) / counts.flights.sum(axis=0)
    return np.asarray(np.maximum(np.nanvar(_rates(counts, drawn), axis=0), independent))


def _rates(counts: DayCounts, drawn: FloatArray) -> FloatArray:
    """Rate of each group each time, shape (repeats, groups); NaN where it was not drawn."""
    flights = drawn @ counts.flights
    return np.divide(drawn @ counts.delayed, flights, out=np.full_like(flights, np.nan), where=flights > 0)
