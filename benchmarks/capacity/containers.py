"""Containers of the image and the load on them, each on a core of its own if the machine has two.

Core 0 is the containers', core 1 the load generator's and the load balancer's. A container of more than one
CPU shares both with the generator; its figures for each core are of the processor time that it took.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import processes
from deploy import service
from deploy.service import Service, shared_folder, start_container

SERVICE_CORE, LOAD_CORE = "0", "1"
PINNED = ("taskset", "--cpu-list", LOAD_CORE)
MEMORY = "256m"


class Pod(NamedTuple):
    """A container that is ready.

    Attributes
    ----------
    pid : of its first process
    start_s : from the command that starts it to its first 200
    """

    url: str
    pid: int
    start_s: float

    def cpu_s(self) -> float:
        """Processor time that it has taken."""
        return processes.cpu_s(self.pid)


def start_pinned(engine: tuple[str, ...], folder: Path, cpus: float, **environment: str) -> Service:
    """Start a container, on the containers' core if that is enough."""
    pinned = ("--cpuset-cpus", SERVICE_CORE) if cpus <= 1 else ()
    return start_container(engine, folder, *pinned, cpus=cpus, memory=MEMORY, **environment)


@contextlib.contextmanager
def pod(engine: tuple[str, ...], model: Path, cpus: float, **environment: str) -> Iterator[Pod]:
    """Start a container and wait until it is ready."""
    with shared_folder(model) as folder:
        begun = time.monotonic()
        started = start_pinned(engine, folder, cpus, **environment)
        try:
            started.wait_ready()
            yield Pod(started.url, started.pid, time.monotonic() - begun)
        finally:
            started.end()


def stress(url: str, *options: str, pinned: bool = True) -> dict[str, Any]:
    """The result of a load test, on the generator's core or on every core."""
    return service.stress(url, *options, prefix=PINNED if pinned else ())


def stress_measured(
    pod: Pod, *options: str, url: str = "", pinned: bool = True
) -> tuple[dict[str, Any], float]:
    """The result of a load test, and the cores that a container kept busy meanwhile.

    Parameters
    ----------
    url : what is asked; empty: the container itself
    """
    before = pod.cpu_s()
    result = stress(url or pod.url, *options, pinned=pinned)
    return result, round((pod.cpu_s() - before) / result["duration_s"], 3)
