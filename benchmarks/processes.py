"""What a server takes of the machine, with all the processes that it started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def family(pid: int) -> dict[int, list[str]]:
    """A process, its session and all descendants; of each the fields of `stat`, from its state on."""
    running = dict(_processes())
    found = {one: stat for one, stat in running.items() if one == pid or int(stat[3]) == pid}
    while more := {one: stat for one, stat in running.items() if int(stat[1]) in found and one not in found}:
        found |= more
    return found


def children(pid: int) -> list[int]:
    """The processes that a process has started itself, the one that lives longest first."""
    own = [(int(stat[19]), one) for one, stat in _processes() if int(stat[1]) == pid and stat[0] not in "ZX"]
    return [one for _, one in sorted(own)]


def still_running(family: dict[int, list[str]]) -> list[int]:
    """Those of a family that have not ended, without later processes that got the same number."""
    running = {one: stat for one, stat in _processes() if stat[0] not in "ZX"}
    return [one for one, stat in family.items() if one in running and running[one][19] == stat[19]]


def cpu_s(pid: int) -> float:
    """Processor time of a family so far; unlike the clock, it hardly depends on what else runs."""
    ticks = sum(int(stat[11]) + int(stat[12]) for stat in family(pid).values())
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    """Memory of a family; what several processes share counts once (PSS)."""
    return sum(_memory_mib(one, "Pss") for one in family(pid))


def worker_mib(pid: int) -> float:
    """Memory of the largest process of a family, with all that it shares (RSS)."""
    return max(_memory_mib(one, "Rss") for one in family(pid))


def _processes() -> Iterator[tuple[int, list[str]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # one that has just ended
            yield int(folder.name), (folder / "stat").read_text().rpartition(")")[2].split()


def _memory_mib(pid: int, kind: str) -> float:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        return int(dict(line.split(":", 1) for line in lines)[kind].split()[0]) / 1024
    return 0.0
