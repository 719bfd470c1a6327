"""The machine that a test runs on: what it is, and whether it allows as many connections."""

from __future__ import annotations

import os
import platform
import resource
from pathlib import Path

import msgspec

from puntual.errors import SettingError
from puntual.processors import count_processors

SPARE_FILES = 64
"""Open files besides the connections."""


class LoadMachine(msgspec.Struct, frozen=True, kw_only=True):
    """Where a load test ran.

    Attributes
    ----------
    cores : that the generator may use
    memory_gb : of the machine; 0: not known
    """

    processor: str
    cores: int
    memory_gb: float


class Machine(LoadMachine, frozen=True, kw_only=True):
    """The machine of the generator and, where it is this machine's, of the service."""

    system: str
    python: str


def this_machine() -> Machine:
    """Describe this one; nothing in it names it."""
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=_processor(),
        cores=count_processors(),
        memory_gb=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        python=platform.python_version(),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def allow_connections(count: int) -> None:
    """Raise the limit of open files as far as a number of connections needs; child processes inherit it.

    Raises
    ------
    SettingError : the system does not allow as many
    """
    needed = count + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise SettingError(
            f"--connections: {needed:,} open files are needed in a process, the system allows {hard:,}; "
            f"wanted: fewer connections, more --processes, or a higher limit (`ulimit -Hn`)"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
