"""Containers of the image and the load on them, each on a core of its own where the machine has two.

Core 0 is the containers', core 1 the load generator's and the load balancer's. A container of more than one
CPU shares both with the generator; what it took of the processor is told, and figures for each core are of
that.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.serving import processes
from deploy.checks.image import Container, running, wait_ready

SERVICE_CORE, LOAD_CORE = "0", "1"
PINNED = ("taskset", "--cpu-list", LOAD_CORE)


class Pod(NamedTuple):
    """A container that is ready.

    Attributes
    ----------
    pid : of its first process
    start_s : from the command that starts it to its first 200
    """

    container: Container
    pid: int
    start_s: float

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.container.url

    def cpu_s(self) -> float:
        """Processor time that it has taken."""
        return processes.cpu_s(self.pid)


@contextlib.contextmanager
def pod(
    engine: tuple[str, ...], model: Path, cpus: float, *, port: int | None = None, **environment: str
) -> Iterator[Pod]:
    """Start a container and wait until it is ready."""
    more = [option for name, value in environment.items() for option in ("--env", f"{name}={value}")]
    if cpus <= 1:
        more += ["--cpuset-cpus", SERVICE_CORE]
    begun = time.monotonic()
    with running(engine, model, cpus, *more, port=port) as container:
        wait_ready(container)
        start = time.monotonic() - begun
        command = (*engine, "inspect", "--format", "{{.State.Pid}}", container.name)
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        yield Pod(container, int(told), start)


def stress(url: str, *options: str, pinned: bool = True) -> dict[str, Any]:
    """What `puntual stress --json` tells.

    Raises
    ------
    RuntimeError : it says why it cannot
    """
    command = [
        *(PINNED if pinned else ()),
        sys.executable,
        "-m",
        "puntual",
        "stress",
        url,
        *options,
        "--json",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    # The status tells of errors too, which the result counts.
    if not ended.stdout:
        raise RuntimeError(ended.stderr.strip())
    found: dict[str, Any] = json.loads(ended.stdout)
    return found
