"""What ends the server, which of its processes acts on it, and when a worker ends."""

from __future__ import annotations

import asyncio
import os
import signal
import time

from puntual.serving.ops.counters import SharedCounters

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What ends the server."""
_AT_WORK = (signal.SIGTERM, signal.SIGHUP)
"""Held back from a worker until it can act on them."""
CHECK_SECONDS = 0.25
SAME_SIGNAL_SECONDS = 1.0
"""Between a SIGTERM to a worker and a drain that the same signal, sent to the whole group, began."""


def hold_back_in_workers() -> None:
    """Have every process that is forked from now on act on signals only when it can.

    A signal may reach every process of a group; the parent alone acts on it, and ends its workers. Signals
    are held back before the fork, too: one that came right after it would be lost.
    """
    held = (signal.SIGINT, *_AT_WORK)
    before: list[set[int]] = []

    def leave_to_parent() -> None:
        before.clear()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT,))

    os.register_at_fork(
        before=lambda: before.append(signal.pthread_sigmask(signal.SIG_BLOCK, held)),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, before.pop()),
        after_in_child=leave_to_parent,
    )


class WorkerEnd:
    """Ends a worker when its parent wants it to, or is gone.

    SIGTERM alone does not tell: the parent sends it to end this worker, and it reaches every worker where it
    was sent to the group, of which the parent makes a drain. The server ends its loop in order on SIGINT too,
    which is held back here until the worker is to end.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, counters: SharedCounters) -> None:
        self._loop, self._counters = loop, counters
        self._told: float | None = None
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        loop.add_signal_handler(signal.SIGTERM, self._terminate)
        loop.call_soon(self._begin)

    def _begin(self) -> None:
        # The loop turns by now: one that does not would lose what comes.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _AT_WORK)
        self._look()

    def _terminate(self) -> None:
        self._told = time.monotonic()
        if self._counters.ending:
            _end()

    def _look(self) -> None:
        if self._counters.orphaned or self._meant_for_this_one():
            _end()
        self._loop.call_later(CHECK_SECONDS, self._look)

    def _meant_for_this_one(self) -> bool:
        """Whether a SIGTERM came, and no drain with it."""
        if self._told is None or time.monotonic() - self._told < SAME_SIGNAL_SECONDS:
            return False
        drained = self._counters.drained_at
        return not drained or abs(self._told - drained) > SAME_SIGNAL_SECONDS


def _end() -> None:
    signal.signal(signal.SIGINT, lambda *_: None)  # the loop's own handler acts on it
    signal.raise_signal(signal.SIGINT)
