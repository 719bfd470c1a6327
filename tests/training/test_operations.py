"""The model of the day of the flight: what it learns, and what it must not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial

import msgspec
import numpy as np
import polars as pl
import pytest

from puntual.data import Flights
from puntual.errors import DataError, SettingError
from puntual.features.operations import History
from puntual.inference.artifact import Artifact, Operations
from puntual.inference.lead_results import LEADS, LeadMetrics
from puntual.inference.operations import OPERATIONS
from puntual.metrics.arrays import FloatArray
from puntual.metrics.bootstrap import SEED
from puntual.models.operations import FAR
from puntual.training import operations
from puntual.training.cross_validation import Budget
from puntual.training.day_of_flight import DayLearner
from puntual.training.evaluation import evaluate_leads
from puntual.training.lead_times import measure_leads
from puntual.training.pipeline import train
from puntual.training.splits import Parts, divide
from tests.estimates import ends, value
from tests.planted import FIRST, Plan, cancel, turned_from, waves
from tests.quick import QUICK

DAYS = 104
SPLIT = FIRST + dt.timedelta(days=66)
THRESHOLD = 15
quick_train = partial(train, budget=QUICK, split_date=SPLIT, seeds=1)


@pytest.fixture(scope="module", autouse=True)
def few_trees() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "TREES", (25, 50))
        yield


@pytest.fixture(scope="module")
def flights() -> Flights:
    return waves(days=DAYS)


@pytest.fixture(scope="module")
def artifact(flights: Flights) -> Artifact:
    return quick_train(flights)


def by_lead(leads: tuple[LeadMetrics, ...]) -> dict[int, LeadMetrics]:
    return {one.lead_minutes: one for one in leads}


def packed(learned: Operations | None) -> bytes:
    assert learned is not None
    return msgspec.json.encode(learned)


def learn(flights: Flights) -> tuple[Parts, History, Operations]:
    """The part of training that learns the day of the flight."""
    parts = divide(flights, THRESHOLD, split_date=SPLIT)
    history = History(flights.frame, parts.tables, THRESHOLD)
    learner = DayLearner(parts.learned, history, None, THRESHOLD, SEED, QUICK)
    return parts, history, learner.fit(learner.choose())


def test_what_leaves_no_choice_is_not_tried(flights: Flights) -> None:
    parts = divide(flights, THRESHOLD, split_date=SPLIT)
    history = History(flights.frame, parts.tables, THRESHOLD)
    tried: list[str] = []

    def choose(budget: Budget) -> tuple[operations.Tuned, operations.Tuned]:
        tried.clear()
        return operations.choose_operations(
            parts.learned,
            history,
            THRESHOLD,
            budget=budget,
            seed=SEED,
            progress=lambda stage, steps: tried.append(stage),
        )

    near, far = choose(QUICK)
    assert (near.trees, near.calibration.method, far.trees, len(tried)) == (20, "none", 20, 0)
    near, far = choose(QUICK._replace(max_trees=50))
    assert {near.trees, far.trees} <= {25, 50}
    assert len(tried) == 2 * operations.FOLDS
    choose(QUICK._replace(calibrations=("none", "platt")))
    assert len(tried) == 2 * operations.FOLDS


def test_of_many_rows_some_are_drawn(flights: Flights) -> None:
    parts = divide(flights, THRESHOLD, split_date=SPLIT)
    history = History(flights.frame, parts.tables, THRESHOLD)
    every, some = (
        operations.draw_sample(parts.learned, history, FAR, SEED, max_rows=rows) for rows in (300_000, 1_000)
    )
    assert len(some.minutes) == 1_000 < len(every.minutes)
    assert (np.diff(some.dates) >= np.timedelta64(0)).all()
    late, late_of_all = ((one.minutes > THRESHOLD).mean() for one in (some, every))
    assert abs(float(late) - float(late_of_all)) < 0.05


def test_it_knows_the_wave_that_the_schedule_cannot(artifact: Artifact) -> None:
    leads = by_lead(artifact.card.leads)
    assert (*leads,) == LEADS
    assert ends(leads[60].gain)[0] > 0.02
    assert leads[30].gain.value > leads[240].gain.value > leads[1440].gain.value
    assert value(leads[60].metrics["auc"]) > value(leads[10_080].metrics["auc"]) + 0.1
    assert ends(leads[10_080].gain)[0] < 0


def test_where_nothing_is_to_be_known_it_claims_nothing() -> None:
    parts, history, learned = learn(Plan(days=DAYS, a_day=80, seed=3).flights())
    base_rate = float(parts.learned.delayed.mean())
    leads = measure_leads(
        learned,
        parts.test,
        history,
        delay_minutes=THRESHOLD,
        schedule=np.full(len(parts.test.delayed), base_rate),
        decision_threshold=0.5,
        base_rate=base_rate,
    )
    assert len(leads) == len(LEADS)
    for one in leads:
        assert ends(one.gain)[0] <= 0
        assert one.gain.value < 0.005


def test_a_flight_that_has_left_is_not_asked_about(flights: Flights) -> None:
    """Its own departure would say how late it is."""
    early = pl.col("scheduled_departure") - pl.duration(minutes=45)
    first = pl.int_range(pl.len()) % 10 == 0
    left = flights.frame.with_columns(
        actual_departure=pl.when(first).then(early).otherwise("actual_departure")
    )
    parts, history, learned = learn(flights._replace(frame=left))
    schedule = np.full(len(parts.test.delayed), 0.2)
    measured = by_lead(
        measure_leads(
            learned,
            parts.test,
            history,
            delay_minutes=THRESHOLD,
            schedule=schedule,
            decision_threshold=0.5,
            base_rate=0.2,
        )
    )
    still_here = parts.test.minutes > -45
    assert measured[60].flights == len(still_here)
    assert measured[30].flights == still_here.sum() < len(still_here)
    assert measured[30].base_rate == parts.test.delayed[still_here].mean()


def test_of_very_many_flights_some_of_every_day_are_asked_about(flights: Flights, artifact: Artifact) -> None:
    test = divide(flights, THRESHOLD, split_date=SPLIT).test
    assert artifact.operations is not None
    measure = partial(
        measure_leads,
        artifact.operations,
        test,
        History(flights.frame, artifact.tables, THRESHOLD),
        delay_minutes=THRESHOLD,
        schedule=np.full(len(test.delayed), 0.2),
        decision_threshold=0.5,
        base_rate=0.2,
    )
    asked = -(-len(test.delayed) // 3)
    every, some = by_lead(measure()), by_lead(measure(max_asked=asked))
    assert {one.every for one in every.values()} == {1}
    assert {one.every for one in some.values()} == {3}
    assert some[60].flights == asked
    for lead in LEADS:
        low, high = ends(every[lead].metrics["log_loss"])
        assert low < value(some[lead].metrics["log_loss"]) < high
        less, more = ends(some[lead].metrics["log_loss"])
        assert 0.8 < (more - less) / (high - low) < 1.6


def test_how_late_is_known_better_too(artifact: Artifact) -> None:
    leads = by_lead(artifact.card.leads)
    for early, late in zip(leads[10_080].exceedance, leads[30].exceedance, strict=True):
        assert early.minutes == late.minutes
        if early.minutes in {0, THRESHOLD, 30}:
            assert late.log_loss < early.log_loss
            assert late.auc is not None
            assert early.auc is not None
            assert late.auc > early.auc + 0.05


def cancelled(chance_of_day: FloatArray, seed: int, budget: Budget = QUICK) -> Artifact:
    """Learned from a history of which so many flights a day were cancelled, whichever they were."""
    days = len(chance_of_day)
    flights = waves(days=days, a_day=60)
    chance = np.repeat(chance_of_day, 60)
    split_date = FIRST + dt.timedelta(days=days - 60)
    return quick_train(cancel(flights, chance, seed=seed), split_date=split_date, budget=budget)


def test_a_storm_is_known_by_what_it_has_cancelled() -> None:
    storms = np.random.default_rng(5).random(220) < 0.2
    artifact = cancelled(np.where(storms, 0.5, 0.01), seed=6)
    assert artifact.operations is not None
    assert artifact.operations.cancellation is not None
    measured = {one.lead_minutes: one.cancellation for one in artifact.card.leads}
    near, far = measured[30], measured[10_080]
    assert near is not None
    assert far is not None
    assert ends(near.gain)[0] > 0
    assert value(near.metrics["auc"]) > max(0.75, value(far.metrics["auc"]) + 0.1)


def test_a_budget_may_leave_cancellations_to_the_schedule() -> None:
    storms = np.random.default_rng(5).random(220) < 0.2
    artifact = cancelled(np.where(storms, 0.5, 0.01), seed=6, budget=QUICK._replace(day_cancellation=False))
    assert artifact.operations is not None
    assert artifact.operations.cancellation is None
    assert artifact.cancellation is not None


def test_cancellations_at_random_are_left_to_the_schedule() -> None:
    artifact = cancelled(np.full(220, 0.08), seed=7)
    assert artifact.operations is not None
    assert artifact.operations.cancellation is None
    assert all(one.cancellation is None for one in artifact.card.leads)


def test_the_test_part_moves_nothing_of_it(flights: Flights, artifact: Artifact) -> None:
    *_, again = learn(turned_from(flights, SPLIT))
    assert packed(again) == packed(artifact.operations)


def test_the_order_of_the_flights_moves_nothing_of_it(flights: Flights, artifact: Artifact) -> None:
    mixed = flights.frame.sample(fraction=1, shuffle=True, seed=5).with_columns(row=pl.col("row").sort())
    *_, again = learn(flights._replace(frame=mixed))
    assert packed(again) == packed(artifact.operations)


def test_final_learns_from_all_days_and_keeps_what_was_measured(flights: Flights, artifact: Artifact) -> None:
    final = quick_train(flights, final=True)
    assert final.card.leads == artifact.card.leads
    assert packed(final.operations) != packed(artifact.operations)
    assert final.operations is not None
    assert final.operations.features[-len(OPERATIONS) :] == OPERATIONS


def test_evaluate_gives_what_training_measured(flights: Flights, artifact: Artifact) -> None:
    later = flights.frame["scheduled_departure"].dt.date() >= SPLIT
    test = flights._replace(frame=flights.frame.filter(later))
    assert evaluate_leads(artifact, test, flights.frame) == artifact.card.leads
    # Without the days before, less is known of the first days.
    assert evaluate_leads(artifact, test) != artifact.card.leads


def test_what_came_later_is_not_known(flights: Flights, artifact: Artifact) -> None:
    """The last test days are late by turns: nothing changes for those before them."""
    date = SPLIT + dt.timedelta(days=10)
    turned = turned_from(flights, date)
    days = flights.frame["scheduled_departure"].dt.date()
    first = flights._replace(frame=flights.frame.filter((days >= SPLIT) & (days < date)))
    leads = (evaluate_leads(artifact, first, history.frame) for history in (flights, turned))
    assert next(leads) == next(leads)


def test_it_is_left_out_where_the_history_is_short_or_it_is_not_wanted(flights: Flights) -> None:
    assert quick_train(flights, operations=False).operations is None
    short = flights._replace(frame=flights.frame.head(2_000))
    without = quick_train(short, split_date=None)
    assert (without.operations, without.card.leads) == (None, ())
    wanted = r"planted\.csv: 1,\d+ flights of \d+ days to learn the course of days from; wanted: 5,000"
    with pytest.raises(DataError, match=wanted):
        quick_train(short, split_date=None, operations=True)


def test_a_random_split_takes_days_apart(flights: Flights) -> None:
    drawn = partial(quick_train, flights, split_date=None, split="random")
    assert drawn().operations is None
    with pytest.raises(SettingError, match="operations: a random split; wanted: by time"):
        drawn(operations=True)
