"""What goes wrong, and how it is put right again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import processes
from deploy.service import Service

DOWN_SECONDS = 4.0
"""That a store is down, or a disk full."""
HUGE_BYTES = 16 * 2**30
"""Of a model that is far too large; its file has holes, and takes no room."""


class Accidents:
    """Everything that can go wrong here, by name.

    Parameters
    ----------
    served : the file of the model that is served
    models : good ones
    database : the server of the store; None: its store is a file
    disk : the file system of the store, which may be filled; None: it has none of its own
    clock : the file that moves the clock of the service; None: nothing can

    Attributes
    ----------
    all : what can go wrong
    killed : how many workers were killed or stopped so far
    """

    def __init__(
        self,
        service: Service,
        served: Path,
        models: list[bytes],
        *,
        database: Any = None,
        disk: Path | None = None,
        clock: Path | None = None,
    ) -> None:
        self._service, self._served, self._models = service, served, models
        self._random = random.Random(1)
        self.killed = 0
        self.all: dict[str, Callable[[], None]] = {
            "a worker is killed": partial(self._signal_worker, signal.SIGKILL),
            "a worker is stopped": partial(self._signal_worker, signal.SIGSTOP),
            "another model": self._swap,
            "a model that is none": lambda: self._put(os.urandom(100_000)),
            "a model that is far too large": self._put_huge,
        }
        if database is not None:
            self.all["the store is killed"] = partial(kill_store, database)
        if disk is not None:
            self.all["the disk is full"] = partial(fill, disk)
        if clock is not None:
            self.all["the clock jumps"] = partial(move, clock)

    def _signal_worker(self, number: signal.Signals) -> None:
        workers = processes.children(self._service.pid)
        if workers:
            os.kill(self._random.choice(workers), number)
            self.killed += 1

    def _swap(self) -> None:
        self._put(self._random.choice(self._models))

    def _put(self, content: bytes) -> None:
        written = self._served.with_suffix(".new")
        written.write_bytes(content)
        written.replace(self._served)

    def _put_huge(self) -> None:
        written = self._served.with_suffix(".new")
        with written.open("wb") as file:
            file.truncate(HUGE_BYTES)
        written.replace(self._served)


def kill_store(database: Any) -> None:
    """End a database at once, and start it again after a while."""
    os.kill(database.get_pid(), signal.SIGQUIT)
    database.get_postmaster_info().process.wait(30)
    time.sleep(DOWN_SECONDS)
    database.start()


def fill(disk: Path) -> None:
    """Leave no room on a disk for a while."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    time.sleep(DOWN_SECONDS)
    filler.unlink()


def move(clock: Path) -> None:
    """Put a clock forward, back, and right again."""
    for offset in ("+2h", "-2h", "+0"):
        clock.write_text(offset)
        time.sleep(DOWN_SECONDS / 2)
