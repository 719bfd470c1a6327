"""Made-up histories whose delays are known to come from one thing, or from nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.data import Flights
from puntual.data.airports import build_tables
from puntual.data.schema import COLUMNS
from puntual.statistics.rates import add_groups, with_outcomes

AIRLINES = ("LAN", "SKU", "TAM", "ARG", "JAT")
DESTINATIONS = ("SCFA", "SCCF", "SCTE", "SCIE", "SPJC", "SAEZ")
FIRST = dt.date(2017, 1, 2)


def shocked(draw: np.random.Generator, days: int, shocks: float, memory: float) -> npt.NDArray[np.float64]:
    """Shocks of days in a row, each of which remembers the one before."""
    drawn: npt.NDArray[np.float64] = draw.normal(0, shocks, days)
    for day in range(1, days):
        drawn[day] = memory * drawn[day - 1] + np.sqrt(1 - memory**2) * drawn[day]
    return drawn


class Plan:
    """A schedule at random, each flight with a chance of being late that a test may change.

    Attributes
    ----------
    airline, destination, origin, hour, day : shape (flights,)
    late : chance of a delay above 15 minutes, shape (flights,)
    """

    def __init__(
        self, *, days: int = 200, a_day: int = 60, seed: int = 1, shocks: float = 0.0, memory: float = 0.0
    ) -> None:
        """Days have `shocks` (of the log of the chance), each with `memory` of the day before."""
        self.draw = np.random.default_rng(seed)
        flights = days * a_day
        self.day: npt.NDArray[np.int64] = np.repeat(np.arange(days), a_day)
        self.airline = self.draw.choice(AIRLINES, flights, p=(0.4, 0.25, 0.15, 0.12, 0.08))
        self.destination = self.draw.choice(DESTINATIONS, flights)
        self.origin = np.full(flights, "SCEL")
        self.hour: npt.NDArray[np.int64] = self.draw.integers(0, 24, flights)
        self.late = np.full(flights, 0.18) * np.exp(shocked(self.draw, days, shocks, memory))[self.day]

    def flights(self) -> Flights:
        """Draw the delays, and give all of it as a file would."""
        draw, count = self.draw, len(self.day)
        late = draw.random(count) < np.clip(self.late, 0, 1)
        delay = np.where(late, 16 + draw.exponential(25, count), draw.uniform(-8, 15, count)).round()
        minute = draw.integers(0, 60, count)
        scheduled = [
            dt.datetime.combine(FIRST, dt.time()) + dt.timedelta(days=int(d), hours=int(h), minutes=int(m))
            for d, h, m in zip(self.day, self.hour, minute, strict=True)
        ]
        delays = [dt.timedelta(minutes=float(minutes)) for minutes in delay]
        known = {
            "row": range(2, count + 2),
            "scheduled_departure": scheduled,
            "airline": self.airline,
            "origin": self.origin,
            "destination": self.destination,
            "actual_departure": [moment + more for moment, more in zip(scheduled, delays, strict=True)],
            "cancelled": [False] * count,
        }
        frame = pl.DataFrame(
            [
                pl.Series(name, known.get(name, [None] * count), column.dtype)
                for name, column in COLUMNS.items()
            ]
        )
        return flights_of(frame)


def flights_of(frame: pl.DataFrame, **changes: Any) -> Flights:
    """A canonical frame as a file would give it."""
    none = pl.DataFrame(schema={"row": pl.UInt32, "reason": pl.String})
    twice = pl.DataFrame(schema={"row": pl.UInt32, "first_row": pl.UInt32})
    flights = Flights(
        source="scl",
        where="planted.csv",
        frame=frame,
        rejected=none,
        duplicates=twice,
        joined=twice,
        outside=none[["row"]],
        rows=frame.height,
        raw=frame,
        blank=none[["row"]],
        airline_names={},
        complete=True,
    )
    return flights._replace(**changes)


def late_history(days: int, a_day: int) -> Flights:
    """Flights of one airline and of the evening are late more often than others, on some days all are."""
    plan = Plan(days=days, a_day=a_day, shocks=0.2)
    plan.late = plan.late * np.where(plan.airline == "LAN", 2.5, 1) * np.where(plan.hour > 16, 1.5, 1)
    return plan.flights()


def waves(*, days: int, a_day: int = 80, seed: int = 1) -> Flights:
    """Lateness that comes in waves of some hours, which nothing in the timetable says."""
    plan = Plan(days=days, a_day=a_day, seed=seed)
    level = shocked(plan.draw, 24 * days, 1.0, memory=0.8)
    plan.late = np.where(level[24 * plan.day + plan.hour] > 0.7, 0.9, 0.05)
    return plan.flights()


def turned_from(flights: Flights, date: dt.date) -> Flights:
    """The same, every flight from a date on being an hour late or on time by turns."""
    turned = pl.col("scheduled_departure") + pl.duration(minutes=60 * (pl.int_range(pl.len()) % 2))
    later = pl.col("scheduled_departure").dt.date() >= date
    actual = pl.when(later).then(turned).otherwise("actual_departure")
    return flights._replace(frame=flights.frame.with_columns(actual_departure=actual))


def grouped(flights: Flights) -> pl.DataFrame:
    """The flights that departed, each with its outcome and its groups."""
    departed = with_outcomes(flights.frame, 15)
    return add_groups(departed, build_tables(departed, flights.airline_names))


def cancel(flights: Flights, chance: npt.NDArray[np.float64], seed: int) -> Flights:
    """The same, each flight cancelled with a chance of its own, shape (flights,)."""
    cancelled = pl.Series(np.random.default_rng(seed).random(len(chance)) < chance)
    actual = pl.when(~cancelled).then("actual_departure")
    return flights._replace(frame=flights.frame.with_columns(actual_departure=actual, cancelled=cancelled))


def write_csv(flights: Flights, path: Path) -> Path:
    """Write a history under the canonical names of its columns."""
    named = ("scheduled_departure", "airline", "origin", "destination", "actual_departure", "cancelled")
    flights.frame.select(*named).write_csv(path, datetime_format="%Y-%m-%d %H:%M")
    return path
