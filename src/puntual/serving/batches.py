"""Requests with many flights: in slices, so that small ones pass between them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from puntual.inference.encoder import Resolved
from puntual.inference.predictor import Predictor
from puntual.inference.timetable import Timetable
from puntual.serving.bulk_queue import BulkJob, BulkQueue
from puntual.types import Prediction

SLICE = 256
"""Flights that are worked on without a look at other requests, about a millisecond."""
_AHEAD = 4
_SCORING_THREADS = 2


class BulkPredictor:
    """Scores beside the thread that answers.

    Attributes
    ----------
    turns : whose turn it is
    """

    def __init__(self) -> None:
        self.turns = BulkQueue()
        self._threads = ThreadPoolExecutor(_SCORING_THREADS, thread_name_prefix="scoring")

    async def predict(
        self,
        turn: BulkJob,
        predictor: Predictor,
        flights: Iterable[Resolved],
        timetable: Timetable | None = None,
    ) -> AsyncIterator[list[Prediction]]:
        """Answers in the order of the flights, a slice at a time.

        Parameters
        ----------
        turn : of the request; others may go on after each slice
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
            await self.turns.rest(turn, len(part))
        for first, raw in scored:
            yield predictor.answer(first, await raw, timetable)


def _slices(flights: Iterable[Resolved]) -> Iterator[list[Resolved]]:
    flights = iter(flights)
    while part := list(islice(flights, SLICE)):
        yield part
