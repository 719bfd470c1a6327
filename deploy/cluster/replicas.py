"""One replica of the service: a container of the real image, or a process where there are no containers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from deploy.checks.image import ENGINES, IMAGE, RESTRICTIONS, free_port, has_image, says
from deploy.cluster.values import Values

MODEL = "model.puntual"
"""Its name in the folder that every replica reads."""


class Replica:
    """The service on a port of its own, from the moment that it was started.

    Parameters
    ----------
    container : name and engine of the container that it is; none: a process
    """

    def __init__(
        self, port: int, process: subprocess.Popen[bytes], log: IO[bytes], container: tuple[str, ...] = ()
    ) -> None:
        self.port = port
        self._process, self._log, self._container = process, log, container

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def is_ready(self, path: str) -> bool:
        """Whether it says yes."""
        return says(f"{self.url}{path}") == 200

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal: SIGTERM asks it to drain and end, SIGINT to end, SIGKILL is an accident."""
        if self.has_ended:
            return
        if self._container:
            command = (*self._container[1:], "kill", "--signal", number.name, self._container[0])
            subprocess.run(command, capture_output=True, check=False)
        elif number == signal.SIGKILL:
            os.killpg(self._process.pid, number)
        else:
            self._process.send_signal(number)

    def wait(self, seconds: float) -> None:
        """Until it is gone; killed where that takes longer."""
        end = time.monotonic() + seconds
        while not self.has_ended and time.monotonic() < end:
            time.sleep(0.02)
        self.signal(signal.SIGKILL)
        self._process.wait()
        self._log.close()

    def told(self) -> str:
        """The last line of its log."""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


Start = Callable[[Path, Values], Replica]
"""Start one, given the folder with `MODEL`."""


def process(folder: Path, values: Values) -> Replica:
    """`puntual serve` of this environment, in a process group of its own: Ctrl-C is not for it."""
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("PUNTUAL_")}
    given = _environment(port, values) | {"PUNTUAL_MODEL": str(folder / MODEL)}
    return _started(port, [sys.executable, "-m", "puntual", "serve"], environment=own | given)


def containers(engine: tuple[str, ...]) -> Start:
    """Start the image with an engine of `ENGINES`.

    The model is mounted with its folder, so that a new one that takes its place is seen.
    """

    def start(folder: Path, values: Values) -> Replica:
        port = free_port()
        name = f"puntual-cluster-{os.getpid()}-{port}"
        given = [f"--env={key}={value}" for key, value in _environment(port, values).items()]
        limits = ("--cpus", str(values.cpus), "--memory", values.memory)
        options = ("--name", name, *RESTRICTIONS, *limits, "--volume", f"{folder}:/models:ro", *given)
        return _started(port, [*engine, "run", "--rm", *options, IMAGE], (name, *engine))

    return start


def choose(wanted: str) -> tuple[str, Start]:
    """`process` or the name of an engine, and how a replica is started with it.

    Parameters
    ----------
    wanted : `process`, a name of `ENGINES`, or `auto`: containers where the image is, else processes

    Raises
    ------
    LookupError : what is wanted is not there
    """
    if wanted == "process":
        return "process", process
    for name in ENGINES if wanted == "auto" else (wanted,):
        if shutil.which(name) is None:
            why = f"no {name} here"
        elif not has_image(ENGINES[name], IMAGE):
            why = f"{name} has no {IMAGE}; `python -m deploy.checks.image --engine {name}` builds it"
        else:
            return name, containers(ENGINES[name])
    if wanted == "auto":
        return "process", process
    raise LookupError(why)


def _environment(port: int, values: Values) -> dict[str, str]:
    return values.environment | {"PORT": str(port), "PUNTUAL_HOST": "127.0.0.1"}


def _started(
    port: int,
    command: list[str],
    container: tuple[str, ...] = (),
    environment: dict[str, str] | None = None,
) -> Replica:
    log = tempfile.TemporaryFile()  # noqa: SIM115
    started = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    return Replica(port, started, log, container)
