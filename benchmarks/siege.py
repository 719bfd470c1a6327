"""Attacks from every side while honest requests run, on the limits of the manifests.

    python -m benchmarks.siege --model MODEL                          each attack by itself, then all at once
    python -m benchmarks.siege --model MODEL --seconds 600            ten minutes each
    python -m benchmarks.siege --model MODEL lines drips --seconds 30 these at once
    python -m benchmarks.siege --model MODEL --memory 0               without a memory limit of the kernel

Prints a table with a line for each siege; what misses its bar is bold. Their logs go to standard error.
Loads 127.0.0.1 only. The attackers, the generator of honest requests and the service share the machine's
cores. Where root may make one, a memory cgroup holds the service to `--memory` MiB, sockets apart.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from benchmarks import processes
from benchmarks.attacks import ATTACKS
from deploy.service import free_port, stress_command, unwind_on_sigterm

CGROUPS = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
LIMITS = ("memory.limit_in_bytes", "memory.max")
RATE, WORKERS, MEMORY_MIB, SECONDS = 500, 2, 512, 120
PROBE_SECONDS, PATIENCE_SECONDS = 0.25, 90
MIN_GOODPUT, MAX_P99_MS, MAX_HEALTH_MS = 0.99, 100, 100


@contextlib.contextmanager
def memory_limit(mib: int) -> Iterator[Path | None]:
    """A memory cgroup of this size; None: this user may make none."""
    for root, limit in zip(CGROUPS, LIMITS, strict=True):
        group = root / f"puntual-siege-{os.getpid()}"
        try:
            group.mkdir()
            (group / limit).write_text(str(mib << 20))
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()
            continue
        try:
            yield group
        finally:
            with contextlib.suppress(OSError):
                group.rmdir()
        return
    yield None


class Probe:
    """Asks a path for its health again and again.

    Attributes
    ----------
    seconds : that each answer took; one that did not come took as long as it was waited for
    failed : how many did not come
    """

    def __init__(self, url: str) -> None:
        self._url, self._stop = url, threading.Event()
        self.seconds: list[float] = []
        self.failed = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(PROBE_SECONDS):
            began = time.perf_counter()
            try:
                with urllib.request.urlopen(self._url, timeout=2) as response:
                    response.read()
            except OSError:
                self.failed += 1
            self.seconds.append(time.perf_counter() - began)

    def end(self) -> float:
        """The slowest answer in milliseconds; infinite: one did not come."""
        self._stop.set()
        self._thread.join()
        return math.inf if self.failed else 1000 * max(self.seconds, default=0.0)


class Row(NamedTuple):
    """What one siege came to.

    Attributes
    ----------
    answered : share of the honest requests
    p99_ms : of their latencies; None: none was answered
    health_ms, admin_ms : the slowest answer at each port; infinite: one did not come
    ended : workers
    mib : the largest worker
    errors : of the honest, by kind; or why their generator ended
    """

    attacks: str
    answered: float
    p99_ms: float | None
    health_ms: float
    admin_ms: float
    ended: int
    mib: float
    errors: str

    def line(self) -> str:
        """As a line of the table; a figure that misses its bar is marked."""

        def marked(text: str, misses: bool) -> str:
            return f"**{text}**" if misses else text

        p99 = math.inf if self.p99_ms is None else self.p99_ms
        cells = (
            self.attacks,
            marked(f"{self.answered:.2%}", self.answered < MIN_GOODPUT),
            marked(f"{p99:.0f}", p99 > MAX_P99_MS),
            marked(f"{self.health_ms:.0f}", self.health_ms > MAX_HEALTH_MS),
            f"{self.admin_ms:.0f}",
            marked(str(self.ended), self.ended > 0),
            f"{self.mib:.0f}",
            self.errors,
        )
        return f"| {' | '.join(cells)} |"


HEAD = (
    f"| attacks | honest answered (bar {MIN_GOODPUT:.0%}) | their p99, ms ({MAX_P99_MS}) | slowest health, "
    f"ms ({MAX_HEALTH_MS}) | at the admin port | workers that ended (0) | largest, MiB | not answered |\n"
    "|---|---|---|---|---|---|---|---|"
)


def besiege(model: Path, names: list[str], seconds: int, mib: int) -> Row:
    """Run attacks against a service, and see what honest clients get meanwhile."""
    port, admin = free_port(), free_port()
    settings = {
        "PUNTUAL_WORKERS": str(WORKERS),
        "PUNTUAL_ADMIN_PORT": str(admin),
        "PUNTUAL_MAX_WORKER_MIB": str(mib // WORKERS or 256),
    }
    url = f"http://127.0.0.1:{port}"
    with (
        memory_limit(mib) if mib else contextlib.nullcontext() as group,
        tempfile.TemporaryFile() as log,
        tempfile.TemporaryFile() as found,
        tempfile.TemporaryFile() as said,
    ):

        def enter() -> None:
            if group is not None:
                (group / "cgroup.procs").write_text(str(os.getpid()))

        command = [sys.executable, "-m", "puntual", "serve", "--model", str(model), "--port", str(port)]
        served = subprocess.Popen(
            command,
            env=os.environ | settings,
            stderr=log,
            stdout=log,
            preexec_fn=enter,  # noqa: PLW1509 - no thread runs yet
        )
        attackers: list[multiprocessing.Process] = []
        load: subprocess.Popen[bytes] | None = None
        try:
            _wait_ready(f"http://127.0.0.1:{admin}/readyz", served)
            time.sleep(1)
            before = processes.children(served.pid)
            probes = [Probe(f"{url}/healthz"), Probe(f"http://127.0.0.1:{admin}/healthz")]
            attackers = [multiprocessing.Process(target=ATTACKS[name], args=(port,)) for name in names]
            load = subprocess.Popen(
                stress_command(url, f"--rate={RATE}", f"--duration={seconds}", "--connections=32"),
                stdout=found,
                stderr=said,
            )
            _wait_begun(f"http://127.0.0.1:{admin}/metrics", load)
            for attacker in attackers:
                attacker.start()
            largest = 0.0
            deadline = time.monotonic() + seconds + PATIENCE_SECONDS
            while load.poll() is None and time.monotonic() < deadline:
                time.sleep(2)
                with contextlib.suppress(ValueError):
                    largest = max(largest, processes.worker_mib(served.pid))
            health, at_admin = (probe.end() for probe in probes)
            ended = len({*before} - {*processes.children(served.pid)})
            answered, p99, errors = _honest(found, said, RATE * seconds)
            return Row(" + ".join(names), answered, p99, health, at_admin, ended, largest, errors)
        finally:
            for attacker in attackers:
                attacker.kill()
            if load is not None:
                load.kill()
                load.wait()
            served.terminate()
            served.wait()
            log.seek(0)
            print(
                "log:", *log.read().decode(errors="replace").splitlines()[-12:], sep="\n  ", file=sys.stderr
            )


def _honest(found: IO[bytes], said: IO[bytes], wanted: int) -> tuple[float, float | None, str]:
    """The share answered, its 99th percentile, and what became of the others."""
    found.seek(0)
    said.seek(0)
    if not (told := found.read()):
        lines = said.read().decode(errors="replace").strip().splitlines()
        return (
            0.0,
            None,
            f"no result of the generator: {lines[-1] if lines else 'it did not come to its end'}",
        )
    result = json.loads(told)
    errors = ", ".join(f"{count:,} {kind}" for kind, count in result["errors_by_kind"].items())
    return result["answered"] / wanted, result["latency_ms"]["p99"], errors or "-"


def _wait_begun(url: str, load: subprocess.Popen[bytes]) -> None:
    """Wait until the honest are asking: their generator starts, and asks what the model knows, before it."""
    while load.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1) as response:
            if b'requests_total{route="/v1/predictions"' in response.read():
                return
        time.sleep(0.1)


def _wait_ready(url: str, served: subprocess.Popen[bytes]) -> None:
    while served.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit("the service does not start; its log says why")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.siege", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=f"of {', '.join(ATTACKS)}; all of them")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--memory", type=int, default=MEMORY_MIB, help="MiB; 0: not limited")
    given = parser.parse_args()
    if unknown := {*given.attacks} - {*ATTACKS}:
        parser.error(f"{', '.join(unknown)}; wanted: {', '.join(ATTACKS)}")
    unwind_on_sigterm()
    print(HEAD)
    missed = False
    for names in [given.attacks] if given.attacks else [*([name] for name in ATTACKS), [*ATTACKS]]:
        line = besiege(given.model, names, given.seconds, given.memory).line()
        print(line, flush=True)
        missed |= "**" in line
    sys.exit(missed)


if __name__ == "__main__":
    main()
