"""Metrics with 95 % intervals from a block bootstrap, since flights of neighbouring days are correlated."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from puntual.inference.estimates import Estimate, MetricEstimates
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray, IntArray
from puntual.metrics.bootstrap import LEVEL, blocks_of_dates, draw_units, interval_widening
from puntual.metrics.scores import measure

RANKED_DRAWS = 200
_LIMITS = {
    "log_loss": (0.0, math.inf),
    "plain_log_loss": (0.0, math.inf),
    "gain": (-math.inf, math.inf),
}
"""The range of a metric, if it is not 0 to 1."""
METRICS = (
    "log_loss", "plain_log_loss", "gain", "brier", "auc", "average_precision", "accuracy",
    "calibration_error", "precision", "recall", "f1", "called",
)  # fmt: skip

CANCELLATION_METRICS = (
    *("log_loss", "plain_log_loss", "gain", "brier", "auc", "average_precision"),
    "calibration_error",
)
"""Those that need no decision threshold."""
NO_THRESHOLD = 1.0


class Days:
    """The days of some flights, resampled in blocks of consecutive days (`bootstrap.draw_blocks`).

    The length of the blocks follows from the daily delay rate and serves every metric: of all daily series of
    these flights, the rate is autocorrelated longest, and differences of losses the least.

    Parameters
    ----------
    dates : shape (n,), local, in any order
    delayed : shape (n,)

    Attributes
    ----------
    widening : the `interval_widening` of all flights; NaN if there are too few blocks
    """

    def __init__(self, dates: DateArray, delayed: BoolArray) -> None:
        self.blocks, self.day = blocks_of_dates(dates, delayed)
        flights = np.bincount(self.day).astype(np.float64)[:, None]
        self.widening = float(interval_widening(self.blocks.effective(flights))[0])

    def mean(self, values: npt.NDArray[np.generic]) -> Estimate:
        """Mean of a number of each flight, or of each flight and seed of a fit.

        Seeds are resampled like the days, one fewer each time than there are, which makes the variance
        unbiased for few seeds. So the interval covers the variation of both days and seeds.

        Parameters
        ----------
        values : shape (n,), or (n, seeds)

        References
        ----------
        Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1(2), for two crossed factors.
        Rao and Wu (1988), Resampling inference with complex survey data, JASA 83(401), for one fewer.
        """
        columns = values.astype(np.float64).reshape(len(self.day), -1)
        seeds = columns.shape[1]
        sums = np.stack([self._sums(column) for column in columns.T], axis=1)
        chosen = draw_units(seeds, max(1, seeds - 1), len(self.blocks.drawn))
        flights = self._sums(np.ones(len(self.day)))
        resampled = (sums * chosen).sum(axis=1) / (flights * chosen.sum(axis=1))
        return interval(float(columns.mean()), resampled, self.widening)

    def metrics(
        self, probability: FloatArray, delayed: BoolArray, decision_threshold: float, base_rate: float
    ) -> MetricEstimates:
        """Every metric of `METRICS`.

        Parameters
        ----------
        probability, delayed : shape (n,)
        decision_threshold : for precision, recall, F1 and the share of the flights predicted to be delayed
        base_rate : of the flights learned from; `plain_log_loss` is that of always predicting it, and `gain`
            is how much lower the log loss is
        """
        called, sums = probability >= decision_threshold, self._sums
        flights = sums(np.ones(len(self.day)))
        hits, calls, late = sums(called & delayed), sums(called), sums(delayed)
        point = measure(probability, delayed)
        hit, call, all_late = (int(one.sum()) for one in (called & delayed, called, delayed))
        area, precision = _ranked(probability, delayed, self.day, self.blocks.drawn[:RANKED_DRAWS])
        loss, plain = losses(probability, delayed), losses(np.full(len(delayed), base_rate), delayed)
        values = {
            "log_loss": (point.log_loss, _shares(sums(loss), flights)),
            "plain_log_loss": (float(plain.mean()), _shares(sums(plain), flights)),
            "gain": (float((plain - loss).mean()), _shares(sums(plain - loss), flights)),
            "brier": (point.brier, _shares(sums((probability - delayed) ** 2), flights)),
            "auc": (point.auc, area),
            "average_precision": (point.average_precision, precision),
            "accuracy": (point.accuracy, _shares(sums((probability >= 0.5) == delayed), flights)),
            "precision": (_share(hit, call), _shares(hits, calls)),
            "recall": (_share(hit, all_late), _shares(hits, late)),
            "f1": (_share(2 * hit, call + all_late), _shares(2 * hits, calls + late)),
            "called": (call / len(delayed), _shares(calls, flights)),
        }
        estimates: MetricEstimates = {}
        for name, (value, resampled) in values.items():
            least, most = _LIMITS.get(name, (0.0, 1.0))
            estimates[name] = (
                None if value is None else interval(value, resampled, self.widening, least=least, most=most)
            )
        estimates["calibration_error"] = Estimate(point.calibration_error, None, None)
        return {name: estimates[name] for name in METRICS}

    def _sums(self, values: npt.NDArray[np.generic]) -> FloatArray:
        """Sum of a number of each flight in each sample of the days."""
        drawn = self.blocks.drawn
        return drawn @ np.bincount(self.day, values.astype(np.float64), minlength=drawn.shape[1])

    def mean_metrics(
        self, probability: FloatArray, delayed: BoolArray, decision_threshold: float, base_rate: float
    ) -> MetricEstimates:
        """Mean of every metric over the fits of several seeds; the interval of the log loss covers seeds too.

        Parameters
        ----------
        probability : shape (n, seeds)
        """
        each = [self.metrics(column, delayed, decision_threshold, base_rate) for column in probability.T]
        loss = self.mean(losses(probability, delayed[:, None]))
        return {name: _mean([one[name] for one in each]) for name in each[0]} | {"log_loss": loss}


def _mean(estimates: list[Estimate | None]) -> Estimate | None:
    """Mean of estimates and of their intervals; None if one is None, no interval if one has none."""
    found = [one for one in estimates if one is not None]
    if len(found) < len(estimates):
        return None
    value, low, high = (
        np.array([getattr(one, end) for one in found], np.float64).mean() for end in ("value", "low", "high")
    )
    ends = (None, None) if np.isnan(low) else (float(low), float(high))
    return Estimate(float(value), *ends)


def interval(
    value: float, resampled: FloatArray, widening: float, *, least: float = -math.inf, most: float = math.inf
) -> Estimate:
    """A number with its percentile interval, widened.

    Parameters
    ----------
    resampled : the number in each sample; NaN where it is not defined
    widening : from `interval_widening`; NaN: there is no interval
    least, most : range of the number
    """
    if np.isnan(widening) or np.isnan(resampled).all():
        return Estimate(value, None, None)
    low, high = np.nanpercentile(resampled, [50 * (1 - LEVEL), 50 * (1 + LEVEL)]).tolist()
    return Estimate(
        value,
        min(max(value - widening * (value - low), least), value),
        max(min(value + widening * (high - value), most), value),
    )


def _ranked(
    probability: FloatArray, delayed: BoolArray, day: IntArray, drawn: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """AUC and average precision of each sample; flights of the same probability share a rank."""
    order = np.argsort(-probability, kind="stable")
    probability, delayed, day = probability[order], delayed[order], day[order]
    starts = np.flatnonzero(np.append(True, np.diff(probability) != 0))
    area, precision = np.full(len(drawn), np.nan), np.full(len(drawn), np.nan)
    for position, times in enumerate(drawn):
        weight = times[day]
        late = np.add.reduceat(weight * delayed, starts)
        on_time = np.add.reduceat(weight, starts) - late
        if late.sum() and on_time.sum():
            found, false = np.cumsum(late), np.cumsum(on_time)
            area[position] = 1 - (late @ (false - on_time / 2)) / (found[-1] * false[-1])
            precision[position] = (late @ (found / np.maximum(found + false, 1))) / found[-1]
    return area, precision


def losses(probability: FloatArray, delayed: BoolArray) -> FloatArray:
    """Negative log-likelihood of each flight."""
    return -np.log(np.where(delayed, probability, 1 - probability))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _shares(parts: FloatArray, wholes: FloatArray) -> FloatArray:
    return np.asarray(np.divide(parts, wholes, out=np.full(len(parts), np.nan), where=wholes > 0))
