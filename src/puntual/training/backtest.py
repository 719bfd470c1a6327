"""Each month told by a model of all that came before it: how a model that is trained anew would have done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import polars as pl

from puntual.data import Flights
from puntual.errors import DataError
from puntual.inference.measured import RollingMonth
from puntual.metrics.intervals import Days, losses
from puntual.training.assessment import measure_protocol, predict_both
from puntual.training.fitting import choose, choose_cut, fit
from puntual.training.splits import Parts, divide
from puntual.types import Progress

HISTORY_MONTHS = 2
"""Of the file, before the first month that is told."""


def backtest(
    flights: Flights,
    threshold: int,
    *,
    cost_of_a_missed_delay: float | None = None,
    settings: Mapping[str, float] | None = None,
    trees: int | None = None,
    seed: int,
    progress: Progress = lambda stage, steps: None,
) -> tuple[RollingMonth, ...]:
    """Tell each month from the third on by what came before it.

    Nothing of a month, nor of a later one, has a part in what tells it: trees, calibration and cut are chosen
    by folds of the months before it. A month is left out where it or what came before it has too few flights,
    or none that were late.

    Parameters
    ----------
    flights, threshold, cost_of_a_missed_delay, settings, trees : as in `puntual.training.pipeline.train`
    progress : called after each month with how many there are

    Raises
    ------
    DataError : no month can be told
    """
    told, found = [], f"{len(_months(flights))} months of flights"
    months = _months(flights)[HISTORY_MONTHS:]
    for month in months:
        try:
            parts = divide(_until(flights, _end(month)), threshold, split_date=month)
            told.append(_tell(month, parts, cost_of_a_missed_delay, settings, trees=trees, seed=seed))
        except DataError as error:
            found = f"no month can be told: {error.found}"
        progress("rolling months", len(months))
    if not told:
        wanted = f"{HISTORY_MONTHS + 1} or more, each with hundreds of flights, for --split rolling"
        raise DataError(flights.where, found, wanted=wanted)
    return tuple(told)


def _tell(
    month: dt.date,
    parts: Parts,
    cost: float | None,
    settings: Mapping[str, float] | None,
    *,
    trees: int | None,
    seed: int,
) -> RollingMonth:
    learned, test = parts.learned, parts.test
    chosen = choose(parts, trees=trees, settings=settings, seed=seed)
    fitted_model = fit(learned, chosen, seed=seed)
    measured = measure_protocol(
        parts, predict_both(fitted_model, test), choose_cut(chosen, cost, fitted_model.base_rate)
    )
    plain = losses(np.full(len(test.delayed), fitted_model.base_rate), test.delayed)
    return RollingMonth(
        month=f"{month:%Y-%m}",
        split="rolling",
        first=measured.first,
        last=measured.last,
        learned_first=measured.learned_first,
        learned_last=measured.learned_last,
        learned_flights=len(learned.delayed),
        flights=measured.flights,
        base_rate=measured.base_rate,
        learned_base_rate=measured.learned_base_rate,
        cut=measured.cut,
        block_days=measured.block_days,
        plain_log_loss=Days(test.dates, test.delayed).mean(plain),
        with_timetable=measured.with_timetable,
        alone=measured.alone,
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
