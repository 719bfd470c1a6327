"""One worker of the service as a queue: it answers one request after the other, on its container's CPU.

The CPU is a quota for each period of the kernel's scheduler (`--cpus 0.5`: 50 ms of every 100): the worker
runs at full speed while some is left, then stands still until the next period. Requests beyond the limit of
those in flight are refused; refusing takes CPU too, and waits in the same line.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

PERIOD_S = 0.1
"""Of the kernel's CPU bandwidth control, as container engines set it."""


class Demand(NamedTuple):
    """What requests take of a core, seconds.

    Attributes
    ----------
    answer_s : to answer one, on average
    spread : the logarithm's standard deviation of that
    look_s : of that, to look at one, or to refuse it
    path_s : of latency that is no work of the worker's: the network, the client
    """

    answer_s: float
    spread: float
    look_s: float
    path_s: float


class Done(NamedTuple):
    """A request that was due at a time, and answered or refused at its end."""

    due: float
    end: float
    refused: bool


class Worker:
    """One worker in a container.

    It looks at a request when its turn comes, and refuses it if too many are in flight; else the request
    stands in line once more, behind all that came meanwhile, for its body and its answer. The service's event
    loop does the same; a request that it has not looked at yet is not in flight.

    Parameters
    ----------
    cpus : of the container; from 1 on, a worker never waits for its quota
    max_in_flight : requests that it has looked at and not answered yet
    look_s : of a core, to look at a request, or to refuse it; a part of the work of answering

    Examples
    --------
    >>> worker = Worker(cpus=1, max_in_flight=1, look_s=0.25)
    >>> for at in (0, 0, 4): worker.take(at, work=1)
    >>> [(done.due, done.end, done.refused) for done in worker.run(until=10)]
    [(0, 0.5, True), (0, 1.25, False), (4, 5.0, False)]

    Half a core, and work of 60 ms: 50 ms of it, 50 ms of standing still, and the rest.

    >>> worker = Worker(cpus=0.5, max_in_flight=10)
    >>> worker.take(0, work=0.06)
    >>> [round(done.end, 3) for done in worker.run(until=1)]
    [0.11]
    """

    def __init__(self, *, cpus: float, max_in_flight: int, look_s: float = 0.0, phase_s: float = 0.0) -> None:
        self._quota = cpus * PERIOD_S if cpus < 1 else math.inf
        self._most, self._look_s = max_in_flight, look_s
        self._phase = phase_s
        self._free = 0.0
        self._period, self._left = -1, self._quota
        self._came: deque[tuple[float, float, float]] = deque()
        self._again: deque[tuple[float, float, float]] = deque()
        self.busy_s = 0.0

    @property
    def waiting(self) -> int:
        """Requests without an answer yet."""
        return len(self._came) + len(self._again)

    def take(self, at: float, work: float, due: float | None = None) -> None:
        """Add a request, which comes no earlier than the last one.

        Parameters
        ----------
        work : seconds of a core
        due : when it should have come; None: when it did
        """
        self._came.append((at, at if due is None else due, work))

    def run(self, until: float) -> list[Done]:
        """Work on requests as long as work can begin before a time; gives those that are done."""
        done = []
        came, again = self._came, self._again
        while came or again:
            # Both lines are one: who has stood in it for longer is next.
            if again and (not came or again[0][0] < came[0][0]):
                ready, due, work = again[0]
                if max(ready, self._free) >= until:
                    break
                again.popleft()
                done.append(Done(due, self._work(ready, work), refused=False))
                continue
            at, due, work = came[0]
            if max(at, self._free) >= until:
                break
            came.popleft()
            end = self._work(at, self._look_s)
            if len(again) >= self._most:
                done.append(Done(due, end, refused=True))
            else:
                again.append((end, due, max(work - self._look_s, 0.0)))
        return done

    def _work(self, ready: float, work: float) -> float:
        self.busy_s += work
        begin = max(ready, self._free)
        if self._quota == math.inf:
            self._free = begin + work
            return self._free
        period = math.floor((begin - self._phase) / PERIOD_S)
        if period > self._period:
            self._period, self._left = period, self._quota
        while work > self._left:
            work -= self._left
            self._period, self._left = self._period + 1, self._quota
            begin = max(begin, self._phase + self._period * PERIOD_S)
        self._left -= work
        self._free = begin + work
        return self._free


def latencies(worker: Worker, arrivals: Iterable[float], works: Iterable[float]) -> list[float]:
    """Seconds from arrival to answer, of each request that is answered, in order."""
    for at, work in zip(arrivals, works, strict=True):
        worker.take(at, work)
    return [done.end - done.due for done in worker.run(math.inf) if not done.refused]
