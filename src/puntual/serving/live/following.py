"""The live state of a worker, for the model that answers: built in a thread, then kept up with the store."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from puntual.errors import StoreError
from puntual.operations.events import LogEntry
from puntual.operations.live_state import LiveState
from puntual.operations.store.follower import Follower
from puntual.serving.live.views import LiveSource, apply_in_thread

if TYPE_CHECKING:
    from puntual.operations.store.log import Store

PAGE = 200
"""Entries that are read at a time to build a state."""
RETRY_SECONDS = 1.0

logger = logging.getLogger("puntual.serving")


class FollowedState:
    """A live state that follows the store; only the loop changes it, once it is there.

    Parameters
    ----------
    source : of the model for which it is
    prune_before : as in `Follower`

    Attributes
    ----------
    state : None: it is being built
    newest : when the newest of its entries became known, UTC; None: it has none
    version : increases with each change
    """

    def __init__(
        self,
        store: Store,
        source: LiveSource,
        loop: asyncio.AbstractEventLoop,
        prune_before: Callable[[], dt.date],
    ) -> None:
        self.source = source
        self.state: LiveState | None = None
        self.newest: dt.datetime | None = None
        self.version = 0
        self._store, self._loop = store, loop
        self._follower = Follower(store, self._apply, loop=loop, prune_before=prune_before)
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._stopping = threading.Event()
        self._forgot = 0
        threading.Thread(target=self._build, name="state-builder", daemon=True).start()

    def forget(self) -> None:
        """Drop what no answer reads any more, once in an hour of the entries."""
        if self.state is None or self.newest is None:
            return
        hour = int(self.newest.timestamp() // 3600)
        if hour > self._forgot:
            self._forgot = hour
            self.state.forget(60 * hour)

    @property
    def complete(self) -> dt.datetime | None:
        """When the store was last read to its end; None: not yet."""
        return self._follower.as_of

    @property
    def sequence(self) -> int:
        """Of the last entry that the state has."""
        return self._follower.sequence

    def stop(self) -> None:
        """Follow no longer, without waiting for what is being read."""
        self._stopping.set()
        self._follower.stop(0)

    async def reach(self, sequence: int, seconds: float) -> LiveState | None:
        """The state as soon as it has an entry of the store; None: it has not within some seconds."""
        if self.state is not None and self.sequence < sequence:
            reached = self._loop.create_future()
            self._waiting.append((sequence, reached))
            self._follower.look()
            try:
                await asyncio.wait_for(reached, seconds)
            except TimeoutError:
                return None
        return self.state

    def _build(self) -> None:
        """Build the state of all that the store has, until that succeeds, and follow from there on."""
        said = False
        while not self._stopping.is_set():
            try:
                state, sequence, newest = self._read_all()
            except Exception as error:
                if not said:
                    trace = None if isinstance(error, StoreError) else error
                    logger.warning("there is no live state yet: %s", error, exc_info=trace)
                said = True
                self._stopping.wait(RETRY_SECONDS)
                continue
            self._follower.sequence, self.newest, self.state = sequence, newest, state
            if not self._stopping.is_set():
                self._follower.start()
            return

    def _read_all(self) -> tuple[LiveState, int, dt.datetime | None]:
        state, sequence, newest = self.source.empty(), 0, None
        while page := self._store.after(sequence, PAGE):
            apply_in_thread(state, page)
            sequence = page[-1].sequence
            latest = max(entry.known_at for entry in page)
            if newest is not None and latest.date() > newest.date():
                state.forget(int(newest.timestamp() // 60))
            newest = latest if newest is None else max(newest, latest)
            if self._stopping.is_set():
                break
        return state, sequence, newest

    def _apply(self, entries: Sequence[LogEntry]) -> None:
        assert self.state is not None  # noqa: S101 - it was built before
        for entry in entries:
            self.state.apply(entry)
            if self.newest is None or entry.known_at > self.newest:
                self.newest = entry.known_at
        self.version += 1
        last = entries[-1].sequence
        for sequence, reached in self._waiting:
            if sequence <= last and not reached.done():
                reached.set_result(None)
        self._waiting = [one for one in self._waiting if not one[1].done()]
