"""`puntual train`, `evaluate` and `predict`, one after the other as a user would."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import msgspec
import polars as pl
import pytest

from puntual.cli.display import verdict_in_words
from puntual.cli.families import outcome_in_words
from puntual.inference.artifact import read_artifact
from puntual.inference.card import NO_CANCELLATIONS
from puntual.inference.estimates import Estimate, Performance
from puntual.inference.evaluation_results import EvaluationSummary
from puntual.inference.predictor import Predictor
from puntual.training.families import FAMILIES
from puntual.types import Flight
from tests import made_up
from tests.cards import full_artifact
from tests.cli.running import QUICKLY, mistake, run
from tests.estimates import value

METRICS = {
    "flights", "base_rate", "log_loss", "brier", "auc", "average_precision", "accuracy", "calibration_error",
    "called", "precision", "recall", "plain_log_loss", "gain",
}  # fmt: skip


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up.made_up_scl(tmp_path_factory.mktemp("history") / "scl.csv", days=60)


@pytest.fixture(scope="module")
def model(history: Path) -> Path:
    path = history.parent / "model.puntual"
    ended = run("train", history, "-o", path, *QUICKLY)
    assert ended.status == 0
    assert "log loss" in ended.out
    assert "evaluated on" in ended.out
    first = read_artifact(path).card.evaluations[0]
    called = value(first.with_timetable["called"])
    assert (
        f"{called:.3f} of the flights are called delayed, {first.base_rate:.3f} were; precision" in ended.out
    )
    assert "accuracy" not in ended.out
    unseen = "March, April, May, June, July, August, September, October, November, December"
    late = round(first.flights * first.base_rate)
    few = "too few for the calibration error and for precision and recall, which want 200 or more"
    apart = "the model answers from the timetable alone"
    assert ended.err.splitlines() == [
        "the day of the flight: fewer than 5,000 flights or 56 days to learn from; " + apart,
        f"{history}: it has seen no flight of {unseen}: there its level is a guess",
        f"{history}: {NO_CANCELLATIONS}",
        f"{history}: measured on 12 days: too few for the intervals, which want 28 or more",
        f"{history}: measured on {late} late flights: {few}",
    ]
    return path


def test_train_gives_its_test_part_as_json(history: Path, tmp_path: Path) -> None:
    ended = run(
        "train", history, "-o", tmp_path / "m.puntual", "--json", "--split-date", "2017-02-01", *QUICKLY
    )
    answer = json.loads(ended.out)
    assert answer["threshold_minutes"] == 15
    assert set(answer["with_timetable"]) == set(answer["alone"]) == METRICS
    assert read_artifact(tmp_path / "m.puntual").evaluation.first == "2017-02-01"


def test_train_narrows_its_flights(history: Path, tmp_path: Path) -> None:
    dates = ("--since", "2017-01-10", "--until", "2017-02-20")
    run("train", history, *QUICKLY, "-o", tmp_path / "m.puntual", *dates, "--final")
    training = read_artifact(tmp_path / "m.puntual").training
    assert (training.first, training.last, training.refitted) == ("2017-01-10", "2017-02-19", True)


def test_the_random_split_is_said_to_be_for_comparison(history: Path, tmp_path: Path) -> None:
    ended = run("train", history, "-o", tmp_path / "m.puntual", "--split", "random", *QUICKLY)
    assert ended.status == 0
    assert "only for comparison" in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--split", "random", "--split-date", "2017-02-01"], "--split-date: needs --split time"),
        (["--split", "rolling", "--split-date", "2017-02-01"], "--split-date: needs --split time"),
        (["--split", "rolling", "--until", "2017-02-20"], "2 months of flights; wanted: 3 or more"),
        (["--budget", "3"], "--compare"),
        (["--split-date", "tomorrow"], "tomorrow"),
        (["--threshold", "-1"], "--threshold"),
        (
            ["--threshold", "900"],
            "left more than 900 minutes late; wanted: some late and some not, or another",
        ),
        (["--cost-of-a-missed-delay", "-1"], "--cost-of-a-missed-delay"),
        (["--cost-of-a-missed-delay", "nan"], "--cost-of-a-missed-delay"),
        (["--cost-of-a-missed-delay", "inf"], "--cost-of-a-missed-delay: inf; wanted: a number from 0 on"),
        (["--since", "2030-01-01"], "2030-01-01"),
        (["--split-date", "2030-01-01"], "0 departed flights to measure on"),
    ],
)
def test_mistakes_of_train_are_one_line(
    history: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    assert message in mistake("train", history, "-o", tmp_path / "m.puntual", *arguments)
    assert not list(tmp_path.iterdir())


def test_compare_prints_and_saves_one_table(history: Path, tmp_path: Path) -> None:
    ended = run("train", history, "-o", tmp_path / "m.puntual", "--compare", "--budget", "0", "--seeds", "1")
    assert ended.status == 0, ended.err
    families = read_artifact(tmp_path / "m.puntual").card.families
    assert outcome_in_words(families) in ended.out
    saved = pl.read_csv(tmp_path / "m.comparison.csv")
    assert sorted(saved["family"]) == sorted(FAMILIES)
    assert saved["log_loss"].is_sorted()
    places = [ended.out.index(f" {family} ") for family in saved["family"]]
    assert places == sorted(places)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.comparison.csv", "m.puntual"]


def test_the_outcome_of_a_comparison_is_said_as_it_is() -> None:
    boosting, linear = full_artifact().card.families
    said = "least log loss: boosting, the artifact's family; the next, linear, is 0.0123 (0.0045 to 0.0200)"
    assert outcome_in_words((boosting, linear)).startswith(said)
    best, behind = (
        msgspec.structs.replace(linear, difference=boosting.difference),
        msgspec.structs.replace(boosting, difference=Estimate(0.0123, -0.0045, 0.02)),
    )
    assert outcome_in_words((best, behind)) == (
        "least log loss: linear; boosting, the artifact's family, "
        "is 0.0123 (-0.0045 to 0.0200), which may be chance, above it"
    )


def test_a_cost_decides_from_where_on_a_flight_is_delayed(history: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.puntual"
    ended = run("train", history, "-o", path, "--cost-of-a-missed-delay", "4", *QUICKLY)
    assert (
        "called delayed from a probability of 0.200 on (a missed delay costs 4 false alarms; below"
        in ended.out
    )
    artifact = read_artifact(path)
    assert f"below the base rate of {artifact.training.base_rate:.3f})" in ended.out
    assert (artifact.decision_threshold, artifact.card.cost_of_a_missed_delay) == (0.2, 4)
    found = artifact.card.evaluations[0].with_timetable
    told = next(point for point in artifact.card.operating_points if point.decision_threshold == 0.2)
    assert (told.precision, told.recall) == pytest.approx((value(found["precision"]), value(found["recall"])))


def test_predict_may_take_another_cut(model: Path, history: Path, tmp_path: Path) -> None:
    answers = {}
    for cut in ("0", "0.2", "1"):
        assert run("predict", model, history, "-o", tmp_path / "out.csv", "--cut", cut).status == 0
        answers[cut] = pl.read_csv(tmp_path / "out.csv")
    assert answers["0"]["delayed"].all()
    assert not answers["1"]["delayed"].any()
    some = answers["0.2"]
    assert some["delayed"].equals((some["delay_probability"] >= 0.2).rename("delayed"))
    assert 0 < some["delayed"].sum() < some.height


def test_evaluate_says_on_which_flights(model: Path, history: Path) -> None:
    ended = run("evaluate", model, history, "--since", "2017-02-18")
    assert ended.status == 0
    assert "from 2017-02-18 to 2017-03-01" in ended.out
    assert "scl.csv: measured on 12 days: too few for the intervals, which want 28 or more\n" in ended.err


def test_what_a_constant_would_have_done_stands_by_the_log_loss(model: Path, history: Path) -> None:
    artifact = read_artifact(model)
    ended = run("evaluate", model, history, "--since", "2017-02-18")
    plain = f"{artifact.evaluation.without_timetable.plain_log_loss:.4f}"
    assert [plain, plain] in [line.split()[-2:] for line in ended.out.splitlines()]
    said = verdict_in_words(*ways(artifact.evaluation), artifact.training.base_rate)
    assert said in ended.out.splitlines()


def ways(evaluation: EvaluationSummary) -> tuple[Performance, Performance]:
    return evaluation.with_timetable, evaluation.without_timetable


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((0.01, 0.03), "better than always predicting 20.0 %, the delay rate of the training flights, with"),
        (
            (-0.01, 0.03),
            "with the day's timetable no better than, alone better than always predicting 20.0 %",
        ),
        ((-0.03, -0.01), "with the day's timetable worse than, alone better than always predicting 20.0 %"),
    ],
)
def test_the_verdict_is_that_of_the_interval(model: Path, ends: tuple[float, float], said: str) -> None:
    within, alone = ways(read_artifact(model).evaluation)
    within, alone = (
        msgspec.structs.replace(one, gain=Estimate(sum(gain) / 2, *gain))
        for one, gain in ((within, ends), (alone, (0.01, 0.03)))
    )
    assert verdict_in_words(within, alone, 0.2).startswith(f"log loss: {said}")


def test_many_values_never_seen_are_said(model: Path, history: Path, tmp_path: Path) -> None:
    moved = pl.read_csv(history, infer_schema=False).with_columns(
        pl.col("Ori-I").replace("SCEL", "SPJC"),
        pl.when(pl.int_range(pl.len()) % 20 == 0).then(pl.lit("QQQ")).otherwise("Emp-I").alias("Emp-I"),
    )
    moved.write_csv(tmp_path / "moved.csv")
    said = "moved.csv: 100 % of the flights have a value of origin that the model never saw, mostly SPJC;"
    for arguments in (("evaluate", model), ("predict", model, "-o", tmp_path / "out.csv")):
        ended = run(*arguments, tmp_path / "moved.csv")
        assert said in ended.err
        assert "value of airline" not in ended.err


def test_evaluate_as_json_is_the_contract(model: Path, history: Path) -> None:
    answer = json.loads(run("evaluate", model, history, "--since", "2017-02-18", "--json").out)
    assert set(answer) == {
        *("threshold_minutes", "learned_base_rate", "cut", "with_timetable", "alone", "calibration_noise"),
        *("verdict", "cancellation"),
    }
    assert answer["cancellation"] is None, "nothing of this history was cancelled"
    assert answer["verdict"]["alone"] in {"better", "no_better", "worse", "unknown"}
    assert set(answer["alone"]) == METRICS
    trained = read_artifact(model).evaluation
    assert answer["alone"]["log_loss"] == trained.without_timetable.log_loss


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_predict_answers_every_row_beside_its_own_columns(
    model: Path, history: Path, tmp_path: Path, suffix: str
) -> None:
    schedule = pl.read_csv(history, infer_schema=False).select("Fecha-I", "Ori-I", "Des-I", "Emp-I").tail(200)
    repeated = pl.concat([schedule, schedule.head(1)])
    data = tmp_path / f"tomorrow.{suffix}"
    repeated.write_csv(data) if suffix == "csv" else repeated.write_parquet(data)
    before = data.read_bytes()
    ended = run("predict", model, data, "-o", tmp_path / f"out.{suffix}", "--alone")
    assert ended.status == 0, ended.err
    assert data.read_bytes() == before
    out = tmp_path / f"out.{suffix}"
    answers = pl.read_csv(out, infer_schema=False) if suffix == "csv" else pl.read_parquet(out)
    assert answers.columns == [
        *schedule.columns,
        "delay_probability",
        "delayed",
        "risk",
        "unknown",
        "problem",
    ]
    assert answers.select(schedule.columns).equals(repeated)
    asked = [
        Flight(
            airline=row["Emp-I"],
            origin=row["Ori-I"],
            destination=row["Des-I"],
            scheduled_departure=dt.datetime.fromisoformat(row["Fecha-I"]),
        )
        for row in repeated.iter_rows(named=True)
    ]
    expected = [answer.delay_probability for answer in Predictor.load(model).predict(asked)]
    assert answers["delay_probability"].cast(pl.Float64).to_list() == expected


def test_the_timetable_may_come_from_another_file(model: Path, history: Path, tmp_path: Path) -> None:
    day = pl.read_csv(history, infer_schema=False).filter(pl.col("Fecha-I").str.starts_with("2017-02-20"))
    day.head(1).write_csv(tmp_path / "one.csv")
    day.write_csv(tmp_path / "day.csv")
    run("predict", model, tmp_path / "day.csv", "-o", tmp_path / "whole.csv")
    known_day = ("--timetable", tmp_path / "day.csv")
    run("predict", model, tmp_path / "one.csv", "-o", tmp_path / "known.csv", *known_day)
    whole, known = (pl.read_csv(tmp_path / f"{name}.csv", infer_schema=False) for name in ("whole", "known"))
    assert known.equals(whole.head(1))


def test_a_bad_row_has_its_reason_in_its_place(model: Path, history: Path, tmp_path: Path) -> None:
    lines = history.read_text().splitlines()[:30]
    lines[3] = lines[3].replace("2017", "20x7")
    (tmp_path / "bad.csv").write_text("\n".join(lines))
    ended = run("predict", model, tmp_path / "bad.csv", "-o", tmp_path / "out.csv")
    assert ended.status == 0
    assert "1 without an answer (the column problem says why)" in ended.err
    out = pl.read_csv(tmp_path / "out.csv")
    assert out.height == 29
    assert out["problem"].is_not_null().arg_true().to_list() == [2]
    assert "20x7" in out["problem"][2]


def test_other_flights_are_no_timetable_of_a_flight_alone(model: Path, history: Path) -> None:
    said = mistake("predict", model, history, "-o", "out.csv", "--alone", "--timetable", "x.csv")
    assert "--alone" in said


def test_what_is_no_model_is_one_line(history: Path, tmp_path: Path) -> None:
    assert "not a model" in mistake("evaluate", history, history)
    assert "no such file" in mistake("evaluate", tmp_path / "none.puntual", history)
