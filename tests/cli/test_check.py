from __future__ import annotations

import gzip
import io
import json
import shlex
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from rich.text import Text

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
    assert ended.err == ""
    facts, chart, warning = (
        ended.out.splitlines()[1:-7],
        ended.out.splitlines()[-7:-1],
        ended.out.splitlines()[-1],
    )
    assert facts == [
        "source: scl (history, with actual times)",
        "rows: 714",
        "usable flights: 714",
        "left out: 0",
        "duplicates: 0",
        "dates: 2017-01-01 to 2017-01-28",
        "at 00:00: 0 %",
        "airlines: 6: LAN 275, SKU 208, JAT 105, TAM 50, ARG 49, CMP 27",
        "origins: 1: SCEL 714",
        "destinations: 9: SCFA 153, SCIE 105, SCCF 104, SAEZ 98, SPJC 77 … SBGR 50, MPTO 27, KMIA 24",
        "late by > 15 minutes: 24.2 % of those that left",
        "minutes late: median 7, 1st percentile -10, 99th 118",
        "cancelled: 0",
    ]
    assert chart[0] == "flights by hour of the local day:"
    assert chart[-1].split() == [f"{hour:02}" for hour in range(24)]
    assert warning.startswith(
        f"warning: no_cancellations: {NO_CANCELLATIONS}; if the file has cancelled flights"
    )


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
    assert "duplicates: 2" in lines
    assert lines[-10:-7] == [
        "row 716: repeats row 2",
        "row 717: repeats row 2",
        "every row: with --json",
    ]


def test_json_tells_every_row(dirty: Path) -> None:
    told = json.loads(run("check", dirty, "--json").out)
    assert (told["rows"], told["flights"], len(told["rejected"])) == (716, 689, 25)
    assert told["rejected"][-1] == {"row": 34, "reason": "19 fields instead of 18", "place": "row 34"}
    assert told["duplicates"] == [{"row": 716, "first_row": 2}, {"row": 717, "first_row": 2}]
    assert sum(told["reasons"].values()) == 25
    assert told["rows"] == told["flights"] + len(told["rejected"]) + len(told["duplicates"])


@pytest.mark.parametrize("width", [60, 120, 200])
def test_a_terminal_gets_tables_that_fit(dirty: Path, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    written = io.StringIO()
    terminal = Console(file=written, force_terminal=True, width=width, highlight=False, soft_wrap=True)
    monkeypatch.setattr(command, "OUT", terminal)
    assert run("check", dirty).status == 0
    shown = Text.from_ansi(written.getvalue()).plain
    assert "usable flights" in shown
    assert "dirty [1].csv" in shown.replace("\n", "").replace(" " * 20, "") or width == 60
    assert "warning no_cancellations\n  no cancelled flights in this history" in shown
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= width


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


@pytest.mark.parametrize("flags", [("--json",), ("--source", "scl"), ("--strict",)])
def test_a_mapping_is_drafted_alone(made_up_scl: Path, flags: tuple[str, ...]) -> None:
    assert "cannot be combined" in mistake("check", made_up_scl, "--write-mapping", *flags)


def test_a_file_of_no_source_is_told_of_the_mapping(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b\n1,2\n")
    assert "puntual check --write-mapping" in mistake("check", tmp_path / "f.csv")
    said = mistake("check", tmp_path / "f.csv", "--source", tmp_path / "none.toml")
    assert said.endswith("none.toml: no such file; wanted: a TOML file that describes columns\n")


def test_a_path_with_line_ends_is_one_line(tmp_path: Path) -> None:
    said = mistake("check", tmp_path / "no\nsuch\x1b[2J.csv")
    assert "no\\nsuch\\x1b[2J.csv: no file matches" in said


@pytest.fixture
def at_midnight(made_up_scl: Path, tmp_path: Path) -> Path:
    """The made-up file without the times of the day."""
    rows = pl.read_csv(made_up_scl, infer_schema=False)
    for column in ("Fecha-I", "Fecha-O"):
        rows = rows.with_columns(pl.col(column).str.slice(0, 10) + " 00:00:00")
    rows.write_csv(tmp_path / "dates.csv")
    return tmp_path / "dates.csv"


def test_what_looks_wrong_is_said(at_midnight: Path) -> None:
    ended = run("check", at_midnight)
    assert (ended.status, ended.err) == (0, "")
    said = [line for line in ended.out.splitlines() if line.startswith("warning: ")]
    assert [line.split(": ")[1] for line in said] == [
        "all_at_midnight",
        "no_cancellations",
    ]
    told = json.loads(run("check", at_midnight, "--json").out)["warnings"]
    assert [one["name"] for one in told] == [line.split(": ")[1] for line in said]
    assert {*told[0]} == {"name", "found", "why", "remedy", "flights", "sure", "limit"}


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_strictly_a_warning_is_a_mistake(at_midnight: Path, flags: tuple[str, ...]) -> None:
    ended = run("check", at_midnight, "--strict", *flags)
    assert ended.status == 2
    assert ended.out == run("check", at_midnight, *flags).out
    lines = ended.err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"puntual: {at_midnight}: 100 % of the flights are scheduled at 00:00: ")


def test_a_history_without_cancelled_flights_is_no_mistake(made_up_scl: Path) -> None:
    assert run("check", made_up_scl, "--strict").status == 0


@pytest.mark.parametrize("command", [("train", "-o", "m.puntual"), ("explore", "-o", "report", "--quick")])
def test_who_uses_odd_flights_is_warned(
    at_midnight: Path, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name, *flags = command
    ended = run(name, at_midnight, *flags, "--strict")
    assert (ended.status, ended.out) == (2, "")
    repeats, line = ended.err.splitlines()
    assert "rows repeat an earlier one" in repeats
    assert line.startswith(f"puntual: {at_midnight}: 100 % of the flights are scheduled at 00:00: ")
    assert line.endswith(f"(more: puntual check {at_midnight})")
    assert not (tmp_path / "m.puntual").exists()
    assert not (tmp_path / "report").exists()
    warned = run(name, at_midnight, *flags).err.splitlines()
    assert warned[:2] == [repeats, line.removeprefix("puntual: ")]
