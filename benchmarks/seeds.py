"""How much of a figure is the seed's: all tuned and fitted anew with each, measured on the same flights.

python -m benchmarks.seeds flights.csv 2017-09-01
python -m benchmarks.seeds nyc 2013-11-01 --seeds 3
"""

from __future__ import annotations

import argparse
import datetime as dt

import numpy as np

from deploy.tables import markdown_table
from puntual.data import read_flights
from puntual.metrics.bootstrap import SEED
from puntual.metrics.intervals import Days, losses
from puntual.metrics.scores import auc, log_loss
from puntual.training.assessment import MOVED, Predictions, predict_both
from puntual.training.fitting import choose, fit
from puntual.training.pipeline import DELAY_MINUTES
from puntual.training.splits import Part, divide

MODES = ("with the timetable", "without")
HEADS = ("seed", *(f"{figure}, {mode}" for mode in MODES for figure in ("trees", "log loss", "AUC")))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("split_date", type=dt.date.fromisoformat)
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    parts = divide(read_flights(arguments.data), DELAY_MINUTES, split_date=arguments.split_date)
    rows, predictions = [], []
    for seed in range(SEED, SEED + arguments.seeds):
        tuning = choose(parts, seed=seed)
        predictions.append(predict_both(fit(parts.learned, tuning, seed=seed), parts.test))
        row = [str(seed)]
        for tuned, probability in zip(tuning, predictions[-1], strict=True):
            row += [str(tuned.trees), *(f"{score:.4f}" for score in scores(probability, parts.test))]
        rows.append(row)
    print(markdown_table(HEADS, rows), end="\n\n")
    for mode, columns in zip(MODES, zip(*predictions, strict=True), strict=True):
        print(describe(mode, np.column_stack(columns), parts.test))
    print(describe_worth(predictions, parts.test))


def scores(probability: np.ndarray, test: Part) -> tuple[float, float]:
    """Log loss and AUC."""
    return log_loss(probability, test.delayed), auc(probability, test.delayed) or np.nan


def describe(mode: str, probability: np.ndarray, test: Part) -> str:
    """Mean and standard deviation over the seeds, and how far they move a flight's probability."""
    log_losses, areas = zip(*(scores(column, test) for column in probability.T), strict=True)
    moved = np.ptp(probability, axis=1)
    return (
        f"{mode}: log loss {np.mean(log_losses):.4f} ± {np.std(log_losses, ddof=1):.4f}, "
        f"AUC {np.mean(areas):.4f} ± {np.std(areas, ddof=1):.4f}; a flight's probability moves by more than "
        f"5 points for {(moved > MOVED).mean():.1%}, by more than 10 for {(moved > 2 * MOVED).mean():.1%}"
    )


def describe_worth(predictions: list[Predictions], test: Part) -> str:
    """How much the timetable is worth, over days and seeds."""
    worth = [
        losses(each.without_timetable, test.delayed) - losses(each.with_timetable, test.delayed)
        for each in predictions
    ]
    estimate = Days(test.dates, test.delayed).mean(np.column_stack(worth))
    ends = "" if estimate.low is None else f" ({estimate.low:.4f} to {estimate.high:.4f})"
    return f"the timetable is worth {estimate.value:.4f}{ends}"


if __name__ == "__main__":
    main()
