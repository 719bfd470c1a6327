"""A served model from its start to its end: swapped, refused, drained."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec import UNSET

from puntual.inference.artifact import Artifact, write_artifact
from puntual.serving.ops.counters import SWAPPED
from tests.serving.conftest import FLIGHT, PREDICTIONS, Asker, Served, drop_privileges, serving, until

HALF_A_BODY = b"POST /v1/predictions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{"

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")


class Clients:
    """A few that ask without a pause, each on one connection; `failed` names what was not answered."""

    def __init__(self, served: Served, count: int = 3) -> None:
        self._url, self._stop = served.url + PREDICTIONS, threading.Event()
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

    def answer_more(self) -> None:
        """Wait until some more are answered."""
        answered = self.answered
        until(lambda: self.answered > answered + 20)

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        self.answer_more()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def swaps(served: Served) -> tuple[float, float]:
    """How often a worker took a model over, and how often it refused one."""
    counted = served.metric("puntual_model_swaps_total")
    return counted['{result="taken"}'], counted['{result="refused"}']


def test_models_are_taken_over_or_refused_with_no_request_lost(
    file: Path, another: Path, artifact: Artifact
) -> None:
    whole, sha256 = another.read_bytes(), hashlib.sha256(another.read_bytes()).hexdigest()
    with serving(file, workers=2) as served:
        with Clients(served) as clients:
            first = served.model()
            another.replace(file)
            until(lambda: served.metric("puntual_model_info") == {'{model="scl-another"}': 2})
            clients.answer_more()
            assert swaps(served) == (2, 0)
            assert served.ready() == {"model": "scl-another", "status": "ready"}

            another.write_bytes(whole[:-100])
            another.replace(file)
            until(lambda: swaps(served) == (2, 2))
            assert served.ready()["model"] == served.model() == "scl-another"
            assert served.ready()["refused"].startswith("served.puntual: ")

            # One that is whole, but whose delays lack a bin: answering with it would fail.
            exceedance = msgspec.structs.replace(artifact.exceedance, bins=artifact.exceedance.bins[1:])
            write_artifact(msgspec.structs.replace(artifact, exceedance=exceedance), another)
            another.replace(file)
            until(lambda: swaps(served) == (2, 4))
            assert "it does not answer" in served.ready()["refused"]

            another.write_bytes(whole)
            another.replace(file)
            until(lambda: swaps(served) == (4, 4))
            assert "refused" not in served.ready()

            before = served.workers()
            served.process.send_signal(signal.SIGHUP)
            until(lambda: swaps(served) == (6, 4))
            assert (served.workers(), served.process.poll()) == (before, None)
            clients.answer_more()
        assert clients.failed == []
        served.process.terminate()
        _, _, err = served.ended()
        assert f"model scl-another answers now, instead of {first}; SHA-256 {sha256}\n" in err
        assert err.count("; scl-another is kept") == 4
        assert "Traceback" not in err


def test_a_file_that_cannot_be_read_is_refused_until_it_can(
    file: Path, another: Path, load_test: Path, tmp_path: Path
) -> None:
    """Neither a pipe in place of a file keeps anything waiting, nor a folder that is closed."""
    folder = tmp_path / "folder"
    folder.mkdir()
    file = file.replace(folder / file.name)
    report = Path(shutil.copy(load_test, tmp_path / "stress.json"))
    with serving(file, "--stress-report", str(report), before=drop_privileges) as served:
        first = served.model()
        for path in (file, report):
            os.mkfifo(tmp_path / "pipe")
            (tmp_path / "pipe").replace(path)
        until(lambda: "refused" in served.ready())
        assert served.ready()["refused"].startswith("served.puntual: cannot be read: not a regular file")
        assert served.model() == first
        assert httpx.get(f"{served.url}/v1/stress").status_code == 200
        another.replace(file)
        until(lambda: served.model() == "scl-another")
        folder.chmod(0)
        try:
            until(lambda: "refused" in served.ready())
            assert served.ready()["refused"].startswith("served.puntual: cannot be read: permission denied")
            assert served.model() == "scl-another"
        finally:
            folder.chmod(0o700)
        until(lambda: "refused" not in served.ready())
        assert swaps(served) == (2, 2)
        served.process.terminate()
        _, _, err = served.ended()
        assert "stress.json: cannot be read: not a regular file" in err
        assert err.count("\n") == 7  # two of them say what took over


def test_a_slow_disk_is_named_and_waited_for(
    asker: Callable[..., Asker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a file is being read, whatever takes longer than its time is said; then it is taken over."""
    service = asker().service
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


def test_sighup_leaves_a_worker_as_it_was(file: Path, another: Path) -> None:
    """After it, the file is watched, a body has its time, and a drain is noticed, as before."""
    with serving(file, body_seconds=1, drain_seconds=2) as served, httpx.Client() as client:
        served.process.send_signal(signal.SIGHUP)
        until(lambda: swaps(served) == (1, 0))
        another.replace(file)
        until(lambda: served.metric("puntual_model_info") == {'{model="scl-another"}': 1})
        assert client.get(f"{served.url}/readyz").json()["model"] == served.model() == "scl-another"
        assert served.metric("puntual_worker_starts_total")[""] == 1
        with served.connected() as cut, served.connected() as kept_open:
            cut.sendall(HALF_A_BODY)
            assert cut.recv(1000).startswith(b"HTTP/1.1 408")
            kept_open.sendall(HALF_A_BODY)
            served.process.terminate()
            until(lambda: client.get(f"{served.url}/readyz").status_code == 503)
            until(lambda: client.get(f"{served.url}/healthz").headers.get("connection") == "close")
            assert client.post(served.url + PREDICTIONS, json={"flights": [FLIGHT]}).status_code == 200
            assert served.ended()[0] == 0


def test_sigterm_to_the_whole_group_drains(model: Path) -> None:
    with serving(model, workers=2, drain_seconds=3) as served:
        with Clients(served) as clients:
            os.killpg(served.process.pid, signal.SIGTERM)
            until(lambda: httpx.get(f"{served.url}/readyz").status_code == 503)
            clients.answer_more()
        assert clients.failed == []
        assert served.ended() == (0, "", "")
