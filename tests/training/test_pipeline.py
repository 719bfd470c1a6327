"""Flights -> artifact."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from puntual.batch import score
from puntual.data import Flights, read_flights
from puntual.errors import DataError
from puntual.features import compute_features
from puntual.inference.artifact import Artifact, write_artifact
from puntual.inference.card import limits
from puntual.inference.predictor import Predictor
from puntual.models.ensemble import MEMBERS
from puntual.training.evaluation import evaluate
from puntual.training.pipeline import train
from puntual.types import Flight
from tests import made_up
from tests.estimates import ends
from tests.planted import turned_from
from tests.quick import QUICK

SPLIT = dt.date(2017, 3, 1)
BUDGET = QUICK._replace(calibrations=("none", "platt"))
WHOLE = BUDGET._replace(importance=True)
quick_train = partial(train, budget=BUDGET)


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Flights:
    path = made_up.made_up_scl(tmp_path_factory.mktemp("flights") / "scl.csv", days=90)
    return read_flights(str(path))


@pytest.fixture(scope="module")
def artifact(flights: Flights) -> Artifact:
    return train(flights, split_date=SPLIT, seeds=1, budget=WHOLE)


def packed(artifact: Artifact, path: Path) -> bytes:
    write_artifact(artifact, path)
    return path.read_bytes()


def test_the_same_flights_in_any_order_and_seed_give_the_same_bytes(
    flights: Flights, artifact: Artifact, tmp_path: Path
) -> None:
    mixed = flights.frame.sample(fraction=1, shuffle=True, seed=5).with_columns(row=pl.col("row").sort())
    again = train(flights._replace(frame=mixed), split_date=SPLIT, seeds=1, budget=WHOLE)
    assert again.card.importance
    assert packed(again, tmp_path / "a") == packed(artifact, tmp_path / "b")


def test_the_test_part_changes_nothing_but_the_metrics(flights: Flights, artifact: Artifact) -> None:
    """Its flights are late by turns, and one of its airlines is a new one."""
    turned = turned_from(flights, SPLIT)
    new = (pl.col("scheduled_departure").dt.date() >= SPLIT) & (pl.col("airline") == "CMP")
    frame = turned.frame.with_columns(airline=pl.when(new).then(pl.lit("ZZZ")).otherwise("airline"))
    again = quick_train(turned._replace(frame=frame), split_date=SPLIT, seeds=1)
    assert again.evaluation != artifact.evaluation
    assert again.with_timetable == artifact.with_timetable
    assert again.without_timetable == artifact.without_timetable
    assert again.exceedance == artifact.exceedance
    assert again.decision_threshold == artifact.decision_threshold
    assert again.training == artifact.training
    assert again.tables == artifact.tables
    assert again.rates == artifact.rates


def test_of_many_flights_some_choose_and_all_are_learned_from(flights: Flights, artifact: Artifact) -> None:
    many = quick_train(flights, split_date=SPLIT, budget=BUDGET._replace(rows=1_000, sampled_rows=900))
    assert many.card.seeds is None
    assert many.training == artifact.training
    assert many.rates == artifact.rates
    assert many.with_timetable.booster == artifact.with_timetable.booster
    assert many.decision_threshold != artifact.decision_threshold


def test_the_rates_are_of_the_flights_learned_from(flights: Flights, artifact: Artifact) -> None:
    airlines = [rate for rate in artifact.rates if rate.dimension == "airline"]
    assert sum(rate.flights for rate in airlines) == artifact.training.flights
    late = sum(rate.delayed for rate in airlines)
    assert late / artifact.training.flights == pytest.approx(artifact.training.base_rate)
    assert all((rate.adjusted is None) == (rate.confounder is not None) for rate in artifact.rates)
    (panama,) = (rate for rate in airlines if rate.value == "CMP")
    assert (panama.confounder, panama.confounder_value) == ("destination", "MPTO")


def test_the_parts_meet_at_the_split_date(flights: Flights, artifact: Artifact) -> None:
    assert artifact.training.first == "2017-01-01"
    assert artifact.training.last == "2017-02-28"
    assert artifact.evaluation.first == "2017-03-01"
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    assert artifact.training.flights + artifact.evaluation.without_timetable.flights == departed.height


def test_it_learns_what_is_there(artifact: Artifact) -> None:
    """The made-up flights are late more often in the evening, and with some airlines."""
    for metrics in (artifact.evaluation.without_timetable, artifact.evaluation.with_timetable):
        assert metrics.auc is not None
        assert metrics.auc > 0.55
    predictor = Predictor(artifact)
    morning, evening = predictor.predict(
        [
            Flight(airline="LAN", destination="SCFA", scheduled_departure=dt.datetime(2017, 3, 15, hour))
            for hour in (8, 21)
        ]
    )
    assert evening.delay_probability > morning.delay_probability


def test_without_a_date_the_last_fifth_is_measured_and_what_is_given_is_taken(
    flights: Flights, artifact: Artifact
) -> None:
    given = quick_train(flights, trees=5, delay_minutes=45, seed=12, seeds=1)
    assert given.evaluation.first == str(dt.date(2017, 1, 1) + dt.timedelta(72))
    assert (given.card.tuning.trees, given.card.tuning_without_timetable.trees) == (5, 5)
    assert given.with_timetable.booster.count("Tree=") == 5 * MEMBERS
    assert given.training.base_rate < artifact.training.base_rate
    assert given.training.seed == 12


def test_final_learns_from_all_flights_after_measuring_and_every_step_is_told(
    flights: Flights, artifact: Artifact
) -> None:
    told: Counter[str] = Counter()
    steps: dict[str, int] = {}

    def report(stage: str, of: int) -> None:
        told[stage] += 1
        steps[stage] = of

    final = quick_train(flights, split_date=SPLIT, final=True, progress=report, seeds=1)
    assert told == steps
    assert next(iter(steps)) == "features"
    assert list(steps)[-2:] == ["fitting on all flights", "P(delay > t) on all flights"]
    assert final.evaluation == artifact.evaluation
    assert final.training.refitted
    assert final.training.last == "2017-03-31"
    assert final.training.flights == artifact.training.flights + artifact.evaluation.without_timetable.flights
    assert final.card.tuning == artifact.card.tuning
    assert final.with_timetable != artifact.with_timetable


def test_the_random_split_is_the_originals(flights: Flights) -> None:
    drawn = quick_train(flights, split="random", seeds=1)
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null()).height
    assert drawn.evaluation.split == "random"
    assert drawn.evaluation.without_timetable.flights == -(-departed * 3 // 10)


def test_seeds_tell_how_much_of_a_figure_is_their_own(flights: Flights, artifact: Artifact) -> None:
    several = quick_train(flights, split_date=SPLIT, seeds=2)
    spread = several.card.seeds
    assert artifact.card.seeds is None
    assert spread is not None
    assert several.with_timetable == artifact.with_timetable
    assert spread.seeds == 2
    assert spread.log_loss.deviation > 0
    assert spread.log_loss.mean != several.evaluation.with_timetable.log_loss
    low, high = ends(spread.timetable)
    assert low <= spread.timetable.value <= high


def test_cancelled_flights_are_counted_but_not_measured(artifact: Artifact, tmp_path: Path) -> None:
    flights = read_flights(str(made_up.made_up_nyc(tmp_path / "nyc.csv", days=60)))
    cancelled = flights.frame.filter("cancelled").height
    found = quick_train(flights, seeds=1)
    assert found.training.cancelled == cancelled / flights.frame.height > 0.01
    names = [{limit.name for limit in limits(one)} for one in (artifact, found)]
    assert ["no_cancellations" in each for each in names] == [True, False]
    measured = found.evaluation.without_timetable.flights
    assert found.training.flights + measured == flights.frame.height - cancelled
    one = flights.frame.filter(~pl.col("cancelled")).head(1)
    day = flights.frame.filter(
        pl.col("scheduled_departure").dt.date() == one["scheduled_departure"].dt.date().item()
    )
    counted = compute_features(one, found.tables, flights.frame)["departures_day"].item()
    at_its_origin = day.filter(pl.col("origin") == one["origin"].item())
    assert at_its_origin["cancelled"].any()
    assert counted == at_its_origin.height - 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.head(0), "0 departed flights; wanted: 400 or more"),
        (lambda frame: frame.head(300), "300 departed flights; wanted: 400 or more"),
        (
            lambda frame: frame.filter(pl.col("scheduled_departure").dt.date() < SPLIT),
            "0 departed flights to measure",
        ),
        (
            lambda frame: frame.with_columns(actual_departure=pl.col("scheduled_departure")),
            "0 of the .* flights to learn from.* left more than 15 minutes late",
        ),
    ],
)
def test_too_little_to_learn_from_is_one_line(flights: Flights, change: object, message: str) -> None:
    assert callable(change)
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    with pytest.raises(DataError, match=message) as caught:
        quick_train(flights._replace(frame=change(departed)), split_date=SPLIT)
    assert "\n" not in str(caught.value)


def test_evaluate_gives_what_training_measured(flights: Flights, artifact: Artifact) -> None:
    later = flights._replace(frame=flights.frame.filter(pl.col("scheduled_departure").dt.date() >= SPLIT))
    with_timetable, alone = evaluate(artifact, later)
    assert with_timetable == artifact.evaluation.with_timetable
    assert alone == artifact.evaluation.without_timetable


def test_a_schedule_cannot_be_evaluated(flights: Flights, artifact: Artifact) -> None:
    schedule = flights._replace(
        frame=flights.frame.with_columns(actual_departure=pl.lit(None, pl.Datetime("us")))
    )
    with pytest.raises(DataError, match="no flight has an actual departure"):
        evaluate(artifact, schedule)


def test_an_empty_schedule_gives_no_answers(flights: Flights, artifact: Artifact) -> None:
    assert len(score(artifact, flights.frame.head(0), flights.frame)) == 0
