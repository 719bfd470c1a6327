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

from puntual.arrays import BoolArray, FloatArray
from puntual.data import Flights
from puntual.data.airports import build_tables
from puntual.inference.calibration import Platt
from puntual.inference.encoder import Encoder
from puntual.inference.scorer import Scorer
from puntual.inference.tables import Tables
from puntual.models import boosting
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
"""To the answer of a model that does not read the field; the planted rates differ by .2 to .3."""

AIRLINE, DISTANCE = FEATURE_NAMES.index("airline"), FEATURE_NAMES.index("distance_km")
MINUTE = FEATURE_NAMES.index("minute_of_day")


class Lesson(NamedTuple):
    """What was learned from flights without one value, and the flights of that value asked about alone.

    Attributes
    ----------
    blind : learned from the same flights without the field
    """

    tables: Tables
    delayed: BoolArray
    booster: Booster
    blind: Booster
    asked: list[Flight]

    def answers(self, asked: list[Flight]) -> FloatArray:
        return probability(self.booster, self.matrix(asked))

    def matrix(self, asked: list[Flight]) -> FloatArray:
        encoder = Encoder(self.tables, tuple(FEATURE_NAMES))
        return np.array([encoder.encode(encoder.resolve(flight)) for flight in asked])


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
    rows = without_timetable(part.matrix)
    columns = [FEATURE_NAMES.index(field)] + [DISTANCE] * (field != "airline")
    asked = [
        Flight(**row)
        for row in flights.frame.filter(own)
        .head(500)
        .select("airline", "origin", "destination", "scheduled_departure")
        .iter_rows(named=True)
    ]
    return Lesson(
        tables,
        part.delayed,
        fit_booster((rows, part.delayed), trees=TREES, seed=1),
        fit_booster((without(rows, columns), part.delayed), trees=TREES, seed=1),
        asked,
    )


def without(matrix: FloatArray, columns: list[int]) -> FloatArray:
    blind = matrix.copy()
    blind[:, columns] = np.nan
    return blind


def probability(booster: Booster, matrix: FloatArray) -> FloatArray:
    told: FloatArray = expit(booster.raw(matrix))
    return told


@pytest.mark.parametrize(("field", "value"), EACH)
def test_it_is_named_and_gets_what_the_other_fields_say(field: str, value: str) -> None:
    learned = lesson(field, value)
    encoder = Encoder(learned.tables, tuple(FEATURE_NAMES))
    assert {encoder.resolve(flight).unknown for flight in learned.asked} == {(field,)}
    told = learned.answers(learned.asked)
    others = probability(learned.blind, learned.matrix(learned.asked))
    assert told.mean() == pytest.approx(others.mean(), abs=NEAR)


@pytest.mark.parametrize(("field", "value"), EACH)
def test_it_is_within_what_known_values_get(field: str, value: str) -> None:
    learned = lesson(field, value)
    told = learned.answers(learned.asked)
    known = np.array(
        [learned.answers(as_if(learned.asked, field, other)) for other in FIELDS[field] if other != value]
    )
    assert known.mean(axis=1).min() < told.mean() < known.mean(axis=1).max()
    assert known.min() < told.min()
    assert told.max() < known.max()


def test_all_three_at_once() -> None:
    learned = lesson("airline", "LAN")
    encoder = Encoder(learned.tables, tuple(FEATURE_NAMES))
    asked = learned.asked
    for field, never in NEVER.items():
        asked = as_if(asked, field, never)
    assert {encoder.resolve(flight).unknown for flight in asked} == {("airline", "destination", "origin")}
    told = learned.answers(asked)
    usual = learned.delayed.mean()
    assert told.mean() == pytest.approx(usual, abs=2 * NEAR)  # each field may add what one alone may
    assert told.max() - told.min() < 0.3


def test_the_service_answers_the_same_and_its_reasons_sum_to_it() -> None:
    learned = lesson("destination", "SCFA")
    scorer = Scorer(learned.booster.text, len(FEATURE_NAMES), Platt())
    for row in learned.matrix(learned.asked[:20]):
        values = tuple(row.tolist())
        assert scorer.raw(values) == learned.booster.raw(row[None])[0]
        assert math.fsum(scorer.contributions(values)) == pytest.approx(scorer.raw(values), abs=1e-9)


def test_known_values_are_answered_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    flights = history()
    tables = build_tables(flights.frame, {})
    part = take_part(flights.frame, flights.frame, tables, 15)
    turned = fit_booster(part.rows, trees=TREES, seed=1)
    monkeypatch.setattr(boosting, "balance_unseen_splits", lambda text, matrix, categorical: text)
    before = fit_booster(part.rows, trees=TREES, seed=1)
    assert turned.text != before.text
    assert np.array_equal(turned.raw(part.matrix), before.raw(part.matrix))
    hidden = without(part.matrix, [AIRLINE])
    level, told, old = (
        expit(raw).mean() for raw in (before.raw(part.matrix), turned.raw(hidden), before.raw(hidden))
    )
    assert abs(told - level) < abs(old - level) / 2


def test_a_missing_number_that_was_learned_stays_as_learned() -> None:
    rows = np.zeros((2000, len(FEATURE_NAMES)))
    rows[:1000, MINUTE] = np.nan
    rows[1000:, MINUTE] = np.arange(1000)
    booster = fit_booster((rows, np.arange(2000) < 800), trees=60, seed=1)
    missing, known = (probability(booster, rows[part]).mean() for part in (slice(1000), slice(1000, None)))
    assert missing == pytest.approx(0.8, abs=0.1)
    assert known == pytest.approx(0.0, abs=0.1)


def test_a_missing_number_that_was_not_learned_is_not_0() -> None:
    """Flights to places that no table knows are not the shortest ones."""
    rows = np.zeros((2000, len(FEATURE_NAMES)))
    rows[:, DISTANCE] = np.arange(2000)
    booster = fit_booster((rows, np.arange(2000) < 1000), trees=60, seed=1)
    near, far = probability(booster, rows[[0, -1]])
    missing = probability(booster, without(rows[:1], [DISTANCE]))[0]
    assert near - 0.1 > missing > far + 0.1


def as_if(asked: list[Flight], field: str, value: str) -> list[Flight]:
    return [msgspec.structs.replace(flight, **{field: value}) for flight in asked]
