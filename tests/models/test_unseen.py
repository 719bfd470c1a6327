"""Airlines, destinations and origins that a model never saw: each hidden in turn."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from puntual.data import Flights
from puntual.data.airports import build_tables
from puntual.inference.calibration import Platt
from puntual.inference.encoder import Encoder
from puntual.inference.scorer import Scorer
from puntual.inference.tables import Tables
from puntual.metrics.arrays import FloatArray
from puntual.models.boosting import FEATURE_NAMES, Booster, fit_booster
from puntual.models.modes import without_timetable
from puntual.training.splits import take_part
from puntual.types import Flight
from tests.planted import AIRLINES, DESTINATIONS, Plan

ORIGINS = ("SCEL", "SCFA", "KJFK")
FIELDS = {"airline": AIRLINES, "destination": DESTINATIONS, "origin": ORIGINS}
LATE = {
    "airline": (0.0, 0.1, 0.2, 0.05, 0.3),
    "destination": (0.0, 0.15, 0.05, 0.2, 0.0, 0.1),
    "origin": (0.0, 0.1, 0.2),
}
EACH = [(field, value) for field, values in FIELDS.items() for value in values]
NEVER = {"airline": "ZZZ", "destination": "XQZ", "origin": "XQY"}
TREES = 60
NEAR = 0.03
"""Of probability; the planted rates differ by .2 to .3."""

MINUTE = FEATURE_NAMES.index("minute_of_day")


class Lesson(NamedTuple):
    """What was learned from flights without one value, and the flights of that value."""

    tables: Tables
    base_rate: float
    booster: Booster
    hidden: list[Flight]

    def probabilities(self, flights: list[Flight]) -> FloatArray:
        return np.asarray(expit(self.booster.raw(self.matrix(flights))))

    def matrix(self, flights: list[Flight]) -> FloatArray:
        encoder = Encoder(self.tables, tuple(FEATURE_NAMES))
        return np.array([encoder.encode(encoder.resolve(flight)) for flight in flights])


@cache
def history() -> Flights:
    """Flights whose delays come from the airline, the destination, the origin and the hour."""
    plan = Plan(days=120, a_day=80)
    plan.origin = plan.draw.choice(ORIGINS, len(plan.day), p=(0.5, 0.3, 0.2))
    plan.late = 0.05 + 0.1 * (plan.hour > 17)
    for field, more in LATE.items():
        plan.late += np.array(more)[[FIELDS[field].index(value) for value in getattr(plan, field)]]
    return plan.flights()


@cache
def lesson(field: str, value: str) -> Lesson:
    flights = history()
    own = pl.col(field) == value
    kept = flights.frame.filter(~own)
    tables = build_tables(kept, flights.airline_names)
    part = take_part(kept, flights.frame, tables, 15)
    columns = ("airline", "origin", "destination", "scheduled_departure")
    hidden = flights.frame.filter(own).head(500).select(columns)
    return Lesson(
        tables,
        float(part.delayed.mean()),
        fit_booster((without_timetable(part.matrix), part.delayed), trees=TREES, seed=1),
        [Flight(**row) for row in hidden.iter_rows(named=True)],
    )


@pytest.mark.parametrize(("field", "value"), EACH)
def test_it_is_named_and_predicted_like_known_values(field: str, value: str) -> None:
    learned = lesson(field, value)
    encoder = Encoder(learned.tables, tuple(FEATURE_NAMES))
    assert {encoder.resolve(flight).unknown for flight in learned.hidden} == {(field,)}
    unseen = learned.probabilities(learned.hidden)
    known = np.array(
        [
            learned.probabilities(as_if(learned.hidden, field, other))
            for other in FIELDS[field]
            if other != value
        ]
    )
    assert known.mean(axis=1).min() - NEAR < unseen.mean() < known.mean(axis=1).max() + NEAR
    assert known.min() - NEAR < unseen.min()
    assert unseen.max() < known.max() + NEAR


def test_all_three_at_once() -> None:
    learned = lesson("airline", "LAN")
    encoder = Encoder(learned.tables, tuple(FEATURE_NAMES))
    flights = learned.hidden
    for field, never in NEVER.items():
        flights = as_if(flights, field, never)
    assert {encoder.resolve(flight).unknown for flight in flights} == {("airline", "destination", "origin")}
    assert learned.probabilities(flights).mean() == pytest.approx(learned.base_rate, abs=0.1)


def test_the_service_predicts_the_same_and_its_reasons_sum_to_it() -> None:
    learned = lesson("destination", "SCFA")
    scorer = Scorer(learned.booster.text, len(FEATURE_NAMES), Platt())
    for row in learned.matrix(learned.hidden[:20]):
        values = tuple(row.tolist())
        assert scorer.raw(values) == learned.booster.raw(row[None])[0]
        assert math.fsum(scorer.contributions(values)) == pytest.approx(scorer.raw(values), abs=1e-9)


def test_a_missing_number_that_was_learned_stays_as_learned() -> None:
    rows = np.zeros((2000, len(FEATURE_NAMES)))
    rows[:1000, MINUTE] = np.nan
    rows[1000:, MINUTE] = np.arange(1000)
    booster = fit_booster((rows, np.arange(2000) < 800), trees=60, seed=1)
    missing, known = (expit(booster.raw(rows[part])).mean() for part in (slice(1000), slice(1000, None)))
    assert missing == pytest.approx(0.8, abs=0.1)
    assert known == pytest.approx(0.0, abs=0.1)


def as_if(asked: list[Flight], field: str, value: str) -> list[Flight]:
    return [msgspec.structs.replace(flight, **{field: value}) for flight in asked]
