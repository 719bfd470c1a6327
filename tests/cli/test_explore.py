"""`puntual explore`: what it writes, and what it says of a user's mistakes."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from puntual.i18n.texts import LANGUAGES
from tests.cli.running import mistake, run
from tests.made_up import made_up_mapped, made_up_nyc, made_up_scl

COLUMNS = [
    *("dimension", "value", "name", "flights", "delayed", "rate", "low", "high", "shrunk", "small"),
    *("mean_delay", "median_delay", "p90_delay", "adjusted", "adjusted_low", "adjusted_high"),
    *("confounder", "confounder_value"),
]

FEW = ("--quick", "--until", "2017-02-01")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up_scl(tmp_path_factory.mktemp("history") / "flights.csv", days=100)


@pytest.fixture(scope="module")
def report(history: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "made"
    ended = run("explore", history, "-o", folder, "--language", "es")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.strip() == str(folder / "index.html")
    return folder


def test_a_folder_to_send_around(report: Path) -> None:
    page = (report / "index.html").read_text("utf-8")
    assert len(page) < 6 * 2**20
    assert '<html lang="es">' in page
    assert "Cómo se componen los atrasos" in page
    assert not re.findall(r"""(?:src|href)=["'](?!#)""", page.partition('<script type="application/json"')[0])
    rates = rates_in(report)
    assert rates.columns == COLUMNS
    assert (
        rates.filter(pl.col("dimension") == "airline")["value"]
        .is_in(["LAN", "SKU", "TAM", "ARG", "CMP", "JAT"])
        .all()
    )
    assert rates.filter(pl.col("value") == "SCFA")["name"].to_list() == ["Antofagasta (ANF)"]
    pictures = {path.name for path in (report / "charts").iterdir()}
    names = set(re.findall(r'<figure id="(\w+)">', page))
    assert pictures == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}
    six = {
        f"rates_{name}" for name in ("destination", "airline", "month", "weekday", "season", "flight_type")
    }
    assert six <= names
    assert {"week", "calendar", "histogram", "cumulative", "ladder", "worst_days", "importance"} <= names
    assert (report / "charts" / "week.png").read_bytes().startswith(b"\x89PNG")


def test_every_finding_names_its_numbers_and_leads_to_its_chart(report: Path) -> None:
    findings = json.loads((report / "findings.json").read_text("utf-8"))
    page = (report / "index.html").read_text("utf-8")
    assert findings
    for one in findings:
        assert set(one["text"]) == set(LANGUAGES)
        for said in one["text"].values():
            assert re.search(r"\d", said), said
            assert "{" not in said
        assert f'<figure id="{one["chart"]}">' in page, one
    assert [one["flights"] for one in findings] == sorted((one["flights"] for one in findings), reverse=True)


def test_a_group_that_is_not_told_apart_says_from_what(report: Path) -> None:
    """Copa flies to Panama City only, and nobody else does."""
    rates = rates_in(report)
    copa = rates.row(by_predicate=(pl.col("dimension") == "airline") & (pl.col("value") == "CMP"), named=True)
    assert (copa["confounder"], copa["confounder_value"]) == ("destination", "MPTO")
    assert copa["adjusted"] is copa["adjusted_low"] is copa["adjusted_high"] is None
    page = (report / "index.html").read_text("utf-8")
    assert '<td data-sort="-1">no se distingue de Ciudad de Panamá (PTY)</td>' in page
    assert '<td data-sort="-1">no se distingue de Copa Airlines (CM)</td>' in page


def test_quick_leaves_out_the_model_and_the_png(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the language is that of the locale."""
    monkeypatch.setenv("LC_ALL", "es_CL.UTF-8")
    dates = ("--since", "2017-02-01", "--until", "2017-03-01")
    assert run("explore", history, "-o", tmp_path, "--quick", *dates).status == 0
    page = (tmp_path / "index.html").read_text("utf-8")
    assert '<html lang="es">' in page
    assert "Hecho con --quick" in page
    assert "importance" not in re.findall(r'<figure id="(\w+)">', page)
    assert not list((tmp_path / "charts").glob("*.png"))
    rates = rates_in(tmp_path)
    assert rates["adjusted"].null_count() == rates.height
    assert rates.filter(pl.col("dimension") == "month")["value"].to_list() == ["2"]


@pytest.mark.parametrize("make", [made_up_nyc, made_up_mapped])
def test_every_source(make: Callable[..., Path], tmp_path: Path) -> None:
    data = make(tmp_path / "flights.csv", days=30)
    assert run("explore", data, "-o", tmp_path / "report", "--quick").status == 0
    assert (tmp_path / "report" / "rates.csv").exists()


def test_a_schedule_is_explored_and_says_what_is_missing(history: Path, tmp_path: Path) -> None:
    schedule = tmp_path / "schedule.csv"
    pl.read_csv(history, infer_schema=False).select("Fecha-I", "Ori-I", "Des-I", "Emp-I").write_csv(schedule)
    ended = run("explore", schedule, "-o", tmp_path / "report", "--language", "en")
    assert ended.status == 0
    assert ended.err.strip() == f"{schedule}: no actual times, so only the schedule is described"
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "The file holds no actual times" in page
    assert set(re.findall(r'<figure id="(\w+)">', page)) >= {"week", "calendar", "flights_airline"}
    assert not (tmp_path / "report" / "rates.csv").exists()


def test_all_on_one_side_of_the_threshold(history: Path, tmp_path: Path) -> None:
    ended = run("explore", history, "-o", tmp_path, "--threshold", "1440", "--language", "en")
    assert ended.status == 0
    assert "same side of the threshold" in (tmp_path / "index.html").read_text("utf-8")


def test_every_flight_four_hours_late_leaks_no_warning_of_a_library(history: Path, tmp_path: Path) -> None:
    """Actual times in another zone; one airline with one flight, and one day of one flight."""
    rows = pl.read_csv(history, infer_schema=False)
    actual = pl.col("Fecha-O").str.to_datetime(strict=False) + pl.duration(hours=4)
    written = actual.dt.strftime("%Y-%m-%d %H:%M:%S").fill_null("")
    airline = pl.when(pl.int_range(pl.len()) == 5).then(pl.lit("QFU")).otherwise("Emp-I")
    moved = rows.with_columns(written.alias("Fecha-O"), airline.alias("Emp-I"))
    day = moved["Fecha-I"].str.slice(0, 10)
    thin = day == day.unique().sort()[40]
    moved.filter(~thin | (thin.cum_sum() == 1)).write_csv(tmp_path / "moved.csv")
    ended = run("explore", tmp_path / "moved.csv", "-o", tmp_path / "report")
    assert ended.status == 0
    few, shifted = ended.err.splitlines()
    assert "far fewer flights than usual on 2017-02-10 (1 instead of about" in few
    assert "minutes late or later: scheduled and actual times are probably of two time zones" in shifted
    rates = rates_in(tmp_path / "report")
    assert rates.filter(pl.col("value") == "QFU")["flights"].to_list() == [1]
    assert (rates["rate"] == 1).all()


@pytest.mark.parametrize(
    "some", [lambda rows: rows[:3], lambda rows: rows[:: len(rows) // 3][:3]], ids=["of a day", "far apart"]
)
def test_a_handful_of_flights(history: Path, tmp_path: Path, some: Callable[[list[str]], list[str]]) -> None:
    few = tmp_path / "few.csv"
    header, *rows = history.read_text("utf-8").splitlines()
    few.write_text("\n".join([header, *some(rows)]) + "\n", "utf-8")
    ended = run("explore", few, "-o", tmp_path / "report")
    assert (ended.status, ended.err) == (0, "")


def test_names_of_a_file_cannot_become_markup(history: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil.csv"
    bad = "</script><script>alert(1)</script><b>"
    evil.write_text(history.read_text("utf-8").replace("Antofagasta", bad), "utf-8")
    assert run("explore", evil, "-o", tmp_path / "report", *FEW).status == 0
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.csv", "-o", "report"], "nowhere.csv: no such file"),
        (["{history}", "-o", "{history}"], "is a file; wanted: a folder"),
        (["{history}", "-o", "report", "--language", "fr"], "'fr' is not one of"),
        (["{history}"], "Missing option '--output'"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str], said: str, history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in mistake("explore", *(one.replace("{history}", str(history)) for one in arguments))
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("name", ["index.html", "findings.json", "rates.csv", "charts/mine.svg"])
def test_a_folder_of_somebody_else_is_refused(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("<!doctype html><title>Mine</title>")
    monkeypatch.setattr("puntual.data.read_flights", lambda *_, **__: pytest.fail("the work has begun"))
    said = mistake("explore", history, "-o", tmp_path, "--quick")
    assert f"{name.partition('/')[0]} exists, and no index.html of Puntual with it" in said
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]


def test_an_earlier_report_gives_way_and_other_files_stay(
    report: Path, history: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(report, tmp_path / "report")
    for name in ("notes.txt", "charts/mine.png"):
        (folder / name).write_text("mine")
    assert run("explore", history, "-o", folder, *FEW, "--language", "en").status == 0
    page = (folder / "index.html").read_text("utf-8")
    assert '<html lang="en">' in page
    pictures = {path.name for path in (folder / "charts").iterdir()}
    assert pictures == {"mine.png", *(f"{name}.svg" for name in re.findall(r'<figure id="(\w+)">', page))}
    assert {path.name for path in folder.iterdir()} == {
        *("index.html", "findings.json", "rates.csv", "charts", "notes.txt")
    }


@pytest.mark.parametrize("earlier", [False, True])
def test_an_interrupted_report_leaves_what_was_there(
    report: Path, history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, earlier: bool
) -> None:
    folder = tmp_path / "report"
    if earlier:
        shutil.copytree(report, folder)
    before = contents(tmp_path)

    def interrupt(*arguments: object) -> None:
        assert list(tmp_path.rglob(".puntual-*/charts/*.svg"))
        raise KeyboardInterrupt

    monkeypatch.setattr("puntual.reports.folder.render", interrupt)
    assert run("explore", history, "-o", folder, *FEW) == (130, "", "")
    assert contents(tmp_path) == before


def test_a_killed_report_leaves_what_was_there(report: Path, history: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(report, tmp_path / "report")
    before = contents(folder)
    command = [sys.executable, "-m", "puntual", "explore", str(history), "-o", str(folder), *FEW]
    with subprocess.Popen(command) as process:
        while process.poll() is None and not list(tmp_path.rglob(".puntual-*/charts/*.svg")):
            time.sleep(0.01)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    kept = contents(folder)
    assert {name: kept[name] for name in kept if not name.startswith(".puntual-")} == before


def rates_in(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "rates.csv", schema_overrides={"value": pl.String})


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_santiago_flights(scl_file: Path, tmp_path: Path) -> None:
    assert run("explore", scl_file, "-o", tmp_path, "--quick", "--language", "es").status == 0
    findings = json.loads((tmp_path / "findings.json").read_text("utf-8"))
    odd = {one["kind"]: one for one in findings if one["kind"].startswith("odd_")}
    assert odd["odd_cut_low"]["numbers"]["bound"] == -14
    assert odd["odd_cut_high"]["numbers"]["bound"] == 161
    assert odd["odd_few_airline"]["numbers"]["count"] == 4
