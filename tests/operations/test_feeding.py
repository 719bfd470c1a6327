"""What is new in a file that is written anew, and what a service is sent of it."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from puntual.cli.feed import WatchedFile
from puntual.operations.client import ServiceClient
from puntual.operations.events import Cancellation, Departure, Estimate
from puntual.operations.feeding import Changes, Feed
from tests.cli.running import mistake, run
from tests.operations.recording import Recorder, recording
from tests.operations.rows import ZONES, row
from tests.serving.conftest import until

NOW = dt.datetime(2013, 11, 2, 16, tzinfo=dt.UTC)
"""At noon in New York."""


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


@pytest.fixture
def feed() -> Feed:
    feed = Feed()
    feed.use(ZONES)
    return feed


def told(feed: Feed, *rows: dict[str, Any], now: dt.datetime = NOW) -> Changes:
    """What is new in the rows, which the service is then sent."""
    changes = feed.changes(rows, now)
    feed.sent(changes)
    return changes


def planned(changes: Changes) -> list[str]:
    return [f"{one.scheduled_departure:%H:%M}" for change in changes.timetables for one in change.flights]


def test_only_what_is_new_is_sent(feed: Feed) -> None:
    rows = [row("2013-11-02 09:00", 20), row("2013-11-02 13:00")]
    first = told(feed, *rows)
    assert planned(first) == ["09:00", "13:00"]
    assert [type(event) for event in first.events] == [Departure]
    assert told(feed, *rows) == Changes([], [])
    later = told(feed, rows[0], row("2013-11-02 13:00", 4), now=NOW + dt.timedelta(hours=2))
    assert later.timetables == []
    assert [event.scheduled_departure.hour for event in later.events] == [13]


def test_a_flight_that_the_file_drops_is_taken_out_unless_the_file_has_moved_on(feed: Feed) -> None:
    times = ("09:00", "11:00", "13:00", "15:00")
    rows = [row(f"2013-11-02 {time}", flight_number=time) for time in times]
    told(feed, *rows)
    assert planned(told(feed, rows[0], rows[1], rows[3])) == ["09:00", "11:00", "15:00"]
    ahead = [rows[3], row("2013-11-03 01:00")]
    assert planned(told(feed, *ahead)) == ["01:00"]
    assert planned(told(feed, row("2013-11-02 14:00"), *ahead)) == ["09:00", "11:00", "14:00", "15:00"]


def test_a_flight_that_was_retimed_leaves_its_old_time_though_the_file_has_moved_on(feed: Feed) -> None:
    others = [row(f"2013-11-02 {time}", flight_number=time) for time in ("10:00", "11:00")]
    told(feed, row("2013-11-02 09:00"), row("2013-11-02 09:05", flight_number="2"), *others)
    assert planned(told(feed, row("2013-11-02 10:30"), *others)) == ["09:05", "10:00", "10:30", "11:00"]


def test_a_time_that_lies_ahead_is_an_estimate(feed: Feed) -> None:
    changes = told(feed, row("2013-11-02 11:50", 40), row("2013-11-02 11:55", 6))
    assert [type(event) for event in changes.events] == [Estimate, Departure]
    assert isinstance(changes.events[0], Estimate)
    assert changes.events[0].estimated_departure.isoformat() == "2013-11-02T12:30:00-04:00"


def test_history_became_known_when_it_happened_and_anything_else_when_it_is_sent(feed: Feed) -> None:
    rows = [
        row("2013-10-30 09:00", 20),
        row("2013-10-30 10:00", cancelled=True),
        row("2013-11-02 09:00", 20),
        row("2013-11-02 13:00", cancelled=True, cancelled_at=dt.datetime(2013, 11, 2, 8)),
        row("2013-11-02 14:00", cancelled=True),
    ]
    known = [event.known_at and event.known_at.strftime("%d %H:%M") for event in told(feed, *rows).events]
    assert known == ["30 09:20", "30 10:00", None, "02 08:00", None]


def test_a_correction_of_history_became_known_now(feed: Feed) -> None:
    told(feed, row("2013-10-30 09:00", 20))
    (event,) = told(feed, row("2013-10-30 09:00", 15)).events
    assert (event.known_at, type(event)) == (None, Departure)
    (event,) = told(feed, row("2013-10-30 09:00", cancelled=True)).events
    assert (event.known_at, type(event)) == (None, Cancellation)


HEADER = "scheduled_departure,actual_departure,airline,origin,destination,flight_number"


def write(path: Path, *minutes: str, days_ago: int = 1) -> Path:
    """A file of flights to Boston of a day, at ten o'clock; minutes late, or blank."""
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days_ago)
    lines = [
        f"{day} 00:{number:02},{f'{day} 01:{late}' if late else ''},B6,JFK,BOS,{number}"
        for number, late in enumerate(minutes)
    ]
    path.write_text("\n".join([HEADER, *lines]), "utf-8")
    os.utime(path, (1, 1 + len(path.read_text())))
    return path


def test_the_command_sends_a_file_once(recorder: Recorder, tmp_path: Path) -> None:
    file = write(tmp_path / "f.csv", "05", "", "")
    ended = run("feed", file, "--url", recorder.url, "--once")
    assert ended.status == 0, ended.err
    assert "1 timetable, 1 departure sent" in ended.err
    (timetable,) = recorder.bodies("PUT", "/v1/timetables/JFK/")
    assert len(timetable["flights"]) == 3
    (events,) = recorder.bodies("POST", "/v1/events")
    assert [(one["event"], one["flight_number"]) for one in events] == [("departure", "0")]


def test_a_flight_without_a_time_has_not_left_yet_and_was_cancelled_once_its_day_is_over(
    recorder: Recorder, tmp_path: Path
) -> None:
    for days_ago, cancelled in ((1, 0), (3, 2)):
        file = write(tmp_path / f"{days_ago}.csv", "05", "", "", days_ago=days_ago)
        assert run("feed", file, "--url", recorder.url, "--once").status == 0
        said = [one["event"] for one in recorder.bodies("POST", "/v1/events")[-1]]
        assert said.count("cancellation") == cancelled


def test_a_file_without_its_airport_needs_one(recorder: Recorder, tmp_path: Path) -> None:
    day = dt.datetime.now(dt.UTC) - dt.timedelta(1)
    flights = [("06:55", "07:02", "IBE", "Despegado"), ("07:10", "-", "VLG", "Cancelado")] * 3
    rows = [
        f"{day:%d/%m/%Y};{due};{left};{who};{at};LHR;{state}"
        for at, (due, left, who, state) in enumerate(flights)
    ]
    file = tmp_path / "f.csv"
    file.write_text(
        "\n".join(["Fecha;Hora programada;Hora real;Compañía;Vuelo;Destino;Estado", *rows]), "utf-8"
    )
    assert "--set origin=CODE" in mistake("feed", file, "--url", recorder.url, "--once")
    ended = run("feed", file, "--url", recorder.url, "--once", "--origin", "MAD")
    assert ended.status == 0, ended.err
    assert "1 timetable, 3 departures, 3 cancellations sent" in ended.err
    assert recorder.bodies("PUT", "/v1/timetables/MAD/")


def test_mistakes_are_one_line(recorder: Recorder, tmp_path: Path) -> None:
    absent = tmp_path / "absent.csv"
    assert "no such file or directory; wanted: a file of departures" in mistake("feed", absent, "--once")
    old = write(tmp_path / "old.csv", "05", days_ago=40)
    said = mistake("feed", old, "--url", recorder.url, "--once")
    assert "no flight from" in said
    assert "puntual replay plays a day of the past" in said


def test_what_fails_is_said_once_and_sent_later(
    recorder: Recorder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "f.csv", "05", "")
    with ServiceClient(recorder.url) as client:
        watched = WatchedFile(file, client, 28, source=None)
        watched.look()
        capsys.readouterr()
        write(file, "05", "07")
        recorder.refusals = [(500, {}, {"detail": "out of order"})] * 2
        watched.try_to_look()
        watched.try_to_look()
        assert capsys.readouterr().err.count("out of order") == 1
        watched.try_to_look()
        watched.try_to_look()
        assert "1 departure sent" in capsys.readouterr().err
    assert [[one["flight_number"] for one in events] for events in recorder.bodies("POST", "/v1/events")] == [
        ["0"],
        ["1"],
    ]


def test_a_watched_file_is_sent_until_ctrl_c(recorder: Recorder, tmp_path: Path) -> None:
    file = write(tmp_path / "f.csv", "05", "")
    command = [sys.executable, "-m", "puntual", "feed", str(file), "--url", recorder.url, "--every", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: len(recorder.bodies("POST", "/v1/events")) == 1)
        write(file, "05", "07")
        until(lambda: len(recorder.bodies("POST", "/v1/events")) == 2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "1 timetable, 1 departure sent" in said
