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

from puntual.serving.server import check_port
from puntual.serving.settings import read_settings
from tests.ports import free_port
from tests.serving.conftest import FLIGHT, PATIENCE_SECONDS, PREDICTIONS, SERVE, Served, serving, until

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")

HASTY = """
import msgspec
from puntual.serving.settings import read_settings
from puntual.serving import __main__ as program
from puntual.serving.ops import watchdog
program.MEMORY_CHECK_SECONDS = 1
watchdog.CHECK_SECONDS, watchdog.HUNG_CHECKS = 0.5, 6
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
            until(lambda: bool(served.workers()))
            began(served.workers()[0])
            until(lambda: "model" in served.ready())
            yield served
        finally:
            process.terminate()


def logged(served: Served, model: Path) -> str:
    """What it wrote until its end."""
    served.process.terminate()
    assert served.process.wait(PATIENCE_SECONDS) == 0  # while workers are replaced, it ends after that
    return model.with_name("log").read_text()


def answers(served: Served, count: int = 20) -> set[str]:
    """The models that answer, each request on a connection of its own."""
    return {served.model() for _ in range(count)}


def all_replaced(served: Served, before: list[int]) -> bool:
    return len(served.workers()) == len(before) and not {*served.workers()} & {*before}


@pytest.mark.parametrize(("count", "missing"), [(1, True), (2, False)])
def test_a_new_worker_has_the_model_of_the_one_before(
    file: Path, another: Path, count: int, missing: bool
) -> None:
    with serving(file, workers=count) as served:
        another.replace(file)
        until(lambda: served.metric("puntual_model_info") == {'{model="scl-another"}': count})
        if missing:
            file.unlink()
        else:
            file.write_bytes(b"no model")
        until(lambda: served.metric("puntual_model_swaps_total")['{result="refused"}'] == count)
        killed = served.workers()
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        until(lambda: all_replaced(served, killed))
        until(lambda: served.ready().get("refused", "").endswith("copy of the last good model"))
        assert answers(served) == {"scl-another"}
        served.process.terminate()
        _, _, err = served.ended()
        assert err.count("; scl-another is kept; from the server's own copy of the last good model") == count


def test_a_worker_that_is_replaced_for_its_memory_is_named_and_leaves_its_model(file: Path) -> None:
    with serving_hastily(file, max_worker_mib=1) as served:
        first = served.model()
        file.unlink()
        before = served.workers()
        until(lambda: all_replaced(served, before))
        assert answers(served, 3) == {first}
        told = r"WARNING worker \d+ takes \d+ MiB, more than 1: it is replaced"
        assert re.search(told, logged(served, file))


def test_a_worker_that_stands_still_is_replaced(file: Path) -> None:
    with serving_hastily(file, 2) as served:
        until(lambda: sum(served.metric("puntual_model_info").values()) == 2)  # their hearts beat next
        until(lambda: bool(served.ready()))
        stopped, other = served.workers()
        os.kill(stopped, signal.SIGSTOP)
        until(lambda: stopped not in served.workers() and len(served.workers()) == 2)
        assert other in served.workers()
        until(lambda: bool(served.ready()))
        assert len(answers(served)) == 1
        told = f"ERROR worker {stopped} has stood still for 3 seconds: it is replaced"
        assert told in logged(served, file)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_ends_is_replaced_and_its_counts_stay(model: Path, number: signal.Signals) -> None:
    with serving(model, workers=2) as served:
        assert len(answers(served)) == 1
        ends, other = served.workers()
        os.kill(ends, number)
        until(lambda: ends not in served.workers() and len(served.workers()) == 2)
        assert other in served.workers()

        def starts() -> float:
            try:
                return served.metric("puntual_worker_starts_total")[""]
            except httpx.TransportError:
                return 0

        until(lambda: starts() == 3)
        assert served.metric("puntual_flights_predicted_total")[""] == 20


def test_accidents_of_one_worker_leave_the_other(model: Path) -> None:
    """Within the seconds in which Granian by itself takes two of them for a reason to end the server."""
    with serving(model, workers=2) as served:
        _, other = served.workers()
        for _ in range(2):
            ends = next(pid for pid in served.workers() if pid != other)
            os.kill(ends, signal.SIGKILL)
            until(lambda ends=ends: ends not in served.workers() and len(served.workers()) == 2)  # type: ignore[misc]
        until(lambda: bool(served.ready()))
        assert other in served.workers()


def test_workers_end_with_their_parent(model: Path) -> None:
    with serving(model, workers=2) as served:
        served.process.kill()
        until(lambda: not served.ready())
        assert check_port(read_settings({"port": served.port}, {}))


def test_sighup_during_the_start_is_acted_on_after_it(file: Path) -> None:
    with serving_hastily(file, began=lambda pid: os.kill(pid, signal.SIGHUP)) as served:
        until(lambda: served.metric("puntual_model_swaps_total")['{result="taken"}'] == 1)


def test_of_two_that_start_at_once_the_second_refuses(model: Path) -> None:
    port = free_port()
    command = [*SERVE, "--model", str(model), "--port", port]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        first_lines = [process.stderr.readline() for process in both if process.stderr]
        refused = f"puntual: port {port} on 127.0.0.1 is in use; choose another with --port\n"
        assert sorted(line == refused for line in first_lines) == [False, True]
        second = both[first_lines.index(refused)]
        assert second.wait(10) == 2
        answer = httpx.post(f"http://127.0.0.1:{port}{PREDICTIONS}", json={"flights": [FLIGHT]})
        assert answer.status_code == 200
    finally:
        for process in both:
            process.terminate()
            process.communicate()


@pytest.mark.parametrize("host", ["localhost", "*", "::1"])
def test_hosts_are_names_and_numbers(model: Path, host: str) -> None:
    if ":" in host:
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("no IPv6 here")
    openly = ["--open"] if host == "*" else []
    with serving(model, "--host", host, *openly) as served:
        assert served.model()
        assert served.url == f"http://{'[::1]' if ':' in host else '127.0.0.1'}:{served.port}"
        environ = {"PUNTUAL_HOST": host, "PUNTUAL_PORT": served.port}
        asked = [sys.executable, "-m", "puntual.serving.ops.health"]
        assert subprocess.run(asked, env=os.environ | environ, check=False).returncode == 0
