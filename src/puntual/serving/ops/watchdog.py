"""Finds workers that stand still, in the process that watches over them, and says why one is replaced."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from typing import Any

from granian.server.mp import MPServer

from puntual.serving.ops.counters import SharedCounters
from puntual.serving.ops.metrics import resident_bytes

CHECK_SECONDS = 1.0
HUNG_CHECKS = 15
"""In a row without a heartbeat, after which a worker is replaced."""
STARTING_CHECKS = 60
"""The same before its first heartbeat: it loads the model."""

logger = logging.getLogger("puntual.serving")


class WatchedServer(MPServer):
    """The server, that says which worker it replaces for its memory."""

    def _handle_rss_signal(self, spawn_target: Any, target_loader: Any) -> None:
        most = self.workers_rss or 0
        for pid in [worker.inner.pid for worker in self.wrks]:
            size = resident_bytes(pid)
            if size >= most:
                told = "worker %d takes %d MiB, more than %d: it is replaced"
                logger.warning(told, pid, size >> 20, most >> 20)
        super()._handle_rss_signal(spawn_target, target_loader)  # type: ignore[no-untyped-call]


class Watchdog:
    """Kills a worker without a heartbeat; the server starts another in its place.

    Looks are counted, not seconds: where the whole service was stopped for a while, nobody is to blame.
    """

    def __init__(self, server: MPServer, counters: SharedCounters) -> None:
        self._server, self._counters = server, counters
        self._standing: dict[int, tuple[int, int]] = {}

    def start(self) -> None:
        """Look from now on, in a thread."""
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(CHECK_SECONDS)
            self.look()

    def look(self) -> None:
        """Count for each worker the looks since its last heartbeat, and kill those that have too many."""
        beats = self._counters.beats()
        before, self._standing = self._standing, {}
        for worker in list(self._server.wrks):
            pid = worker.inner.pid
            beat = beats.get(pid, 0)
            last, looks = before.get(pid, (beat, 0))
            looks = looks + 1 if beat == last else 0
            self._standing[pid] = beat, looks
            if looks == (HUNG_CHECKS if beat else STARTING_CHECKS):
                seconds = looks * CHECK_SECONDS
                logger.error("worker %d has stood still for %d seconds: it is replaced", pid, seconds)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
