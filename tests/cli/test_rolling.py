"""`puntual train --split rolling`: each month told by what came before it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import polars as pl
import pytest

from puntual.cli.rolling import draw_rolling, rolling_frame, rolling_tables
from puntual.exploration.charts import rolling
from puntual.exploration.words import LANGUAGES, Words
from puntual.inference.artifact import Artifact, read_artifact
from puntual.inference.measured import Estimate, RollingMonth
from puntual.intervals import METRICS
from tests import made_up
from tests.cli.running import run
from tests.flights import TABLES, artifact_of, small_booster
from tests.quick import choose_quickly


def month(name: str, flights: int, loss: float) -> RollingMonth:
    estimates = {metric: Estimate(loss, loss - 0.02, loss + 0.02) for metric in METRICS}
    return RollingMonth(
        month=name,
        split="rolling",
        first=f"{name}-01",
        last=f"{name}-28",
        learned_first="2017-01-01",
        learned_last="2017-02-28",
        learned_flights=3000,
        flights=flights,
        base_rate=0.2,
        plain_log_loss=Estimate(0.5, 0.45, 0.55),
        with_timetable=estimates,
        alone={name: Estimate(one.value + 0.1, one.low, one.high + 0.2) for name, one in estimates.items()},
    )


MONTHS = (month("2017-03", 900, 0.4), month("2017-04", 1100, 0.46))


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    made = artifact_of(TABLES, small_booster())
    return msgspec.structs.replace(made, card=msgspec.structs.replace(made.card, rolling=MONTHS))


def test_the_last_row_holds_the_means() -> None:
    frame = rolling_frame(MONTHS)
    assert frame["month"].to_list() == ["2017-03", "2017-04", "mean"]
    assert frame["flights"].to_list() == [900, 1100, 2000]
    assert frame["with_timetable_log_loss"].to_list() == pytest.approx([0.4, 0.46, 0.43])
    assert frame["alone_auc"].to_list() == pytest.approx([0.5, 0.56, 0.53])
    assert frame["plain_log_loss_high"].to_list() == [0.55, 0.55, None]


def test_the_tables_fit_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    for table in rolling_tables(MONTHS, 15):
        Console(width=80).print(table)
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.strip().startswith("2017-04"))
    assert " ".join(row.split()) == "2017-04 1,100 .2000 .5000 .4600 / .5600 .4600 / .5600"
    assert sum(line.strip().startswith("mean") for line in lines) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chart_is_valid_and_shows_the_intervals(artifact: Artifact, language: str) -> None:
    series = pl.DataFrame(
        [
            {"month": "2017-03", "series": name, "log_loss": 0.4, "low": 0.3, "high": 0.5}
            for name in ("with_timetable", "alone", "plain")
        ]
    )
    specification = rolling(series, Words(language, artifact.tables)).to_dict(validate=True)
    assert specification["title"]
    ends = specification["layer"][0]["encoding"]
    assert (ends["y"]["field"], ends["y2"]["field"]) == ("low", "high")


def test_the_picture_names_every_month(artifact: Artifact, tmp_path: Path) -> None:
    draw_rolling(artifact, tmp_path / "m.svg")
    drawn = (tmp_path / "m.svg").read_text("utf-8")
    assert drawn.startswith("<svg")
    assert all(f">{month.month}<" in drawn for month in MONTHS)


def test_the_card_holds_the_months(artifact: Artifact, tmp_path: Path) -> None:
    from puntual.inference.artifact import write_artifact

    write_artifact(artifact, tmp_path / "m.puntual")
    assert read_artifact(tmp_path / "m.puntual").card.rolling == MONTHS


def test_train_tells_and_saves_the_months(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where no chart can be drawn, it says so; the model is that of the time split."""
    history = made_up.made_up_scl(tmp_path / "scl.csv", days=90)
    monkeypatch.setitem(sys.modules, "altair", None)
    choose_quickly(monkeypatch)
    path = tmp_path / "m.puntual"
    ended = run("train", history, "-o", path, "--split", "rolling", "--json")
    assert ended.status == 0, ended.err
    assert "no chart of the months: altair is not installed: pip install 'puntual[explore]'" in ended.err
    saved, card = pl.read_csv(tmp_path / "m.rolling.csv"), read_artifact(path).card
    assert (
        saved["month"].to_list() == [*(month.month for month in card.rolling), "mean"] == ["2017-03", "mean"]
    )
    assert saved["alone_log_loss"][0] == pytest.approx(card.rolling[0].alone["log_loss"].value)
    assert card.protocols[0].split == "time"
    assert json.loads(ended.out)["rolling"] == json.loads(msgspec.json.encode(card.rolling))
    assert not (tmp_path / "m.rolling.svg").exists()


def test_too_few_months_are_one_line(tmp_path: Path) -> None:
    history = made_up.made_up_scl(tmp_path / "scl.csv", days=50)
    ended = run("train", history, "-o", tmp_path / "m.puntual", "--split", "rolling")
    assert (ended.status, ended.out) == (2, "")
    assert "2 months of flights; wanted: 3 or more" in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_a_split_date_is_of_the_time_split(tmp_path: Path) -> None:
    ended = run(
        "train", "x.csv", "-o", tmp_path / "m.puntual", "--split", "rolling", "--split-date", "2017-03-01"
    )
    assert ended.status == 2
    assert "--split-date: goes with --split time only" in ended.err
