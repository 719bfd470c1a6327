"""A server that is measured: how it is started, ended, and asked for one answer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.processes import family, still_running
from benchmarks.serving import environments
from benchmarks.serving.rivals.lineup import Fields, Rival
from deploy.service import free_port

START_SECONDS = 60
"""After which a server that has not answered is given up."""
END_SECONDS = 10


class Contender(NamedTuple):
    """A rival to start with one of its calls of LightGBM.

    Attributes
    ----------
    programs : folder of those of its environment
    folder : an empty one of its own
    """

    rival: Rival
    call: str
    model: Path
    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Where flights are posted."""
        return f"http://127.0.0.1:{self.port}{self.rival.path}"

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, in a session of its own."""
        if self.rival.write:
            self.rival.write(self.folder, self.port, (free_port(), free_port()))
        given = {"port": self.port, "model": self.model.resolve(), "folder": self.folder}
        program, *arguments = (word.format(**given) for word in self.rival.command.split())
        settings = {"CALL": self.call, "PORT": str(self.port), "MODEL": str(self.model.resolve())}
        return subprocess.Popen(
            [self.programs / program, *arguments],
            env=os.environ | {"PYTHONPATH": environments.SOURCES} | settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def ask(self, flight: Fields) -> Any:
        """The answer about a flight; None: none yet."""
        body = json.dumps(self.rival.body(flight)).encode()
        request = urllib.request.Request(self.url, body, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return json.load(response)
        except (OSError, HTTPException, ValueError):
            return None

    def check(self, flight: Fields, expected: float) -> None:
        """Ask about a flight.

        Raises
        ------
        NotServedError : the answer has another probability
        """
        if self.rival.probability is None:
            return
        answer = self.ask(flight)
        try:
            found = self.rival.probability(answer)
        except (KeyError, IndexError, TypeError, ValueError):
            raise NotServedError(f"no probability in its answer: {answer}") from None
        if found != expected:
            raise NotServedError(f"answers {found} where Puntual answers {expected}")


class Served(NamedTuple):
    """A contender that runs; how long it took to its first answer."""

    contender: Contender
    pid: int
    start_s: float


class NotServedError(Exception):
    """A server does not start, or its answers differ from Puntual's."""


def contenders(rival: Rival, programs: Path, model: Path, folder: Path) -> Iterator[Contender]:
    """A rival with each of its calls."""
    for call in rival.calls:
        own = folder / f"{rival.name}-{call}"
        own.mkdir()
        yield Contender(rival, call, model, programs, own, free_port())


@contextlib.contextmanager
def serving(contender: Contender, flights: list[Fields], expected: list[float]) -> Iterator[Served]:
    """Start a contender, and check its answers about some flights; afterwards nothing of it is left.

    Raises
    ------
    NotServedError : it does not start, or gives another probability
    """
    begun = time.perf_counter()
    process = contender.start()
    try:
        while contender.ask(flights[0]) is None:
            if process.poll() is not None or time.perf_counter() - begun > START_SECONDS:
                raise NotServedError(f"did not start: {contender.rival.command}")
            time.sleep(0.005)
        served = Served(contender, process.pid, time.perf_counter() - begun)
        for flight, right in zip(flights, expected, strict=True):
            contender.check(flight, right)
        yield served
    finally:
        started = family(process.pid)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
        for pid in still_running(started):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
