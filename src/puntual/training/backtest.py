"""A rolling-origin backtest: each month is predicted by a model trained on all flights before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec
import numpy as np
import polars as pl

from puntual.data import Flights
from puntual.errors import DataError
from puntual.inference.evaluation_results import RollingMonth
from puntual.metrics.intervals import Days, losses
from puntual.training.assessment import measure_evaluation, predict_both
from puntual.training.cross_validation import FULL, Budget
from puntual.training.fitting import TuningResults, choose, fit, tune_decision_threshold
from puntual.training.splits import Parts, divide
from puntual.types import Progress, no_progress

HISTORY_MONTHS = 2
"""Of the file, before the first month that is predicted."""


def backtest(
    flights: Flights,
    delay_minutes: int,
    *,
    cost_of_a_missed_delay: float | None = None,
    settings: Mapping[str, float] | None = None,
    trees: int | None = None,
    budget: Budget = FULL,
    seed: int,
    progress: Progress = no_progress,
) -> tuple[RollingMonth, ...]:
    """Predict each month from the third on by a model trained on the months before it.

    Trees, calibration and decision threshold are chosen on the months before, so nothing of a month, nor of a
    later one, takes part in its prediction. A month is left out if it or the months before it have too few
    flights, or only late ones or only punctual ones.

    Parameters
    ----------
    flights, delay_minutes, cost_of_a_missed_delay, settings, trees, budget : as in
        `puntual.training.pipeline.train`
    progress : called after each month with how many there are

    Raises
    ------
    DataError : no month can be predicted
    """
    results, found = [], f"{len(_months(flights))} months of flights"
    months = _months(flights)[HISTORY_MONTHS:]
    for month in months:
        try:
            parts = divide(_until(flights, _end(month)), delay_minutes, split_date=month)
            tuning = choose(parts, trees=trees, budget=budget, settings=settings, seed=seed)
            results.append(_evaluate_month(month, parts, tuning, cost_of_a_missed_delay, seed=seed))
        except DataError as error:
            found = f"no month can be predicted: {error.found}"
        progress("rolling months", len(months))
    if not results:
        wanted = f"{HISTORY_MONTHS + 1} or more, each with hundreds of flights, for --split rolling"
        raise DataError(flights.where, found, wanted=wanted)
    return tuple(results)


def _evaluate_month(
    month: dt.date,
    parts: Parts,
    tuning: TuningResults,
    cost: float | None,
    *,
    seed: int,
) -> RollingMonth:
    learned, test = parts.learned, parts.test
    model = fit(learned, tuning, seed=seed)
    threshold = tune_decision_threshold(tuning, cost, model.base_rate)
    evaluation = measure_evaluation(parts, predict_both(model, test), threshold)
    base_rate_loss = losses(np.full(len(test.delayed), model.base_rate), test.delayed)
    return RollingMonth(
        **msgspec.structs.asdict(evaluation) | {"split": "rolling"},
        month=f"{month:%Y-%m}",
        learned_flights=len(learned.delayed),
        plain_log_loss=Days(test.dates, test.delayed).mean(base_rate_loss),
    )


def _months(flights: Flights) -> list[dt.date]:
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    first = departed["scheduled_departure"].dt.date().dt.month_start()
    return first.unique().sort().to_list()


def _end(month: dt.date) -> dt.date:
    """First day of the next month."""
    return (month + dt.timedelta(31)).replace(day=1)


def _until(flights: Flights, end: dt.date) -> Flights:
    return flights._replace(frame=flights.frame.filter(pl.col("scheduled_departure").dt.date() < end))
