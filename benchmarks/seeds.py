"""How much of a figure is the seed's: all chosen and fitted anew with each, measured on the same flights.

python -m benchmarks.seeds flights.csv 2017-09-01
python -m benchmarks.seeds nyc 2013-11-01 --seeds 3
"""

from __future__ import annotations

import argparse
import datetime as dt

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from puntual.data import read_flights
from puntual.metrics.bootstrap import SEED
from puntual.metrics.intervals import Days, losses
from puntual.metrics.scores import auc, log_loss
from puntual.training.assessment import MOVED, Predictions, predict_both
from puntual.training.fitting import choose, fit
from puntual.training.pipeline import DELAY_MINUTES
from puntual.training.splits import Part, divide


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("split_date", type=dt.date.fromisoformat)
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    parts = divide(read_flights(arguments.data), DELAY_MINUTES, split_date=arguments.split_date)
    console = Console(width=100)
    table = Table("seed", box=box.SIMPLE_HEAD)
    for column in ("trees", "log loss", "AUC", "trees, alone", "log loss", "AUC"):
        table.add_column(column, justify="right")
    told = []
    for seed in range(SEED, SEED + arguments.seeds):
        chosen = choose(parts, seed=seed)
        told.append(predict_both(fit(parts.learned, chosen, seed=seed), parts.test))
        cells = [
            cell
            for tuned, probability in zip(chosen, told[-1], strict=True)
            for cell in (str(tuned.trees), *(f"{one:.4f}" for one in metrics(probability, parts.test)))
        ]
        table.add_row(str(seed), *cells)
    console.print(table)
    for way, name in enumerate(("with the timetable", "alone")):
        console.print(in_words(name, np.column_stack([one[way] for one in told]), parts.test))
    console.print(worth_in_words(told, parts.test))


def metrics(probability: np.ndarray, test: Part) -> tuple[float, float]:
    """Log loss and AUC."""
    return log_loss(probability, test.delayed), auc(probability, test.delayed) or np.nan


def in_words(name: str, probability: np.ndarray, test: Part) -> str:
    """Mean and standard deviation of the seeds, and how far they are apart about a flight."""
    losses_, areas = zip(*(metrics(one, test) for one in probability.T), strict=True)
    moved = np.ptp(probability, axis=1)
    return (
        f"{name}: log loss {np.mean(losses_):.4f} ± {np.std(losses_, ddof=1):.4f}, "
        f"AUC {np.mean(areas):.4f} ± {np.std(areas, ddof=1):.4f}; a flight's probability moves by more than "
        f"5 points for {(moved > MOVED).mean():.1%}, by more than 10 for {(moved > 2 * MOVED).mean():.1%}"
    )


def worth_in_words(told: list[Predictions], test: Part) -> str:
    """What the timetable is worth, over days and seeds."""
    worth = [
        losses(one.without_timetable, test.delayed) - losses(one.with_timetable, test.delayed) for one in told
    ]
    estimate = Days(test.dates, test.delayed).mean(np.column_stack(worth))
    ends = "" if estimate.low is None else f" ({estimate.low:.4f} to {estimate.high:.4f})"
    return f"the timetable is worth {estimate.value:.4f}{ends}"


if __name__ == "__main__":
    main()
