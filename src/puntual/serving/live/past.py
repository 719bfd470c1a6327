"""What was known at a past moment: one state of the past in a worker, which requests share in turn."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from puntual.errors import StoreError
from puntual.operations.events import LogEntry
from puntual.operations.live_state import LiveState
from puntual.serving.http.problems import busy_error
from puntual.serving.live.views import LiveSource, LiveView, apply_in_thread

if TYPE_CHECKING:
    from puntual.operations.store.log import Store

HISTORY_DAYS = 35
"""Days before the moment whose entries the state has: longer than any value of a model looks back."""
MAX_WAITING = 16
"""Requests about the past that may wait for another one; more are refused."""
WAIT_SECONDS = 10.0
PAGE = 2_000

logger = logging.getLogger("puntual.serving")


class PastState:
    """The state of one past moment. It is moved on to a later one, and built anew for an earlier one.

    Requests take turns, and what is read for them is read in one thread, so that many requests about many
    moments take no more than that from the answers about now.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="past")
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._source: LiveSource | None = None
        self._state: LiveState | None = None
        self._moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        self._sequence = 0

    @asynccontextmanager
    async def view(
        self, source: LiveSource, moment: dt.datetime, sequence: int
    ) -> AsyncIterator[LiveView | None]:
        """What was known at a moment, for a model; it is the caller's alone until the context ends.

        None: the store does not answer.

        Parameters
        ----------
        sequence : of an entry that the store has

        Raises
        ------
        RefusedError : too many requests about the past
        """
        await self._take_turn()
        try:
            loop = asyncio.get_running_loop()
            try:
                state = await loop.run_in_executor(self._thread, self._state_at, source, moment, sequence)
            except StoreError as error:
                logger.warning("what was known at %s cannot be read: %s", moment, error)
                view = None
            else:
                view = LiveView(state, moment.astimezone(dt.UTC))
            yield view
        finally:
            self._turn.release()

    async def _take_turn(self) -> None:
        if not self._turn.locked():
            await self._turn.acquire()
            return
        if self._waiting >= MAX_WAITING:
            raise busy_error(f"{self._waiting} requests about the past")
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turn.acquire(), WAIT_SECONDS)
        except TimeoutError:
            raise busy_error(f"{WAIT_SECONDS:g} seconds of requests about the past") from None
        finally:
            self._waiting -= 1

    def _state_at(self, source: LiveSource, moment: dt.datetime, sequence: int) -> LiveState:
        """The state of a moment, in the thread."""
        state, self._state = self._state, None  # none, should this break off
        after: dt.datetime | None = self._moment
        if state is None or self._source is not source or moment < self._moment:
            state, after, self._sequence = source.empty(), None, sequence
        apply_in_thread(state, (entry for entry in self._written_since() if entry.known_at <= moment))
        since = moment.date() - dt.timedelta(HISTORY_DAYS)
        apply_in_thread(state, self._store.known_by(moment, since, after=after))
        self._state, self._source, self._moment = state, source, moment
        return state

    def _written_since(self) -> Iterator[LogEntry]:
        """What the store has that it had not when it was last read, such as what came late."""
        more = True
        while more:
            page = self._store.after(self._sequence, PAGE)
            yield from page
            more = len(page) == PAGE
            self._sequence = page[-1].sequence if page else self._sequence
