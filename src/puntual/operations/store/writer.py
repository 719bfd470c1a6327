"""Events of many requests are written together, by a thread, so that nothing else waits for the disk."""

from __future__ import annotations

import asyncio
import datetime as dt
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

from puntual.errors import StoreDownError, StoreError
from puntual.operations.events import Event
from puntual.operations.store.admission import Appended, Batch

if TYPE_CHECKING:
    from puntual.operations.store.log import Store

MAX_GROUP = 2_000
"""Events that are written in one transaction, unless a single request has more."""


class _Waiting(NamedTuple):
    batch: Batch
    written: Future[Appended]


class Writer:
    """Writes in the order in which it is asked; what waits while a transaction runs shares the next one.

    Parameters
    ----------
    wait_s : seconds after which a request is refused if the store has not written it; it may still be written
    max_waiting : events that may wait for the store; whoever comes then is refused
    """

    def __init__(self, store: Store, *, wait_s: float = 10, max_waiting: int = 20_000) -> None:
        self._store, self._wait_s, self._max_waiting = store, wait_s, max_waiting
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._lock, self._events_waiting = threading.Lock(), 0
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self, timeout_s: float = 10) -> None:
        """Write what waits, and end."""
        self._queue.put(None)
        self._thread.join(timeout_s)

    async def append(self, events: Sequence[Event], *, received_at: dt.datetime | None = None) -> Appended:
        """Write events, all or none; they are on the disk when this returns.

        Parameters
        ----------
        received_at : when events that do not say when they became known did; None: now

        Raises
        ------
        StoreDownError : the store does not answer, is locked or full, or too much waits for it
        StoreError : it cannot be used
        """
        self._count(len(events))
        waiting = _Waiting(Batch(events, received_at), Future())
        self._queue.put(waiting)
        written = asyncio.wrap_future(waiting.written)
        written.add_done_callback(_seen)
        try:
            return await asyncio.wait_for(asyncio.shield(written), timeout=self._wait_s)
        except TimeoutError:
            found = f"nothing was written in {self._wait_s:g} s"
            raise StoreDownError(self._store.where, found, wanted="a database that answers") from None

    def _count(self, more: int) -> None:
        with self._lock:
            if more > 0 and self._events_waiting and self._events_waiting + more > self._max_waiting:
                found = f"{self._events_waiting} events wait to be written"
                raise StoreDownError(self._store.where, found, wanted="fewer at a time, or a faster disk")
            self._events_waiting += more

    def _run(self) -> None:
        while group := self._next_group():
            outcomes = self._write(group)
            self._count(-sum(len(waiting.batch.events) for waiting in group))
            for waiting, outcome in zip(group, outcomes, strict=True):
                if isinstance(outcome, Exception):
                    waiting.written.set_exception(outcome)
                else:
                    waiting.written.set_result(outcome)

    def _next_group(self) -> list[_Waiting]:
        """What waits, at least one; nothing: the end."""
        first = self._queue.get()
        if first is None:
            return []
        group, events = [first], len(first.batch.events)
        while events < MAX_GROUP:
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                break
            if more is None:
                self._queue.put(None)
                break
            group.append(more)
            events += len(more.batch.events)
        return group

    def _write(self, group: list[_Waiting]) -> Sequence[Appended | Exception]:
        """What became of each; if one of them cannot be written, the others still are."""
        try:
            return self._store.append_batches([waiting.batch for waiting in group])
        except StoreDownError as error:
            return [error] * len(group)
        except Exception as error:  # noqa: BLE001 - whoever waits learns of it
            if len(group) == 1:
                known = isinstance(error, StoreError)
                return [
                    error
                    if known
                    else StoreError(self._store.where, f"an event cannot be written: {error!r}")
                ]
            return [outcome for waiting in group for outcome in self._write([waiting])]


def _seen(written: asyncio.Future[Appended]) -> None:
    """An error of what nobody waits for any more needs no line in the log."""
    if not written.cancelled():
        written.exception()
