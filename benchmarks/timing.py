"""Seconds and memory of a command, from its start to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import NamedTuple


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
