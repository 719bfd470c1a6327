"""The queue of requests with many flights: one works at a time, slice by slice, and small ones go first."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from puntual.serving.http.problems import busy_error

WorkKind = Literal["plain", "detail"]

INITIAL_SECONDS_PER_FLIGHT: dict[WorkKind, float] = {"plain": 1.4e-5, "detail": 1e-3}
"""Assumed before any flight has been answered."""
MAX_WAIT_SECONDS = 3.0
"""Of a request in a burst."""
STANDING_WAIT_SECONDS = 0.15
"""The same if the queue stands, as it does under more work than can be done."""
BURST_SECONDS = 0.1
"""A queue stands if it was not empty for so long."""
SMALL_JOB_SECONDS = 0.004
"""Work of a small job, about a slice."""
OLDEST_EVERY = 4
"""Every fourth slice goes to the job that arrived first."""
LEARNING_SECONDS = 0.05
"""A job of this much work weighs as much as all jobs before it in the estimate of seconds per flight."""


@dataclass(slots=True, eq=False)
class BulkJob:
    """A request, or some lines of a stream, that waits for its slices.

    Attributes
    ----------
    number : order of arrival
    flights : left to answer; estimated from the bytes until the body is decoded
    seconds_per_flight : the estimate when the job arrived
    prior_seconds : work on earlier lines of the same stream, whose length is not known
    total_flights : estimated like `flights`
    worked_seconds : actual work so far
    """

    number: int
    flights: int
    seconds_per_flight: float
    prior_seconds: float = 0.0
    total_flights: int = field(init=False)
    started_at: float = 0.0
    worked_seconds: float = 0.0
    ready: asyncio.Future[None] | None = None

    def __post_init__(self) -> None:
        self.total_flights = self.flights

    def set_flights(self, flights: int) -> None:
        """Replace the estimated number of flights by the real one."""
        self.flights = self.total_flights = flights

    @property
    def seconds(self) -> float:
        """Estimated work left."""
        return self.flights * self.seconds_per_flight

    @property
    def size(self) -> int:
        """Size class: 0 for a small job, one more for each doubling."""
        return int((self.seconds + self.prior_seconds) / SMALL_JOB_SECONDS).bit_length()


class BulkQueue:
    """Decides which job works next: the oldest of the smallest size, and every fourth time the oldest of all.

    A job waits for larger ones only for a slice now and then, and the largest gets a quarter of the time.

    Parameters
    ----------
    max_wait : seconds that a request may wait, both as estimated on arrival and in fact; a request with no
        work ahead of it is always admitted
    standing_wait : the same from `BURST_SECONDS` on after the queue was last empty

    References
    ----------
    Maurer (2015), Fail at scale, ACM Queue 13(8): controlled delay for the queues of servers.
    """

    def __init__(
        self, max_wait: float = MAX_WAIT_SECONDS, standing_wait: float = STANDING_WAIT_SECONDS
    ) -> None:
        self._max_wait, self._standing_wait = max_wait, standing_wait
        self._stood_since = math.inf
        self._seconds_per_flight = dict(INITIAL_SECONDS_PER_FLIGHT)
        self._numbers, self._slices = itertools.count(), itertools.count(1)
        self._running: BulkJob | None = None
        self._waiting: dict[int, deque[BulkJob]] = {}
        self._waiting_seconds: dict[int, float] = {}

    @asynccontextmanager
    async def admit_request(self, kind: WorkKind, flights: int) -> AsyncIterator[BulkJob]:
        """Wait until a request may work; it keeps the queue, except in pauses, until the context ends.

        Raises
        ------
        RefusedError : the work ahead would take longer than `max_wait`, or took longer
        """
        job = BulkJob(next(self._numbers), flights, self._seconds_per_flight[kind])
        wait, limit = self._seconds_ahead(job.size), self._limit
        if wait > limit:
            raise busy_error(f"{wait:.1f} seconds of requests that go before it", math.ceil(wait))
        async with self._slot(job, limit):
            yield job
        expected = job.total_flights * job.seconds_per_flight
        weight = expected / (expected + LEARNING_SECONDS)
        error = job.worked_seconds / job.total_flights - self._seconds_per_flight[kind]
        self._seconds_per_flight[kind] += weight * error

    @asynccontextmanager
    async def admit_stream(self, flights: int, prior_seconds: float) -> AsyncIterator[BulkJob]:
        """Wait, as long as it takes, until some lines of a stream may be worked on.

        Parameters
        ----------
        prior_seconds : work on earlier lines of the stream
        """
        job = BulkJob(next(self._numbers), flights, self._seconds_per_flight["plain"], prior_seconds)
        async with self._slot(job):
            yield job

    @property
    def seconds(self) -> float:
        """Estimated work of all that is in the queue."""
        running = self._running.seconds if self._running is not None else 0.0
        return running + sum(self._waiting_seconds.values())

    async def pause(self, job: BulkJob, done: int) -> None:
        """Let another job go first, if it is its turn, after `done` flights of this one."""
        job.flights = max(job.flights - done, 0)
        if not (job.flights and self._waiting):
            return
        self._queue(job).appendleft(job)
        following = self._take_next()
        if following is not job:
            self._stop(job)
            self._start(following)
            await self._until_ready(job)

    @asynccontextmanager
    async def _slot(self, job: BulkJob, max_wait: float = math.inf) -> AsyncIterator[None]:
        try:
            if self._running is None:
                self._start(job)
            else:
                if not self._waiting:
                    self._stood_since = time.perf_counter()
                self._queue(job).append(job)
                await self._until_ready(job, max_wait)
            yield
        finally:
            if self._running is job:
                self._stop(job)
                if self._waiting:
                    self._start(self._take_next())
            else:  # refused or cancelled while it waited
                self._remove(job, job.size)

    @property
    def _limit(self) -> float:
        """Seconds that a request may wait by now."""
        stands = self._waiting and time.perf_counter() - self._stood_since > BURST_SECONDS
        return min(self._max_wait, self._standing_wait) if stands else self._max_wait

    def _seconds_ahead(self, size: int) -> float:
        running = self._running
        seconds = running.seconds if running is not None and running.size <= size else 0.0
        return seconds + sum(waiting for other, waiting in self._waiting_seconds.items() if other <= size)

    def _queue(self, job: BulkJob) -> deque[BulkJob]:
        """The jobs of its size; its work counts there from now on."""
        self._waiting_seconds[job.size] = self._waiting_seconds.get(job.size, 0.0) + job.seconds
        return self._waiting.setdefault(job.size, deque())

    def _remove(self, job: BulkJob, size: int) -> None:
        self._waiting[size].remove(job)
        self._waiting_seconds[size] -= job.seconds
        if not self._waiting[size]:
            del self._waiting[size], self._waiting_seconds[size]

    def _take_next(self) -> BulkJob:
        size = min(self._waiting)
        if next(self._slices) % OLDEST_EVERY == 0:
            size = min(self._waiting, key=lambda one: self._waiting[one][0].number)
        job = self._waiting[size][0]
        self._remove(job, size)
        return job

    def _start(self, job: BulkJob) -> None:
        self._running, job.started_at = job, time.perf_counter()
        if job.ready is not None and not job.ready.done():
            job.ready.set_result(None)

    def _stop(self, job: BulkJob) -> None:
        job.worked_seconds += time.perf_counter() - job.started_at
        self._running = None

    async def _until_ready(self, job: BulkJob, max_wait: float = math.inf) -> None:
        loop = asyncio.get_running_loop()
        job.ready = loop.create_future()
        timer = None
        if math.isfinite(max_wait):
            timer = loop.call_later(max_wait, self._refuse, job, max_wait)
        try:
            await job.ready
        finally:
            if timer is not None:
                timer.cancel()

    def _refuse(self, job: BulkJob, waited: float) -> None:
        if job.ready is not None and not job.ready.done():
            seconds = max(math.ceil(self._seconds_ahead(job.size)), 1)
            job.ready.set_exception(busy_error(f"{waited:g} seconds without a turn", seconds))
