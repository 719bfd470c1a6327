"""Values that a model never saw: every airline, destination and origin hidden in turn.

python -m benchmarks.unseen flights.csv 2017-09-01
python -m benchmarks.unseen nyc 2013-11-01 --least 1000

All flights of a value before the date are taken out of what is learned; those from the date on are asked
about, and the timetable stays as it was. Trees and calibration are those chosen once, with nothing hidden.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
from rich import box
from rich.console import Console
from rich.table import Table

from puntual.arrays import BoolArray, DateArray, FloatArray
from puntual.data import Flights, read_flights
from puntual.data.airports import build_tables
from puntual.metrics.bootstrap import SEED
from puntual.metrics.intervals import Days, losses
from puntual.metrics.scores import calibration_error
from puntual.models.cores import on_each_core
from puntual.training.assessment import Predictions, predict_both
from puntual.training.fitting import TuningResults, choose, fit
from puntual.training.pipeline import DELAY_MINUTES
from puntual.training.splits import Part, Parts, divide, take_part

FIELDS = ("airline", "destination", "origin")
LEAST = 100
WAYS = ("with timetable", "alone")


class Value(NamedTuple):
    """One airline, destination or origin."""

    field: str
    code: str

    def flights(self, part: Part) -> BoolArray:
        """Which flights of a part are its own; shape (n,)."""
        own: BoolArray = (part.frame[self.field] == self.code).to_numpy()
        return own


class Hidden(NamedTuple):
    """What was said of a value's flights by a model that never saw it, and by one that did."""

    value: Value
    dates: DateArray
    delayed: BoolArray
    told: Predictions
    knew: Predictions
    base_rate: float

    def base(self) -> FloatArray:
        """The base rate for every flight."""
        return np.full(len(self.delayed), self.base_rate)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("split_date", type=dt.date.fromisoformat)
    parser.add_argument("--least", type=int, default=LEAST, help="flights of a value in the test part")
    arguments = parser.parse_args()
    flights = read_flights(arguments.data)
    hidden = hide_each(flights, arguments.split_date, arguments.least)
    console = Console(width=120)
    console.print(by_value(hidden))
    console.print(in_all(hidden))


def hide_each(flights: Flights, split_date: dt.date, least: int) -> list[Hidden]:
    """Hide each value that has enough flights to measure, and enough others to learn from."""
    parts = divide(flights, DELAY_MINUTES, "time", split_date)
    chosen = choose(parts, seed=SEED, progress=_quiet)
    knew = predict_both(fit(parts.learned, chosen, seed=SEED, progress=_quiet), parts.test)
    return on_each_core(partial(_hide, flights, parts, chosen, knew), values(parts, least))


def values(parts: Parts, least: int) -> list[Value]:
    """Those of some flights in the test part, the largest first; none of a field that has one value only."""
    told = []
    for field in FIELDS:
        counted = parts.test.frame[field].value_counts(sort=True)
        if parts.learned.frame[field].n_unique() > 1:
            told += [Value(field, code) for code, flights in counted.iter_rows() if flights >= least]
    return told


def _hide(flights: Flights, parts: Parts, chosen: TuningResults, knew: Predictions, value: Value) -> Hidden:
    own = value.flights(parts.test)
    kept = parts.learned.frame.filter(pl.col(value.field) != value.code)
    tables = build_tables(kept, flights.airline_names)
    learned, asked = (
        take_part(frame, flights.frame, tables, DELAY_MINUTES)
        for frame in (kept, parts.test.frame.filter(pl.Series(own)))
    )
    fitted_model = fit(learned, chosen, seed=SEED, progress=_quiet)
    return Hidden(
        value,
        asked.dates,
        asked.delayed,
        predict_both(fitted_model, asked),
        Predictions(knew.with_timetable[own], knew.without_timetable[own]),
        fitted_model.base_rate,
    )


def by_value(hidden: Sequence[Hidden]) -> Table:
    """One row a value, within the timetable."""
    table = Table(
        title="Each hidden in turn, with the timetable; 95 %: blocks of consecutive days drawn anew",
        box=box.SIMPLE_HEAD,
    )
    for heading in ("field", "value"):
        table.add_column(heading)
    for heading in ("flights", "told", "came", "95 %", "log loss", "base rate's", "had it known"):
        table.add_column(heading, justify="right")
    for one in hidden:
        came = Days(one.dates, one.delayed).mean(one.delayed)
        table.add_row(
            *one.value,
            f"{len(one.delayed):,}",
            f"{one.told.with_timetable.mean():.1%}",
            f"{came.value:.1%}",
            "–" if came.low is None else f"{came.low:.1%}–{came.high:.1%}",
            *(
                f"{losses(told, one.delayed).mean():.4f}"
                for told in (one.told.with_timetable, one.base(), one.knew.with_timetable)
            ),
        )
    return table


def in_all(hidden: Sequence[Hidden]) -> Table:
    """One row a field and way of asking."""
    table = Table(title="In all, each flight once a field", box=box.SIMPLE_HEAD)
    for heading in ("field", "asked"):
        table.add_column(heading)
    for heading in (
        "flights",
        "log loss",
        "base rate's",
        "had it known",
        "calibration error",
        "largest",
        "least",
    ):
        table.add_column(heading, justify="right")
    for field in FIELDS:
        own = [one for one in hidden if one.value.field == field]
        if not own:
            continue
        delayed = np.concatenate([one.delayed for one in own])
        base = np.concatenate([one.base() for one in own])
        for at, way in enumerate(WAYS):
            told = np.concatenate([one.told[at] for one in own])
            knew = np.concatenate([one.knew[at] for one in own])
            table.add_row(
                field,
                way,
                f"{len(delayed):,}",
                *(f"{losses(given, delayed).mean():.4f}" for given in (told, base, knew)),
                f"{calibration_error(told, delayed):.4f}",
                f"{told.max():.1%}",
                f"{told.min():.1%}",
            )
    return table


def _quiet(stage: str, steps: int) -> None:
    """Report nothing."""


if __name__ == "__main__":
    main()
