"""`puntual evaluate --reliability`."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.cli.running import QUICKLY, mistake, run
from tests.made_up import made_up_scl

SEASON = "% of the flights have a season that the model never saw"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up_scl(tmp_path_factory.mktemp("history") / "flights.csv", days=120)


@pytest.fixture(scope="module")
def model(history: Path) -> Path:
    made = history.with_suffix(".puntual")
    assert run("train", history, "-o", made, "--split-date", "2017-03-01", *QUICKLY).status == 0
    return made


def test_bins_and_months_are_told(history: Path, model: Path) -> None:
    ended = run("evaluate", model, history, "--since", "2017-03-01", "--reliability")
    assert ended.status == 0
    assert [SEASON in line for line in ended.err.splitlines()] == [True]
    assert ended.out.count("month by month") == 2
    assert ended.out.count("2017-03 ") == ended.out.count("2017-04 ") == 2
    assert ended.out.count("without the difference in level") == 2
    plain = run("evaluate", model, history, "--since", "2017-03-01")
    assert ended.out.startswith(plain.out)


def test_the_same_as_json(history: Path, model: Path) -> None:
    told = json.loads(run("evaluate", model, history, "--since", "2017-03-01", "--reliability", "--json").out)
    for way in ("with_timetable", "alone"):
        reliability, metrics = told["reliability"][way], told[way]
        assert sum(one["flights"] for one in reliability["bins"]) == metrics["flights"]
        assert reliability["calibration_error"] == metrics["calibration_error"]
        parts = reliability["brier"]
        whole = parts["reliability"] - parts["resolution"] + parts["uncertainty"] + parts["within"]
        assert whole == pytest.approx(metrics["brier"])
    assert "reliability" not in json.loads(run("evaluate", model, history, "--json").out)


def test_a_card_of_the_model_with_these_flights(history: Path, model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    command = ("evaluate", model, history, "--since", "2017-03-01", "--report", folder, "--language", "es")
    ended = run(*command)
    assert ended.status == 0
    assert [SEASON in line for line in ended.err.splitlines()] == [True]
    assert ended.out.endswith(f"the model's card: {folder / 'card.html'}\n")
    assert {path.name for path in folder.iterdir()} == {"card.html", "card.json"}
    assert '<html lang="es">' in (folder / "card.html").read_text("utf-8")
    told = json.loads((folder / "card.json").read_text("utf-8"))
    assert [one["split"] for one in told["measured"]["protocols"]] == ["time"]
    assert told["limits"]
    given = told["given"]
    # The same flights that the model was measured on: what is measured of them anew is the same.
    own = told["measured"]["protocols"][0]
    assert (given["flights"], given["learned"]) == (own["flights"], 0)
    for way in ("with_timetable", "alone"):
        assert given[way]["log_loss"]["value"] == pytest.approx(own[way]["log_loss"]["value"], abs=1e-4)
    assert given["reliability"]["bins"]
    again = json.loads(run(*command, "--json").out)
    assert again["report"] == str(folder / "card.html")
    assert again["with_timetable"]["log_loss"] == pytest.approx(given["with_timetable"]["log_loss"]["value"])


def test_what_is_not_defined_where_no_flight_was_late(history: Path, model: Path, tmp_path: Path) -> None:
    rows = pl.read_csv(history, infer_schema=False)
    punctual = tmp_path / "punctual.csv"
    rows.with_columns(pl.when(pl.col("Fecha-O") != "").then("Fecha-I").alias("Fecha-O")).write_csv(punctual)
    command = ("evaluate", model, punctual, "--since", "2017-03-01")
    said = json.loads(run(*command, "--report", tmp_path / "made", "--language", "en", "--json").out)
    given = json.loads((tmp_path / "made" / "card.json").read_text("utf-8"))["given"]
    for way in ("with_timetable", "alone"):
        for metrics in (said[way], given[way]):
            assert metrics["auc"] is metrics["average_precision"] is metrics["recall"] is None
            assert metrics["calibration_error"] is not None
        error = given[way]["calibration_error"]
        assert error["low"] is error["high"] is None
        assert 0 < said["calibration_noise"][way]["expected"] < said["calibration_noise"][way]["most"]
    shown = run(*command).out
    assert [line.split()[1:] for line in shown.splitlines() if line.startswith("  AUC")] == [["–", "–"]]
    assert "nan" not in shown.lower()


def test_a_card_of_somebody_else_stays(history: Path, model: Path, tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text("mine")
    said = mistake("evaluate", model, history, "--report", tmp_path)
    assert "card.json exists, and no card.html of Puntual with it" in said
    assert (tmp_path / "card.json").read_text() == "mine"


def test_flights_that_were_learned_from_are_told(history: Path, model: Path, tmp_path: Path) -> None:
    ended = run("evaluate", model, history, "--report", tmp_path)
    assert "these figures flatter" in ended.err
    told = json.loads((tmp_path / "card.json").read_text("utf-8"))
    assert 0 < told["given"]["learned"] < told["given"]["flights"]


def test_mistakes_about_the_card_are_one_line(history: Path, model: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for options, message in (
        (("--report", file), "is a file; wanted: a folder"),
        (("--language", "es"), "needs --report"),
        (("--report", tmp_path / "made", "--language", "fr"), "'fr'"),
    ):
        assert message in mistake("evaluate", model, history, *options)
    assert file.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
