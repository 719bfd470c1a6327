"""Metrics of a model, with their 95 % intervals."""

from __future__ import annotations

from typing import Literal

import msgspec


class Estimate(msgspec.Struct, frozen=True):
    """A number with its 95 % interval, from resampled blocks of consecutive days.

    Attributes
    ----------
    low, high : null if the flights' days form too few blocks, and for the calibration error, which has a
        noise floor instead (`Reliability`)
    """

    value: float
    low: float | None
    high: float | None


MetricEstimates = dict[str, Estimate | None]
"""By name (`puntual.metrics.intervals.METRICS`); None if the metric is not defined for the flights."""

Verdict = Literal["better", "no_better", "worse", "unknown"]


def verdict(gain: Estimate) -> Verdict:
    """Whether the interval of a gain excludes 0; ``unknown`` without an interval.

    Examples
    --------
    >>> [verdict(Estimate(0.01, *ends)) for ends in ((0.002, 0.02), (-0.01, 0.03), (None, None))]
    ['better', 'no_better', 'unknown']
    """
    if gain.low is None or gain.high is None:
        return "unknown"
    if gain.low > 0:
        return "better"
    return "worse" if gain.high < 0 else "no_better"


class Metrics(msgspec.Struct, frozen=True):
    """Metrics of probabilities on some flights (`puntual.metrics.scores.measure`).

    Attributes
    ----------
    auc : null if all flights were delayed, or none
    average_precision : null if no flight was delayed
    """

    flights: int
    base_rate: float
    log_loss: float
    brier: float
    auc: float | None
    average_precision: float | None
    accuracy: float
    calibration_error: float


class Performance(Metrics, frozen=True, kw_only=True):
    """Metrics of a model on some flights, at its decision threshold too, and against the base rate.

    Attributes
    ----------
    called : share of the flights that it predicted to be delayed
    precision : share of those that were; null if it predicted none
    recall : share of the delayed flights that it predicted to be delayed; null if no flight was
    plain_log_loss : of always predicting the base rate of the flights learned from
    gain : `plain_log_loss` minus `log_loss`
    """

    called: float
    precision: float | None
    recall: float | None
    plain_log_loss: float
    gain: Estimate


def performance_of(estimates: MetricEstimates, flights: int, base_rate: float) -> Performance:
    """The main metrics without their intervals, but for that of the gain.

    Parameters
    ----------
    estimates : every metric of `puntual.metrics.intervals.METRICS`
    flights, base_rate : how many were measured, and the share of them that were delayed
    """
    values = {name: None if (one := estimates[name]) is None else one.value for name in _SUMMARIZED}
    summary = {"flights": flights, "base_rate": base_rate, "gain": estimates["gain"], **values}
    return msgspec.convert(summary, Performance)


_SUMMARIZED = {*Performance.__struct_fields__} - {"flights", "base_rate", "gain"}
