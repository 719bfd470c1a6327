"""Why flights held out at random look easier than those of later months, and what it is worth to train anew.

python -m benchmarks.splits flights.csv 2017-09-01
python -m benchmarks.splits nyc 2013-11-01 --trees 200

The features, settings and number of trees are always the same; only what is held out differs: 30 % of the
flights drawn at random, as many whole days, as many whole weeks, or all flights from the date on. The second
table takes each month from the date on, by a model of the time before the date, or of the time before the
month. A figure is the mean of three seeds, and of two draws if something is drawn, with the standard
deviation between them.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import expit

from deploy.tables import markdown_table
from puntual.data import Flights, read_flights
from puntual.data.airports import build_tables
from puntual.metrics.arrays import BoolArray
from puntual.metrics.bootstrap import SEED
from puntual.metrics.scores import auc, log_loss
from puntual.models.cores import on_each_core
from puntual.models.ensemble import fit_ensemble
from puntual.training.pipeline import DELAY_MINUTES
from puntual.training.splits import take_part

SHARE = 0.3
DRAWS = (1, 2)
SEEDS = range(SEED, SEED + 3)
TREES = 100


class HoldOut(NamedTuple):
    """Which flights a model is trained on and which measure it; shape (n,) each."""

    name: str
    learned: BoolArray
    test: BoolArray


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("date", type=dt.date.fromisoformat)
    parser.add_argument("--trees", type=int, default=TREES, help="of each booster")
    arguments = parser.parse_args()
    flights = read_flights(arguments.data)
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    day = departed["scheduled_departure"].dt.date()
    for hold_outs in (by_kind(day, arguments.date), by_freshness(day, arguments.date)):
        print(compare(flights, departed, hold_outs, arguments.trees), end="\n\n")


def by_kind(day: pl.Series, date: dt.date) -> Iterator[HoldOut]:
    """Flights, days and weeks at random, and all from a date on."""
    units = {
        "flights at random": np.arange(len(day)),
        "whole days at random": day.to_physical().to_numpy(),
        "whole weeks at random": day.dt.truncate("1w").to_physical().to_numpy(),
    }
    for name, unit in units.items():
        kinds = np.unique(unit)
        for draw in DRAWS:
            chosen = np.random.default_rng(draw).choice(kinds, round(SHARE * len(kinds)), replace=False)
            test = np.isin(unit, chosen)
            yield HoldOut(name, ~test, test)
    later = (day >= date).to_numpy()
    yield HoldOut(f"all from {date} on", ~later, later)


def by_freshness(day: pl.Series, date: dt.date) -> Iterator[HoldOut]:
    """Each month from a date on, learned once before the date or anew before the month."""
    month = day.dt.month_start()
    for first in month.filter(day >= date).unique().sort():
        test = ((month == first) & (day >= date)).to_numpy()
        for name, end in (("once", date), ("anew", max(first, date))):
            yield HoldOut(f"{first:%Y-%m}, learned {name}", (day < end).to_numpy(), test)


def compare(flights: Flights, departed: pl.DataFrame, hold_outs: Iterable[HoldOut], trees: int) -> str:
    """One row a kind of hold-out."""
    scores: dict[str, list[tuple[float, float]]] = {}
    for one in hold_outs:
        scores.setdefault(one.name, []).extend(measure(flights, departed, one, trees))
    rows = []
    for name, of_fits in scores.items():
        figures = zip(*of_fits, strict=True)
        cells = (f"{np.mean(figure):.4f} ± {np.std(figure, ddof=1):.4f}" for figure in figures)
        rows.append((name, len(of_fits), *cells))
    return markdown_table(("held out", "fits", "AUC", "log loss"), rows)


def measure(
    flights: Flights, departed: pl.DataFrame, hold_out: HoldOut, trees: int
) -> list[tuple[float, float]]:
    """AUC and log loss of each seed, with the timetable."""
    frames = [departed.filter(pl.Series(which)) for which in (hold_out.learned, hold_out.test)]
    tables = build_tables(frames[0], flights.airline_names)
    learned, test = (take_part(frame, flights.frame, tables, DELAY_MINUTES) for frame in frames)

    def fit(seed: int) -> tuple[float, float]:
        probability = expit(fit_ensemble(learned.rows, trees=trees, seed=seed).raw(test.matrix))
        return auc(probability, test.delayed) or np.nan, log_loss(probability, test.delayed)

    return on_each_core(fit, SEEDS)


if __name__ == "__main__":
    main()
