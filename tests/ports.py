"""Ports that no other worker of the tests is given, and no connection takes by itself."""

from __future__ import annotations

import itertools
import os
import socket

FIRST, OF_EACH = 20_000, 600
"""Below the ports that connections come from; a worker of pytest-xdist has so many of its own."""

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw15").removeprefix("gw")) % 16
_numbers = itertools.cycle(range(OF_EACH))
_START = os.getpid() % OF_EACH


def free_port() -> str:
    """A port that nothing listens on; each is given once before any is given again.

    `puntual serve` shares its port with whoever asks to, so a port of the system's choice, which another
    worker may be given meanwhile, would be served by both.
    """
    for number in _numbers:
        port = FIRST + _worker * OF_EACH + (_START + number) % OF_EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return str(port)
    raise AssertionError
