"""Turns of requests with many flights: one works at a time, a slice at a time, and small ones go first."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from puntual.serving.http.problems import busy_error

WorkKind = Literal["plain", "detail"]

USUAL_SECONDS: dict[WorkKind, float] = {"plain": 1.4e-5, "detail": 1e-3}
"""Of a flight, before any has been answered."""
MAX_WAIT_SECONDS = 3.0
SMALL_SECONDS = 0.004
"""Work of a request that counts as small, about a slice."""
OLDEST_EVERY = 4
"""One slice in so many is of the request that came first of all."""
LEARNING_SECONDS = 0.05
"""A request of so much work counts as much as all before it in what a flight is thought to take."""


class BulkJob:
    """A request, or some lines of a stream, among those that take turns.

    Parameters
    ----------
    number : the lower, the earlier it came
    flights : that it has left, as far as is known
    seconds_a_flight : that each is thought to take
    served : seconds that its stream had before, since how long that will be is not known

    Attributes
    ----------
    flights_in_all : as far as is known: guessed from the bytes until they are decoded
    took : seconds that it really had
    """

    __slots__ = (
        "began",
        "flights",
        "flights_in_all",
        "number",
        "ready",
        "seconds_a_flight",
        "served",
        "took",
    )

    def __init__(self, number: int, flights: int, seconds_a_flight: float, served: float = 0.0) -> None:
        self.number, self.seconds_a_flight = number, seconds_a_flight
        self.flights = self.flights_in_all = flights
        self.served = served
        self.began = self.took = 0.0
        self.ready: asyncio.Future[None] | None = None

    def recount(self, flights: int) -> None:
        """Put the number of its flights right, once they are decoded."""
        self.flights = self.flights_in_all = flights

    @property
    def seconds(self) -> float:
        """Of work that is thought to be left."""
        return self.flights * self.seconds_a_flight

    @property
    def size(self) -> int:
        """0 of a small one, and one more for each doubling."""
        return int((self.seconds + self.served) / SMALL_SECONDS).bit_length()


class BulkQueue:
    """Who works next: of the smallest that wait the one that came first; every fourth time the oldest of all.

    So nobody waits for a larger one, but for a slice now and then, and the largest has a quarter of the time.

    Parameters
    ----------
    max_wait : seconds that a request may wait, as far as it is known before it does; one that has none before
        it is always taken
    """

    def __init__(self, max_wait: float = MAX_WAIT_SECONDS) -> None:
        self._max_wait = max_wait
        self._seconds = dict(USUAL_SECONDS)
        self._numbers, self._slices = itertools.count(), itertools.count(1)
        self._working: BulkJob | None = None
        self._waiting: dict[int, deque[BulkJob]] = {}
        self._work: dict[int, float] = {}

    @asynccontextmanager
    async def turn(self, kind: WorkKind, flights: int) -> AsyncIterator[BulkJob]:
        """Wait for the turn of a request, which has it, with rests, until it is answered.

        Raises
        ------
        RefusedError : those that go before it would take too long, or did
        """
        turn = BulkJob(next(self._numbers), flights, self._seconds[kind])
        wait = self._work_before(turn.size)
        if wait > self._max_wait:
            raise busy_error(f"{wait:.1f} seconds of requests that go before it", math.ceil(wait))
        async with self._taking(turn, self._max_wait):
            yield turn
        expected = turn.flights_in_all * turn.seconds_a_flight
        weight = expected / (expected + LEARNING_SECONDS)
        self._seconds[kind] += weight * (turn.took / turn.flights_in_all - self._seconds[kind])

    @asynccontextmanager
    async def stream_turn(self, flights: int, served: float) -> AsyncIterator[BulkJob]:
        """Wait for a turn with some lines of a stream, whose client waits for it as long as it takes.

        Parameters
        ----------
        served : seconds that the stream had before
        """
        turn = BulkJob(next(self._numbers), flights, self._seconds["plain"], served)
        async with self._taking(turn):
            yield turn

    async def rest(self, turn: BulkJob, flights: int) -> None:
        """Let another go on whose turn it is, after a slice of so many flights."""
        turn.flights = max(turn.flights - flights, 0)
        if not (turn.flights and self._waiting):
            return
        self._queue(turn).appendleft(turn)
        following = self._next()
        if following is not turn:
            self._stop(turn)
            self._start(following)
            await self._until_ready(turn)

    @asynccontextmanager
    async def _taking(self, turn: BulkJob, max_wait: float = math.inf) -> AsyncIterator[None]:
        try:
            if self._working is None:
                self._start(turn)
            else:
                self._queue(turn).append(turn)
                await self._until_ready(turn, max_wait)
            yield
        finally:
            if self._working is turn:
                self._stop(turn)
                if self._waiting:
                    self._start(self._next())
            else:  # it waits no more: refused or cancelled
                self._take_out(turn, turn.size)

    def _work_before(self, size: int) -> float:
        working = self._working
        seconds = working.seconds if working is not None and working.size <= size else 0.0
        return seconds + sum(work for other, work in self._work.items() if other <= size)

    def _queue(self, turn: BulkJob) -> deque[BulkJob]:
        """Those of its size, among which it is counted from now on."""
        self._work[turn.size] = self._work.get(turn.size, 0.0) + turn.seconds
        return self._waiting.setdefault(turn.size, deque())

    def _take_out(self, turn: BulkJob, size: int) -> None:
        self._waiting[size].remove(turn)
        self._work[size] -= turn.seconds
        if not self._waiting[size]:
            del self._waiting[size], self._work[size]

    def _next(self) -> BulkJob:
        """Take out the one whose turn it is."""
        size = min(self._waiting)
        if next(self._slices) % OLDEST_EVERY == 0:
            size = min(self._waiting, key=lambda one: self._waiting[one][0].number)
        turn = self._waiting[size][0]
        self._take_out(turn, size)
        return turn

    def _start(self, turn: BulkJob) -> None:
        self._working, turn.began = turn, time.perf_counter()
        if turn.ready is not None and not turn.ready.done():
            turn.ready.set_result(None)

    def _stop(self, turn: BulkJob) -> None:
        turn.took += time.perf_counter() - turn.began
        self._working = None

    async def _until_ready(self, turn: BulkJob, max_wait: float = math.inf) -> None:
        loop = asyncio.get_running_loop()
        turn.ready = loop.create_future()
        timer = loop.call_later(max_wait, self._refuse, turn) if math.isfinite(max_wait) else None
        try:
            await turn.ready
        finally:
            if timer is not None:
                timer.cancel()

    def _refuse(self, turn: BulkJob) -> None:
        if turn.ready is not None and not turn.ready.done():
            seconds = max(math.ceil(self._work_before(turn.size)), 1)
            turn.ready.set_exception(busy_error(f"{self._max_wait:g} seconds without a turn", seconds))
