from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from puntual.cli import check as command
from tests.cli.running import run


@pytest.fixture
def dirty(made_up_scl: Path, tmp_path: Path) -> Path:
    """The made-up file with 25 bad rows, the first of them row 10, and two copies of row 2 at its end."""
    lines = made_up_scl.read_text().splitlines()
    for at in range(9, 34):
        cells = lines[at].split(",")
        lines[at] = ",".join(["soon" if at % 2 else "later", *cells[1:]] if at < 33 else [*cells, "more"])
    place = tmp_path / "dirty [1].csv"
    place.write_text("\n".join([*lines, lines[1], lines[1]]))
    return place


def test_a_good_file(made_up_scl: Path) -> None:
    ended = run("check", made_up_scl)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[1:] == [
        "source: scl (history, with actual times)",
        "rows: 714",
        "usable flights: 714",
        "dates: 2017-01-01 to 2017-01-28",
        "airlines: 6",
        "origins: 1",
        "destinations: 9",
        "cancelled: 0",
        "left out: 0",
        "duplicates: 0",
    ]


def test_what_is_left_out_is_told_by_row_and_counted_by_reason(dirty: Path) -> None:
    ended = run("check", dirty)
    assert ended.status == 0
    lines = ended.out.splitlines()
    reason = "Fecha-I is not a time written %Y-%m-%d %H:%M:%S"
    assert "left out: 25" in lines
    assert f"left out because: {reason}: 24" in lines
    assert "left out because: 19 fields instead of 18: 1" in lines
    assert "row 10: Fecha-I 'soon' is not a time written %Y-%m-%d %H:%M:%S" in lines
    assert sum(line.startswith("row ") for line in lines) == 22
    assert lines[-4:] == [
        "duplicates: 2",
        "row 716: repeats row 2",
        "row 717: repeats row 2",
        "every row: with --json",
    ]


def test_json_tells_every_row(dirty: Path) -> None:
    told = json.loads(run("check", dirty, "--json").out)
    assert (told["rows"], told["flights"], len(told["rejected"])) == (716, 689, 25)
    assert told["rejected"][-1] == {"row": 34, "reason": "19 fields instead of 18"}
    assert told["duplicates"] == [{"row": 716, "first_row": 2}, {"row": 717, "first_row": 2}]
    assert sum(told["reasons"].values()) == 25
    assert told["rows"] == told["flights"] + len(told["rejected"]) + len(told["duplicates"])


def test_a_terminal_gets_a_table(dirty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    written = io.StringIO()
    monkeypatch.setattr(
        command, "OUT", Console(file=written, force_terminal=True, width=200, highlight=False)
    )
    assert run("check", dirty).status == 0
    assert "usable flights" in written.getvalue()
    assert "dirty [1].csv" in written.getvalue()


def test_a_schedule_can_be_used(made_up_scl: Path, tmp_path: Path) -> None:
    pl.read_csv(made_up_scl, infer_schema=False).drop("Fecha-O").write_csv(tmp_path / "f.csv")
    ended = run("check", tmp_path / "f.csv")
    assert ended.status == 0
    assert "source: scl (schedule, without actual times)" in ended.out


def test_cancelled_flights_are_counted(made_up_nyc: Path) -> None:
    told = json.loads(run("check", made_up_nyc, "--json", "--source", "nyc").out)
    assert told["cancelled"] > 0
    assert told["flights"] == told["rows"]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"%PDF-1.7"])
def test_what_cannot_be_used_is_one_line_and_status_2(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.csv").write_bytes(content)
    for flags in ((), ("--json",)):
        ended = run("check", tmp_path / "f.csv", *flags)
        assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
        assert ended.err.startswith(f"puntual: {tmp_path / 'f.csv'}: ")
