"""How far a timetable without its cancelled flights flatters: New York with them and without.

python -m benchmarks.cancelled

A history that holds no cancelled flights has a timetable of the flights that were flown, which nobody knows
beforehand. New York has both: each period is measured by a model of what came before it, once with the
cancelled flights in the timetable, and again after they are taken out, with the same seeds. A cancelled one
is never learned from nor measured, so a flight asked about alone is answered alike either way.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from rich import box
from rich.console import Console
from rich.table import Table

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


class Found(NamedTuple):
    """Log loss of one period and seed.

    Attributes
    ----------
    cancelled : share of the period's flights
    scheduled, flown : within the timetable of all flights, and of those that were not cancelled
    alone : without a timetable
    base_rate : of always saying the base rate of the flights learned from
    """

    period: str
    cancelled: float
    scheduled: float
    flown: float
    alone: float
    base_rate: float


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--periods", nargs="*", choices=PERIODS, default=[*PERIODS])
    parser.add_argument("--seeds", nargs="*", type=int, default=SEEDS)
    arguments = parser.parse_args()
    console = Console(width=120)
    found: list[Found] = []
    for one in measure(arguments.periods, arguments.seeds):
        console.print(" ".join(str(value) for value in one))
        found.append(one)
    console.print(summary(found))


def measure(periods: Sequence[str], seeds: Sequence[int]) -> Iterator[Found]:
    """Each period with each seed, one after the other."""
    year = read_flights("nyc")
    day = pl.col("scheduled_departure").dt.date()
    for period in periods:
        first, end = PERIODS[period]
        flights = year._replace(frame=year.frame.filter(day < end))
        flown = flights._replace(frame=flights.frame.filter(~pl.col("cancelled")))
        cancelled = flights.frame.filter(day >= first)["cancelled"].mean()
        for seed in seeds:
            scheduled, alone, base_rate = _losses(flights, first, seed)
            yield Found(
                period, float(str(cancelled)), scheduled, _losses(flown, first, seed)[0], alone, base_rate
            )


def _losses(flights: Flights, first: dt.date, seed: int) -> tuple[float, float, float]:
    """Log loss within the timetable, alone, and of the base rate."""
    parts = divide(flights, DELAY_MINUTES, "time", first)
    chosen = choose(parts, seed=seed)
    fitted_model = fit(parts.learned, chosen, seed=seed)
    told, delayed = predict_both(fitted_model, parts.test), parts.test.delayed
    usual = np.full(len(delayed), fitted_model.base_rate)
    scheduled, alone, base_rate = (log_loss(one, delayed) for one in (*told, usual))
    return scheduled, alone, base_rate


def summary(found: Sequence[Found]) -> Table:
    """One row a period: means over the seeds, the least and the most in brackets."""
    table = Table(title="Log loss: mean of the seeds (least to most)", box=box.SIMPLE_HEAD)
    table.add_column("measured on")
    for heading in ("cancelled", "all scheduled", "flown only", "flattered by", "alone", "base rate"):
        table.add_column(heading, justify="right")
    for period in dict.fromkeys(one.period for one in found):
        own = [one for one in found if one.period == period]
        columns = (
            [one.scheduled for one in own],
            [one.flown for one in own],
            [one.scheduled - one.flown for one in own],
            [one.alone for one in own],
        )
        table.add_row(period, f"{own[0].cancelled:.1%}", *map(_spread, columns), f"{own[0].base_rate:.4f}")
    return table


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.4f} ({min(values):.4f} to {max(values):.4f})"


if __name__ == "__main__":
    main()
