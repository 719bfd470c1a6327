"""Seconds and memory of a command, from its start to its end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

LOOK_SECONDS = 0.2


class Run(NamedTuple):
    """Seconds from start to end, the peak of its memory, and the seconds that processors worked on it."""

    seconds: float
    mebibytes: float
    processor_seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, {self.mebibytes:.0f} MiB"


def measure(*command: str) -> Run:
    """Run a command without its output.

    Raises
    ------
    SystemExit : it fails
    """
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    seconds = time.perf_counter() - begun
    return Run(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def measure_puntual(*arguments: str) -> Run:
    """Run `puntual` with these arguments."""
    return measure(sys.executable, "-m", "puntual", *arguments)


class Peaks(threading.Thread):
    """Looks at the memory of the processes of a command while it runs (Linux).

    Attributes
    ----------
    own, begun : peaks in MiB, of the command's own process and of those that it began; by their numbers
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.own, self.begun = dict[int, int](), dict[int, int]()
        self._ended = threading.Event()

    def __enter__(self) -> Peaks:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Look until the end of the block."""
        while not self._ended.wait(LOOK_SECONDS):
            for process in _children(os.getpid()):
                self._look(process, self.own)

    def _look(self, process: int, peaks: dict[int, int]) -> None:
        with suppress(OSError):
            status = Path(f"/proc/{process}/status").read_text("utf-8")
            found = re.search(r"^VmHWM:\s*([0-9]+) kB$", status, re.MULTILINE)
            if found:
                peaks[process] = int(found[1]) // 1024
        for child in _children(process):
            self._look(child, self.begun)


def _children(process: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text("utf-8").split())
    return found
