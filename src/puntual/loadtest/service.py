"""Processor time of the service's own processes, if it runs on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LISTENS = "0A"
"""The state of a listening socket in `/proc/net/tcp`."""
WORKS = 0.05
"""A process that took less than this fraction of the busiest one's time is no worker."""


class ServiceProcesses:
    """The processes that listen on a port; none if they cannot be seen.

    Parameters
    ----------
    port : None: another machine's
    """

    def __init__(self, port: int | None) -> None:
        self._processes = list(_listening(port)) if port is not None else []
        self._before = self._times()

    def cpu_s(self) -> float:
        """Processor time that they have taken, seconds."""
        return sum(self._times().values())

    def workers(self) -> int | None:
        """How many of them have worked since this object was made; None: not known."""
        took = [time - self._before.get(process, 0.0) for process, time in self._times().items()]
        busiest = max(took, default=0.0)
        return sum(time >= WORKS * busiest for time in took) if busiest > 0 else None

    def _times(self) -> dict[int, float]:
        times = {}
        for process in self._processes:
            try:
                fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            times[process] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return times


def _listening(port: int) -> Iterator[int]:
    """Processes that hold a listening socket of a port."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for folder in Path("/proc").glob("[0-9]*/fd"):
        if sockets & set(_held(folder)):
            yield int(folder.parent.name)


def _held(folder: Path) -> Iterator[str]:
    """Open files of a process, but for those that another user owns or that are gone."""
    with suppress(OSError):
        for file in folder.iterdir():
            with suppress(OSError):
                yield str(file.readlink())


def _inodes(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        try:
            rows = Path(f"/proc/net/{table}").read_text("utf-8").splitlines()[1:]
        except OSError:
            continue
        for row in map(str.split, rows):
            if row[3] == LISTENS and int(row[1].rpartition(":")[2], 16) == port:
                yield row[9]
