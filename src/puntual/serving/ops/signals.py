"""Signals: which process acts on them, and when a worker ends."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable

from puntual.serving.ops.counters import SharedCounters

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""They end the server."""
_WORKER_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
"""Blocked in a worker until it can act on them."""
CHECK_SECONDS = 0.25
SAME_SIGNAL_SECONDS = 1.0
"""Longest time between a SIGTERM to a worker and a drain that the same signal, sent to the group, began."""


def block_in_workers() -> None:
    """Block signals in every process forked from now on until the process can act on them.

    A signal may reach every process of a group; only the parent acts on it, and ends its workers. Signals are
    blocked before the fork, because one that arrives right after it would be lost.
    """
    blocked = (signal.SIGINT, *_WORKER_SIGNALS)
    before: list[set[int]] = []

    def leave_to_parent() -> None:
        before.clear()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT,))

    os.register_at_fork(
        before=lambda: before.append(signal.pthread_sigmask(signal.SIG_BLOCK, blocked)),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, before.pop()),
        after_in_child=leave_to_parent,
    )


class WorkerEnd:
    """Ends a worker if its parent wants that, or is gone.

    A SIGTERM has two causes: the parent sends it to end this worker, or it was sent to the whole group, in
    which case the parent begins a drain. The server's loop ends in order on SIGINT, which this worker ignores
    until it shall end.

    Parameters
    ----------
    before : called before the loop begins to end
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, counters: SharedCounters, before: Callable[[], None]
    ) -> None:
        self._loop, self._counters, self._before = loop, counters, before
        self._terminated_at: float | None = None
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        loop.add_signal_handler(signal.SIGTERM, self._terminate)
        loop.call_soon(self._begin)

    def _begin(self) -> None:
        # The loop runs by now; before, it would lose a signal.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WORKER_SIGNALS)
        self._check()

    def _terminate(self) -> None:
        self._terminated_at = time.monotonic()
        if self._counters.ending:
            self._end()

    def _check(self) -> None:
        if self._counters.orphaned or self._meant_for_this_worker():
            self._end()
        self._loop.call_later(CHECK_SECONDS, self._check)

    def _meant_for_this_worker(self) -> bool:
        """Whether a SIGTERM came without a drain."""
        if self._terminated_at is None or time.monotonic() - self._terminated_at < SAME_SIGNAL_SECONDS:
            return False
        drained = self._counters.drained_at
        return not drained or abs(self._terminated_at - drained) > SAME_SIGNAL_SECONDS

    def _end(self) -> None:
        self._before()
        signal.signal(signal.SIGINT, lambda *_: None)  # the handler of the loop acts on it
        signal.raise_signal(signal.SIGINT)
