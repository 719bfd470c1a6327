"""The day of the flight in a server with several workers, whatever happens to them and to the store."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from puntual.operations.events import Departure
from puntual.operations.store import open_store
from tests.operations.conftest import own_postgres, postgres, postgres_url, stop_at_once, url  # noqa: F401
from tests.serving.conftest import PATIENCE_SECONDS, PREDICTIONS, Served, serving, until
from tests.serving.live import BOARD, DAY, PLANNED, TIMETABLE, WHOLE_DAY, departure

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")

FLIGHTS = [{name: value for name, value in one.items() if name != "flight_number"} for one in PLANNED]
WORKERS = 2


@contextlib.contextmanager
def serving_a_day(model: Path, store: str, **settings: Any) -> Iterator[Served]:
    with serving(model, store=store, workers=WORKERS, clock="events", **settings) as served:
        until(lambda: put(served, TIMETABLE, WHOLE_DAY).status_code == 200)
        until(partial(departed, served, 0))
        yield served


def put(served: Served, path: str, body: Any) -> httpx.Response:
    return httpx.put(served.url + path, json=body, timeout=PATIENCE_SECONDS, verify=False)


def post(served: Served, event: Any) -> httpx.Response:
    return httpx.post(f"{served.url}/v1/events", json=event, timeout=PATIENCE_SECONDS, verify=False)


def departed(served: Served, count: int) -> bool:
    """Whether every answer says that so many flights have left; each is on a connection of its own."""
    boards = [get_board(served) for _ in range(4 * WORKERS)]
    return all(board.status_code == 200 and board.json()["day"]["departed"] == count for board in boards)


def get_board(served: Served) -> httpx.Response:
    return httpx.get(served.url + BOARD, timeout=PATIENCE_SECONDS, verify=False)


def predict(served: Served) -> list[dict[str, Any]]:
    answer = httpx.post(
        served.url + PREDICTIONS, json={"flights": FLIGHTS[4:]}, timeout=PATIENCE_SECONDS, verify=False
    )
    assert answer.status_code == 200, answer.text
    predictions: list[dict[str, Any]] = answer.json()["predictions"]
    return predictions


def test_every_worker_sees_an_event_and_a_new_one_reads_it_back(day_model: Path, tmp_path: Path) -> None:
    with serving_a_day(day_model, f"sqlite:///{tmp_path / 'events.db'}") as served:
        for number in range(3):
            assert (
                post(served, departure(number, known_at=f"{DAY}T1{2 + number}:00:00Z")).json()["unknown"] == 0
            )
            until(partial(departed, served, number + 1))
        killed = served.workers()
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        until(lambda: len(served.workers()) == WORKERS and not {*served.workers()} & {*killed})
        until(lambda: served.ready() != {})
        until(lambda: departed(served, 3))
        assert {one["horizon"] for one in predict(served)} == {"operations"}


def kept(store: str) -> set[str]:
    """When the departures of a store became known."""
    opened, found, sequence = open_store(store), set[str](), 0
    while page := opened.after(sequence):
        found |= {entry.known_at.isoformat() for entry in page if isinstance(entry.body, Departure)}
        sequence = page[-1].sequence
    opened.close()
    return found


class Sender:
    """Sends departures one after the other from several threads, until its context ends.

    Attributes
    ----------
    acknowledged : when those became known that were answered with 200
    refused : statuses of all other answers
    """

    def __init__(self, served: Served) -> None:
        self._served, self._ended = served, threading.Event()
        self._numbers = itertools.count(1)
        self.acknowledged: list[str] = []
        self.refused: list[int] = []

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._send) for _ in range(2)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        while not self._ended.is_set():
            number = next(self._numbers)
            moment = dt.datetime.fromisoformat(f"{DAY}T12:00:00Z") + dt.timedelta(microseconds=number)
            with contextlib.suppress(httpx.HTTPError):
                status = post(self._served, departure(number % 8, known_at=moment.isoformat())).status_code
                if status == 200:
                    self.acknowledged.append(moment.isoformat())
                else:
                    self.refused.append(status)


@pytest.mark.parametrize("killed", ["worker", "all"])
def test_no_acknowledged_event_is_lost(day_model: Path, url: str, killed: str) -> None:  # noqa: F811
    """While workers are killed in the middle of writing, or the whole service is."""
    with serving_a_day(day_model, url) as served, Sender(served) as sender:
        until(lambda: len(sender.acknowledged) > 20)
        if killed == "all":
            for pid in [served.process.pid, *served.workers()]:
                os.kill(pid, signal.SIGKILL)
        else:
            count = len(sender.acknowledged)
            os.kill(served.workers()[0], signal.SIGKILL)
            until(lambda: len(sender.acknowledged) > count + 20)
    assert {*sender.acknowledged} <= kept(url)


def test_answers_go_on_while_the_store_is_slow(day_model: Path, tmp_path: Path) -> None:
    """What is sent meanwhile is answered when it is written, and together."""
    file = tmp_path / "events.db"
    with serving_a_day(day_model, f"sqlite:///{file}") as served:
        busy = sqlite3.connect(file, isolation_level=None)
        busy.execute("BEGIN IMMEDIATE")
        told: list[dict[str, int]] = []

        def send(number: int) -> None:
            told.append(post(served, departure(number)).json())

        senders = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for sender in senders:
            sender.start()
        for _ in range(10):
            assert {one["horizon"] for one in predict(served)} == {"operations"}
        assert told == []
        busy.execute("ROLLBACK")
        busy.close()
        for sender in senders:
            sender.join()
        assert told == [{"accepted": 1, "repeated": 0, "unknown": 0}] * 8
        until(partial(departed, served, 8))


def family(pid: int) -> list[int]:
    """A process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def test_answers_go_on_while_a_database_hangs(
    day_model: Path,
    postgres: Any,  # noqa: F811
    postgres_url: str,  # noqa: F811
) -> None:
    """All processes of PostgreSQL are stopped: connections stay open, and nothing is answered on them."""
    with serving_a_day(day_model, postgres_url) as served, Sender(served) as sender:
        until(lambda: len(sender.acknowledged) > 20)
        stopped = family(postgres.get_pid())
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            until(lambda: not get_board(served).json()["current"])
            for _ in range(20):
                assert {one["horizon"] for one in predict(served)} == {"operations"}
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        count = len(sender.acknowledged)
        until(lambda: len(sender.acknowledged) > count + 20)
    assert {*sender.acknowledged} <= kept(postgres_url)


def kill(server: Any) -> None:
    """Kill all processes of PostgreSQL at once, as if the machine had lost its memory."""
    postmaster = server.get_postmaster_info().process
    for pid in family(server.get_pid()):
        os.kill(pid, signal.SIGKILL)
    postmaster.wait(30)


@pytest.mark.parametrize("end", [stop_at_once, kill])
def test_answers_go_on_while_the_store_is_down(
    day_model: Path,
    postgres: Any,  # noqa: F811
    postgres_url: str,  # noqa: F811
    end: Callable[[Any], None],
) -> None:
    """From the last state, marked; events are refused; it comes back by itself, and nothing is lost."""
    with serving_a_day(day_model, postgres_url) as served:
        assert post(served, departure(0, known_at=f"{DAY}T12:00:00Z")).status_code == 200
        until(lambda: departed(served, 1))
        before = predict(served)
        assert {one["horizon"] for one in before} == {"operations"}
        end(postgres)
        try:
            for _ in range(20):
                assert predict(served) == before
            refused = post(served, departure(1, known_at=f"{DAY}T12:10:00Z"))
            assert (refused.status_code, refused.json()["type"]) == (503, "/docs#no-store")
            assert "retry-after" in refused.headers
            until(lambda: not get_board(served).json()["current"])
            assert httpx.get(f"{served.url}/readyz").status_code == 200
            killed = served.workers()[0]
            os.kill(killed, signal.SIGKILL)
            until(lambda: len(served.workers()) == WORKERS and killed not in served.workers())
            for _ in range(20):  # of a worker that has no state yet, from the schedule
                assert {one["horizon"] for one in predict(served)} <= {"operations", "schedule"}
        finally:
            postgres.start()
        until(lambda: post(served, departure(1, known_at=f"{DAY}T12:10:00Z")).status_code == 200)
        until(lambda: departed(served, 2))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, which can be full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def store_on(disk: Path, kind: str) -> Iterator[str]:
    """The URL of a new store on a disk."""
    if kind == "sqlite":
        yield f"sqlite:///{disk}/events.db"
        return
    with own_postgres(disk / "data") as server:
        yield str(server.get_uri())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_full_disk_refuses_events_until_there_is_room(day_model: Path, small_disk: Path, kind: str) -> None:
    """Answers go on, what was acknowledged stays, and it goes on by itself."""
    with store_on(small_disk, kind) as store:
        with serving_a_day(day_model, store) as served, Sender(served) as sender:
            until(lambda: len(sender.acknowledged) > 20)
            filler = small_disk / "filler"
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
            until(lambda: 503 in sender.refused)
            for _ in range(20):
                assert {one["horizon"] for one in predict(served)} == {"operations"}
            filler.unlink()
            count = len(sender.acknowledged)
            until(lambda: len(sender.acknowledged) > count + 20)
            assert {*sender.refused} == {503}
        assert {*sender.acknowledged} <= kept(store)
