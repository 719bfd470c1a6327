"""`puntual train --split rolling`: each month told by what came before it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import polars as pl
import pytest
from rich.console import Console

from puntual.cli.rolling import draw_rolling, rolling_frame, rolling_tables
from puntual.inference.artifact import read_artifact
from tests import made_up
from tests.cards import ROLLING
from tests.cli.running import QUICKLY, run
from tests.estimates import value
from tests.flights import TABLES, artifact_of


def test_the_last_row_holds_the_means() -> None:
    frame = rolling_frame(ROLLING)
    assert frame["month"].to_list() == ["2017-03", "2017-04", "mean"]
    assert frame["flights"].to_list() == [900, 1100, 2000]
    assert frame["with_timetable_log_loss"].to_list() == pytest.approx([0.4, 0.46, 0.43])
    assert frame["alone_auc"].to_list() == pytest.approx([0.5, 0.56, 0.53])
    assert frame["plain_log_loss_high"].to_list() == [0.55, 0.55, None]


def test_the_tables_fit_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Console(width=80).print(*rolling_tables(ROLLING, 15), sep="\n")
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.strip().startswith("2017-04"))
    assert " ".join(row.split()) == "2017-04 1,100 .2000 .5000 .4600 / .5600 .4600 / .5600"
    assert sum(line.strip().startswith("mean") for line in lines) == 2


def test_the_picture_names_every_month(tmp_path: Path) -> None:
    made = artifact_of(TABLES, "")
    card = msgspec.structs.replace(made.card, rolling=ROLLING)
    draw_rolling(msgspec.structs.replace(made, card=card), tmp_path / "m.svg")
    drawn = (tmp_path / "m.svg").read_text("utf-8")
    assert drawn.startswith("<svg")
    assert all(f">{month.month}<" in drawn for month in ROLLING)


def test_train_tells_and_saves_the_months(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where no chart can be drawn, it says so; the model is that of the time split."""
    history = made_up.made_up_scl(tmp_path / "scl.csv", days=90)
    monkeypatch.setitem(sys.modules, "altair", None)
    path = tmp_path / "m.puntual"
    ended = run("train", history, "-o", path, "--split", "rolling", "--json", *QUICKLY)
    assert ended.status == 0, ended.err
    assert "no chart of the months: altair is not installed: pip install 'puntual[explore]'" in ended.err
    saved, card = pl.read_csv(tmp_path / "m.rolling.csv"), read_artifact(path).card
    assert (
        saved["month"].to_list() == [*(month.month for month in card.rolling), "mean"] == ["2017-03", "mean"]
    )
    assert saved["alone_log_loss"][0] == pytest.approx(value(card.rolling[0].without_timetable["log_loss"]))
    assert card.evaluations[0].split == "time"
    assert json.loads(ended.out)["rolling"] == json.loads(msgspec.json.encode(card.rolling))
    assert not (tmp_path / "m.rolling.svg").exists()
