"""A served model from its start to its end: swapped, killed, drained."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec import UNSET

from puntual.inference.artifact import Artifact, write_artifact
from puntual.serving.ops.counters import SWAPPED
from puntual.serving.state import DRAIN_BODY_SECONDS
from tests.ports import free_port
from tests.serving.conftest import FLIGHT, Asker, Served, drop_privileges, serving
from tests.serving.test_limits import service_of
from tests.serving.test_server import END_SECONDS, ended

PATIENCE_SECONDS = 60
HALF_A_BODY = b"POST /v1/predictions HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")


@pytest.fixture
def another(artifact: Artifact, tmp_path: Path) -> Path:
    """A model of another name, beside the file that is served."""
    path = tmp_path / "another"
    write_artifact(msgspec.structs.replace(artifact, name="scl-another"), path)
    return path


@pytest.fixture
def file(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(model, tmp_path / "served.puntual"))


@pytest.fixture
def served(file: Path) -> Iterator[Served]:
    with serving(file, "--port", free_port(), "--workers", "2") as started:
        until(lambda: metric(started, "puntual_worker_starts_total")[""] == 2)
        yield started


def workers(served: Served) -> list[int]:
    pid = served.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def metric(served: Served, name: str) -> dict[str, float]:
    """The numbers of a metric by their labels."""
    lines = httpx.get(f"{served.url}/metrics").text.splitlines()
    numbers = (line.removeprefix(name).split(" ") for line in lines if line.startswith(name))
    return {labels: float(number) for labels, number in numbers}


def model_of(served: Served) -> str:
    """Which model answers."""
    answered = httpx.post(f"{served.url}/v1/predictions", json={"flights": [FLIGHT]})
    return str(answered.json()["model"])


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.05)


class Clients:
    """A few that ask without a pause, each on one connection; `failed` names what was not answered."""

    def __init__(self, served: Served, count: int = 3) -> None:
        self._url, self._stop = f"{served.url}/v1/predictions", threading.Event()
        self.answered, self.failed = 0, list[str]()
        self._threads = [threading.Thread(target=self._ask) for _ in range(count)]

    def _ask(self) -> None:
        with httpx.Client() as client:
            while not self._stop.is_set():
                try:
                    response = client.post(self._url, json={"flights": [FLIGHT]})
                except httpx.TransportError as error:
                    self.failed.append(repr(error))
                    continue
                self.answered += 1
                if response.status_code != 200:
                    self.failed.append(response.text)

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_another_model_takes_over_with_no_request_lost(served: Served, file: Path, another: Path) -> None:
    first = httpx.get(f"{served.url}/readyz").json()["model"]
    with Clients(served) as clients:
        until(lambda: clients.answered > 20)
        another.replace(file)
        until(lambda: metric(served, "puntual_model_info") == {'{model="scl-another"}': 2})
        answered = clients.answered
        until(lambda: clients.answered > answered + 20)
    assert clients.failed == []
    assert first != "scl-another"
    assert model_of(served) == "scl-another"
    assert httpx.get(f"{served.url}/readyz").json() == {"model": "scl-another", "status": "ready"}
    assert metric(served, "puntual_model_swaps_total")['{result="taken"}'] == 2


def test_a_bad_file_is_refused_and_the_model_kept(served: Served, file: Path, another: Path) -> None:
    first = httpx.get(f"{served.url}/readyz").json()["model"]
    file.write_bytes(file.read_bytes()[:-100])
    until(lambda: metric(served, "puntual_model_swaps_total")['{result="refused"}'] == 2)
    ready = httpx.get(f"{served.url}/readyz")
    assert ready.status_code == 200
    assert ready.json()["model"] == first
    assert ready.json()["refused"].startswith("served.puntual: ")
    assert model_of(served) == first
    sha256 = hashlib.sha256(another.read_bytes()).hexdigest()
    another.replace(file)
    until(lambda: metric(served, "puntual_model_info") == {'{model="scl-another"}': 2})
    assert "refused" not in httpx.get(f"{served.url}/readyz").json()
    served.process.terminate()
    _, _, err = ended(served)
    assert f"{first} is kept" in err
    assert f"model scl-another answers now, instead of {first}; SHA-256 {sha256}\n" in err


def test_a_file_that_cannot_be_read_is_refused_until_it_can(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    moved = file.replace(folder / file.name)
    with serving(moved, "--port", free_port(), before=drop_privileges) as served:
        first = model_of(served)
        folder.chmod(0)
        try:
            until(lambda: "refused" in httpx.get(f"{served.url}/readyz").json())
            refused = httpx.get(f"{served.url}/readyz").json()["refused"]
            assert refused.startswith("served.puntual: cannot be read: permission denied")
            assert model_of(served) == first
        finally:
            folder.chmod(0o700)
        until(lambda: "refused" not in httpx.get(f"{served.url}/readyz").json())
        assert metric(served, "puntual_model_swaps_total") == {
            '{result="refused"}': 1,
            '{result="taken"}': 1,
        }
        served.process.terminate()
        _, _, err = ended(served)
        assert err.count("\n") == 2


def test_pipes_in_place_of_files_keep_nothing_waiting(
    file: Path, another: Path, load_test: Path, tmp_path: Path
) -> None:
    report = Path(shutil.copy(load_test, tmp_path / "stress.json"))
    with serving(file, "--port", free_port(), "--stress-report", str(report)) as served:
        first = model_of(served)
        for path in (file, report):
            os.mkfifo(tmp_path / "pipe")
            (tmp_path / "pipe").replace(path)
        until(lambda: "refused" in httpx.get(f"{served.url}/readyz").json())
        refused = httpx.get(f"{served.url}/readyz").json()["refused"]
        assert refused.startswith("served.puntual: cannot be read: not a regular file")
        assert model_of(served) == first
        assert httpx.get(f"{served.url}/v1/stress").status_code == 200
        another.replace(file)
        until(lambda: model_of(served) == "scl-another")
        served.process.terminate()
        assert "stress.json: cannot be read: not a regular file" in ended(served)[2]


def test_a_model_that_does_not_answer_is_refused(served: Served, file: Path, artifact: Artifact) -> None:
    """One that is whole, but whose delays lack a bin: answering with it would fail."""
    exceedance = msgspec.structs.replace(artifact.exceedance, bins=artifact.exceedance.bins[1:])
    write_artifact(msgspec.structs.replace(artifact, exceedance=exceedance), file)
    until(lambda: metric(served, "puntual_model_swaps_total")['{result="refused"}'] == 2)
    assert "it does not answer" in httpx.get(f"{served.url}/readyz").json()["refused"]
    served.process.terminate()
    assert "Traceback" not in ended(served)[2]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("pipe", "cannot be read: not a regular file"),
        ("a" * 300, "cannot be read: file name too long"),
        ("closed/model", "cannot be read: permission denied"),
    ],
)
def test_what_is_no_file_is_refused_at_start(tmp_path: Path, name: str, found: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "closed").mkdir(mode=0)
    command = [sys.executable, "-m", "puntual", "serve", "--port", free_port(), "--model", name]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        preexec_fn=drop_privileges,
    )
    wanted = "wanted: a model written by `puntual train`"
    assert (ran.returncode, ran.stderr) == (2, f"puntual: {name}: {found}; {wanted}\n")


def test_a_slow_disk_is_named_and_waited_for(
    model: Path, asker: Callable[..., Asker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a file is being read, whatever takes longer than its time is said; then it is taken over."""
    service = service_of(asker(model=str(model)).application)
    monkeypatch.setattr("puntual.serving.state.LOAD_SECONDS", -1)

    async def look() -> object:
        loop = asyncio.get_running_loop()
        service.swap(loop)
        service.watch(loop)
        refused = service.refused
        while service.row.numbers[SWAPPED] == 0:
            await asyncio.sleep(0.01)
        return refused

    assert asyncio.run(look()) == "scl.puntual: not read within -1 seconds"
    assert service.refused is UNSET


def test_sighup_swaps_too_and_starts_no_worker_anew(served: Served) -> None:
    before = workers(served)
    served.process.send_signal(signal.SIGHUP)
    until(lambda: metric(served, "puntual_model_swaps_total")['{result="taken"}'] == 2)
    assert workers(served) == before
    assert served.process.poll() is None


def test_sighup_leaves_a_worker_as_it_was(file: Path, another: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After it, the file is watched, a body has its time, and a drain is noticed, as before."""
    monkeypatch.setenv("PUNTUAL_BODY_SECONDS", "1")
    monkeypatch.setenv("PUNTUAL_DRAIN_SECONDS", "2")
    with serving(file, "--port", free_port()) as served, httpx.Client() as client:
        served.process.send_signal(signal.SIGHUP)
        until(lambda: metric(served, "puntual_model_swaps_total")['{result="taken"}'] == 1)
        assert metric(served, "puntual_worker_starts_total")[""] == 1
        another.replace(file)
        until(lambda: metric(served, "puntual_model_info") == {'{model="scl-another"}': 1})
        assert client.get(f"{served.url}/readyz").json()["model"] == "scl-another"
        assert model_of(served) == "scl-another"
        address = ("127.0.0.1", int(served.url.rpartition(":")[2]))
        with socket.create_connection(address, timeout=PATIENCE_SECONDS) as half:
            half.sendall(HALF_A_BODY)
            assert half.recv(1000).startswith(b"HTTP/1.1 408")
        served.process.terminate()
        until(lambda: client.get(f"{served.url}/healthz").headers.get("connection") == "close")
        assert ended(served)[0] == 0


def test_a_killed_worker_is_replaced_and_its_counts_stay(served: Served) -> None:
    for _ in range(20):
        httpx.post(f"{served.url}/v1/predictions", json={"flights": [FLIGHT]})
    killed = workers(served)[0]
    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in workers(served) and len(workers(served)) == 2)

    def starts() -> float:
        try:
            return metric(served, "puntual_worker_starts_total")[""]
        except httpx.TransportError:
            return 0

    until(lambda: starts() == 3)
    assert metric(served, "puntual_flights_predicted_total")[""] == 20


def test_what_is_in_flight_is_finished(served: Served) -> None:
    flights = [FLIGHT] * 10_000
    statuses: list[int] = []

    def ask() -> None:
        response = httpx.post(f"{served.url}/v1/predictions", json={"flights": flights}, timeout=60)
        statuses.append(len(response.json()["predictions"]))

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: metric(served, "puntual_requests_in_flight")[""] > 1 or bool(statuses))
    served.process.terminate()
    asking.join()
    assert statuses == [10_000]
    assert ended(served)[0] == 0


def test_readiness_goes_before_the_service(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUNTUAL_DRAIN_SECONDS", "2")
    with serving(model, "--port", free_port()) as served:
        with httpx.Client() as client:
            assert client.get(f"{served.url}/readyz").status_code == 200
            served.process.terminate()
            until(lambda: client.get(f"{served.url}/readyz").status_code == 503)
            until(lambda: client.get(f"{served.url}/healthz").headers.get("connection") == "close")
            answered = client.post(f"{served.url}/v1/predictions", json={"flights": [FLIGHT]})
            assert answered.status_code == 200
        assert ended(served)[0] == 0


def test_half_a_body_is_cut_and_does_not_keep_the_server_from_ending(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUNTUAL_BODY_SECONDS", "1")
    with serving(model, "--port", free_port()) as served:
        address = ("127.0.0.1", int(served.url.rpartition(":")[2]))
        with socket.create_connection(address) as half:
            half.sendall(HALF_A_BODY)
            half.settimeout(PATIENCE_SECONDS)
            assert half.recv(1000).startswith(b"HTTP/1.1 408")
        with socket.create_connection(address) as half:
            half.sendall(HALF_A_BODY)
            time.sleep(0.1)
            begun = time.monotonic()
            served.process.terminate()
            assert ended(served)[0] == 0
            assert time.monotonic() - begun < DRAIN_BODY_SECONDS + END_SECONDS / 2


def test_connections_that_say_too_little_or_too_much_are_closed(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUNTUAL_HEAD_SECONDS", "1")
    heads = {
        b"": b"",
        b"GET /healthz HTTP/1.1\r\nhost: a\r\n": b"",
        b"GET /healthz HTTP/1.1\r\nhost: a\r\nx: " + 2**17 * b"a" + b"\r\n\r\n": b"HTTP/1.1 431",
        b"GET /healthz HTTP/1.1\r\nhost: a\r\n" + 300 * b"x: a\r\n" + b"\r\n": b"HTTP/1.1 431",
    }
    with serving(model, "--port", free_port()) as served:
        for head, answer in heads.items():
            address = ("127.0.0.1", int(served.url.rpartition(":")[2]))
            with socket.create_connection(address, timeout=PATIENCE_SECONDS) as connection:
                connection.sendall(head)
                assert connection.recv(1000).startswith(answer)
                with contextlib.suppress(ConnectionResetError):
                    assert connection.recv(1000) == b""
        assert httpx.get(f"{served.url}/healthz").status_code == 200
