"""The load of one process: it keeps the connections open and counts the outcome of every request."""

from __future__ import annotations

import asyncio
import math
import ssl
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from time import perf_counter
from typing import Any

from puntual.loadtest.answers import Check, Head
from puntual.loadtest.connection import Connection
from puntual.loadtest.intervals import IntervalStats
from puntual.loadtest.plan import Plan
from puntual.loadtest.target import Target, tls_context

SWEEP_S = 0.1
"""Between two looks at the time limits."""
PAUSE_S = 0.05
"""After a connection that could not be opened; doubled up to `MAX_PAUSE_S`."""
MAX_PAUSE_S = 1.0


class Load(ABC):
    """What the closed and the open loop share.

    Parameters
    ----------
    requests : prepared, sent in turns
    check : whether an answer is right
    """

    def __init__(self, plan: Plan, target: Target, requests: list[bytes], check: Check) -> None:
        self.plan = plan
        self.stats = IntervalStats()
        self._target = target
        self._tls: dict[str, Any] = {}
        if target.secure:
            self._tls = {"ssl": tls_context(), "server_hostname": target.host}
        self._requests = requests
        self._next = 0
        self._check = check
        self._limit: float = math.inf if plan.requests is None else plan.requests
        self._offered = self._settled = 0
        self._start = self._end = math.inf
        self._over: asyncio.Future[None] | None = None
        self._connections: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, start: float) -> None:
        """Put the target under load.

        Parameters
        ----------
        start : by `time.perf_counter`
        """
        self._over = asyncio.get_running_loop().create_future()
        self._start = start
        self._end = math.inf if self.plan.duration_s is None else start + self.plan.duration_s
        try:
            self._spawn(self._open_all())
            await asyncio.sleep(start - perf_counter())
            self._begin()
            self._sweep()
            await self._over
        finally:
            self.stop()
            for task in self._tasks:
                task.cancel()
            for connection in list(self._connections):
                connection.abort()
            await asyncio.sleep(0)

    def stop(self) -> None:
        """End now; requests on their way are not counted."""
        if self._over is not None and not self._over.done():
            self._over.set_result(None)

    @abstractmethod
    def _begin(self) -> None:
        """Start offering requests."""

    @abstractmethod
    def _exhausted(self, now: float) -> bool:
        """Whether no more requests will be offered."""

    @abstractmethod
    def _use(self, connection: Connection) -> None:
        """Give an idle connection something to do, or keep it."""

    @abstractmethod
    def _unopened(self, kind: str) -> None:
        """Fail the request that a connection which could not be opened cost, if any."""

    def _look_at_limits(self, late: float) -> None:
        """Abort requests that have waited since before `late`."""
        for connection in [one for one in self._connections if 0 < one.started < late]:
            connection.abort("timeout")

    # Events of connections ------------------------------------------------------------------------------

    def ready(self, connection: Connection) -> None:
        """Use a connection that is open."""
        if self._done():
            connection.abort()
            return
        self._connections.add(connection)
        self.stats.now.opened += 1
        self.stats.now.open += 1
        self._use(connection)

    def answered(self, connection: Connection, head: Head, body: bytes, now: float) -> None:
        """Check an answer, count it, go on."""
        kind = self._check(head.status, body)
        if kind:
            self.stats.fail(kind)
        else:
            self.stats.answer(now - connection.started)
        connection.started = 0.0
        self._settle(now)
        if head.stays:
            self._use(connection)
        else:
            connection.abort()

    def lost(self, connection: Connection, kind: str) -> None:
        """Count the request of a connection that is gone, and open another."""
        if self._done() or connection not in self._connections:
            self._connections.discard(connection)
            return
        self._connections.discard(connection)
        self.stats.now.open -= 1
        if connection.started:
            self._fail(kind)
        self._spawn(self._open(0.0 if connection.answers else PAUSE_S))

    # Requests -------------------------------------------------------------------------------------------

    def _send(self, connection: Connection, started: float) -> None:
        request = self._requests[self._next]
        self._next = self._next + 1 if self._next + 1 < len(self._requests) else 0
        connection.send(request, started)

    def _fail(self, kind: str) -> None:
        self.stats.fail(kind)
        self._settle(perf_counter())

    def _settle(self, now: float) -> None:
        self._settled += 1
        self.stats.last_at = now
        if self._settled == self._offered and self._exhausted(now):
            self.stop()

    def _done(self) -> bool:
        return self._over is None or self._over.done()

    def _sweep(self) -> None:
        now = perf_counter()
        self._look_at_limits(now - self.plan.timeout_s)
        if self._settled == self._offered and self._exhausted(now):
            self.stop()
        if not self._done():
            asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)

    # Connections ----------------------------------------------------------------------------------------

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open_all(self) -> None:
        for index in range(self.plan.connections):
            wait = self._start + self.plan.ramp_s * index / self.plan.connections - perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            self._spawn(self._open())

    async def _connect(self, connection: Connection) -> None:
        async with asyncio.timeout(self.plan.timeout_s):
            await asyncio.get_running_loop().create_connection(
                lambda: connection, self._target.address, self._target.port, **self._tls
            )

    async def _open(self, wait: float = 0.0) -> None:
        pause = PAUSE_S
        await asyncio.sleep(wait)
        while not self._done():
            connection = Connection(self)
            try:
                await self._connect(connection)
            except TimeoutError:
                kind = "timeout"
                if connection in self._connections:
                    # It opened at the very moment at which the time was over; nothing else will report it.
                    connection.abort(kind)
                    self.lost(connection, kind)
                    return
            except ssl.SSLError:
                kind = "tls"
            except ConnectionRefusedError:
                kind = "refused"
            except ConnectionError:
                kind = "reset"
            except OSError:
                kind = "unreachable"
            else:
                return
            self._unopened(kind)
            await asyncio.sleep(pause)
            pause = min(2 * pause, MAX_PAUSE_S)
