from __future__ import annotations

import gzip
import io
import json
import shlex
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from puntual.cli import check as command
from puntual.inference.card import NO_CANCELLATIONS
from tests.cli.running import mistake, run
from tests.made_up import made_up_elsewhere


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
    assert ended.status == 0
    assert ended.err.splitlines() == [f"{made_up_scl}: {NO_CANCELLATIONS}"]
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
    terminal = Console(file=written, force_terminal=True, width=200, highlight=False)
    monkeypatch.setattr(command, "OUT", terminal)
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
@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_what_cannot_be_used_is_one_line(tmp_path: Path, content: bytes, flags: tuple[str, ...]) -> None:
    (tmp_path / "f.csv").write_bytes(content)
    assert mistake("check", tmp_path / "f.csv", *flags).startswith(f"puntual: {tmp_path / 'f.csv'}: ")


def test_a_mapping_is_drafted_beside_the_file(tmp_path: Path) -> None:
    place = made_up_elsewhere(tmp_path / "abflüge 1.csv", days=20)
    toml = place.with_suffix(".toml")
    toml.unlink()
    ended = run("check", place, "--write-mapping")
    assert (ended.status, ended.out) == (0, "")
    lines = ended.err.splitlines()
    assert 'guessed: columns.scheduled_departure = ["Fecha", "Hora"]' in lines
    assert any(line.startswith("to fill in: constants.origin = ") for line in lines)
    command = lines[-1].partition("puntual check ")[2]
    assert shlex.split(command) == [str(place), "--source", str(toml)]
    text = toml.read_text("utf-8").replace('# TODO origin = "…"', 'origin = "SCEL"')
    toml.write_text(text.replace('# TODO "Copa Air" = "…"', '"Copa Air" = "CMP"'), "utf-8")
    told = run("check", *shlex.split(command)).out.splitlines()
    assert "source: mapped (history, with actual times)" in told
    assert "left out: 0" in told


def test_a_mapping_is_never_written_over(tmp_path: Path) -> None:
    place = made_up_elsewhere(tmp_path / "f.csv", days=2)
    before = place.with_suffix(".toml").read_bytes()
    assert f"{place.with_suffix('.toml')} exists already" in mistake("check", place, "--write-mapping")
    assert place.with_suffix(".toml").read_bytes() == before


@pytest.mark.parametrize("name", ["f.csv.gz", "f.CSV", "f"])
def test_a_mapping_has_the_name_of_its_file(tmp_path: Path, name: str) -> None:
    place = made_up_elsewhere(tmp_path / "g.csv", days=2)
    content = place.read_bytes()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert run("check", tmp_path / name, "--write-mapping").status == 0
    assert (tmp_path / "f.toml").exists()


def test_no_mapping_is_needed_for_a_known_source(made_up_scl: Path) -> None:
    ended = run("check", made_up_scl, "--write-mapping")
    assert (ended.status, ended.out) == (0, "")
    assert ended.err == f"{made_up_scl}: source scl reads it, so it needs no mapping\n"
    assert not made_up_scl.with_suffix(".toml").exists()


@pytest.mark.parametrize("flags", [("--json",), ("--source", "scl")])
def test_a_mapping_is_drafted_alone(made_up_scl: Path, flags: tuple[str, ...]) -> None:
    assert "cannot be combined" in mistake("check", made_up_scl, "--write-mapping", *flags)


def test_a_file_of_no_source_is_told_of_the_mapping(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b\n1,2\n")
    assert "puntual check --write-mapping" in mistake("check", tmp_path / "f.csv")
    said = mistake("check", tmp_path / "f.csv", "--source", tmp_path / "none.toml")
    assert said.endswith("none.toml: no such file; wanted: a TOML file that describes columns\n")


def test_a_path_with_line_ends_is_one_line(tmp_path: Path) -> None:
    said = mistake("check", tmp_path / "no\nsuch\x1b[2J.csv")
    assert "no\\nsuch\\x1b[2J.csv: no such file" in said
