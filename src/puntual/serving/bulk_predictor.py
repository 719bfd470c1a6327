"""Answers requests with many flights in slices, so that small requests pass between them."""

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
from puntual.serving.live.views import LiveView
from puntual.types import Prediction

SLICE = 256
"""Flights between two looks at other requests, about a millisecond."""
_SMALL_SLICE = 64
"""The same with what is known of the day, which takes longer for each."""
_SLICES_AHEAD = 4
_SCORING_THREADS = 2


class BulkPredictor:
    """Scores on threads of its own, beside the one that answers.

    Attributes
    ----------
    queue : which job may work
    """

    def __init__(self) -> None:
        self.queue = BulkQueue()
        self._threads = ThreadPoolExecutor(_SCORING_THREADS, thread_name_prefix="scoring")

    async def predict(
        self,
        job: BulkJob,
        predictor: Predictor,
        flights: Iterable[Resolved],
        timetable: Timetable | None = None,
        view: LiveView | None = None,
    ) -> AsyncIterator[list[Prediction]]:
        """The predictions in the order of the flights, a slice at a time.

        Parameters
        ----------
        job : pauses after each slice
        flights : may be resolved lazily; what that raises is raised here
        view : what is known of the day; None: answers are made from the schedule
        """
        if view is not None:
            async for answers in self._predict_as_of(job, predictor, iter(flights), timetable, view):
                yield answers
            return
        loop = asyncio.get_running_loop()
        scored: deque[tuple[list[Resolved], asyncio.Future[list[float]]]] = deque()
        flights = iter(flights)
        while part := list(islice(flights, SLICE)):
            score = predictor.encode(part, timetable)
            scored.append((part, loop.run_in_executor(self._threads, score)))
            if len(scored) > _SLICES_AHEAD:
                first, raw = scored.popleft()
                yield predictor.answer(first, await raw, timetable)
            await asyncio.sleep(0)
            await self.queue.pause(job, len(part))
        for first, raw in scored:
            yield predictor.answer(first, await raw, timetable)

    async def _predict_as_of(
        self,
        job: BulkJob,
        predictor: Predictor,
        flights: Iterator[Resolved],
        timetable: Timetable | None,
        view: LiveView,
    ) -> AsyncIterator[list[Prediction]]:
        """With what is known of the day, which only the loop's own thread may read."""
        while part := list(islice(flights, _SMALL_SLICE)):
            yield predictor.predict_resolved(part, timetable, view.as_of)
            await asyncio.sleep(0)
            await self.queue.pause(job, len(part))
