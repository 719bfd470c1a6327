"""What a served model does at its limits: each part starts `puntual serve` and puts it under load by itself.

    python -m benchmarks.limits --model MODEL                      every part but the long one
    python -m benchmarks.limits --model MODEL overload swaps       some of them
    python -m benchmarks.limits --model MODEL memory --requests 10000000

Loads 127.0.0.1 only, for as long as each part says; the generator shares the machine's cores.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

SERVICE = (sys.executable, "-m", "puntual")
START_SECONDS = 30


class Served(NamedTuple):
    """A service of its own."""

    url: str
    pid: int
    model: Path

    @property
    def workers(self) -> list[int]:
        """Process ids of those that answer."""
        listed = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True, text=True, check=False)
        return [int(pid) for pid in listed.stdout.split()]


@contextlib.contextmanager
def serving(model: Path, **environment: str) -> Iterator[Served]:
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        served = Path(shutil.copy(model, Path(folder) / "served.puntual"))
        command = [*SERVICE, "serve", "--model", str(served), "--port", str(port)]
        process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            end = time.monotonic() + START_SECONDS
            while not _ready(url):
                if time.monotonic() > end or process.poll() is not None:
                    sys.exit("benchmarks.limits: the service does not start")
                time.sleep(0.05)
            yield Served(url, process.pid, served)
        finally:
            process.terminate()
            process.wait()


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def stress(served: Served, **options: float) -> dict[str, Any]:
    """The result of `puntual stress` with these options."""
    given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    command = [*SERVICE, "stress", served.url, *given, "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    # Errors are what some of these tests look for: the status tells of them too.
    if not ran.stdout:
        sys.exit(f"benchmarks.limits: {ran.stderr}")
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


def told(result: dict[str, Any]) -> str:
    latency, kinds = result["latency_ms"], result["errors_by_kind"]
    errors = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items()) or "0 errors"
    return (
        f"{result['answered']:,} answered in {result['duration_s']:.1f} s, "
        f"{result['answered_per_s']:,.0f}/s; "
        f"p99 {latency['p99']:.1f} ms, worst {latency['max']:.0f} ms; {errors}"
    )


def fast(model: Path, _requests: int) -> None:
    """50,000 requests as fast as 64 connections allow."""
    with serving(model) as served:
        stress(served, requests=5_000)
        print(told(stress(served, requests=50_000)))


def original(model: Path, _requests: int) -> None:
    """The challenge's own test."""
    with serving(model) as served:
        print(
            told(stress(served, connections=5000, ramp=1, rate=66_666.67 / 60, duration=45, requests=50_000))
        )


def connections(model: Path, _requests: int) -> None:
    """5,000 connections, each asking again as soon as it is answered."""
    with serving(model) as served:
        print(told(stress(served, connections=5000, ramp=1, duration=10)))


def batch(model: Path, _requests: int) -> None:
    """10,000 flights a request, alone and with small requests beside them."""
    with serving(model) as served:
        large: dict[str, float] = {"flights_per_request": 10_000, "connections": 1, "timeout": 60}
        stress(served, requests=3, **large)
        alone = stress(served, requests=50, **large)
        print(f"alone: {10_000 * alone['answered_per_s']:,.0f} flights/s; {told(alone)}")
        small: list[dict[str, Any]] = []
        beside = threading.Thread(
            target=lambda: small.append(stress(served, rate=200, duration=10, connections=16))
        )
        beside.start()
        large_too = stress(served, duration=9, **large)
        beside.join()
        print(f"with small ones beside: {10_000 * large_too['answered_per_s']:,.0f} flights/s")
        print(f"the small ones: {told(small[0])}")


def overload(model: Path, _requests: int) -> None:
    """More than the capacity, by the clock: requests of 1,000 flights, then of one.

    The capacity of the first is what 8 connections are answered as fast as they ask; that of the second what
    `--find-capacity` finds, with 99 % of the answers within 50 ms.
    """
    with serving(model) as served:
        most = stress(served, flights_per_request=1000, connections=8, duration=5)["answered_per_s"]
        asked = stress(served, flights_per_request=1000, rate=3 * most, connections=128, duration=10)
        print(
            f"1,000 flights, 3 x {most:,.0f}/s: goodput {asked['answered_per_s'] / most:.0%}; {told(asked)}"
        )
        command = [*SERVICE, "stress", served.url, "--find-capacity", "--rate=4000", "--duration=3", "--json"]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        held = json.loads(ran.stdout)["capacity_per_s"]
        asked = stress(served, rate=1.3 * held, connections=6000, ramp=2, duration=10)
        print(f"1 flight, 1.3 x {held:,.0f}/s: goodput {asked['answered_per_s'] / held:.0%}; {told(asked)}")


def swaps(model: Path, _requests: int) -> None:
    """Another model every second, for a minute, under full load."""
    with serving(model) as served:
        with _every(1, lambda: _swap(model, served.model)):
            print(told(stress(served, duration=60)))
        with urllib.request.urlopen(f"{served.url}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        print(next(line for line in lines if line.startswith("puntual_model_swaps_total")))


def _swap(model: Path, served: Path) -> None:
    beside = served.with_suffix(".new")
    shutil.copy(model, beside)
    beside.replace(served)


def kills(model: Path, _requests: int) -> None:
    """Of two workers the one that lived longer killed, every 8 seconds, for a minute."""
    opened: list[int] = []
    with serving(model, PUNTUAL_WORKERS="2") as served:
        time.sleep(2)
        idle = _sockets(served.workers[0])

        def kill() -> None:
            oldest = min(served.workers, key=_started)
            opened.append(_sockets(oldest) - idle)
            os.kill(oldest, signal.SIGKILL)

        with _every(8, kill):
            print(told(stress(served, duration=60)))
    print(f"connections open to each that was killed: {opened}, in all {sum(opened)}")


def _sockets(pid: int) -> int:
    files = Path(f"/proc/{pid}/fd").iterdir()
    return sum(str(file.readlink()).startswith("socket:") for file in files)


def _started(pid: int) -> int:
    """Clock ticks from the machine's start to the process's."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


@contextlib.contextmanager
def _every(seconds: float, do: Callable[[], None]) -> Iterator[None]:
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(seconds):
            do()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def memory(model: Path, requests: int) -> None:
    """A worker's memory over many requests."""
    with serving(model) as served:
        (worker,) = served.workers
        stress(served, requests=200_000)
        before = _resident_mib(worker)
        asked = stress(served, requests=requests)
        print(f"{before:.1f} MiB, after {requests:,} more {_resident_mib(worker):.1f} MiB; {told(asked)}")


def _resident_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


PARTS: dict[str, Callable[[Path, int], None]] = {
    "fast": fast,
    "original": original,
    "connections": connections,
    "batch": batch,
    "overload": overload,
    "swaps": swaps,
    "kills": kills,
    "memory": memory,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.limits")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=1_000_000, help="of the part `memory`")
    parser.add_argument("parts", nargs="*", default=[name for name in PARTS if name != "memory"])
    options = parser.parse_args()
    for name in options.parts:
        part = PARTS.get(name)
        if part is None:
            sys.exit(f"benchmarks.limits: no part {name!r}; wanted: {', '.join(PARTS)}")
        print(f"\n{name}: {part.__doc__}", flush=True)
        part(options.model, options.requests)


if __name__ == "__main__":
    main()
