"""A load test from beginning to end: it starts the processes, watches them and gathers their intervals."""

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

from puntual.errors import GeneratorError, printable
from puntual.loadtest.aggregator import Aggregator
from puntual.loadtest.intervals import Interval
from puntual.loadtest.machine import allow_connections, this_machine
from puntual.loadtest.plan import Plan, plan_of_process
from puntual.loadtest.requests import Named, fetch_catalogue
from puntual.loadtest.result import Result
from puntual.loadtest.target import Target, fetch
from puntual.loadtest.worker import READY, Order
from puntual.types import Flight

START_IN_S = 0.1
"""After the last process is ready, so that all begin together."""
MAX_NAME = 100
"""Characters of the model's name that are shown."""
ENDING_S = 10.0
"""How long a process may take to end after its stdin was closed."""

Watch = Callable[[Result], None]
"""Is given what was found so far, each second."""
Messages = queue.SimpleQueue[Interval | bytes]
"""From all processes: `READY`, intervals, and nothing (``b""``) from a process that failed."""


class Process(NamedTuple):
    """A process of the test, and the thread that reads its stdout."""

    process: subprocess.Popen[bytes]
    stdin: IO[bytes]
    reader: threading.Thread

    def send(self, line: bytes) -> None:
        """Write a line to its stdin; that a process is gone shows on its stdout."""
        with suppress(BrokenPipeError):
            self.stdin.write(line)
            self.stdin.flush()

    def end(self) -> None:
        """Close its stdin, on which it ends, and wait for it."""
        with suppress(BrokenPipeError):
            self.stdin.close()
        try:
            self.process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(ENDING_S)


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
    TargetError : the service cannot be reached, or does not say what its model knows
    SettingError : the system does not allow as many connections
    GeneratorError : a process of the test failed
    """
    allow_connections(-(-plan.connections // plan.processes))
    catalogue = fetch_catalogue(target) if target.predicts and not flights else None
    about = {
        "url": target.url,
        "model": printable(fetch(target, "/v1/model", Named).name)[:MAX_NAME] if target.predicts else "",
        "plan": plan,
        "profile": profile,
        "machine": this_machine(),
    }
    orders = []
    for index in range(plan.processes):
        own = (flights or [])[index :: plan.processes] or flights or []
        orders.append(Order(plan_of_process(plan, index), target, catalogue or own, index / plan.processes))
    messages: Messages = queue.SimpleQueue()
    with _started(orders, messages) as processes:
        return _gather(processes, messages, Aggregator(plan.processes, about), watch)


def _gather(processes: list[Process], messages: Messages, aggregator: Aggregator, watch: Watch) -> Result:
    for _ in processes:
        if messages.get() != READY:
            raise GeneratorError
    _send_all(processes, b"go %r\n" % (perf_counter() + START_IN_S))
    running = len(processes)
    with _stopping(processes) as stopped:
        while running:
            interval = messages.get()
            if isinstance(interval, bytes):
                raise GeneratorError
            running -= interval.last
            if aggregator.add(interval) and running:
                watch(aggregator.result())
    return aggregator.result(interrupted=stopped.is_set())


@contextmanager
def _stopping(processes: list[Process]) -> Iterator[threading.Event]:
    """Meanwhile Ctrl-C ends the test, not the program; the event says whether it was pressed."""
    stopped = threading.Event()

    def stop(_number: int, _frame: object) -> None:
        stopped.set()
        _send_all(processes, b"stop\n")

    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _send_all(processes: list[Process], line: bytes) -> None:
    for process in processes:
        process.send(line)


@contextmanager
def _started(orders: list[Order], messages: Messages) -> Iterator[list[Process]]:
    processes: list[Process] = []
    try:
        for order in orders:
            process = subprocess.Popen(
                [sys.executable, "-m", "puntual.loadtest"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Ctrl-C is for the process that gathers.
                start_new_session=True,
            )
            reader = threading.Thread(target=_read, args=(process, messages), daemon=True)
            processes.append(Process(process, cast("IO[bytes]", process.stdin), reader))
            reader.start()
            processes[-1].send(msgspec.json.encode(order) + b"\n")
        yield processes
    finally:
        for started in processes:
            started.end()


def _read(process: subprocess.Popen[bytes], messages: Messages) -> None:
    """Pass on the lines of a process; one that ends before its last interval has failed."""
    last = False
    with cast("IO[bytes]", process.stdout) as lines:
        for line in lines:
            interval = line if line == READY else msgspec.json.decode(line, type=Interval)
            last = isinstance(interval, Interval) and interval.last
            messages.put(interval)
    if not last:
        messages.put(b"")
