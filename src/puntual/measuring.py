"""What an artifact tells of its worth: everything is measured on the test part, nothing is chosen by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.evaluation import auc, calibration_error, log_loss
from puntual.fitting import Answerer
from puntual.inference.catalogue import FEATURES
from puntual.inference.ladder import Climber, Ladder
from puntual.inference.measured import (
    DelayMeasured,
    Importance,
    OperatingPoint,
    Protocol,
    RungMeasured,
    Slice,
)
from puntual.intervals import Days, losses
from puntual.models.boosting import FEATURE_NAMES, BoolArray, FloatArray
from puntual.models.rolling import without_timetable
from puntual.reliability import group_rates
from puntual.scoring import climb_rows
from puntual.splits import Part, Parts

Score = Callable[[FloatArray], FloatArray]

CUTS = tuple(round(0.01 * step, 2) for step in range(1, 100))
SHUFFLED_FLIGHTS = 10_000
SHUFFLES = 3
SMALL = 50
"""Slices of fewer flights are not told."""


class Told(NamedTuple):
    """Probabilities for the flights of a test part, shape (n,) each."""

    with_timetable: FloatArray
    alone: FloatArray


def tell(answerer: Answerer, test: Part) -> Told:
    """What a model says of the test part."""
    alone = without_timetable(test.matrix)
    return Told(answerer.probability(test.matrix), answerer.probability(alone))


def measure_protocol(parts: Parts, told: Told, cut: float) -> Protocol:
    """Every metric with its interval, within the timetable and alone."""
    test, days = parts.test, Days(parts.test.dates)
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
        with_timetable=days.metrics(told.with_timetable, test.delayed, cut, usual),
        alone=days.metrics(told.alone, test.delayed, cut, usual),
    )


def measure_ladder(
    ladder: Ladder, threshold: int, parts: Parts, probability: FloatArray
) -> tuple[tuple[RungMeasured, ...], DelayMeasured]:
    """How each rung held, and the delay in minutes that comes from them.

    Parameters
    ----------
    probability : shape (n,), of the answers within the timetable
    """
    test, learned = parts.test, parts.learned
    climber = Climber(ladder, threshold, len(FEATURE_NAMES))
    chances = climb_rows(climber, test.matrix, probability)
    measured = []
    for minutes, chance in zip(climber.minutes, chances.T, strict=True):
        late = test.minutes > minutes
        plain = np.full(len(late), np.clip((learned.minutes > minutes).mean(), 1e-6, 1 - 1e-6))
        bounded = np.clip(chance, 1e-6, 1 - 1e-6)
        measured.append(
            RungMeasured(
                minutes=minutes,
                base_rate=float(late.mean()),
                log_loss=log_loss(bounded, late),
                plain_log_loss=log_loss(plain, late),
                auc=auc(chance, late),
                calibration_error=calibration_error(chance, late),
            )
        )
    delays = [climber.delay(row) for row in chances.tolist()]
    expected, median, bound = (
        np.array([getattr(delay, name) for delay in delays]) for name in ("expected", "median", "bound_90")
    )
    return tuple(measured), DelayMeasured(
        mean_expected=float(expected.mean()),
        mean_observed=float(test.minutes.mean()),
        median_error=float(np.abs(test.minutes - median).mean()),
        plain_median_error=float(np.abs(test.minutes - np.median(learned.minutes)).mean()),
        within_bound_90=float((test.minutes <= bound).mean()),
    )


def measure_importance(
    probability: Score, test: Part, *, seed: int, on_group: Callable[[], None]
) -> tuple[Importance, ...]:
    """What is lost when the features of one group are shuffled among the flights, most first.

    At most 10,000 flights drawn at random, shuffled three times.

    Parameters
    ----------
    probability : rows of features -> of a delay
    on_group : called after each

    References
    ----------
    Breiman (2001), Random forests, Machine Learning 45(1), section 10.
    """
    draw = np.random.default_rng(seed)
    chosen = np.sort(draw.permutation(len(test.delayed))[:SHUFFLED_FLIGHTS])
    matrix, delayed, dates = test.matrix[chosen], test.delayed[chosen], test.dates[chosen]
    days, months = Days(dates), dates.astype("datetime64[M]")
    in_place = losses(probability(matrix), delayed)
    told = []
    for group, columns in feature_groups():
        lost = np.zeros(len(chosen))
        for _ in range(SHUFFLES):
            shuffled = matrix.copy()
            shuffled[:, columns] = matrix[draw.permutation(len(chosen))][:, columns]
            lost += (losses(probability(shuffled), delayed) - in_place) / SHUFFLES
        of_month = {str(month): float(lost[months == month].mean()) for month in np.unique(months)}
        told.append(Importance(group, days.mean(lost), of_month))
        on_group()
    return tuple(sorted(told, key=lambda one: -one.loss.value))


def feature_groups() -> list[tuple[str, list[int]]]:
    """What a person calls the features, and which columns belong together; shuffled as one."""
    groups: dict[str, list[int]] = {}
    for position, name in enumerate(FEATURE_NAMES):
        groups.setdefault(FEATURES[name].group, []).append(position)
    return list(groups.items())


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
            if one.flights >= SMALL
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
