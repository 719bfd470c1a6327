"""Calibration of probabilities: by bin, by month, and how much of the error is a shift of their level."""

from __future__ import annotations

import msgspec
import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from puntual.errors import ShapeError
from puntual.inference.reliability import Bin, BrierParts, Group, NoiseFloor, Reliability
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray, IntArray
from puntual.metrics.bootstrap import (
    LEVEL,
    Blocks,
    DayCounts,
    blocks_of_dates,
    interval_widening,
    rate_interval,
)
from puntual.metrics.scores import CALIBRATION_BINS, brier_score, calibration_error, split_by_rank


def reliability(
    probability: FloatArray, delayed: BoolArray, dates: DateArray, bins: int = CALIBRATION_BINS
) -> Reliability:
    """Compare probabilities with outcomes, by bins of equally many flights and by month.

    Parameters
    ----------
    probability : shape (n,), in (0, 1)
    delayed : shape (n,)
    dates : shape (n,), local days; in any order

    Raises
    ------
    ShapeError : lengths differ, or n = 0

    Examples
    --------
    >>> days = np.repeat(np.arange("2017-09-01", "2017-11-01", dtype="datetime64[D]"), 10)
    >>> given = np.where(np.arange(len(days)) % 2, 0.2, 0.4)
    >>> curve = reliability(given, np.arange(len(days)) % 5 < 2, days, bins=2)
    >>> [(one.name, round(one.expected, 3), one.rate) for one in curve.bins]
    [('0.20-0.20', 0.2, 0.4), ('0.40-0.40', 0.4, 0.4)]
    >>> (curve.bins[1].least, curve.bins[1].most)
    (0.4, 0.4)
    >>> [one.name for one in curve.months]
    ['2017-09', '2017-10']

    References
    ----------
    Stephenson, Coelho and Jolliffe (2008), Two extra components in the Brier score decomposition, Weather and
    Forecasting 23(4); `within` is the sum of their two.
    """
    if not len(probability) or not len(probability) == len(delayed) == len(dates):
        raise ShapeError("probabilities, outcomes and dates of one length, at least one, are wanted")
    parts = split_by_rank(probability, bins)
    of_bin = np.empty(len(probability), dtype=np.intp)
    for number, part in enumerate(parts):
        of_bin[part] = number
    ends = [(float(probability[part[0]]), float(probability[part[-1]])) for part in parts]
    ranges = [f"{least:.2f}-{most:.2f}" for least, most in ends]
    months, of_month = np.unique(dates.astype("datetime64[M]"), return_inverse=True)
    groups = group_rates(ranges, of_bin, dates, probability, delayed)
    curve = [
        Bin(**msgspec.structs.asdict(group), least=least, most=most)
        for group, (least, most) in zip(groups, ends, strict=True)
    ]
    blocks, day = blocks_of_dates(dates, delayed)
    return Reliability(
        bins=curve,
        months=group_rates([str(month) for month in months], of_month, dates, probability, delayed),
        block_days=blocks.length,
        calibration_error=calibration_error(probability, delayed, bins),
        noise_floor=noise_floor(probability - delayed, of_bin, day, blocks),
        without_shift=calibration_error(_levelled(probability, delayed), delayed, bins),
        brier=_brier_parts(curve, brier_score(probability, delayed), float(delayed.mean())),
    )


def group_rates(
    names: list[str], of_group: IntArray, dates: DateArray, probability: FloatArray, delayed: BoolArray
) -> list[Group]:
    """Compare the probabilities of groups of flights with outcomes.

    Parameters
    ----------
    names : of the groups
    of_group : shape (n,), the position of each flight's group; each group has a flight
    dates, probability, delayed : as in `reliability`
    """
    blocks, day = blocks_of_dates(dates, delayed)
    flights, late = (
        _by_day(day, of_group, weights) for weights in (np.ones(len(day)), delayed.astype(np.float64))
    )
    interval = rate_interval(DayCounts(names, blocks.days, flights, late), blocks)
    counts = flights.sum(axis=0)
    expected = np.bincount(of_group, probability, minlength=len(names)) / counts
    rates = late.sum(axis=0) / counts
    ends = [[None if np.isnan(end) else float(end) for end in side] for side in interval]
    rows = zip(names, counts, expected, rates, *ends, strict=True)
    return [
        Group(name, int(count), float(mean), float(rate), low, high)
        for name, count, mean, rate, low, high in rows
    ]


def noise_floor(gap: FloatArray, of_bin: IntArray, day: IntArray, blocks: Blocks) -> NoiseFloor | None:
    """The calibration error that these flights would show if the probabilities were right in every bin.

    The mean gap of each bin is subtracted and blocks of days are resampled. What remains is chance, including
    the correlation of neighbouring days; for independent flights it would be less.

    Parameters
    ----------
    gap : shape (n,), probability less outcome
    of_bin, day : shape (n,), from 0
    blocks : of those days

    Returns
    -------
    None if there are too few blocks

    References
    ----------
    Hall and Wilson (1991), Two guidelines for bootstrap hypothesis testing, Biometrics 47(2).
    """
    flights, gaps = (_by_day(day, of_bin, weights) for weights in (np.ones(len(gap)), gap))
    of_all = flights.sum(axis=1, keepdims=True)
    number = blocks.effective(of_all)
    widening = float(interval_widening(number)[0])
    if np.isnan(widening):
        return None
    centred = blocks.drawn @ (gaps - flights * (gaps.sum(axis=0) / flights.sum(axis=0)))
    errors = np.abs(centred).sum(axis=1) / (blocks.drawn @ of_all)[:, 0]
    mean, most = float(errors.mean()), float(np.percentile(errors, 50 * (1 + LEVEL)))
    expected = mean * float(np.sqrt(number[0] / (number[0] - 1)))
    return NoiseFloor(expected, expected + widening * (most - mean))


def _by_day(day: IntArray, of_group: IntArray, weights: FloatArray) -> FloatArray:
    """Sums of the weights of the flights of each day and group, shape (days, groups)."""
    shape = (int(day.max()) + 1, int(of_group.max()) + 1)
    cell = np.ravel_multi_index((day, of_group), shape)
    sums = np.bincount(cell, weights, minlength=shape[0] * shape[1])
    return np.asarray(sums.reshape(shape), dtype=np.float64)


def level_shift(raw: FloatArray, delayed: BoolArray) -> float:
    """What has to be added to all log-odds so that the mean probability is the observed rate.

    Parameters
    ----------
    raw : shape (n,), log-odds
    delayed : shape (n,), of both kinds

    Examples
    --------
    >>> round(level_shift(np.zeros(4), np.array([True, False, False, False])), 4)
    -1.0986
    """
    rate = delayed.mean()
    return float(brentq(lambda added: expit(raw + added).mean() - rate, -50, 50))


def _levelled(probability: FloatArray, delayed: BoolArray) -> FloatArray:
    """The same odds, scaled so that the mean probability is the observed rate."""
    rate = delayed.mean()
    if rate in {0.0, 1.0}:
        return np.full(len(probability), rate)
    raw = logit(np.clip(probability, 1e-9, 1 - 1e-9))
    return np.asarray(expit(raw + level_shift(raw, delayed)))


def _brier_parts(bins: list[Bin], brier: float, rate: float) -> BrierParts:
    flights = sum(one.flights for one in bins)
    apart = sum(one.flights * (one.expected - one.rate) ** 2 for one in bins) / flights
    resolution = sum(one.flights * (one.rate - rate) ** 2 for one in bins) / flights
    uncertainty = rate * (1 - rate)
    return BrierParts(apart, resolution, uncertainty, brier - (apart - resolution + uncertainty))
