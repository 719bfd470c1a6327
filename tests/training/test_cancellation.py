"""The probability of a cancellation finds what it depends on, and is the base rate where nothing does."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import polars as pl
import pytest

from puntual.batch import predict, score_cancellation
from puntual.data import Flights
from puntual.inference.artifact import Artifact
from puntual.inference.cancellation import Cancellation
from puntual.inference.predictor import Predictor
from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.models.cancellation import OF_THE_DATE
from puntual.training.cancellation import fit_tuned, measure_cancellation, tune_cancellation
from puntual.training.pipeline import train
from puntual.training.scheduled import MIN_LEARNED, ScheduledParts, divide_scheduled
from puntual.training.splits import divide
from puntual.types import Flight
from tests.planted import Plan, cancel
from tests.quick import QUICK

SPLIT = dt.date(2017, 6, 1)
FEW = QUICK._replace(calibrations=("none", "platt"))


def plan() -> Plan:
    return Plan(days=200, a_day=50, seed=3)


def by_the_hour_and_airline(planned: Plan) -> FloatArray:
    chance: FloatArray = np.where(planned.hour >= 18, 0.12, 0.01) * np.where(planned.airline == "SKU", 3, 1)
    return chance


def by_the_day(planned: Plan) -> FloatArray:
    """Storms: on one day in ten, half of the flights, whichever they are."""
    storms = planned.draw.random(200) < 0.1
    chance: FloatArray = np.where(storms[planned.day], 0.5, 0.005)
    return chance


def divided(flights: Flights, date: dt.date = SPLIT) -> ScheduledParts:
    found = divide_scheduled(flights, divide(flights, 15, split_date=date), seed=1)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def history() -> Flights:
    planned = plan()
    return cancel(planned.flights(), by_the_hour_and_airline(planned), seed=4)


@pytest.fixture(scope="module")
def artifact(history: Flights) -> Artifact:
    return train(history, split_date=SPLIT, seeds=1, budget=FEW, operations=False)


def flight(hour: int, airline: str) -> Flight:
    moment = dt.datetime(2017, 6, 14, hour, 30)
    return Flight(airline=airline, destination="SCFA", scheduled_departure=moment)


def test_it_finds_the_hour_and_the_airline(artifact: Artifact) -> None:
    metrics = artifact.card.cancellation
    assert metrics is not None
    assert metrics.trees > 0
    assert metrics.validation_gain is not None
    for mode in (metrics.with_timetable, metrics.without_timetable):
        area, gain, error = (mode[name] for name in ("auc", "gain", "calibration_error"))
        assert area is not None
        assert gain is not None
        assert gain.low is not None
        assert error is not None
        assert area.value > 0.75
        assert gain.low > 0
        assert error.value < 0.03
    asked = [flight(hour, airline) for hour, airline in ((21, "SKU"), (21, "LAN"), (8, "SKU"), (8, "LAN"))]
    chances = [one.cancellation_probability for one in Predictor(artifact).explain(asked)]
    assert chances == pytest.approx([0.36, 0.12, 0.03, 0.01], rel=0.5)


def test_it_is_measured_on_all_scheduled_flights(history: Flights, artifact: Artifact) -> None:
    metrics = artifact.card.cancellation
    assert metrics is not None
    tested = history.frame.filter(pl.col("scheduled_departure").dt.date() >= SPLIT)
    assert (metrics.flights, metrics.cancelled) == (tested.height, tested["cancelled"].sum())
    assert metrics.learned_flights + metrics.flights == history.frame.height
    assert metrics.base_rate == metrics.cancelled / metrics.flights
    assert (metrics.first, metrics.last) == (str(SPLIT), "2017-07-20")
    plain = metrics.with_timetable["plain_log_loss"]
    rate, learned = metrics.base_rate, metrics.learned_base_rate
    expected = -rate * np.log(learned) - (1 - rate) * np.log1p(-learned)
    assert plain is not None
    assert plain.value == pytest.approx(expected)


def test_a_batch_gives_the_answers_of_the_service(history: Flights, artifact: Artifact) -> None:
    """Bit by bit, with the timetable and without."""
    frame = history.frame.head(1500)
    flights = [
        Flight(airline=airline, origin=origin, destination=destination, scheduled_departure=when)
        for airline, origin, destination, when in frame.select(
            "airline", "origin", "destination", "scheduled_departure"
        ).iter_rows()
    ]
    predictor = Predictor(artifact)
    for timetable, known in ((frame, predictor.timetable(flights)), (None, None)):
        table = predict(artifact, frame, timetable, detail=True)
        answers = predictor.explain(flights, timetable=known)
        assert table["cancellation_probability"].to_list() == [
            answer.cancellation_probability for answer in answers
        ]
        resolved = [predictor.resolve(flight) for flight in flights]
        assert predictor.cancellation_probabilities(resolved, known) == [
            answer.cancellation_probability for answer in answers
        ]
    assert "cancellation_probability" not in predict(artifact, frame, frame).columns


def test_the_test_part_chooses_nothing(history: Flights, artifact: Artifact) -> None:
    later = pl.col("scheduled_departure").dt.date() >= SPLIT
    turned = pl.when(later).then(pl.col("row") % 3 == 0).otherwise("cancelled")
    frame = history.frame.with_columns(cancelled=turned).with_columns(
        actual_departure=pl.when(~turned).then(
            pl.col("actual_departure").fill_null(pl.col("scheduled_departure"))
        )
    )
    again = divided(history._replace(frame=frame))
    tuning = tune_cancellation(again, seed=11, budget=FEW)
    assert fit_tuned(again.learned, tuning, seed=11) == artifact.cancellation
    metrics = measure_cancellation(fit_tuned(again.learned, tuning, seed=11), tuning, again)
    assert metrics != artifact.card.cancellation


def test_the_order_of_the_file_changes_nothing(history: Flights, artifact: Artifact) -> None:
    mixed = history.frame.sample(fraction=1, shuffle=True, seed=5)
    parts = divided(history._replace(frame=mixed))
    assert (
        fit_tuned(parts.learned, tune_cancellation(parts, seed=11, budget=FEW), seed=11)
        == artifact.cancellation
    )


@pytest.mark.parametrize("seed", range(3))
def test_where_only_days_decide_the_base_rate_is_kept(seed: int) -> None:
    """A storm says nothing of which flights are cancelled on another day."""
    planned = Plan(days=200, a_day=50, seed=seed)
    parts = divided(cancel(planned.flights(), by_the_day(planned), seed=100 + seed))
    tuning = tune_cancellation(parts, seed=1, budget=FEW)
    fitted = fit_tuned(parts.learned, tuning, seed=1)
    metrics = measure_cancellation(fitted, tuning, parts)
    assert (tuning.trees, fitted.booster) == (0, None)
    gain = metrics.with_timetable["gain"]
    assert gain is not None
    assert gain.value == pytest.approx(0, abs=1e-12)
    assert fitted.calibration.probability(0.0) == pytest.approx(metrics.learned_base_rate)


def test_too_few_cancelled_flights_give_no_probability() -> None:
    planned = plan()
    none = train(planned.flights(), split_date=SPLIT, seeds=1, trees=2, budget=QUICK, operations=False)
    assert (none.cancellation, none.card.cancellation) == (None, None)
    (answer,) = Predictor(none).explain([flight(21, "SKU")])
    assert answer.cancellation_probability is msgspec.UNSET
    assert b"cancellation" not in msgspec.json.encode(answer)
    predictor = Predictor(none)
    assert predictor.cancellation_probabilities([predictor.resolve(flight(21, "SKU"))]) == [None]
    frame = planned.flights().frame.head(5)
    assert "cancellation_probability" not in predict(none, frame, frame, detail=True).columns
    assert score_cancellation(none, frame, frame) is None


@pytest.mark.parametrize("part", ["learned", "test"])
def test_each_part_needs_some(history: Flights, part: str) -> None:
    later = pl.col("scheduled_departure").dt.date() >= SPLIT
    kept = ~pl.col("cancelled") | (later if part == "learned" else ~later)
    frame = history.frame.filter(kept)
    assert frame["cancelled"].sum() > (0 if part == "learned" else MIN_LEARNED)
    parts = divide(history._replace(frame=frame), 15, split_date=SPLIT)
    assert divide_scheduled(history._replace(frame=frame), parts, seed=1) is None


def test_a_destination_that_nobody_flew_to_is_not_a_cancelled_flight(history: Flights) -> None:
    """All flights to it were cancelled, so that no table knows it."""
    new = pl.col("cancelled") & (pl.col("destination") == "SCTE")
    frame = history.frame.with_columns(destination=pl.when(new).then(pl.lit("SCDA")).otherwise("destination"))
    parts = divided(history._replace(frame=frame))
    before = divided(history)
    assert parts.learned.cancelled.sum() < before.learned.cancelled.sum()
    assert len(parts.test.cancelled) == len(before.test.cancelled)
    tuning = tune_cancellation(parts, seed=1, budget=FEW)
    fitted = fit_tuned(parts.learned, tuning, seed=1)
    rates = measure_cancellation(fitted, tuning, parts)
    assert rates.learned_cancelled == parts.learned.cancelled.sum()


def test_an_operator_that_only_flown_flights_have_is_not_read(history: Flights) -> None:
    operator = pl.when(~pl.col("cancelled")).then("airline")
    told = divided(history._replace(frame=history.frame.with_columns(operator=operator)))
    tuning = tune_cancellation(told, seed=1, budget=FEW)
    assert tuning.hidden == (*OF_THE_DATE, "operator")
    assert tune_cancellation(divided(history), seed=1, budget=FEW).hidden == OF_THE_DATE
    metrics = measure_cancellation(fit_tuned(told.learned, tuning, seed=1), tuning, told)
    area = metrics.with_timetable["auc"]
    assert area is not None
    assert area.value < 0.9


def test_a_random_split_divides_the_cancelled_flights_too(history: Flights) -> None:
    parts = divide_scheduled(history, divide(history, 15, "random"), seed=1)
    assert parts is not None
    learned, test = parts.learned.cancelled.sum(), parts.test.cancelled.sum()
    assert learned + test == history.frame["cancelled"].sum()
    assert test / (learned + test) == pytest.approx(0.3, abs=0.02)
    assert len(parts.folds) == 2


def test_the_final_fit_learns_from_all_flights(history: Flights, artifact: Artifact) -> None:
    final = train(history, split_date=SPLIT, seeds=1, trees=2, budget=FEW, final=True, operations=False)
    assert isinstance(final.cancellation, Cancellation)
    assert final.card.cancellation == artifact.card.cancellation
    assert final.cancellation != artifact.cancellation


def test_a_month_without_a_cancellation_before_it_chooses_nothing() -> None:
    """All cancellations are of the last weeks, and no month that is held out has any before it."""
    planned = plan()
    chance = by_the_hour_and_airline(planned) * np.where(planned.day > 140, 3, 0)
    parts = divided(cancel(planned.flights(), chance, seed=4), dt.date(2017, 7, 10))
    cancelled: BoolArray = parts.learned.cancelled
    tuning = tune_cancellation(parts, seed=1, budget=FEW)
    assert cancelled.any()
    fitted = fit_tuned(parts.learned, tuning, seed=1)
    chance_given = fitted.calibration.probability(0.0)
    assert 0 < chance_given < 1
