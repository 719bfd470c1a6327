"""`puntual predict --detail`: how long the delay may be and the reasons of each answer, a column each."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import polars as pl
import pytest

from puntual.inference.predictor import Predictor
from puntual.inference.reasons import groups_of
from puntual.types import Flight
from tests import made_up
from tests.cli.running import mistake, run


@pytest.fixture(scope="module")
def schedule(tmp_path_factory: pytest.TempPathFactory) -> Path:
    history = made_up.made_up_scl(tmp_path_factory.mktemp("detail") / "scl.csv", days=30)
    rows = pl.read_csv(history, infer_schema=False).select("Fecha-I", "Ori-I", "Des-I", "Emp-I")
    path = history.parent / "schedule.csv"
    pl.concat([rows.head(1200), rows.head(1)]).write_csv(path)
    return path


def answers(small_model: Path, schedule: Path, *options: str, suffix: str = "parquet") -> pl.DataFrame:
    output = schedule.parent / f"out.{suffix}"
    ended = run("predict", small_model, schedule, "-o", output, *options)
    assert ended.status == 0, ended.err
    assert "flights answered" in ended.err.splitlines()[-1]
    return pl.read_parquet(output) if suffix == "parquet" else pl.read_csv(output)


def flight_of(row: dict[str, str]) -> Flight:
    return Flight(
        airline=row["Emp-I"],
        origin=row["Ori-I"],
        destination=row["Des-I"],
        scheduled_departure=dt.datetime.fromisoformat(row["Fecha-I"]),
    )


def test_a_column_for_each_group(small_model: Path, schedule: Path) -> None:
    plain, detailed = answers(small_model, schedule), answers(small_model, schedule, "--detail")
    assert not [name for name in plain.columns if name.startswith(("points_", "base_"))]
    assert detailed.select(plain.columns).equals(plain)
    artifact = Predictor.load(small_model).artifact
    groups = groups_of(artifact.features)
    points = [f"points_{group}" for group in (*groups, "base")]
    rungs = [f"delay_over_{minutes}" for minutes in (0, 15, 30, 60, 120)]
    delays = ["expected_delay", "median_delay", "delay_bound_90"]
    added = [*rungs, *delays, "cancellation_probability", "base_rate", *points]
    assert detailed.columns == [*plain.columns[:-1], *added, "problem"]
    assert {"points_hour", "points_congestion", "points_airline"} <= set(points)
    assert detailed["base_rate"].unique().to_list() == [artifact.training.base_rate]
    missed = pl.sum_horizontal(points) - pl.col("delay_probability") + pl.col("base_rate")
    assert detailed.select(missed.abs().max()).item() < 1e-12


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_they_are_the_answers_of_the_service(small_model: Path, schedule: Path, suffix: str) -> None:
    table = answers(small_model, schedule, "--alone", "--detail", suffix=suffix).tail(700)
    flights = [flight_of(row) for row in table.iter_rows(named=True)]
    for row, answer in zip(
        table.iter_rows(named=True), Predictor.load(small_model).explain(flights), strict=True
    ):
        assert {f"points_{reason.group}": reason.points for reason in answer.reasons} == {
            name: value for name, value in row.items() if name.startswith("points_")
        }
        assert {f"delay_over_{rung.minutes}": rung.probability for rung in answer.exceedance} == {
            name: value for name, value in row.items() if name.startswith("delay_over_")
        }
        told = (row["expected_delay"], row["median_delay"], row["delay_bound_90"])
        assert told == msgspec.structs.astuple(answer.delay_minutes)
        assert row["cancellation_probability"] == answer.cancellation_probability


@pytest.mark.parametrize(("language", "alone"), [("es", True), ("en", False)])
def test_the_words_are_those_of_the_service(
    small_model: Path, schedule: Path, language: str, alone: bool
) -> None:
    options = ("--detail", "--language", language, *(["--alone"] if alone else []))
    table = answers(small_model, schedule, *options)
    silent = answers(small_model, schedule, "--detail", *(["--alone"] if alone else []))
    assert table.drop("reasons").equals(silent)
    once = table.unique(["Fecha-I", "Emp-I", "Des-I"], keep="first", maintain_order=True)
    flights = [flight_of(row) for row in once.iter_rows(named=True)]
    explained = Predictor.load(small_model).explain(flights, complete_days=not alone, language=language)
    told = ["; ".join(one.words or ()) for one in explained]
    assert once["reasons"].to_list() == told


def test_words_need_the_detail(small_model: Path, schedule: Path) -> None:
    said = mistake("predict", small_model, schedule, "-o", schedule.parent / "no.csv", "--language", "es")
    assert said == "puntual: --language: needs --detail, whose reasons it puts into words\n"
    assert not (schedule.parent / "no.csv").exists()


def test_the_timetable_changes_congestion(small_model: Path, schedule: Path) -> None:
    known, alone = (
        answers(small_model, schedule, "--detail"),
        answers(small_model, schedule, "--detail", "--alone"),
    )
    assert not known["points_congestion"].equals(alone["points_congestion"])
