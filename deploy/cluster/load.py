"""`puntual stress` in a process of its own, for as long as something happens to the service."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CONNECTIONS = 64
EDGE_SECONDS = 2
"""Of load alone, before something happens and after it."""
LONGEST_SECONDS = 600
END_SECONDS = 30


class LoadError(Exception):
    """The load test itself did not run."""


class Load:
    """What came of it: the result of `puntual stress --json`, once it has ended."""

    def __init__(self) -> None:
        self.result: dict[str, Any] = {}

    @property
    def failed(self) -> int:
        """Requests without a right answer."""
        return int(self.result["errors"])


@contextmanager
def under_load(url: str, rate: float) -> Iterator[Load]:
    """Requests by the clock, from before what is done inside until after it.

    Raises
    ------
    LoadError : there were none
    """
    load = Load()
    with subprocess.Popen(
        _command(url, f"--rate={rate}", f"--connections={CONNECTIONS}", f"--duration={LONGEST_SECONDS}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            time.sleep(EDGE_SECONDS)
            yield load
            time.sleep(EDGE_SECONDS)
            process.send_signal(signal.SIGINT)
            out, told = process.communicate(timeout=END_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    load.result = _read(out, told)


def stress(url: str, *options: str) -> dict[str, Any]:
    """The result of a load test with these options.

    Raises
    ------
    LoadError : there was none
    """
    ended = subprocess.run(_command(url, *options), capture_output=True, text=True, check=False)
    return _read(ended.stdout, ended.stderr)


def _command(url: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "puntual", "stress", url, *options, "--json"]


def _read(out: str, told: str) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads(out)
    except ValueError as error:
        raise LoadError(told.strip() or "puntual stress told nothing") from error
    return result
