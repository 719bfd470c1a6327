"""What DATA may be: several files, a folder, a pattern, standard input; and what they do not hold."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest

from tests.cli.running import run
from tests.made_up import made_up_nyc


@pytest.fixture
def months(tmp_path: Path) -> Path:
    """A folder of two months of flights."""
    whole = pl.read_csv(made_up_nyc(tmp_path / "whole.csv", days=59), infer_schema=False)
    folder = tmp_path / "months"
    folder.mkdir()
    for (month,), part in whole.group_by("month", maintain_order=True):
        part.write_csv(folder / f"{month}.csv")
    return folder


def summary(*arguments: object) -> dict[str, object]:
    done = run("check", *arguments, "--json")
    assert done.status == 0, done.err
    read: dict[str, object] = json.loads(done.out)
    return read


def test_several_files_a_folder_and_a_pattern_are_the_same_flights(months: Path) -> None:
    files = sorted(months.iterdir())
    ways = [summary(*files), summary(months), summary(months / "*.csv")]
    told = [(one["flights"], one["first"], one["last"], one["duplicates"]) for one in ways]
    assert told[0] == told[1] == told[2]
    assert ways[0]["rows"] == sum(int(str(summary(one)["rows"])) for one in files)


def test_a_flight_that_two_files_hold_is_one(months: Path) -> None:
    first = min(months.iterdir())
    twice = summary(first, first)
    assert twice["flights"] == summary(first)["flights"]
    assert twice["rows"] == 2 * int(str(twice["flights"]))


def test_standard_input(months: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = min(months.iterdir())
    stdin = io.TextIOWrapper(io.BytesIO(first.read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert summary("-")["flights"] == summary(first)["flights"]


def test_several_files_are_learned_from(months: Path, tmp_path: Path) -> None:
    done = run("features", *sorted(months.iterdir()), "-o", tmp_path / "features.csv")
    assert done.status == 0, done.err
    assert pl.read_csv(tmp_path / "features.csv").height == summary(months)["rows"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("origin", "--set origin: no value; wanted: NAME=VALUE, as in origin=JFK"),
        ("orgin=JFK", "--set orgin: no such value; wanted: one of airline, origin, destination"),
        ("origin=New York", "constants.origin: no code; wanted: a code of 2 to 8 letters and digits"),
    ],
)
def test_what_the_file_does_not_hold_is_given_by_name(tmp_path: Path, given: str, message: str) -> None:
    place = tmp_path / "list.csv"
    place.write_text("Date,STD,Airline,Dest\n2024-03-01,06:00,IB,LHR\n2024-03-01,07:00,IB,CDG\n", "utf-8")
    done = run("check", place, "--set", given)
    assert done.status == 2
    assert message in done.err
    assert summary(place, "--set", "origin=MAD")["flights_by_origin"] == {"MAD": 2}


def test_bad_rows_of_several_files_are_found_in_their_own(months: Path) -> None:
    second = sorted(months.iterdir())[1]
    lines = second.read_text("utf-8").splitlines()
    for at in (4, 7):
        lines[at] = lines[at].replace(",", f",x{at}", 1)
    second.write_text("\n".join(lines), "utf-8")
    told = summary(months)
    rejected, reasons = told["rejected"], told["reasons"]
    assert isinstance(rejected, list)
    assert isinstance(reasons, dict)
    assert [one["place"] for one in rejected] == [f"{second}, row 5", f"{second}, row 8"]
    assert [*reasons.values()] == [2]


def test_what_was_guessed_of_a_date_is_said(tmp_path: Path) -> None:
    place = tmp_path / "list.csv"
    rows = [f"0{day}/02/2024,0{day}:00,IB,MAD,LHR" for day in range(1, 8)]
    place.write_text("\n".join(["Date,STD,Airline,From,Dest", *rows]), "utf-8")
    (guess,) = [one for one in summary(place)["read_as"] if "a guess:" in one]  # type: ignore[attr-defined]
    assert "no value shows which is the day and which the month" in guess
    assert "%d/%m/%Y" in guess


@pytest.mark.parametrize("option", [("--set", "origin=JFK"), ("--sheet", "April"), ("--source", "nyc")])
def test_a_drafted_mapping_reads_nothing_else(months: Path, option: tuple[str, str]) -> None:
    done = run("check", min(months.iterdir()), "--write-mapping", *option)
    options = "--source, --set, --sheet, --cluster, --strict or --json"
    assert (done.status, done.err) == (
        2,
        f"puntual: --write-mapping: cannot be combined with {options}\n",
    )


def test_a_mapping_is_drafted_for_one_file() -> None:
    done = run("check", "-", "--write-mapping")
    assert (done.status, done.err.count("wanted: one file")) == (2, 1)
