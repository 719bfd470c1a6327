"""The commands say how the probability of a cancellation does, and give it for each flight."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import puntual
from puntual.inference.artifact import read_artifact
from tests.cli.running import QUICKLY, run
from tests.planted import Plan, cancel

SPLIT = "2017-06-01"


def written(path: Path, *, evenings: float, otherwise: float) -> Path:
    """Made-up flights in the canonical columns; from six in the evening on, the chance is another."""
    planned = Plan(days=200, a_day=30, seed=3)  # too few for the operations horizon
    chance = np.where(planned.hour >= 18, evenings, otherwise)
    cancel(planned.flights(), chance, seed=4).frame.drop("row").write_csv(path)
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("cancelled") / "flights.csv", evenings=0.2, otherwise=0.01)


@pytest.fixture(scope="module")
def model(history: Path) -> Path:
    made = history.with_suffix(".puntual")
    ended = run("train", history, "-o", made, "--split-date", SPLIT, *QUICKLY)
    assert ended.status == 0, ended.err
    metrics = read_artifact(made).card.cancellation
    assert metrics is not None
    (line,) = (line for line in ended.out.splitlines() if line.startswith("cancellation: "))
    assert line.startswith(f"cancellation: {metrics.cancelled:,} of {metrics.flights:,} scheduled flights ")
    assert "better than always predicting" in line
    return made


def test_train_gives_it_as_json(history: Path, tmp_path: Path) -> None:
    made = tmp_path / "m.puntual"
    given = json.loads(run("train", history, "-o", made, "--split-date", SPLIT, *QUICKLY, "--json").out)
    metrics = given["cancellation"]
    assert metrics["trees"] > 0
    assert metrics["with_timetable"]["auc"]["value"] > 0.7
    assert metrics["learned_cancelled"] + metrics["cancelled"] == pl.read_csv(history)["cancelled"].sum()


def test_evaluate_measures_it_on_other_flights(history: Path, model: Path) -> None:
    """On those of the test part as `train` did."""
    trained = read_artifact(model).card.cancellation
    assert trained is not None
    evaluated = run("evaluate", model, history, "--since", SPLIT)
    assert f"cancellation: {trained.cancelled:,} of {trained.flights:,} scheduled flights" in evaluated.out
    given = json.loads(run("evaluate", model, history, "--since", SPLIT, "--json").out)["cancellation"]
    assert (given["flights"], given["cancelled"]) == (trained.flights, trained.cancelled)
    for mode, metrics in (("with_timetable", trained.with_timetable), ("alone", trained.without_timetable)):
        assert {name: one["value"] for name, one in given[mode].items()} == pytest.approx(
            {name: None if one is None else one.value for name, one in metrics.items()}
        )


def test_python_gives_the_same(history: Path, model: Path) -> None:
    with warnings.catch_warnings(action="ignore"):
        frame = puntual.load(model).evaluate(history, since=SPLIT).cancellation
    given = json.loads(run("evaluate", model, history, "--since", SPLIT, "--json").out)["cancellation"]
    assert frame is not None
    assert {name: value for name, mode, value, _, _ in frame.rows() if mode == "alone"} == {
        name: one["value"] for name, one in given["alone"].items()
    }


def test_predict_adds_a_column_in_detail(history: Path, model: Path, tmp_path: Path) -> None:
    run("predict", model, history, "-o", tmp_path / "out.csv", "--detail")
    table = pl.read_csv(tmp_path / "out.csv", try_parse_dates=True)
    evening = (pl.col("scheduled_departure").dt.hour() >= 18).alias("evening")
    means = table.group_by(evening).agg(pl.col("cancellation_probability").mean()).sort("evening")
    assert means["cancellation_probability"].to_list() == pytest.approx([0.01, 0.2], abs=0.03)
    run("predict", model, history, "-o", tmp_path / "plain.csv")
    assert "cancellation_probability" not in pl.read_csv(tmp_path / "plain.csv").columns


def test_a_history_with_few_cancellations_is_told_what_it_takes(tmp_path: Path) -> None:
    few = written(tmp_path / "few.csv", evenings=0.01, otherwise=0.01)
    ended = run("train", few, "-o", tmp_path / "m.puntual", "--split-date", SPLIT, *QUICKLY)
    said = "no probability of a cancellation: it takes 200 cancelled flights to learn from and 20 to test on"
    assert said in ended.out.splitlines()


def test_where_nothing_tells_them_apart_the_base_rate_is_kept_and_that_is_said(tmp_path: Path) -> None:
    alike = written(tmp_path / "alike.csv", evenings=0.05, otherwise=0.05)
    made = tmp_path / "m.puntual"
    ended = run("train", alike, "-o", made, "--split-date", SPLIT, *QUICKLY)
    cancellation = read_artifact(made).cancellation
    assert cancellation is not None
    assert cancellation.booster is None
    usual = f"every flight gets {100 * cancellation.base_rate:.1f} %, the share of the training flights"
    assert usual in ended.out
    assert usual in run("evaluate", made, alike, "--since", SPLIT).out
