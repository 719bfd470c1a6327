"""Finds and kills workers that hang, in the process that watches over them."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time

from puntual.serving.ops.counters import SharedCounters
from puntual.serving.ops.granian_server import WorkerServer

CHECK_SECONDS = 1.0
HUNG_CHECKS = 5
"""A worker is replaced after this many checks in a row without a heartbeat."""
STARTING_CHECKS = 60
"""The same before its first heartbeat, while it loads the model."""

logger = logging.getLogger("puntual.serving")


class Watchdog:
    """Kills a worker without a heartbeat; the server starts another in its place.

    It counts checks rather than seconds, so that no worker is blamed if the whole service was suspended.
    """

    def __init__(self, server: WorkerServer, counters: SharedCounters) -> None:
        self._server, self._counters = server, counters
        self._silent: dict[int, tuple[int, int]] = {}

    def start(self) -> None:
        """Check from now on, in a thread."""
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(CHECK_SECONDS)
            self.check()

    def check(self) -> None:
        """Count for each worker the checks since its last heartbeat, and kill those with too many."""
        beats = self._counters.beats()
        before, self._silent = self._silent, {}
        for pid in self._server.pids:
            beat = beats.get(pid, 0)
            last, checks = before.get(pid, (beat, 0))
            checks = checks + 1 if beat == last else 0
            self._silent[pid] = beat, checks
            if checks == (HUNG_CHECKS if beat else STARTING_CHECKS):
                seconds = checks * CHECK_SECONDS
                logger.error("worker %d has stood still for %d seconds: it is replaced", pid, seconds)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
