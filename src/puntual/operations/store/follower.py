"""A process follows the store: new entries are handed to its loop, and while the store is down it goes on."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from puntual.errors import StoreError
from puntual.operations.events import LogEntry, TimetableChange

if TYPE_CHECKING:
    from puntual.operations.store.log import Store

logger = logging.getLogger("puntual.operations")

PAGE = 1_000
"""Entries that are read at a time."""

SLICE = 100
"""Entries that are handed over at a time, so that other work of the loop is not held up."""

MAX_PAUSE_S = 5.0
PRUNE_EVERY_S = 600.0


class Follower:
    """A thread that reads what is new in a store and hands it over, in order, each entry once.

    Parameters
    ----------
    apply : called on the loop with the next entries
    loop : on which `apply` is called
    every_s : seconds from one look to the next
    prune_before : gives the day before which entries are deleted, in small steps; None: nothing is deleted

    Attributes
    ----------
    as_of : when the store was last read to its end; None: not yet
    sequence : of the last entry that was handed over; may be set before the start
    """

    def __init__(
        self,
        store: Store,
        apply: Callable[[Sequence[LogEntry]], None],
        *,
        loop: asyncio.AbstractEventLoop,
        every_s: float = 0.2,
        prune_before: Callable[[], dt.date] | None = None,
    ) -> None:
        self._store, self._apply, self._loop, self._every_s = store, apply, loop, every_s
        self._prune_before, self._prune_at = prune_before, time.monotonic()
        self.as_of: dt.datetime | None = None
        self.sequence = 0
        self._stopping, self._looking = threading.Event(), threading.Event()
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name="store-follower", daemon=True)

    def start(self) -> None:
        """Begin to read after `sequence`, at first from the beginning of the log."""
        self._thread.start()

    def look(self) -> None:
        """Read at once what is new, unless the store is down; else it is read when it is due."""
        self._looking.set()

    def stop(self, timeout_s: float = 5) -> None:
        """End; not to be called on the loop while it is waited for there."""
        self._stopping.set()
        self._looking.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    @property
    def down(self) -> bool:
        """Whether the last attempt to read the store failed."""
        return self._failures > 0

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._read_to_the_end()
            except Exception as error:  # noqa: BLE001 - whatever happens, answers go on and the next look follows
                if self._loop.is_closed():
                    return
                self._failures += 1
                if self._failures == 1:
                    _note_failure(error)
            else:
                if self._failures:
                    logger.warning("the store answers again: %s", self._store.where)
                self._failures = 0
                self._prune()
            pause_s = min(self._every_s * 2 ** min(self._failures, 10), MAX_PAUSE_S)
            (self._stopping if self._failures else self._looking).wait(pause_s)
            self._looking.clear()

    def _read_to_the_end(self) -> None:
        while not self._stopping.is_set():
            start = dt.datetime.now(dt.UTC)
            entries = self._store.after(self.sequence, PAGE)
            for part in slices(entries):
                self._hand_over(part)
            if len(entries) < PAGE:
                self.as_of = start
                return

    def _hand_over(self, entries: Sequence[LogEntry]) -> None:
        done: Future[None] = Future()

        def run() -> None:
            try:
                self._apply(entries)
            except Exception as error:
                logger.exception(
                    "entries %d to %d", entries[0].sequence, entries[-1].sequence, exc_info=error
                )
            done.set_result(None)

        self._loop.call_soon_threadsafe(run)
        while not self._stopping.is_set():
            try:
                done.result(timeout=0.5)
            except TimeoutError:
                continue
            self.sequence = entries[-1].sequence
            return

    def _prune(self) -> None:
        """One step, while others wait for nothing."""
        if self._prune_before is None or time.monotonic() < self._prune_at:
            return
        try:
            deleted = self._store.prune_step(self._prune_before())
        except StoreError as error:
            logger.warning("old entries could not be deleted: %s", error)
            deleted = 0
        if not deleted:
            self._prune_at = time.monotonic() + PRUNE_EVERY_S


def slices(entries: Iterable[LogEntry]) -> Iterator[list[LogEntry]]:
    """At most `SLICE` entries at a time, and of timetables, which have many flights, one."""
    part: list[LogEntry] = []
    for entry in entries:
        part.append(entry)
        if len(part) == SLICE or isinstance(entry.body, TimetableChange):
            yield part
            part = []
    if part:
        yield part


def _note_failure(error: Exception) -> None:
    traceback = None if isinstance(error, StoreError) else error
    logger.warning("the store is down; answers go on from what is known: %s", error, exc_info=traceback)
