"""Metrics with 95 % intervals: whole days drawn anew, since the flights of a day share its shocks."""

from __future__ import annotations

from functools import partial

import msgspec
import numpy as np
import numpy.typing as npt

from puntual.evaluation import CALIBRATION_BINS, measure
from puntual.inference.artifact import Performance
from puntual.inference.measured import Estimate
from puntual.resampling import LEVEL, draw_days, draw_units

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
DateArray = npt.NDArray[np.datetime64]
DayArray = npt.NDArray[np.integer]

RANKED_DRAWS = 200
METRICS = (
    "log_loss", "plain_log_loss", "gain", "brier", "auc", "average_precision", "accuracy",
    "calibration_error", "precision", "recall", "f1", "called",
)  # fmt: skip


class Days:
    """The days of some flights, drawn anew.

    Parameters
    ----------
    dates : shape (n,), local, in any order
    """

    def __init__(self, dates: DateArray) -> None:
        days, self.day = np.unique(dates, return_inverse=True)
        self.drawn = draw_days(len(days))

    def mean(self, values: npt.NDArray[np.generic]) -> Estimate:
        """Mean of a number that each flight has; or has anew with each seed of a fit.

        Seeds are drawn like the days, each time one fewer than there are, which makes the variance of few
        seeds unbiased; so the interval holds both what other days and what other seeds would have given.

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
        sums = np.stack([by_day(self.day, self.drawn, column) for column in columns.T], axis=1)
        chosen = draw_units(seeds, max(1, seeds - 1), len(self.drawn))
        flights = by_day(self.day, self.drawn, np.ones(len(self.day)))
        return interval(float(columns.mean()), (sums * chosen).sum(axis=1) / (flights * chosen.sum(axis=1)))

    def metrics(
        self, probability: FloatArray, delayed: BoolArray, cut: float, base_rate: float
    ) -> dict[str, Estimate]:
        """Every metric of `METRICS`; parameters as in `estimate`."""
        return estimate(probability, delayed, self.day, self.drawn, cut=cut, base_rate=base_rate)

    def mean_metrics(
        self, probability: FloatArray, delayed: BoolArray, cut: float, base_rate: float
    ) -> dict[str, Estimate]:
        """Every metric, the mean of several seeds' fits; the interval of the log loss holds the seeds too.

        Parameters
        ----------
        probability : shape (n, seeds)
        """
        each = [self.metrics(column, delayed, cut, base_rate) for column in probability.T]
        loss = self.mean(losses(probability, delayed[:, None]))
        return {name: _mean([one[name] for one in each]) for name in each[0]} | {"log_loss": loss}

    def performance(
        self, probability: FloatArray, delayed: BoolArray, cut: float, base_rate: float
    ) -> Performance:
        """What one looks at first, the gain alone with an interval; parameters as in `estimate`."""
        called = probability >= cut
        hits = int((called & delayed).sum())
        plain = losses(np.full(len(delayed), base_rate), delayed)
        return Performance(
            **msgspec.structs.asdict(measure(probability, delayed)),
            called=float(called.mean()),
            precision=hits / int(called.sum()) if called.any() else None,
            recall=hits / int(delayed.sum()) if delayed.any() else None,
            plain_log_loss=float(plain.mean()),
            gain=self.mean(plain - losses(probability, delayed)),
        )


def estimate(
    probability: FloatArray,
    delayed: BoolArray,
    day: DayArray,
    drawn: FloatArray,
    *,
    cut: float,
    base_rate: float,
) -> dict[str, Estimate]:
    """Every metric of `METRICS` with its 95 % interval from whole days drawn anew.

    The bins of the calibration error are those of the flights as they are; AUC and average precision take the
    first 200 draws.

    Parameters
    ----------
    probability, delayed, day : shape (n,); days from 0
    drawn : how often each day is drawn, shape (repeats, days)
    cut : for precision, recall, F1 and the share of the flights called delayed
    base_rate : of the flights learned from: what is said of every flight for `plain_log_loss`, and `gain` is
        how much less the log loss is than that
    """
    called = probability >= cut
    sums = partial(by_day, day, drawn)
    flights = sums(np.ones(len(day)))
    hits, calls, late = sums(called & delayed), sums(called), sums(delayed)
    point = measure(probability, delayed)
    hit, call, all_late = (int(one.sum()) for one in (called & delayed, called, delayed))
    area, precision = _ranked(probability, delayed, day, drawn[:RANKED_DRAWS])
    order = np.argsort(probability, kind="stable")
    gaps = np.zeros(len(drawn))
    for part in np.array_split(order, CALIBRATION_BINS):
        gap = np.zeros(len(day))
        gap[part] = probability[part] - delayed[part]
        gaps += np.abs(sums(gap))
    loss, plain = losses(probability, delayed), losses(np.full(len(delayed), base_rate), delayed)
    values = {
        "log_loss": (point.log_loss, sums(loss) / flights),
        "plain_log_loss": (float(plain.mean()), sums(plain) / flights),
        "gain": (float((plain - loss).mean()), sums(plain - loss) / flights),
        "brier": (point.brier, sums((probability - delayed) ** 2) / flights),
        "auc": (point.auc, area),
        "average_precision": (point.average_precision, precision),
        "accuracy": (point.accuracy, sums((probability >= 0.5) == delayed) / flights),
        "calibration_error": (point.calibration_error, gaps / flights),
        "precision": (_share(hit, call), hits / np.maximum(calls, 1)),
        "recall": (_share(hit, all_late), hits / np.maximum(late, 1)),
        "f1": (_share(2 * hit, call + all_late), 2 * hits / np.maximum(calls + late, 1)),
        "called": (call / len(day), calls / flights),
    }
    return {name: interval(float(value or 0), again) for name, (value, again) in values.items()}


def _mean(estimates: list[Estimate]) -> Estimate:
    return Estimate(*np.mean([msgspec.structs.astuple(one) for one in estimates], axis=0).tolist())


def interval(value: float, again: FloatArray) -> Estimate:
    """A number between the percentiles of what it was each time; never outside them."""
    low, high = np.nanpercentile(again, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return Estimate(value, min(float(low), value), max(float(high), value))


def _ranked(
    probability: FloatArray, delayed: BoolArray, day: DayArray, drawn: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """AUC and average precision of each draw; flights of one probability share a rank."""
    order = np.argsort(-probability, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(probability[order]) != 0))
    area, precision = np.full(len(drawn), np.nan), np.full(len(drawn), np.nan)
    for position, times in enumerate(drawn):
        weight = times[day[order]]
        late = np.add.reduceat(weight * delayed[order], starts)
        on_time = np.add.reduceat(weight, starts) - late
        if late.sum() and on_time.sum():
            found, false = np.cumsum(late), np.cumsum(on_time)
            area[position] = 1 - (late @ (false - on_time / 2)) / (found[-1] * false[-1])
            precision[position] = (late @ (found / np.maximum(found + false, 1))) / found[-1]
    return area, precision


def by_day(day: DayArray, drawn: FloatArray, values: npt.NDArray[np.generic]) -> FloatArray:
    """Sum of a number that each flight has, each time that the days are drawn."""
    return drawn @ np.bincount(day, values.astype(np.float64), minlength=drawn.shape[1])


def losses(probability: FloatArray, delayed: BoolArray) -> FloatArray:
    """Negative log-likelihood of each flight."""
    return -np.log(np.where(delayed, probability, 1 - probability))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
