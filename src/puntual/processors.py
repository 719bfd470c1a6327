"""Count the processors that this process may use, in a container fewer than the machine has."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_ROOT = Path("/")


def count_processors(root: Path = _ROOT) -> int:
    """Processors of the process's affinity, limited by its control groups (version 2); at least 1.

    Parameters
    ----------
    root : of the file system with the control groups

    References
    ----------
    Linux, Documentation/admin-guide/cgroup-v2.rst, ``cpu.max``: a quota in each period, both in microseconds.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = min(_limits(root), default=math.inf)
    return max(1, min(allowed, math.ceil(limit) if math.isfinite(limit) else allowed))


def _limits(root: Path) -> Iterator[float]:
    """The limits of the process's control group and its parents; infinity for one without a limit."""
    try:
        groups = (root / "proc/self/cgroup").read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for group in groups:
        if group.startswith("0::/"):
            path = PurePosixPath(group.removeprefix("0::/"))
            for one in (path, *path.parents):
                yield _limit(root / "sys/fs/cgroup" / one / "cpu.max")


def _limit(file: Path) -> float:
    try:
        quota, period = file.read_text("ascii").split()
        return math.inf if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return math.inf
