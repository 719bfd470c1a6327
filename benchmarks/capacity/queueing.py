"""One worker of the service as a queue: it answers one request after the other, on its container's CPU.

That is a quota for each period of the kernel's scheduler (`--cpus 0.5`: 50 ms of every 100): while there is
some left the worker runs at full speed, then it stands still until the next period. Requests beyond the most
that may be in flight are refused; refusing takes CPU too, and stands in the same line.
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
    refuse_s : to refuse one
    path_s : of latency that is no work of the worker's: the network, the client
    """

    answer_s: float
    spread: float
    refuse_s: float
    path_s: float


class Worker:
    """One worker in a container.

    Parameters
    ----------
    cpus : of the container; at least 1: a worker never has to wait for its quota
    most_in_flight : requests that it works on at a time, those that wait included

    Examples
    --------
    >>> worker = Worker(cpus=1, most_in_flight=2, refuse_s=0)
    >>> [worker.take(at, work=1) for at in (0, 0.5, 0.6, 5)]
    [1, 2, None, 6]

    Half a core, and work of 60 ms: 50 ms of it, 50 ms of standing still, and the rest.

    >>> round(Worker(cpus=0.5, most_in_flight=10, refuse_s=0).take(0, work=0.06), 3)
    0.11
    """

    def __init__(self, *, cpus: float, most_in_flight: int, refuse_s: float, phase_s: float = 0.0) -> None:
        self._quota = cpus * PERIOD_S if cpus < 1 else math.inf
        self._most, self._refuse_s = most_in_flight, refuse_s
        self._phase = phase_s
        self._free = 0.0
        self._period, self._left = -1, self._quota
        self._in_flight: deque[float] = deque()
        self.busy_s = 0.0

    @property
    def free_at(self) -> float:
        """When it will have done all that it has taken."""
        return self._free

    def take(self, at: float, work: float) -> float | None:
        """Take a request that comes at a time, not before the last one; gives when it is answered.

        Parameters
        ----------
        work : seconds of a core

        Returns
        -------
        None: it was refused
        """
        waiting = self._in_flight
        while waiting and waiting[0] <= at:
            waiting.popleft()
        if len(waiting) >= self._most:
            self._work(at, self._refuse_s)
            return None
        end = self._work(at, work)
        waiting.append(end)
        return end

    def _work(self, at: float, work: float) -> float:
        self.busy_s += work
        begin = max(at, self._free)
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


def latencies(worker: Worker, arrivals: Iterable[float], works: Iterable[float]) -> list[float | None]:
    """From its arrival to its answer, for each request; None: refused."""
    found = []
    for at, work in zip(arrivals, works, strict=True):
        end = worker.take(at, work)
        found.append(None if end is None else end - at)
    return found
