"""Finds and kills workers that hang, in the process that watches over them."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from pathlib import Path

from puntual.serving.ops.counters import SharedCounters
from puntual.serving.ops.granian_server import WorkerServer

CHECK_SECONDS = 1.0
HUNG_CHECKS = 5
"""A worker is replaced after this many checks in a row without a heartbeat, if it does not work either."""
BUSY_CHECKS = 15
"""The same, if it works: on a machine with too much to do it may be slow, and not hang."""
IDLE_SECONDS = 0.05
"""Processor time below which it does not work."""
STARTING_CHECKS = 60
"""The same before its first heartbeat, while it loads the model."""

logger = logging.getLogger("puntual.serving")


class Watchdog:
    """Kills a worker without a heartbeat; the server starts another in its place.

    It counts checks rather than seconds, so that no worker is blamed if the whole service was suspended.
    """

    def __init__(self, server: WorkerServer, counters: SharedCounters) -> None:
        self._server, self._counters = server, counters
        self._silent: dict[int, tuple[int, int, float]] = {}

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
            beat, spent = beats.get(pid, 0), processor_seconds(pid)
            last, checks, spent_before = before.get(pid, (beat, 0, spent))
            checks, spent_before = (checks + 1, spent_before) if beat == last else (0, spent)
            self._silent[pid] = beat, checks, spent_before
            works = spent - spent_before > IDLE_SECONDS
            if checks >= (STARTING_CHECKS if not beat else BUSY_CHECKS if works else HUNG_CHECKS):
                seconds = checks * CHECK_SECONDS
                logger.error("worker %d has stood still for %d seconds: it is replaced", pid, seconds)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def processor_seconds(pid: int) -> float:
    """Processor time that a process has spent; 0 if the system does not say it.

    Examples
    --------
    >>> processor_seconds(os.getpid()) >= 0
    True
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
