"""How far a timetable without its cancelled flights flatters: New York with them and without.

python -m benchmarks.cancelled

A history that holds no cancelled flights has a timetable of the flights that were flown, which nobody knows
beforehand. New York has both: a model of what came before a period is measured on it, once with the cancelled
flights in the timetable, and again after they are taken out, with the same seeds. No model is trained or
measured on a cancelled flight, so the predictions without a timetable are the same both times.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from deploy.tables import markdown_table
from puntual.data import Flights, read_flights
from puntual.metrics.scores import log_loss
from puntual.training.assessment import predict_both
from puntual.training.fitting import choose, fit
from puntual.training.pipeline import DELAY_MINUTES
from puntual.training.splits import divide

SEEDS = (11, 12, 13)
PERIODS = {
    "February": (dt.date(2013, 2, 1), dt.date(2013, 3, 1)),
    "20 June to 31 July": (dt.date(2013, 6, 20), dt.date(2013, 8, 1)),
    "September and October": (dt.date(2013, 9, 1), dt.date(2013, 11, 1)),
}
HEADS = ("measured on", "cancelled", "all scheduled", "flown only", "flattered by", "without", "base rate")


class Losses(NamedTuple):
    """Log loss of one period and seed: with a timetable, without, and of the base rate in training."""

    with_timetable: float
    without_timetable: float
    base_rate: float


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--periods", nargs="*", choices=PERIODS, default=[*PERIODS])
    parser.add_argument("--seeds", nargs="*", type=int, default=SEEDS)
    arguments = parser.parse_args()
    rows = []
    for row in measure(arguments.periods, arguments.seeds):
        print(*row, flush=True)
        rows.append(row)
    print("\nLog loss: mean of the seeds (lowest to highest)\n")
    print(markdown_table(HEADS, rows))


def measure(periods: Sequence[str], seeds: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """A row under `HEADS` for each period."""
    year = read_flights("nyc")
    day = pl.col("scheduled_departure").dt.date()
    for period in periods:
        first, end = PERIODS[period]
        flights = year._replace(frame=year.frame.filter(day < end))
        flown = flights._replace(frame=flights.frame.filter(~pl.col("cancelled")))
        cancelled = flights.frame.filter(day >= first)["cancelled"].to_numpy().mean()
        with_all = [_losses(flights, first, seed) for seed in seeds]
        with_flown = [_losses(flown, first, seed).with_timetable for seed in seeds]
        scheduled = [losses.with_timetable for losses in with_all]
        columns = (
            scheduled,
            with_flown,
            np.subtract(scheduled, with_flown).tolist(),
            [losses.without_timetable for losses in with_all],
        )
        yield period, f"{cancelled:.1%}", *map(_spread, columns), f"{with_all[0].base_rate:.4f}"


def _losses(flights: Flights, first: dt.date, seed: int) -> Losses:
    parts = divide(flights, DELAY_MINUTES, "time", first)
    fitted_model = fit(parts.learned, choose(parts, seed=seed), seed=seed)
    base_rate = np.full(len(parts.test.delayed), fitted_model.base_rate)
    predictions = (*predict_both(fitted_model, parts.test), base_rate)
    return Losses(*(log_loss(probability, parts.test.delayed) for probability in predictions))


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.4f} ({min(values):.4f} to {max(values):.4f})"


if __name__ == "__main__":
    main()
