"""Granian's server with workers, and every part of it that Granian does not document."""

from __future__ import annotations

import contextlib
import logging
import os
from collections import defaultdict, deque
from typing import Any

import granian
from granian.server.mp import MPServer

from puntual.errors import PuntualError
from puntual.serving.ops.metrics import resident_bytes

TESTED_VERSION = "2.8"

logger = logging.getLogger("puntual.serving")


def check_granian() -> None:
    """Refuse a Granian without the parts used below; log a version that was not tested.

    Raises
    ------
    PuntualError : a part is missing; names the version to install
    """
    found = granian.__version__
    remedy = f"pip install 'granian~={TESTED_VERSION}.0'"
    for name in ("signal_handler_interrupt", "signal_handler_reload", "_handle_rss_signal"):
        if not hasattr(MPServer, name):
            raise PuntualError(f"granian {found}: it has no {name}; wanted: {remedy}")
    if not found.startswith(f"{TESTED_VERSION}."):
        logger.warning("granian %s is not the version that Puntual is tested with: %s", found, remedy)


class Respawns(dict[int, float]):
    """When a worker was started anew, as Granian keeps it, which ends the server if that is a moment ago.

    Two accidents of one worker within seconds are no reason to end the other one: only a worker that ends
    `MOST` times in `PERIOD_SECONDS` is told of.

    Examples
    --------
    >>> respawns = Respawns()
    >>> for moment in (1.0, 2.0, 3.0, 4.0, 5.0):
    ...     before = respawns.get(0, 0)
    ...     respawns[0] = moment
    >>> before, respawns.get(0, 0)
    (0, 5.0)
    """

    MOST, PERIOD_SECONDS = 5, 60.0

    def __init__(self) -> None:
        self._moments: dict[int, deque[float]] = defaultdict(lambda: deque(maxlen=self.MOST))

    def __setitem__(self, worker: int, moment: float) -> None:
        super().__setitem__(worker, moment)
        self._moments[worker].append(moment)

    def get(self, worker: int, default: float = 0) -> float:  # type: ignore[override]
        """The moment, if the worker ends again and again."""
        moments = self._moments[worker]
        loops = len(moments) == self.MOST and moments[-1] - moments[0] < self.PERIOD_SECONDS
        return super().get(worker, default) if loops else default


class WorkerServer(MPServer):
    """A server that gives the process ids of its workers, and logs which it replaces because of memory."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.respawned_wrks: dict[int, float] = Respawns()

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers."""
        return [worker.inner.pid for worker in [*self.wrks]]

    def kill_workers(self, signal_number: int) -> None:
        """Send a signal to every worker."""
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal_number)

    def replace_workers(self) -> None:
        """Replace every worker by a new one, which answers before the old one ends."""
        self.signal_handler_reload()  # type: ignore[no-untyped-call]

    def stop(self) -> None:
        """End every worker after its requests in flight, then the server."""
        self.signal_handler_interrupt()  # type: ignore[no-untyped-call]

    def _handle_rss_signal(self, spawn_target: Any, target_loader: Any) -> None:
        limit = self.workers_rss or 0
        for pid in self.pids:
            size = resident_bytes(pid)
            if size >= limit:
                message = "worker %d takes %d MiB, more than %d: it is replaced"
                logger.warning(message, pid, size >> 20, limit >> 20)
        super()._handle_rss_signal(spawn_target, target_loader)  # type: ignore[no-untyped-call]
