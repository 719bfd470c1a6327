"""Requests with many flights: one after the other and in slices, so that small ones pass between them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import islice

from puntual.inference.encoder import Resolved
from puntual.inference.predictor import Predictor
from puntual.inference.timetable import Timetable
from puntual.serving.problems import refuse_busy
from puntual.types import Prediction

SLICE = 256
"""Flights that are worked on without a look at other requests, about a millisecond."""
PATIENCE_SECONDS = 0.12
USUAL_SECONDS_A_BYTE = 1.5e-7
"""Of a large request, before any has been seen; about 70,000 flights a second."""
_LATEST = 0.2
"""Share that the latest request has in what the next is thought to take."""
_AHEAD = 4
_SCORING_THREADS = 2


class Batches:
    """Takes turns of large requests, and scores beside the thread that answers.

    Parameters
    ----------
    patience : seconds that a request may have to wait, as far as it can be told from how long others took;
        one that has none before it is always taken
    """

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._waiting = 0
        self._seconds_a_byte = USUAL_SECONDS_A_BYTE
        self._turn = asyncio.Lock()
        self._threads = ThreadPoolExecutor(_SCORING_THREADS, thread_name_prefix="scoring")

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """Wait until the requests before this one are answered.

        Parameters
        ----------
        size : bytes of the body

        Raises
        ------
        RefusedError : those before it would take too long
        """
        wait = self._waiting * self._seconds_a_byte
        if wait > self._patience:
            raise refuse_busy(f"{wait:.1f} seconds of large requests that wait to be answered")
        self._waiting += size
        try:
            async with self._turn:
                begun = time.perf_counter()
                yield
                took = (time.perf_counter() - begun) / max(size, 1)
                self._seconds_a_byte += _LATEST * (took - self._seconds_a_byte)
        finally:
            self._waiting -= size

    @asynccontextmanager
    async def share(self) -> AsyncIterator[None]:
        """Wait for a turn with a part of a stream, whose client waits for it as long as it takes."""
        async with self._turn:
            yield

    async def predict(
        self, predictor: Predictor, flights: Iterable[Resolved], timetable: Timetable | None = None
    ) -> AsyncIterator[list[Prediction]]:
        """Answers in the order of the flights, a slice at a time.

        Parameters
        ----------
        flights : may be resolved while they are taken; what that raises is raised here
        """
        loop = asyncio.get_running_loop()
        scored: deque[tuple[list[Resolved], asyncio.Future[list[float]]]] = deque()
        for part in _slices(flights):
            rows = predictor.rows(part, timetable)
            scored.append((part, loop.run_in_executor(self._threads, rows.score)))
            if len(scored) > _AHEAD:
                first, raw = scored.popleft()
                yield predictor.answer(first, await raw, timetable)
            await asyncio.sleep(0)
        for first, raw in scored:
            yield predictor.answer(first, await raw, timetable)


def _slices(flights: Iterable[Resolved]) -> Iterator[list[Resolved]]:
    flights = iter(flights)
    while part := list(islice(flights, SLICE)):
        yield part
