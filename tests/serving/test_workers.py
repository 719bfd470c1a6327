"""Workers and the process that watches over them: whatever happens to one, the others know what to do."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.ports import free_port
from tests.serving.conftest import FLIGHT, Served, serving
from tests.serving.test_life import PATIENCE_SECONDS, Clients, another, file, metric, model_of, until, workers
from tests.serving.test_server import ended

__all__ = ["another", "file"]
pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")

HASTY = """
import msgspec
from puntual.serving.settings import read_settings
from puntual.serving import __main__ as program
from puntual.serving.ops import watchdog
program.MEMORY_CHECK_SECONDS = 1
watchdog.HUNG_CHECKS = 4
program.serve(msgspec.structs.replace(read_settings(), **{changes!r}))
"""


@contextlib.contextmanager
def serving_hastily(
    model: Path, count: int = 1, began: Callable[[int], None] = lambda pid: None, **changes: object
) -> Iterator[Served]:
    """The server itself, that looks at its workers more often, with settings that no user may give.

    Parameters
    ----------
    began : called with the first worker's process id as soon as it is there
    """
    port = free_port()
    environ = {"PUNTUAL_MODEL": str(model), "PUNTUAL_PORT": port, "PUNTUAL_WORKERS": str(count)}
    command = [sys.executable, "-c", HASTY.format(changes=changes)]
    log = model.with_name("log").open("w")
    with log, subprocess.Popen(command, stderr=log, text=True, env=os.environ | environ) as process:
        served = Served(process, f"http://127.0.0.1:{port}")
        try:
            until(lambda: bool(workers(served)))
            began(workers(served)[0])
            until(lambda: "model" in readiness(served))
            yield served
        finally:
            process.terminate()


def logged(served: Served, model: Path) -> str:
    """What it wrote until its end."""
    served.process.terminate()
    assert served.process.wait(PATIENCE_SECONDS) == 0  # while workers are replaced, it ends after that
    return model.with_name("log").read_text()


def readiness(served: Served) -> dict[str, str]:
    """What `/readyz` says; nothing where nobody answers."""
    try:
        answer = httpx.get(f"{served.url}/readyz", timeout=1)
    except httpx.TransportError:
        return {}
    told: dict[str, str] = answer.json()
    return told


def answers(served: Served, count: int = 20) -> set[str]:
    """The models that answer, each request on a connection of its own."""
    return {model_of(served) for _ in range(count)}


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("missing", [True, False])
def test_a_new_worker_has_the_model_of_the_one_before(
    file: Path, another: Path, count: int, missing: bool
) -> None:
    with serving(file, "--port", free_port(), "--workers", str(count)) as served:
        until(lambda: metric(served, "puntual_worker_starts_total")[""] == count)
        another.replace(file)
        until(lambda: metric(served, "puntual_model_info") == {'{model="scl-another"}': count})
        if missing:
            file.unlink()
        else:
            file.write_bytes(b"no model")
        until(lambda: metric(served, "puntual_model_swaps_total")['{result="refused"}'] == count)
        killed = workers(served)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        until(lambda: len(workers(served)) == count and not {*workers(served)} & {*killed})
        until(lambda: readiness(served).get("refused", "").endswith("copy of the last good model"))
        assert answers(served) == {"scl-another"}
        served.process.terminate()
        _, _, err = ended(served)
        assert err.count("; scl-another is kept; from the server's own copy of the last good model") == count


@pytest.mark.parametrize("count", [1, 2])
def test_a_worker_that_is_replaced_for_its_memory_is_named_and_leaves_its_model(
    file: Path, count: int
) -> None:
    with serving_hastily(file, count, max_worker_mib=1) as served:
        first = model_of(served)
        file.unlink()
        before = workers(served)
        until(lambda: len(workers(served)) == count and not {*workers(served)} & {*before})
        assert answers(served) == {first}
        told = r"WARNING worker \d+ takes \d+ MiB, more than 1: it is replaced"
        assert re.search(told, logged(served, file))


def test_a_worker_that_stands_still_is_replaced(file: Path) -> None:
    with serving_hastily(file, 2) as served:
        until(lambda: sum(metric(served, "puntual_model_info").values()) == 2)  # their hearts beat next
        until(lambda: bool(readiness(served)))
        stopped, other = workers(served)
        os.kill(stopped, signal.SIGSTOP)
        until(lambda: stopped not in workers(served) and len(workers(served)) == 2)
        assert other in workers(served)
        until(lambda: bool(readiness(served)))
        assert len(answers(served)) == 1
        told = f"ERROR worker {stopped} has stood still for 4 seconds: it is replaced"
        assert told in logged(served, file)


def test_workers_end_with_their_parent(file: Path) -> None:
    with serving(file, "--port", free_port(), "--workers", "2") as served:
        until(lambda: metric(served, "puntual_worker_starts_total")[""] == 2)
        served.process.kill()
        until(lambda: not readiness(served))
        port = served.url.rpartition(":")[2]
    with serving(file, "--port", port) as again:
        assert model_of(again)


def test_sigterm_to_the_whole_group_drains(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUNTUAL_DRAIN_SECONDS", "3")
    with serving(file, "--port", free_port(), "--workers", "2") as served:
        until(lambda: metric(served, "puntual_worker_starts_total")[""] == 2)
        with Clients(served) as clients:
            until(lambda: clients.answered > 20)
            os.killpg(served.process.pid, signal.SIGTERM)
            until(lambda: httpx.get(f"{served.url}/readyz").status_code == 503)
            answered = clients.answered
            until(lambda: clients.answered > answered + 20)
        assert clients.failed == []
        assert ended(served) == (0, "", "")


def test_sighup_during_the_start_is_acted_on_after_it(file: Path) -> None:
    with serving_hastily(file, began=lambda pid: os.kill(pid, signal.SIGHUP)) as served:
        until(lambda: metric(served, "puntual_model_swaps_total")['{result="taken"}'] == 1)


def test_sigterm_to_one_worker_ends_it_in_order(file: Path) -> None:
    with serving(file, "--port", free_port(), "--workers", "2") as served:
        until(lambda: metric(served, "puntual_worker_starts_total")[""] == 2)
        (one, other) = workers(served)
        os.kill(one, signal.SIGTERM)
        until(lambda: one not in workers(served) and len(workers(served)) == 2)
        assert other in workers(served)


@pytest.mark.parametrize("_time", range(3))
def test_of_two_that_start_at_once_the_second_refuses(model: Path, _time: int) -> None:
    port = free_port()
    command = [sys.executable, "-m", "puntual", "serve", "--model", str(model), "--port", port]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        first_lines = [process.stderr.readline() for process in both if process.stderr]
        refused = f"puntual: port {port} on 127.0.0.1 is in use; choose another with --port\n"
        assert sorted(line == refused for line in first_lines) == [False, True]
        second = both[first_lines.index(refused)]
        assert second.wait(10) == 2
        answer = httpx.post(f"http://127.0.0.1:{port}/v1/predictions", json={"flights": [FLIGHT]})
        assert answer.status_code == 200
    finally:
        for process in both:
            process.terminate()
            process.communicate()


@pytest.mark.parametrize("host", ["localhost", "0", "*", "127.1", "::1", "::"])
def test_hosts_are_names_and_numbers(model: Path, host: str) -> None:
    if ":" in host:
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("no IPv6 here")
    with serving(model, "--port", free_port(), "--host", host) as served:
        assert model_of(served)
        port = served.url.rpartition(":")[2]
        assert served.url == f"http://{'[::1]' if ':' in host else '127.0.0.1'}:{port}"
        environ = {"PUNTUAL_HOST": host, "PUNTUAL_PORT": port}
        asked = [sys.executable, "-m", "puntual.serving.ops.health"]
        assert subprocess.run(asked, env=os.environ | environ, check=False).returncode == 0
