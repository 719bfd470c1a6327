"""Attacks from every side while honest requests run, on the limits of the manifests.

    python -m benchmarks.siege --model MODEL                         every attack at once, two minutes
    python -m benchmarks.siege --model MODEL lines drips --seconds 30
    python -m benchmarks.siege --model MODEL --memory 0              without a memory limit of the kernel

Loads 127.0.0.1 only. The attackers, the generator of honest requests and the service share the machine's
cores. Where root may make one, a memory cgroup holds the service to `--memory` MiB, sockets apart.
"""

from __future__ import annotations

import argparse
import contextlib
import json
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

from benchmarks import processes
from benchmarks.attacks import ATTACKS
from deploy.service import free_port, stress_command, unwind_on_sigterm

CGROUPS = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
LIMITS = ("memory.limit_in_bytes", "memory.max")
RATE, WORKERS, MEMORY_MIB, SECONDS = 500, 2, 512, 120
PROBE_SECONDS, PATIENCE_SECONDS = 0.25, 90
LEAD_SECONDS = 10
"""Of the honest before the attackers: the generator first asks what the model knows."""


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

    def end(self) -> str:
        """What it saw, in one line."""
        self._stop.set()
        self._thread.join()
        slowest = 1000 * max(self.seconds, default=0.0)
        return f"{len(self.seconds)} asked, {self.failed} failed, slowest {slowest:.0f} ms"


def besiege(model: Path, names: list[str], seconds: int, mib: int) -> int:
    """Run attacks against a service, and print what honest clients saw meanwhile; how many workers ended."""
    port, admin = free_port(), free_port()
    settings = {
        "PUNTUAL_WORKERS": str(WORKERS),
        "PUNTUAL_ADMIN_PORT": str(admin),
        "PUNTUAL_MAX_WORKER_MIB": str(3 * mib // 4 or 384),
    }
    url = f"http://127.0.0.1:{port}"
    with (
        memory_limit(mib) if mib else contextlib.nullcontext() as group,
        tempfile.TemporaryFile() as log,
        tempfile.TemporaryFile() as found,
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
        try:
            _wait_ready(f"http://127.0.0.1:{admin}/readyz", served)
            time.sleep(1)
            before = processes.children(served.pid)
            print(
                f"{', '.join(names)} for {seconds} s; limit {mib if group else 'none'} MiB, {RATE}/s honest"
            )
            probes = {"health": Probe(f"{url}/healthz"), "admin": Probe(f"http://127.0.0.1:{admin}/healthz")}
            attackers = [multiprocessing.Process(target=ATTACKS[name], args=(port,)) for name in names]
            load = subprocess.Popen(
                stress_command(url, f"--rate={RATE}", f"--duration={seconds}", "--connections=32"),
                stdout=found,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(LEAD_SECONDS)
            for attacker in attackers:
                attacker.start()
            largest = 0.0
            deadline = time.monotonic() + seconds + PATIENCE_SECONDS
            while load.poll() is None and time.monotonic() < deadline:
                time.sleep(2)
                with contextlib.suppress(ValueError):
                    largest = max(largest, processes.worker_mib(served.pid))
            load.kill()
            found.seek(0)
            print(_summary(found.read(), RATE * seconds))
            for name, probe in probes.items():
                print(f"{name}: {probe.end()}")
            dead = len({*before} - {*processes.children(served.pid)})
            print(f"workers that ended: {dead} of {len(before)}; the largest took {largest:.0f} MiB")
            return dead
        finally:
            for attacker in attackers:
                attacker.kill()
            served.terminate()
            served.wait()
            log.seek(0)
            print("log:", *log.read().decode(errors="replace").splitlines()[-12:], sep="\n  ")


def _summary(found: bytes, wanted: int) -> str:
    if not found:
        return "honest: the generator did not come to its end; the probes say how it went"
    result = json.loads(found)
    latency, answered = result["latency_ms"], result["answered"]
    return (
        f"honest: {answered:,} of {wanted:,} answered, {answered / wanted:.2%}; p50 {latency['p50']:.1f}, "
        f"p99 {latency['p99']:.0f}, worst {latency['max']:.0f} ms; {result['errors_by_kind']}"
    )


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
    besiege(given.model, given.attacks or [*ATTACKS], given.seconds, given.memory)


if __name__ == "__main__":
    main()
