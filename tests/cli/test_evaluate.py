"""`puntual evaluate --reliability`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.made_up import made_up_scl


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up_scl(tmp_path_factory.mktemp("history") / "flights.csv", days=120)


@pytest.fixture(scope="module")
def model(history: Path) -> Path:
    made = history.with_suffix(".puntual")
    assert run("train", history, "-o", made, "--split-date", "2017-03-01").status == 0
    return made


def test_bins_and_months_are_told(history: Path, model: Path) -> None:
    ended = run("evaluate", model, history, "--since", "2017-03-01", "--reliability")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.count("month by month") == 2
    assert ended.out.count("2017-03 ") == ended.out.count("2017-04 ") == 2
    assert ended.out.count("without the shifted level") == 2
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
