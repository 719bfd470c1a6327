"""A server that is measured: how it is started, ended, and asked for one answer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import Any, NamedTuple

from benchmarks.serving.flights import Asked
from benchmarks.serving.processes import family, still_running

STARTS_S = 60
"""After which a server that has not answered is given up."""
_ENDS_S = 10


class Contender(NamedTuple):
    """What is started and measured.

    Attributes
    ----------
    title, call : what the table calls it, and how it has LightGBM score a row
    versions : of the packages that it is made of
    command, environment : what starts it; the variables are added to this process's own
    port, path : where flights are posted
    body : a flight -> what is posted about it
    probability : an answer -> the probability in it; None: there is none
    """

    title: str
    call: str
    versions: Mapping[str, str]
    command: tuple[str, ...]
    environment: Mapping[str, str]
    port: int
    path: str
    body: Callable[[Asked], Any]
    probability: Callable[[Any], float] | None

    @property
    def url(self) -> str:
        """Where flights are posted."""
        return f"http://127.0.0.1:{self.port}{self.path}"


class Served(NamedTuple):
    """A contender that runs, in a session of its own; how long it took to its first answer."""

    contender: Contender
    pid: int
    start_s: float


class NotServedError(Exception):
    """A server that does not start, or answers otherwise than Puntual."""


@contextlib.contextmanager
def serving(contender: Contender, flights: list[Asked], expected: list[float]) -> Iterator[Served]:
    """Start a contender, and check what it answers about some flights.

    Raises
    ------
    NotServedError : it does not start, or gives another probability
    """
    begun = time.perf_counter()
    with _process(contender) as process:
        while _ask(contender, flights[0]) is None:
            if process.poll() is not None or time.perf_counter() - begun > STARTS_S:
                raise NotServedError(f"did not start: {' '.join(contender.command)}")
            time.sleep(0.005)
        served = Served(contender, process.pid, time.perf_counter() - begun)
        if contender.probability is not None:
            _check(contender, contender.probability, flights, expected)
        yield served


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
            process.wait(_ENDS_S)
        for pid in still_running(started):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def _check(
    contender: Contender, probability: Callable[[Any], float], flights: list[Asked], expected: list[float]
) -> None:
    for flight, right in zip(flights, expected, strict=True):
        answer = _ask(contender, flight)
        try:
            found = probability(answer)
        except (KeyError, IndexError, TypeError, ValueError):
            raise NotServedError(f"no probability in its answer: {answer}") from None
        if found != right:
            raise NotServedError(f"answers {found} where Puntual answers {right}: {flight}")


def _ask(contender: Contender, flight: Asked) -> Any:
    """The answer; None: none yet."""
    request = urllib.request.Request(
        contender.url,
        json.dumps(contender.body(flight)).encode(),
        {"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return json.load(response)
    except (OSError, HTTPException, ValueError):
        return None
