"""How many processors this process may use, which in a container is less than the machine has."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_ROOT = Path("/")


def count_processors(root: Path = _ROOT) -> int:
    """Processors of the process's affinity, within what its control groups allow (version 2); at least 1.

    Parameters
    ----------
    root : of the file system that tells of the control groups

    References
    ----------
    Linux, Documentation/admin-guide/cgroup-v2.rst, ``cpu.max``: a quota in each period, both in microseconds.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = min(_limits(root), default=math.inf)
    return max(1, min(allowed, math.ceil(limit) if math.isfinite(limit) else allowed))


def _limits(root: Path) -> Iterator[float]:
    """What the process's control group and those above it allow; infinity where one limits nothing."""
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
