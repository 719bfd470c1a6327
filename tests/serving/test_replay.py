"""A day of a history played into a real service, and a file that feeds one."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import numpy as np
import polars as pl
import pytest

from puntual.data import read_flights
from puntual.data.airports import build_tables
from puntual.data.zones import airport_zones
from puntual.features.operations import History
from puntual.inference.artifact import read_artifact, write_artifact
from puntual.metrics.scores import measure
from puntual.operations.client import ServiceClient
from puntual.operations.replay import LEADS
from puntual.operations.timeline import outcomes, timetables
from puntual.training.lead_times import predict_at
from puntual.training.splits import take_part
from tests.cli.running import mistake, run
from tests.flights import artifact_of, small_booster, small_operations
from tests.ports import free_port
from tests.serving.conftest import NEW_YORK, serving, until

DAY = dt.date(2017, 7, 14)
HEADER = "scheduled_departure,actual_departure,airline,origin,destination,flight_number,aircraft,cancelled"


def write(path: Path, days: range, day: dt.date = DAY) -> Path:
    """Flights of some days about a day; the actual time of some is blank: cancelled, or never heard of."""
    draw = random.Random(1)
    rows = []
    for number in range(60 * len(days)):
        due = dt.datetime.combine(day + dt.timedelta(draw.choice(days)), dt.time()) + dt.timedelta(
            minutes=draw.randrange(1200)
        )
        left = due + dt.timedelta(minutes=draw.choice([-4, 0, 5, 20, 90]))
        blank = draw.random() < 0.1
        actual, cancelled = "" if blank else f"{left}", blank and number % 2 == 0
        named = f"{draw.choice(['AA', 'B6'])},{draw.choice(NEW_YORK)},BOS,{number},N{number % 9}"
        rows.append(f"{due},{actual},{named},{cancelled}")
    path.write_text("\n".join([HEADER, *rows]), "utf-8")
    return path


def board(url: str, origin: str, day: dt.date) -> dict[str, Any]:
    answer = httpx.get(f"{url}/v1/board", params={"origin": origin, "date": str(day)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def day_model(history: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the history's airports that also knows the day of the flight."""
    tables = build_tables(read_flights(str(history)).frame, {}, {})
    artifact = msgspec.structs.replace(artifact_of(tables, small_booster()), operations=small_operations())
    path = tmp_path_factory.mktemp("model") / "day.puntual"
    write_artifact(artifact, path)
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("history") / "history.csv", range(-3, 1))


def test_a_replayed_day_is_on_the_board_as_it_happened(
    new_york_model: Path, history: Path, tmp_path: Path
) -> None:
    flights = read_flights(str(history)).frame
    day = flights.filter(flights["scheduled_departure"].dt.date() == DAY)
    store = f"sqlite:///{tmp_path / 'events.sqlite'}"
    with serving(new_york_model, store=store, clock="events") as served:
        ended = run("replay", history, served.url, "--date", DAY, "--days", 3, "--speed", 0, "--json")
        assert ended.status == 0, ended.err
        answer = json.loads(ended.out)
        assert [*answer["leads"]] == [str(lead) for lead in LEADS]
        assert {one["flights"] for one in answer["leads"].values()} == {day["actual_departure"].count()}
        assert answer["schedule"]["30"]["flights"] == day["actual_departure"].count()
        seen = [
            (flight["flight_number"], flight["status"], flight["delay_minutes"])
            for origin in NEW_YORK
            for flight in board(served.url, origin, DAY)["flights"]
        ]
        expected = [
            (
                number,
                "cancelled" if gone else "departed" if left else "late",
                (left - due).total_seconds() // 60 if left else None,
            )
            for number, gone, due, left in day.select(
                "flight_number", "cancelled", "scheduled_departure", "actual_departure"
            ).iter_rows()
        ]
        assert sorted(seen) == sorted(expected)
        with ServiceClient(served.url) as client:
            rows, zones = list(flights.iter_rows(named=True)), airport_zones(NEW_YORK)
            assert client.send(outcomes(rows, zones)).accepted == 0
            assert {client.send_timetable(change).repeated for change in timetables(rows, zones)} == {1}


def test_a_replay_measures_what_the_history_itself_gives(
    day_model: Path, history: Path, tmp_path: Path
) -> None:
    """Over the service and over frames, the same answers with what was known at each lead time."""
    flights, artifact = read_flights(str(history)).frame, read_artifact(day_model)
    assert artifact.operations is not None
    left = flights.filter(
        pl.col("scheduled_departure").dt.date() == DAY, pl.col("actual_departure").is_not_null()
    )
    part = take_part(left, flights, artifact.tables, artifact.threshold_minutes)
    known = History(flights, artifact.tables, artifact.threshold_minutes)
    with serving(day_model, store=f"sqlite:///{tmp_path / 'events.sqlite'}", clock="events") as served:
        ended = run("replay", history, served.url, "--date", DAY, "--days", 3, "--speed", 0, "--json")
        assert ended.status == 0, ended.err
    answer = json.loads(ended.out)
    assert {*answer["from_operations"].values()} == {left.height}
    for lead in LEADS:
        expected = measure(np.round(predict_at(artifact.operations, part, known, lead), 4), part.delayed)
        for name in ("flights", "log_loss", "brier", "auc"):
            assert answer["leads"][str(lead)][name] == pytest.approx(getattr(expected, name), abs=1e-9)


def test_a_service_without_a_store_says_how_to_have_one(new_york_model: Path, history: Path) -> None:
    with serving(new_york_model) as served:
        said = mistake("replay", history, served.url, "--date", DAY, "--speed", 0)
        assert "403: this server has no store; wanted: a server with --store" in said
        assert "this server has no store" in mistake(
            "feed", history, "--url", served.url, "--once", "--days", 9999
        )


def test_a_file_feeds_a_service(new_york_model: Path, tmp_path: Path) -> None:
    yesterday = dt.datetime.now(ZoneInfo("America/New_York")).date() - dt.timedelta(1)
    file = write(tmp_path / "departures.csv", range(-1, 1), yesterday)
    store = f"sqlite:///{tmp_path / 'events.sqlite'}"
    with serving(new_york_model, store=store) as served:
        ended = run("feed", file, "--url", served.url, "--once")
        assert ended.status == 0, ended.err
        assert "6 timetables" in ended.err
        again = run("feed", file, "--url", served.url, "--once")
        assert "were known" in again.err
        statuses = {flight["status"] for flight in board(served.url, "JFK", yesterday)["flights"]}
        assert statuses == {"departed", "late", "cancelled"}


@pytest.mark.slow
def test_the_board_of_the_embedded_flights_lives_from_an_empty_folder_on(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"

    def says(path: str, *keys: str) -> bool:
        try:
            answer = httpx.get(url + path, timeout=30).json()
        except httpx.TransportError:
            return False
        for key in keys:
            answer = answer.get(key, {})
        return bool(answer)

    command = [sys.executable, "-m", "puntual", "up", "--port", port, "--replay"]
    with subprocess.Popen(command, env=os.environ | {"XDG_DATA_HOME": str(tmp_path)}) as process:
        try:
            until(lambda: says("/v1/model", "name"), seconds=300)  # it is trained first
            until(lambda: says("/v1/board", "days"))
            until(lambda: says("/v1/board?origin=EWR&date=2013-12-17", "day", "flights"))
            until(lambda: says("/v1/board?origin=EWR&date=2013-12-17", "day", "departed"))
            flights = board(url, "EWR", dt.date(2013, 12, 17))["flights"]
            assert {one["horizon"] for one in flights} == {None, "operations"}
            assert all(0 < one["cancellation_probability"] < 0.5 for one in flights if one["horizon"])
        finally:
            process.terminate()
    kept = read_artifact(tmp_path / "puntual" / "nyc-replay.puntual")
    assert (kept.training.first, kept.training.last) == ("2013-10-14", "2013-12-09")
    assert (kept.evaluation.first, kept.evaluation.last) == ("2013-12-10", "2013-12-16")
    leads = {one.lead_minutes: one for one in kept.card.leads}
    assert leads[120].gain.value > 0.02
    assert not (tmp_path / "puntual" / "nyc.puntual").exists()
