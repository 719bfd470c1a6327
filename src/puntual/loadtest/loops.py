"""The two ways of offering load: as fast as the connections allow, and by the clock."""

from __future__ import annotations

import asyncio
from collections import deque
from time import perf_counter

from puntual.loadtest.answers import Check
from puntual.loadtest.connection import Connection
from puntual.loadtest.load import Load
from puntual.loadtest.plan import Plan
from puntual.loadtest.target import Target

AHEAD_S = 0.001
"""How early a request may leave, for the clock of the event loop ticks in milliseconds."""


class ClosedLoop(Load):
    """Each connection sends its next request as soon as it is answered; latency counts from the sending."""

    def _begin(self) -> None:
        """Connections begin by themselves."""

    def _exhausted(self, now: float) -> bool:
        return self._offered >= self._limit or now >= self._end

    def _use(self, connection: Connection) -> None:
        now = perf_counter()
        if not self._exhausted(now):
            self._offered += 1
            self._send(connection, now)

    def _unopened(self, kind: str) -> None:
        if not self._exhausted(perf_counter()):
            self._offered += 1
            self._fail(kind)


class OpenLoop(Load):
    """Requests are due by the clock; latency counts from when they were due, so that no stall hides.

    A request that finds no idle connection waits for one, and the wait is part of its latency; or it is not
    sent, and counts as an error.

    References
    ----------
    Schroeder, Wierman and Harchol-Balter (2006), Open versus closed: a cautionary tale, NSDI.
    """

    def __init__(
        self, plan: Plan, target: Target, requests: list[bytes], check: Check, *, rate: float, phase: float
    ) -> None:
        super().__init__(plan, target, requests, check)
        self._rate = rate
        self._phase = phase
        self._idle: deque[Connection] = deque()
        self._waiting: deque[float] = deque()

    def _due(self) -> float:
        return self._start + (self._offered + self._phase) / self._rate

    def _begin(self) -> None:
        self._arrive()

    def _exhausted(self, now: float) -> bool:  # noqa: ARG002
        return self._offered >= self._limit or self._due() >= self._end

    def _arrive(self) -> None:
        """Offer all that is due, and return when the next one is."""
        now = perf_counter()
        due = self._due()
        interval = self.stats.now
        interval.late_us = max(interval.late_us, int((now - due) * 1e6))
        while due <= now + AHEAD_S and not self._exhausted(now):
            self._offered += 1
            connection = self._take_idle()
            if connection is None and self.plan.drop:
                self._fail("no connection")
            elif connection is None:
                self._waiting.append(due)
            else:
                self._send(connection, min(due, now))
            due = self._due()
        if not self._done() and not self._exhausted(now):
            wait = max(due - perf_counter() - AHEAD_S / 2, AHEAD_S)
            asyncio.get_running_loop().call_later(wait, self._arrive)

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.popleft()
            if not connection.gone:
                return connection
        return None

    def _use(self, connection: Connection) -> None:
        if self._waiting:
            self._send(connection, self._waiting.popleft())
        else:
            self._idle.append(connection)

    def _unopened(self, kind: str) -> None:
        lost = 1 if self._connections else len(self._waiting)
        for _ in range(min(lost, len(self._waiting))):
            self._waiting.popleft()
            self._fail(kind)

    def _look_at_limits(self, late: float) -> None:
        super()._look_at_limits(late)
        while self._waiting and self._waiting[0] < late:
            self._waiting.popleft()
            self._fail("timeout")
