"""Values that a model never saw: every airline, destination and origin hidden in turn.

python -m benchmarks.unseen flights.csv 2017-09-01
python -m benchmarks.unseen nyc 2013-11-01 --least 1000

A model is trained without the flights of a value before the date, and predicts those from the date on; the
timetable stays as it was. Trees and calibration are tuned once, with nothing hidden.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl

from deploy.tables import markdown_table
from puntual.arrays import BoolArray, DateArray
from puntual.data import Flights, read_flights
from puntual.data.airports import build_tables
from puntual.metrics.bootstrap import SEED
from puntual.metrics.intervals import Days, losses
from puntual.metrics.scores import calibration_error
from puntual.models.cores import on_each_core
from puntual.training.assessment import Predictions, predict_both
from puntual.training.fitting import TuningResults, choose, fit
from puntual.training.pipeline import DELAY_MINUTES
from puntual.training.splits import Parts, divide, take_part

FIELDS = ("airline", "destination", "origin")
MIN_FLIGHTS = 100
MODES = ("with timetable", "without")
LOSSES = ("log loss", "base rate's", "if seen")
BY_VALUE = ("field", "value", "flights", "predicted", "delayed", "95 %", *LOSSES)
IN_ALL = ("field", "mode", "flights", *LOSSES, "calibration error", "highest", "lowest")


class Hidden(NamedTuple):
    """The predictions for a value's flights by a model that never saw it, and by one that did."""

    field: str
    value: str
    dates: DateArray
    delayed: BoolArray
    unseen: Predictions
    seen: Predictions
    base_rate: float


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("split_date", type=dt.date.fromisoformat)
    parser.add_argument("--least", type=int, default=MIN_FLIGHTS, help="flights of a value in the test part")
    arguments = parser.parse_args()
    hidden = hide_each(read_flights(arguments.data), arguments.split_date, arguments.least)
    print("Each hidden in turn, with the timetable; 95 %: resampled in blocks of consecutive days\n")
    print(markdown_table(BY_VALUE, map(by_value, hidden), texts=2))
    print("\nIn all, each flight once a field\n")
    print(markdown_table(IN_ALL, in_all(hidden), texts=2))


def hide_each(flights: Flights, split_date: dt.date, min_flights: int) -> list[Hidden]:
    """Hide each value that has enough flights to measure, and enough others to train on."""
    parts = divide(flights, DELAY_MINUTES, "time", split_date)
    tuning = choose(parts, seed=SEED)
    seen = predict_both(fit(parts.learned, tuning, seed=SEED), parts.test)
    values = [
        (field, value)
        for field in FIELDS
        if parts.learned.frame[field].n_unique() > 1
        for value, count in parts.test.frame[field].value_counts(sort=True).iter_rows()
        if count >= min_flights
    ]
    return on_each_core(partial(_hide, flights, parts, tuning, seen), values)


def _hide(
    flights: Flights, parts: Parts, tuning: TuningResults, seen: Predictions, hidden: tuple[str, str]
) -> Hidden:
    field, value = hidden
    own = (parts.test.frame[field] == value).to_numpy()
    kept = parts.learned.frame.filter(pl.col(field) != value)
    tables = build_tables(kept, flights.airline_names)
    learned, test = (
        take_part(frame, flights.frame, tables, DELAY_MINUTES)
        for frame in (kept, parts.test.frame.filter(pl.Series(own)))
    )
    fitted_model = fit(learned, tuning, seed=SEED)
    unseen = predict_both(fitted_model, test)
    seen = Predictions(*(probability[own] for probability in seen))
    return Hidden(field, value, test.dates, test.delayed, unseen, seen, fitted_model.base_rate)


def by_value(hidden: Hidden) -> tuple[str, ...]:
    """The row of a value, with the timetable."""
    delayed = Days(hidden.dates, hidden.delayed).mean(hidden.delayed)
    return (
        hidden.field,
        hidden.value,
        f"{len(hidden.delayed):,}",
        f"{hidden.unseen.with_timetable.mean():.1%}",
        f"{delayed.value:.1%}",
        "–" if delayed.low is None else f"{delayed.low:.1%}–{delayed.high:.1%}",
        *_log_losses([hidden], 0),
    )


def in_all(hidden: Sequence[Hidden]) -> list[tuple[str, ...]]:
    """A row for each field and mode."""
    rows = []
    for field in dict.fromkeys(each.field for each in hidden):
        own = [each for each in hidden if each.field == field]
        delayed = np.concatenate([each.delayed for each in own])
        for at, mode in enumerate(MODES):
            unseen = np.concatenate([each.unseen[at] for each in own])
            error = f"{calibration_error(unseen, delayed):.4f}"
            ends = (f"{unseen.max():.1%}", f"{unseen.min():.1%}")
            rows.append((field, mode, f"{len(delayed):,}", *_log_losses(own, at), error, *ends))
    return rows


def _log_losses(hidden: Sequence[Hidden], mode: int) -> list[str]:
    """Log loss of the model that never saw the values, of the base rate, and of the model that did."""
    columns = [
        (each.unseen[mode], np.full(len(each.delayed), each.base_rate), each.seen[mode]) for each in hidden
    ]
    delayed = np.concatenate([each.delayed for each in hidden])
    return [f"{losses(np.concatenate(column), delayed).mean():.4f}" for column in zip(*columns, strict=True)]


if __name__ == "__main__":
    main()
