"""Block bootstrap over days: intervals that respect the correlation of neighbouring days."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.metrics.arrays import DateArray, FloatArray, IntArray

REPEATS = 1000
LEVEL = 0.95
SEED = 11
WEEK = 7
"""Days of the shortest block: timetables, and so delays, repeat every week."""
USUAL_BLOCKS = 10
"""There are at least so many blocks, unless a block would be shorter than a week."""
MIN_BLOCKS = 4.0
"""With fewer, there is no interval, since it would be too wide to be of use."""
Z_95 = 1.959964


class DayCounts(NamedTuple):
    """Flights and delayed flights of some groups, day by day.

    Attributes
    ----------
    values : of the groups, sorted
    days : local dates, ascending
    flights, delayed : shape (days, groups)
    """

    values: list[str]
    days: DateArray
    flights: FloatArray
    delayed: FloatArray


class Interval(NamedTuple):
    """Ends of 95 % intervals, shape (groups,) each; NaN if there are too few blocks of days."""

    low: FloatArray
    high: FloatArray


class Blocks(NamedTuple):
    """Blocks of consecutive days, and samples of them.

    Attributes
    ----------
    days : local dates with flights, ascending
    length : how many days of the calendar a block has
    drawn : how often each sample holds each day, shape (repeats, days)
    """

    days: DateArray
    length: int
    drawn: FloatArray

    def effective(self, flights: FloatArray) -> FloatArray:
        """The effective number of blocks of each group: as many of equal size vary as much.

        Parameters
        ----------
        flights : shape (days, groups)

        Returns
        -------
        shape (groups,); (sum n)^2 / (sum n^2) over the n flights of consecutive blocks

        References
        ----------
        Kish (1965), Survey Sampling; Carter, Schnepel and Steigerwald (2017), Asymptotic behavior of a t-test
        robust to cluster heterogeneity, Review of Economics and Statistics 99(4).
        """
        _, of_block = np.unique(_calendar(self.days) // self.length, return_inverse=True)
        sums = np.zeros((of_block.max() + 1, flights.shape[1]))
        np.add.at(sums, of_block, flights)
        return np.asarray(sums.sum(axis=0) ** 2 / np.maximum((sums**2).sum(axis=0), 1))

    def moving_sums(self, by_day: FloatArray) -> FloatArray:
        """Sums over all moving blocks; their squares estimate the variance of the sum over all days.

        Parameters
        ----------
        by_day : shape (days, columns)

        Returns
        -------
        shape (days of the calendar, columns); each row is the sum of a block, over the root of its length

        References
        ----------
        Politis and Romano (1992), A circular block-resampling procedure for stationary data.
        """
        calendar = _calendar(self.days)
        span = int(calendar[-1]) + 1
        whole = np.zeros((span + self.length, by_day.shape[1]))
        whole[calendar + self.length] = by_day
        whole[: self.length] = whole[span:]
        sums = np.cumsum(whole, axis=0)
        return np.asarray((sums[self.length :] - sums[:span]) / math.sqrt(self.length))


def count_by_day(flights: pl.DataFrame, value: pl.Expr) -> DayCounts:
    """Count the flights of each group on each day.

    Parameters
    ----------
    flights : with `scheduled_departure` and `delayed` (boolean, no nulls)
    value : name of the group; null: the flight belongs to none

    Examples
    --------
    >>> import datetime as dt
    >>> noon = dt.datetime(2017, 1, 1, 12)
    >>> flights = pl.DataFrame({"scheduled_departure": [noon] * 3, "delayed": [True, False, True]})
    >>> counts = count_by_day(flights.with_columns(airline=pl.Series(["A", "A", "B"])), pl.col("airline"))
    >>> counts.values, counts.flights.tolist(), counts.delayed.tolist()
    (['A', 'B'], [[2.0, 1.0]], [[1.0, 1.0]])
    """
    grouped = flights.select(
        "delayed", day=pl.col("scheduled_departure").dt.date(), value=value.cast(pl.String)
    )
    cells = grouped.drop_nulls("value").group_by("value", "day").agg(pl.len(), pl.col("delayed").sum())
    return spread_by_day(cells.rename({"len": "flights"}), grouped["day"].unique().sort())


def spread_by_day(cells: pl.DataFrame, days: pl.Series) -> DayCounts:
    """Spread counts over a table of days and groups.

    Parameters
    ----------
    cells : ``value`` and ``day``, each pair once, and its ``flights`` and ``delayed``
    days : of all flights, ascending
    """
    values = cells["value"].unique().sort()
    at = days.search_sorted(cells["day"]).to_numpy(), values.search_sorted(cells["value"]).to_numpy()
    counted = np.zeros((2, len(days), len(values)))
    counted[0][at], counted[1][at] = cells["flights"].to_numpy(), cells["delayed"].to_numpy()
    return DayCounts(values.to_list(), days.to_numpy(), counted[0], counted[1])


def blocks_of(flights: pl.DataFrame) -> Blocks:
    """The blocks of the days of flights; parameters as in `count_by_day`."""
    dates = flights["scheduled_departure"].dt.date().to_numpy()
    return blocks_of_dates(dates, flights["delayed"].to_numpy())[0]


def blocks_of_dates(
    dates: DateArray, delayed: npt.NDArray[np.bool_], repeats: int = REPEATS
) -> tuple[Blocks, IntArray]:
    """The blocks of some dates, and the position of each flight's day in them.

    Parameters
    ----------
    dates, delayed : shape (n,), in any order
    """
    days, day = np.unique(dates.astype("datetime64[D]"), return_inverse=True)
    flights, late = (
        np.bincount(day, weights).astype(np.float64)
        for weights in (np.ones(len(day)), delayed.astype(np.float64))
    )
    return draw_blocks(days, flights, late, repeats), day


def draw_blocks(days: DateArray, flights: FloatArray, delayed: FloatArray, repeats: int = REPEATS) -> Blocks:
    """Sample blocks of consecutive days by the circular block bootstrap.

    A block may begin on any day of the calendar, and continues with the first day after the last. Its length
    is that of `optimal_block` for the daily delay rate, but at least a week, and otherwise at most a tenth of
    the days that have flights.

    Parameters
    ----------
    days : local dates with flights, ascending
    flights, delayed : how many there were on each, shape (days,)

    References
    ----------
    Politis and Romano (1992), A circular block-resampling procedure for stationary data, in Exploring the
    Limits of Bootstrap.
    """
    calendar = _calendar(days)
    span = int(calendar[-1]) + 1
    rates = np.full(span, np.nan)
    rates[calendar] = delayed / flights
    most = max(WEEK, len(days) // USUAL_BLOCKS)
    length = min(max(WEEK, round(optimal_block(rates))), most, span)
    lengths = np.full(-(-span // length), length)
    lengths[-1] = span - lengths[:-1].sum()
    starts = np.random.default_rng(SEED).integers(span, size=(repeats, len(lengths)))
    drawn = np.empty((repeats, len(days)))
    for times, begun in zip(drawn, starts, strict=True):
        changes = np.bincount(begun, minlength=2 * span) - np.bincount(begun + lengths, minlength=2 * span)
        running = np.cumsum(changes)
        times[:] = (running[:span] + running[span:])[calendar]
    return Blocks(days, length, drawn)


def optimal_block(series: FloatArray) -> float:
    """The length of block with which the circular block bootstrap best estimates the variance of a mean.

    Parameters
    ----------
    series : shape (days,); NaN for a day without a value

    Examples
    --------
    >>> noise = np.random.default_rng(1).normal(size=300)
    >>> round(optimal_block(noise)), round(optimal_block(np.cumsum(noise)))
    (4, 32)

    References
    ----------
    Politis and White (2004), Automatic block-length selection for the dependent bootstrap, Econometric
    Reviews 23(1), as corrected by Patton, Politis and White (2009), Econometric Reviews 28(4).
    """
    span, days = len(series), int(np.isfinite(series).sum())
    around = np.nan_to_num(series - np.nanmean(series))
    quiet = max(5, int(math.log10(days)))
    most = min(math.ceil(math.sqrt(days)) + quiet, span - 2)
    if most <= quiet or not around.any():
        return 1.0
    products = np.array([around[lag:] @ around[: span - lag] for lag in range(most + 1)])
    squares = np.cumsum(around**2)
    scales = [math.sqrt((squares[-1] - squares[lag]) * squares[span - lag - 2]) for lag in range(most + 1)]
    small = np.abs(products) < 2 * math.sqrt(math.log10(days) / days) * np.array(scales)
    # The first lag from which `quiet` autocorrelations in a row are not significant.
    silent = (lag for lag in range(most - quiet + 1) if small[lag : lag + quiet].all())
    width = min(2 * max(next(silent, most), 1), most)
    lags = np.arange(1, width + 1)
    weights = np.clip(2 * (1 - lags / width), 0, 1)
    covariances = products / days
    slope = 2 * np.sum(weights * lags * covariances[lags])
    spectrum = covariances[0] + 2 * np.sum(weights * covariances[lags])
    longest = math.ceil(min(3 * math.sqrt(days), days / 3))
    if spectrum == 0:
        return float(longest)
    return float(min((1.5 * slope**2 / spectrum**2 * days) ** (1 / 3), longest))


def draw_units(units: int, drawn: int, repeats: int) -> FloatArray:
    """How often each unit is drawn, with replacement.

    Returns
    -------
    shape (repeats, units); each row sums to `drawn`
    """
    draw = np.random.default_rng(SEED)
    return draw.multinomial(drawn, np.full(units, 1 / units), size=repeats).astype(np.float64)


def interval_widening(blocks: FloatArray) -> FloatArray:
    """The factor by which a bootstrap or normal interval is widened if there are few blocks.

    Samples of few blocks vary too little, by (blocks - 1) / blocks, and their variance is itself uncertain.
    So Student's t takes the place of the normal distribution.

    Parameters
    ----------
    blocks : from `Blocks.effective`

    Returns
    -------
    NaN for fewer than `MIN_BLOCKS`

    Examples
    --------
    >>> interval_widening(np.array([2.0, 5.0, 10.0, 50.0])).round(2).tolist()
    [nan, 1.59, 1.22, 1.04]

    References
    ----------
    Hesterberg (2015), What teachers should know about the bootstrap, The American Statistician 69(4).
    Wallace (1959), Bounds on normal approximations to Student's and the chi-square distributions, Annals of
    Mathematical Statistics 30(4): t from the normal, by about a percent too wide for four blocks.
    """
    enough = np.where(blocks >= MIN_BLOCKS, blocks, np.nan)
    freedom = enough - 1
    quantile = np.sqrt(freedom * np.expm1((Z_95 * (8 * freedom + 3) / (8 * freedom + 1)) ** 2 / freedom))
    return np.asarray(quantile / Z_95 * np.sqrt(enough / freedom))


def rate_interval(counts: DayCounts, blocks: Blocks) -> Interval:
    """95 % interval of the delay rate of each group.

    Percentiles over the samples, widened by `interval_widening`; never narrower than Wilson's interval for
    independent flights, since all samples of a group without a delay are alike.

    Parameters
    ----------
    blocks : of the days of `counts`

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22(158).
    """
    flights, delayed = counts.flights.sum(axis=0), counts.delayed.sum(axis=0)
    rate, spread = delayed / flights, Z_95**2 / flights
    resampled = _rates(counts, blocks)
    low, high = np.nanpercentile(resampled, [50 * (1 - LEVEL), 50 * (1 + LEVEL)], axis=0)
    widening = interval_widening(blocks.effective(counts.flights))
    low, high = rate - widening * (rate - low), rate + widening * (high - rate)
    middle = (rate + spread / 2) / (1 + spread)
    reach = np.sqrt(rate * (1 - rate) * spread + spread**2 / 4) / (1 + spread)
    return Interval(
        np.clip(np.minimum(low, middle - reach), 0, rate), np.clip(np.maximum(high, middle + reach), rate, 1)
    )


def rate_variance(counts: DayCounts, blocks: Blocks) -> FloatArray:
    """Sampling variance of the delay rate of each group; never less than with independent flights.

    Returns
    -------
    shape (groups,)
    """
    mean = counts.delayed.sum() / counts.flights.sum()
    independent = mean * (1 - mean) / counts.flights.sum(axis=0)
    number = np.maximum(blocks.effective(counts.flights), 2)
    return np.asarray(np.maximum(_rates(counts, blocks).var(axis=0) * number / (number - 1), independent))


def _rates(counts: DayCounts, blocks: Blocks) -> FloatArray:
    """Rate of each group in each sample, shape (repeats, groups); its overall rate if a sample has none."""
    flights = blocks.drawn @ counts.flights
    usual = counts.delayed.sum(axis=0) / counts.flights.sum(axis=0)
    resampled = np.broadcast_to(usual, flights.shape).copy()
    np.divide(blocks.drawn @ counts.delayed, flights, out=resampled, where=flights > 0)
    return resampled


def _calendar(days: DateArray) -> IntArray:
    """Days since the first."""
    numbers = days.astype("datetime64[D]").astype(np.int64)
    return np.asarray(numbers - numbers[0])
