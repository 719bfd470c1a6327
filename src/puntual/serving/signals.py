"""What ends the server, and which of its processes acts on it."""

from __future__ import annotations

import signal

ENDING = (signal.SIGINT, signal.SIGTERM)
"""What ends the server."""


def leave_to_parent() -> None:
    """Ctrl-C reaches every process of the terminal; the parent alone acts on it, and ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the worker has something to take over
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
