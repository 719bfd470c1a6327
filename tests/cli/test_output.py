"""Commands write neither over what they read nor where they cannot, and say so before the work begins."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.running import mistake

MAPPING = """[columns]
scheduled_departure = "Fecha-I"
actual_departure = "Fecha-O"
airline = "Emp-I"
origin = "Ori-I"
destination = "Des-I"
"""
NAMES = ("flights", "x.comparison", "x.rolling", "rates", "card.html", "t")


@pytest.fixture
def folder(made_up_scl: Path, small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with everything that a command may read: flights by several names, a model, settings …"""
    for name in NAMES:
        shutil.copy(made_up_scl, tmp_path / f"{name}.csv")
    shutil.copy(made_up_scl, tmp_path / "card.html")
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    (tmp_path / "s.toml").write_text("learning_rate = 0.1\n", "utf-8")
    (tmp_path / "old.json").write_text("{}", "utf-8")
    shutil.copy(small_model, tmp_path / "p.puntual")
    (tmp_path / "symbolic.csv").symlink_to("flights.csv")
    os.link(tmp_path / "flights.csv", tmp_path / "hard.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "call",
    [
        "train flights.csv -o flights.csv",
        "train flights.csv -o ./flights.csv",
        "train flights.csv -o symbolic.csv",
        "train symbolic.csv -o flights.csv",
        "train flights.csv -o hard.csv",
        "train flights.csv --source m.toml -o m.toml",
        "train flights.csv --settings s.toml -o s.toml",
        "train x.comparison.csv -o x.puntual --compare",
        "train x.rolling.csv -o x.puntual --split rolling",
        "tune flights.csv --source m.toml -o m.toml --trials 1",
        "tune flights.csv --study flights.csv --trials 1",
        "tune flights.csv --study s.json -o s.json --trials 1",
        "features flights.csv -o symbolic.csv",
        "features t.csv -o t.csv",
        "predict p.puntual flights.csv -o hard.csv",
        "predict p.puntual flights.csv -o t.csv --timetable t.csv",
        "explore rates.csv -o . --quick",
        "evaluate p.puntual card.html --report .",
        "stress http://127.0.0.1:1 --save old.json --compare old.json",
        "stress http://127.0.0.1:1 --flights card.html --report card.html",
    ],
)
def test_no_command_writes_over_what_it_reads(folder: Path, call: str) -> None:
    before = contents(folder)
    assert "wanted: another file" in mistake(*call.split())
    assert contents(folder) == before


@pytest.mark.parametrize("place", ["/proc/m{}", "none/m{}", "flights.csv/m{}", "{}", "long"])
@pytest.mark.parametrize(
    ("call", "suffix"),
    [
        ("train flights.csv -o", ".puntual"),
        ("tune flights.csv -o", ".json"),
        ("tune flights.csv --study", ".log"),
        ("features flights.csv -o", ".csv"),
        ("predict p.puntual flights.csv -o", ".parquet"),
        ("explore flights.csv -o", ""),
        ("evaluate p.puntual flights.csv --report", ""),
        ("stress http://127.0.0.1:1 --save", ".json"),
        ("stress http://127.0.0.1:1 --report", ".html"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, suffix: str, place: str
) -> None:
    def work(*arguments: object, **options: object) -> None:
        raise AssertionError("the work has begun")

    for name in ("data.read_flights", "loadtest.run.run"):
        monkeypatch.setattr(f"puntual.{name}", work)
    name = "m" * 300 + suffix if place == "long" else place.format(suffix) or "flights.csv"
    (folder / suffix).mkdir(exist_ok=True)
    before = contents(folder)
    assert mistake(*call.split(), name)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("call", "suffixes"),
    [
        ("tune flights.csv -o", ".json or .toml"),
        ("features flights.csv -o", ".csv or .parquet"),
        ("predict p.puntual flights.csv -o", ".csv or .parquet"),
        ("stress http://127.0.0.1:1 --save", ".json"),
        ("stress http://127.0.0.1:1 --report", ".html or .htm"),
    ],
)
def test_a_file_is_of_a_kind_that_the_command_writes(folder: Path, call: str, suffixes: str) -> None:
    said = mistake(*call.split(), "out.xlsx")
    assert said.endswith(f": out.xlsx; wanted: a name that ends in {suffixes}\n")


def test_a_pipe_is_no_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert "a pipe or a device" in mistake("train", "flights.csv", "-o", "pipe")
    assert (folder / "pipe").is_fifo()
