"""What a served model does at its limits: each part starts `puntual serve` and puts it under load by itself.

    python -m benchmarks.limits --model MODEL                      every part but the long one
    python -m benchmarks.limits --model MODEL overload swaps       some of them
    python -m benchmarks.limits --model MODEL memory --requests 10000000

Loads 127.0.0.1 only, for as long as each part says; the generator shares the machine's cores.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import processes
from deploy import service
from deploy.service import MODEL, Service, put_model, serving, shared_folder, unwind_on_sigterm


def stress(served: Service, **options: float) -> dict[str, Any]:
    """The result of `puntual stress` with these options."""
    return service.stress(
        served.url, *(f"--{name.replace('_', '-')}={value}" for name, value in options.items())
    )


def summary(result: dict[str, Any]) -> str:
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
        print(summary(stress(served, requests=50_000)))


def original(model: Path, _requests: int) -> None:
    """The challenge's own test."""
    with serving(model) as served:
        print(summary(service.stress(served.url, "--profile", "original")))


def connections(model: Path, _requests: int) -> None:
    """5,000 connections, each asking again as soon as it is answered."""
    with serving(model) as served:
        print(summary(stress(served, connections=5000, ramp=1, duration=10)))


def batch(model: Path, _requests: int) -> None:
    """10,000 flights a request, alone and with small requests beside them."""
    with serving(model) as served:
        large: dict[str, float] = {"flights_per_request": 10_000, "connections": 1, "timeout": 60}
        stress(served, requests=3, **large)
        alone = stress(served, requests=50, **large)
        print(f"alone: {10_000 * alone['answered_per_s']:,.0f} flights/s; {summary(alone)}")
        small: dict[str, Any] = {}
        beside = threading.Thread(
            target=lambda: small.update(stress(served, rate=200, duration=10, connections=16))
        )
        beside.start()
        mixed = stress(served, duration=9, **large)
        beside.join()
        print(f"with small ones beside: {10_000 * mixed['answered_per_s']:,.0f} flights/s")
        print(f"the small ones: {summary(small)}")


def overload(model: Path, _requests: int) -> None:
    """More than the capacity, by the clock: requests of 1,000 flights, then of one.

    The capacity of the first is what 8 connections are answered as fast as they ask; that of the second what
    `--find-capacity` finds, with 99 % of the answers within 50 ms.
    """
    with serving(model) as served:
        closed = stress(served, flights_per_request=1000, connections=8, duration=5)["answered_per_s"]
        result = stress(served, flights_per_request=1000, rate=3 * closed, connections=128, duration=10)
        goodput = result["answered_per_s"] / closed
        print(f"1,000 flights, 3 x {closed:,.0f}/s: goodput {goodput:.0%}; {summary(result)}")
        found = service.stress(served.url, "--find-capacity", "--rate=4000", "--duration=3")
        capacity = found["capacity_per_s"]
        result = stress(served, rate=1.3 * capacity, connections=6000, ramp=2, duration=10)
        goodput = result["answered_per_s"] / capacity
        print(f"1 flight, 1.3 x {capacity:,.0f}/s: goodput {goodput:.0%}; {summary(result)}")


def swaps(model: Path, _requests: int) -> None:
    """Another model every second, for a minute, under full load."""
    with shared_folder(model) as folder, serving(folder / MODEL) as served:
        with _every(1, lambda: put_model(model, folder)):
            print(summary(stress(served, duration=60)))
        with urllib.request.urlopen(f"{served.url}/metrics", timeout=5) as response:
            lines = response.read().decode().splitlines()
        print(next(line for line in lines if line.startswith("puntual_model_swaps_total")))


def kills(model: Path, _requests: int) -> None:
    """Of two workers the one that lived longer killed, every 8 seconds, for a minute."""
    opened: list[int] = []
    with serving(model, PUNTUAL_WORKERS="2") as served:
        time.sleep(2)
        idle = _sockets(processes.children(served.pid)[0])

        def kill() -> None:
            oldest = processes.children(served.pid)[0]
            opened.append(_sockets(oldest) - idle)
            os.kill(oldest, signal.SIGKILL)

        with _every(8, kill):
            print(summary(stress(served, duration=60)))
    print(f"connections open to each that was killed: {opened}, in all {sum(opened)}")


def memory(model: Path, requests: int) -> None:
    """A worker's memory over many requests."""
    with serving(model) as served:
        stress(served, requests=200_000)
        before = processes.worker_mib(served.pid)
        result = stress(served, requests=requests)
        after = processes.worker_mib(served.pid)
        print(f"{before:.1f} MiB, after {requests:,} more {after:.1f} MiB; {summary(result)}")


def _sockets(pid: int) -> int:
    files = Path(f"/proc/{pid}/fd").iterdir()
    return sum(str(file.readlink()).startswith("socket:") for file in files)


@contextlib.contextmanager
def _every(seconds: float, action: Callable[[], None]) -> Iterator[None]:
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(seconds):
            action()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


PARTS: dict[str, Callable[[Path, int], None]] = {
    part.__name__: part for part in (fast, original, connections, batch, overload, swaps, kills, memory)
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.limits")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=1_000_000, help="of the part `memory`")
    parser.add_argument("parts", nargs="*", default=[name for name in PARTS if name != "memory"])
    options = parser.parse_args()
    unwind_on_sigterm()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; wanted: {', '.join(PARTS)}")
    for name in options.parts:
        print(f"\n{name}: {PARTS[name].__doc__}", flush=True)
        try:
            PARTS[name](options.model, options.requests)
        except RuntimeError as error:
            sys.exit(f"benchmarks.limits: {error}")


if __name__ == "__main__":
    main()
