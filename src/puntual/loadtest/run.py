"""A load test from beginning to end: it starts the processes, watches them and gathers what they tell."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import IO, NamedTuple, cast

import msgspec

from puntual.errors import GeneratorError
from puntual.loadtest.asking import ask_what_is_known
from puntual.loadtest.machine import allow_connections, this_machine
from puntual.loadtest.plan import Plan, share
from puntual.loadtest.result import Gathering, Result
from puntual.loadtest.tally import Interval
from puntual.loadtest.target import Target, fetch
from puntual.loadtest.worker import READY, Order
from puntual.types import Flight

START_IN_S = 0.1
"""After the last process is ready, so that all begin together."""
ENDING_S = 10.0
"""How long a process may take to end after it was told to."""

Watch = Callable[[Result], None]
"""Is given what was found so far, each second."""


class Process(NamedTuple):
    """A process of the test, and the thread that reads what it tells."""

    process: subprocess.Popen[bytes]
    stdin: IO[bytes]
    reader: threading.Thread

    def tell(self, line: bytes) -> None:
        """Send it a line; one that is gone is found out by what it does not tell."""
        with suppress(BrokenPipeError):
            self.stdin.write(line)
            self.stdin.flush()


def run(
    target: Target,
    plan: Plan,
    flights: list[Flight] | None = None,
    watch: Watch = lambda result: None,
    profile: str = "",
) -> Result:
    """Put a service under load; Ctrl-C ends the test early, and gives what was found so far.

    Parameters
    ----------
    flights : to ask about; None: drawn from what the model knows
    profile : its name, for the report

    Raises
    ------
    TargetError : the service cannot be reached, or does not tell what its model knows
    SettingError : the system does not allow as many connections
    """
    allow_connections(-(-plan.connections // plan.processes))
    known = ask_what_is_known(target) if target.predicts and not flights else None
    orders = [
        Order(
            plan=share(plan, index),
            target=target,
            about=known or _dealt(flights or [], plan.processes, index),
            phase=index / plan.processes,
        )
        for index in range(plan.processes)
    ]
    about = {
        "url": f"http://{target.authority}{target.path}",
        "model": fetch(target, "/v1/model").get("name", "") if target.predicts else "",
        "plan": plan,
        "profile": profile,
        "machine": this_machine(),
    }
    told: queue.SimpleQueue[Interval | bytes] = queue.SimpleQueue()
    with _started(orders, told) as processes:
        return _gather(processes, told, about, watch)


def _gather(
    processes: list[Process],
    told: queue.SimpleQueue[Interval | bytes],
    about: dict[str, object],
    watch: Watch,
) -> Result:
    for _ in processes:
        if told.get() != READY:
            raise GeneratorError
    _tell(processes, b"go %r\n" % (perf_counter() + START_IN_S))
    gathering = Gathering(len(processes), about)
    running = len(processes)
    with _stopping(processes) as stopped:
        while running:
            interval = told.get()
            if isinstance(interval, bytes):
                raise GeneratorError
            running -= interval.last
            if gathering.add(interval) and running:
                watch(gathering.result())
    return gathering.result(interrupted=stopped.is_set())


@contextmanager
def _stopping(processes: list[Process]) -> Iterator[threading.Event]:
    """Meanwhile Ctrl-C ends the test, not the program; tells whether it was pressed."""
    stopped = threading.Event()

    def stop(_number: int, _frame: object) -> None:
        stopped.set()
        _tell(processes, b"stop\n")

    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(processes: list[Process], line: bytes) -> None:
    for process in processes:
        process.tell(line)


@contextmanager
def _started(orders: list[Order], told: queue.SimpleQueue[Interval | bytes]) -> Iterator[list[Process]]:
    processes: list[Process] = []
    try:
        for order in orders:
            process = subprocess.Popen(
                [sys.executable, "-m", "puntual.loadtest"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Ctrl-C is for the one that gathers.
                start_new_session=True,
            )
            reader = threading.Thread(target=_read, args=(process, told), daemon=True)
            processes.append(Process(process, cast("IO[bytes]", process.stdin), reader))
            reader.start()
            processes[-1].tell(msgspec.json.encode(order) + b"\n")
        yield processes
    finally:
        for started in processes:
            _end(started)


def _end(process: Process) -> None:
    """Closing its stdin tells a process to end, if it has not."""
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.process.wait(ENDING_S)
    except subprocess.TimeoutExpired:
        process.process.kill()
        process.process.wait()
    process.reader.join(ENDING_S)


def _read(process: subprocess.Popen[bytes], told: queue.SimpleQueue[Interval | bytes]) -> None:
    """Pass on what a process tells; nothing more, before its last interval, means that it failed."""
    last = False
    with cast("IO[bytes]", process.stdout) as lines:
        for line in lines:
            interval = line if line == READY else msgspec.json.decode(line, type=Interval)
            last = isinstance(interval, Interval) and interval.last
            told.put(interval)
    if not last:
        told.put(b"")


def _dealt(flights: list[Flight], processes: int, index: int) -> list[Flight]:
    return flights[index::processes] or flights
