"""Measures a model on the test part, by which nothing is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.batch import predict_exceedance
from puntual.inference.evaluation_results import (
    DelayMetrics,
    Evaluation,
    ExceedanceMetrics,
    Importance,
    OperatingPoint,
    SeedSpread,
    Slice,
    Spread,
)
from puntual.inference.exceedance import Exceedance, ExceedanceModel
from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.metrics.calibration_curve import group_rates
from puntual.metrics.intervals import Days, losses
from puntual.metrics.scores import auc, calibration_error, log_loss
from puntual.models.boosting import FEATURE_NAMES
from puntual.models.modes import without_timetable
from puntual.statistics.rates import MIN_GROUP_SIZE
from puntual.training.fitting import FittedModel
from puntual.training.importance import MAX_MEASURED, stride_sample, varying, weigh
from puntual.training.splits import Part, Parts
from puntual.types import Progress

DECISION_THRESHOLDS = tuple(round(0.01 * step, 2) for step in range(1, 100))
MOVED = 0.05


class Predictions(NamedTuple):
    """Probabilities for the flights of a test part, shape (n,) each."""

    with_timetable: FloatArray
    without_timetable: FloatArray


def predict_both(fitted_model: FittedModel, test: Part) -> Predictions:
    """A model's probabilities for the test part, with the timetable and without."""
    hidden = without_timetable(test.matrix)
    return Predictions(fitted_model.probability(test.matrix), fitted_model.probability(hidden))


def measure_seeds(predictions: Sequence[Predictions], test: Part) -> SeedSpread | None:
    """How far models that differ only in their seed lie apart.

    Parameters
    ----------
    predictions : of each seed, the model's own first; None is returned for a single one
    """
    if len(predictions) == 1:
        return None
    known, unknown = (np.column_stack(mode) for mode in zip(*predictions, strict=True))

    def spread(metric: Callable[[FloatArray, BoolArray], float | None], of_seeds: FloatArray) -> Spread:
        values = np.array([metric(probability, test.delayed) for probability in of_seeds.T], np.float64)
        return Spread(float(values.mean()), float(values.std(ddof=1)))

    delayed = test.delayed[:, None]
    return SeedSpread(
        seeds=len(predictions),
        log_loss=spread(log_loss, known),
        auc=spread(auc, known),
        log_loss_without_timetable=spread(log_loss, unknown),
        auc_without_timetable=spread(auc, unknown),
        timetable=Days(test.dates, test.delayed).mean(losses(unknown, delayed) - losses(known, delayed)),
        moved=float((np.ptp(known, axis=1) > MOVED).mean()),
    )


def measure_evaluation(parts: Parts, predictions: Predictions, decision_threshold: float) -> Evaluation:
    """Every metric with its interval, with the timetable and without."""
    test, days = parts.test, Days(parts.test.dates, parts.test.delayed)
    base_rate = float(parts.learned.delayed.mean())
    known, unknown = (
        days.metrics(probability, test.delayed, decision_threshold, base_rate) for probability in predictions
    )
    return Evaluation(
        split=parts.split,
        first=test.first,
        last=test.last,
        learned_first=parts.learned.first,
        learned_last=parts.learned.last,
        flights=len(test.delayed),
        base_rate=float(test.delayed.mean()),
        learned_base_rate=base_rate,
        decision_threshold=decision_threshold,
        block_days=days.blocks.length,
        with_timetable=known,
        without_timetable=unknown,
    )


def measure_exceedance(
    exceedance: Exceedance, delay_minutes: int, parts: Parts, probability: FloatArray
) -> tuple[tuple[ExceedanceMetrics, ...], DelayMetrics]:
    """Measure P(delay > t) for each t, and the delay in minutes that follows from them.

    Parameters
    ----------
    probability : shape (n,), of the answers within the timetable
    """
    test, learned = parts.test, parts.learned
    model = ExceedanceModel(exceedance, delay_minutes, len(FEATURE_NAMES))
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
    """The increase of log loss on the test part if a model is fitted without a variable (`importance.weigh`).

    At most 10,000 flights of the test part are used, evenly spaced. A variable with one value is left out.

    Parameters
    ----------
    progress : called after each step with the stage that it belongs to and how many that has

    Returns
    -------
    The largest first; the intervals cover days and seeds
    """
    sample = stride_sample(np.ones(len(test.delayed), dtype=bool), MAX_MEASURED)
    dates, delayed = test.dates[sample], test.delayed[sample]
    days, months = Days(dates, delayed), dates.astype("datetime64[M]")
    names = varying(learned.matrix)
    on_step = partial(progress, "importance", 1 + len(names))
    increases = weigh(learned.rows, (test.matrix[sample], delayed), names, on_step)
    weighed = [
        Importance(
            name,
            days.mean(increase),
            {str(month): float(increase[months == month].mean()) for month in np.unique(months)},
        )
        for name, increase in increases.items()
    ]
    return tuple(sorted(weighed, key=lambda one: -one.loss.value))


def measure_slices(test: Part, probability: FloatArray, base_rate: float) -> tuple[Slice, ...]:
    """Airlines, destinations and months of fifty flights or more, the largest first; months in order.

    Parameters
    ----------
    probability : shape (n,), with the timetable
    base_rate : of the flights learned from
    """
    loss = losses(probability, test.delayed)
    base_rate_loss = losses(np.full(len(loss), base_rate), test.delayed)
    slices: list[Slice] = []
    for dimension, values in _dimensions(test.frame):
        names, of_group = np.unique(values, return_inverse=True)
        groups = group_rates(names.tolist(), of_group, test.dates, probability, test.delayed)
        found = [
            Slice(
                dimension,
                group.name,
                *(group.flights, group.expected, group.rate, group.low, group.high),
                float(loss[of_group == number].mean()),
                float(base_rate_loss[of_group == number].mean()),
            )
            for number, group in enumerate(groups)
            if group.flights >= MIN_GROUP_SIZE
        ]
        slices += found if dimension == "month" else sorted(found, key=lambda one: -one.flights)
    return tuple(slices)


def operating_points(probability: FloatArray, delayed: BoolArray) -> tuple[OperatingPoint, ...]:
    """What each decision threshold from 0.01 to 0.99 would have meant.

    Examples
    --------
    >>> points = operating_points(np.array([0.1, 0.6]), np.array([False, True]))
    >>> points[49]
    OperatingPoint(decision_threshold=0.5, called=0.5, precision=1.0, recall=1.0)
    """
    points = []
    for threshold in DECISION_THRESHOLDS:
        called = probability >= threshold
        hits = int((called & delayed).sum())
        precision = hits / int(called.sum()) if called.any() else None
        recall = hits / max(int(delayed.sum()), 1)
        points.append(OperatingPoint(threshold, float(called.mean()), precision, recall))
    return tuple(points)


def _dimensions(frame: pl.DataFrame) -> Iterator[tuple[str, npt.NDArray[np.str_]]]:
    month = frame["scheduled_departure"].dt.strftime("%Y-%m").alias("month")
    for values in (frame["airline"], frame["destination"], month):
        yield values.name, values.to_numpy().astype(str)
