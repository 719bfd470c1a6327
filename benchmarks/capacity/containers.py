"""Containers of the image and the load on them, each on a core of its own if the machine has two.

Core 0 is the containers', core 1 the load generator's and the load balancer's. A container of more than one
CPU shares both with the generator; its figures for each core are of the processor time that it took.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.processes import cpu_s
from deploy import service
from deploy.service import Service, shared_folder, start_container, when_ready

SERVICE_CORE, LOAD_CORE = "0", "1"
PINNED = ("taskset", "--cpu-list", LOAD_CORE)
MEMORY = "256m"


def start_pinned(engine: tuple[str, ...], folder: Path, cpus: float, **environment: str) -> Service:
    """Start a container, on the containers' core if that is enough."""
    pinned = ("--cpuset-cpus", SERVICE_CORE) if cpus <= 1 else ()
    return start_container(engine, folder, *pinned, cpus=cpus, memory=MEMORY, **environment)


@contextlib.contextmanager
def container(engine: tuple[str, ...], model: Path, cpus: float, **environment: str) -> Iterator[Service]:
    """A container that is ready."""
    with (
        shared_folder(model) as folder,
        when_ready(start_pinned(engine, folder, cpus, **environment)) as started,
    ):
        yield started


def stress(url: str, *options: str, pinned: bool = True) -> dict[str, Any]:
    """The result of a load test, on the generator's core or on every core."""
    return service.stress(url, *options, prefix=PINNED if pinned else ())


def stress_measured(
    served: Service, *options: str, url: str = "", pinned: bool = True
) -> tuple[dict[str, Any], float]:
    """The result of a load test, and the cores that a container kept busy meanwhile.

    Parameters
    ----------
    url : what is asked; empty: the container itself
    """
    before = cpu_s(served.pid)
    result = stress(url or served.url, *options, pinned=pinned)
    return result, round((cpu_s(served.pid) - before) / result["duration_s"], 3)


def single_ms(served: Service, *, pinned: bool = True) -> dict[str, float]:
    """The latencies of `records.Calibration`."""
    latency = stress(served.url, "--connections=1", "--duration=4", pinned=pinned)["latency_ms"]
    return {f"single_{name}_ms": latency[name] for name in ("p50", "p99")}


def overload_of(
    served: Service, connections: int, *, seconds: int, url: str = "", pinned: bool = True
) -> dict[str, float]:
    """The overload of `records.Calibration`.

    Parameters
    ----------
    url : what is asked; empty: the container itself
    """
    options = (f"--connections={connections}", f"--duration={seconds}")
    result, cores = stress_measured(served, *options, url=url, pinned=pinned)
    return {
        "overload_answered_per_s": result["answered_per_s"],
        "overload_refused_per_s": round(refused(result) / result["duration_s"], 1),
        "overload_cores": cores,
    }


def refused(result: dict[str, Any]) -> int:
    """How many requests of a load test were refused."""
    return int(result["errors_by_kind"].get("status 503", 0))
