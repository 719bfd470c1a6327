"""Requests with many flights: one after the other and in slices, so that small ones pass between them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import islice

from puntual.inference.encoder import Resolved
from puntual.inference.predictor import Predictor
from puntual.inference.timetable import Timetable
from puntual.serving.problems import refuse_busy
from puntual.types import Flight, Prediction

SLICE = 256
"""Flights that are worked on without a look at other requests, about a millisecond."""
_AHEAD = 2
_SCORING_THREADS = 2


class Batches:
    """Takes turns of large requests, and scores beside the thread that answers.

    Parameters
    ----------
    most_bytes : of the bodies that wait for their turn; the first is always taken
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._waiting = 0
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
        RefusedError : too much waits already
        """
        if self._waiting and self._waiting + size > self._most:
            raise refuse_busy(f"{self._waiting} bytes of requests that wait to be answered")
        self._waiting += size
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= size

    async def resolve(self, predictor: Predictor, flights: Sequence[Flight]) -> list[Resolved]:
        """Flights in the model's own codes; errors as in `Predictor.predict`."""
        resolved = []
        for index, flight in enumerate(flights):
            if index % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            resolved.append(predictor.resolve(flight, index))
        return resolved

    async def predict(
        self, predictor: Predictor, resolved: Sequence[Resolved], timetable: Timetable | None = None
    ) -> list[Prediction]:
        """Answers in the order of the flights."""
        loop = asyncio.get_running_loop()
        answers: list[Prediction] = []
        scored: deque[tuple[Sequence[Resolved], asyncio.Future[list[float]]]] = deque()

        async def finish(ahead: int) -> None:
            while len(scored) > ahead:
                flights, raw = scored.popleft()
                answers.extend(predictor.answer(flights, await raw, timetable))

        for part in _slices(resolved):
            rows = predictor.rows(part, timetable)
            scored.append((part, loop.run_in_executor(self._threads, rows.score)))
            await finish(_AHEAD)
            await asyncio.sleep(0)
        await finish(0)
        return answers


def _slices(resolved: Sequence[Resolved]) -> Iterator[list[Resolved]]:
    flights = iter(resolved)
    while part := list(islice(flights, SLICE)):
        yield part
