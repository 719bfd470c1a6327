"""`puntual stress` in a process of its own, for as long as something happens to the service."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deploy.service import read_result, stress_command

CONNECTIONS = 64
EDGE_SECONDS = 2
"""Of load alone, before something happens and after it."""
MAX_SECONDS = 600
END_SECONDS = 30


@contextmanager
def under_load(url: str, rate: float) -> Iterator[dict[str, Any]]:
    """Send requests by the clock, from before the block until after it; its dictionary then has the result.

    Raises
    ------
    LoadError : there were none
    """
    result: dict[str, Any] = {}
    options = (f"--rate={rate}", f"--connections={CONNECTIONS}", f"--duration={MAX_SECONDS}")
    with subprocess.Popen(
        stress_command(url, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            time.sleep(EDGE_SECONDS)
            yield result
            time.sleep(EDGE_SECONDS)
            process.send_signal(signal.SIGINT)
            output, messages = process.communicate(timeout=END_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    result |= read_result(output, messages)
