"""What an artifact tells of its worth: everything is measured on the test part, nothing is chosen by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.arrays import BoolArray, FloatArray
from puntual.batch import predict_exceedance
from puntual.inference.exceedance import Exceedance, ExceedanceModel
from puntual.inference.measured import (
    DelayMetrics,
    ExceedanceMetrics,
    Importance,
    OperatingPoint,
    Protocol,
    SeedSpread,
    Slice,
    Spread,
)
from puntual.metrics.calibration_curve import group_rates
from puntual.metrics.intervals import Days, losses
from puntual.metrics.scores import auc, calibration_error, log_loss
from puntual.models.boosting import FEATURE_NAMES
from puntual.models.modes import without_timetable
from puntual.statistics.rates import MIN_GROUP_SIZE
from puntual.training.fitting import FittedModel
from puntual.training.importance import MAX_MEASURED, spaced, varying, weigh
from puntual.training.splits import Part, Parts
from puntual.types import Progress

CUTS = tuple(round(0.01 * step, 2) for step in range(1, 100))
MOVED = 0.05


class Predictions(NamedTuple):
    """Probabilities for the flights of a test part, shape (n,) each."""

    with_timetable: FloatArray
    alone: FloatArray


def predict_both(fitted_model: FittedModel, test: Part) -> Predictions:
    """A model's probabilities for the test part: within the timetable, and each flight alone."""
    alone = without_timetable(test.matrix)
    return Predictions(fitted_model.probability(test.matrix), fitted_model.probability(alone))


def measure_seeds(told: Sequence[Predictions], test: Part) -> SeedSpread | None:
    """How far models apart lie that differ in their seed only.

    Parameters
    ----------
    told : of each seed, the model's own first; None is given for a single one
    """
    if len(told) == 1:
        return None
    within, alone = (np.column_stack(way) for way in zip(*told, strict=True))

    def spread(metric: Callable[[FloatArray, BoolArray], float | None], way: FloatArray) -> Spread:
        values = np.array([metric(probability, test.delayed) for probability in way.T], np.float64)
        return Spread(float(values.mean()), float(values.std(ddof=1)))

    worth = [losses(apart, test.delayed) - losses(joint, test.delayed) for joint, apart in told]
    return SeedSpread(
        seeds=len(told),
        log_loss=spread(log_loss, within),
        auc=spread(auc, within),
        log_loss_alone=spread(log_loss, alone),
        auc_alone=spread(auc, alone),
        timetable=Days(test.dates, test.delayed).mean(np.column_stack(worth)),
        moved=float((np.ptp(within, axis=1) > MOVED).mean()),
    )


def measure_protocol(parts: Parts, told: Predictions, cut: float) -> Protocol:
    """Every metric with its interval, within the timetable and alone."""
    test, days = parts.test, Days(parts.test.dates, parts.test.delayed)
    usual = float(parts.learned.delayed.mean())
    return Protocol(
        split=parts.split,
        first=test.first,
        last=test.last,
        learned_first=parts.learned.first,
        learned_last=parts.learned.last,
        flights=len(test.delayed),
        base_rate=float(test.delayed.mean()),
        learned_base_rate=usual,
        cut=cut,
        block_days=days.blocks.length,
        with_timetable=days.metrics(told.with_timetable, test.delayed, cut, usual),
        alone=days.metrics(told.alone, test.delayed, cut, usual),
    )


def measure_exceedance(
    exceedance: Exceedance, threshold: int, parts: Parts, probability: FloatArray
) -> tuple[tuple[ExceedanceMetrics, ...], DelayMetrics]:
    """Measure P(delay > t) for each t, and the delay in minutes that follows from them.

    Parameters
    ----------
    probability : shape (n,), of the answers within the timetable
    """
    test, learned = parts.test, parts.learned
    model = ExceedanceModel(exceedance, threshold, len(FEATURE_NAMES))
    probabilities = predict_exceedance(model, test.matrix, probability)
    metrics = []
    for minutes, predicted in zip(model.minutes, probabilities.T, strict=True):
        late = test.minutes > minutes
        base_rate = np.full(len(late), np.clip((learned.minutes > minutes).mean(), 1e-6, 1 - 1e-6))
        metrics.append(
            ExceedanceMetrics(
                minutes=minutes,
                base_rate=float(late.mean()),
                log_loss=log_loss(np.clip(predicted, 1e-6, 1 - 1e-6), late),
                plain_log_loss=log_loss(base_rate, late),
                auc=auc(predicted, late),
                calibration_error=calibration_error(predicted, late),
            )
        )
    delays = [model.delay(row) for row in probabilities.tolist()]
    expected, median, bound = (
        np.array([getattr(delay, name) for delay in delays]) for name in ("expected", "median", "bound_90")
    )
    return tuple(metrics), DelayMetrics(
        mean_expected=float(expected.mean()),
        mean_observed=float(test.minutes.mean()),
        median_error=float(np.abs(test.minutes - median).mean()),
        plain_median_error=float(np.abs(test.minutes - np.median(learned.minutes)).mean()),
        within_bound_90=float((test.minutes <= bound).mean()),
    )


def measure_importance(learned: Part, test: Part, progress: Progress) -> tuple[Importance, ...]:
    """What is lost on the test part when a model is fitted without a variable (`importance.weigh`).

    At most 10,000 flights of the test part, evenly spaced. A variable with one value is left out.

    Parameters
    ----------
    progress : called after each step with the stage that it belongs to and how many that has

    Returns
    -------
    The most first; the intervals hold days and seeds
    """
    chosen = spaced(np.ones(len(test.delayed), dtype=bool), MAX_MEASURED)
    dates = test.dates[chosen]
    days, months = Days(dates, test.delayed[chosen]), dates.astype("datetime64[M]")
    names = varying(learned.matrix)
    asked = test.matrix[chosen], test.delayed[chosen]
    lost = weigh(learned.rows, asked, names, partial(progress, "importance", 1 + len(names)))
    weighed = [
        Importance(
            name,
            days.mean(of_seeds),
            {str(month): float(of_seeds[months == month].mean()) for month in np.unique(months)},
        )
        for name, of_seeds in lost.items()
    ]
    return tuple(sorted(weighed, key=lambda one: -one.loss.value))


def measure_slices(test: Part, probability: FloatArray, base_rate: float) -> tuple[Slice, ...]:
    """Airlines, destinations and months of fifty flights or more, the largest first.

    Parameters
    ----------
    probability : shape (n,), within the timetable
    base_rate : of the flights learned from
    """
    loss = losses(probability, test.delayed)
    plain = losses(np.full(len(loss), base_rate), test.delayed)
    told = []
    for dimension, values in _dimensions(test.frame):
        names, of_group = np.unique(values, return_inverse=True)
        rates = group_rates(names.tolist(), of_group, test.dates, probability, test.delayed)
        slices = [
            Slice(
                dimension,
                one.name,
                one.flights,
                one.expected,
                one.rate,
                one.low,
                one.high,
                float(loss[of_group == number].mean()),
                float(plain[of_group == number].mean()),
            )
            for number, one in enumerate(rates)
            if one.flights >= MIN_GROUP_SIZE
        ]
        told += slices if dimension == "month" else sorted(slices, key=lambda one: -one.flights)
    return tuple(told)


def operating_points(probability: FloatArray, delayed: BoolArray) -> tuple[OperatingPoint, ...]:
    """What each cut from 0.01 to 0.99 would have meant.

    Examples
    --------
    >>> points = operating_points(np.array([0.1, 0.6]), np.array([False, True]))
    >>> points[49]
    OperatingPoint(cut=0.5, called=0.5, precision=1.0, recall=1.0)
    """
    told = []
    for cut in CUTS:
        called = probability >= cut
        hits = int((called & delayed).sum())
        precision = hits / int(called.sum()) if called.any() else None
        told.append(OperatingPoint(cut, float(called.mean()), precision, hits / max(int(delayed.sum()), 1)))
    return tuple(told)


def _dimensions(frame: pl.DataFrame) -> Iterator[tuple[str, npt.NDArray[np.str_]]]:
    month = frame["scheduled_departure"].dt.strftime("%Y-%m")
    for dimension, values in (
        ("airline", frame["airline"]),
        ("destination", frame["destination"]),
        ("month", month),
    ):
        yield dimension, values.to_numpy().astype(str)
