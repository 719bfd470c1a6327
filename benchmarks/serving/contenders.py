"""A server that is measured: how it is started, ended, and asked for one answer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import Any, NamedTuple

from benchmarks.processes import family, still_running
from benchmarks.serving.rivals.lineup import Fields, puntual_body

START_SECONDS = 60
"""After which a server that has not answered is given up."""
END_SECONDS = 10


class Contender(NamedTuple):
    """A server to start and measure.

    Attributes
    ----------
    title, call : its name in the table, and how it has LightGBM score a row
    versions : of the packages that it is made of
    command : what starts it
    port, path : where flights are posted
    probability : an answer -> the probability in it; None: there is none
    body : a flight -> what is posted about it
    environment : variables, added to this process's own
    """

    title: str
    call: str
    versions: Mapping[str, str]
    command: tuple[str, ...]
    port: int
    path: str
    probability: Callable[[Any], float] | None
    body: Callable[[Fields], Any] = puntual_body
    environment: Mapping[str, str] = {}

    @property
    def url(self) -> str:
        """Where flights are posted."""
        return f"http://127.0.0.1:{self.port}{self.path}"

    def ask(self, flight: Fields) -> Any:
        """The answer about a flight; None: none yet."""
        body = json.dumps(self.body(flight)).encode()
        request = urllib.request.Request(self.url, body, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return json.load(response)
        except (OSError, HTTPException, ValueError):
            return None


class Served(NamedTuple):
    """A contender that runs, in a session of its own; how long it took to its first answer."""

    contender: Contender
    pid: int
    start_s: float


class NotServedError(Exception):
    """A server does not start, or its answers differ from Puntual's."""


@contextlib.contextmanager
def serving(contender: Contender, flights: list[Fields], expected: list[float]) -> Iterator[Served]:
    """Start a contender, and check its answers about some flights.

    Raises
    ------
    NotServedError : it does not start, or gives another probability
    """
    begun = time.perf_counter()
    with _process(contender) as process:
        while contender.ask(flights[0]) is None:
            if process.poll() is not None or time.perf_counter() - begun > START_SECONDS:
                raise NotServedError(f"did not start: {' '.join(contender.command)}")
            time.sleep(0.005)
        served = Served(contender, process.pid, time.perf_counter() - begun)
        if contender.probability is not None:
            for flight, right in zip(flights, expected, strict=True):
                _check(contender.ask(flight), contender.probability, right)
        yield served


def _check(answer: Any, probability: Callable[[Any], float], right: float) -> None:
    try:
        found = probability(answer)
    except (KeyError, IndexError, TypeError, ValueError):
        raise NotServedError(f"no probability in its answer: {answer}") from None
    if found != right:
        raise NotServedError(f"answers {found} where Puntual answers {right}")


@contextlib.contextmanager
def _process(contender: Contender) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        contender.command,
        env=os.environ | contender.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        started = family(process.pid)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
        for pid in still_running(started):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
