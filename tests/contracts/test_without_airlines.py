"""A history without airlines, as some airports publish it: every command takes it, the airline is missing."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from puntual.data import read_flights
from tests.cli.running import run
from tests.made_up import made_up_scl
from tests.quick import command_quickly


@pytest.fixture
def history(tmp_path: Path) -> Path:
    frame = read_flights(str(made_up_scl(tmp_path / "scl.csv", days=60))).frame
    place = tmp_path / "list.csv"
    frame.select("scheduled_departure", "destination", "actual_departure", "cancelled").write_csv(place)
    return place


def test_every_command_can_be_used(history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command_quickly(monkeypatch)
    model, given = str(tmp_path / "m.puntual"), ("--set", "origin=SCEL")
    asked = run("check", str(history))
    assert asked.status == 2
    assert "no column of the origin" in asked.err
    assert "--set origin=CODE" in asked.err
    for command in (
        ("check", str(history), *given),
        ("train", str(history), *given, "-o", model, "--seeds", "1"),
        ("explore", str(history), *given, "-o", str(tmp_path / "report")),
        ("evaluate", model, str(history), *given, "--report", str(tmp_path / "card")),
        ("predict", model, str(history), *given, "-o", str(tmp_path / "answers.csv")),
    ):
        done = run(*command)
        assert done.status == 0, done.err
    answers = pl.read_csv(tmp_path / "answers.csv")
    assert answers["delay_probability"].is_between(0, 1).all()
    assert read_flights(str(history), constants={"origin": "SCEL"}).frame["airline"].is_null().all()
