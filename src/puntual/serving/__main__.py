"""`python -m puntual.serving`: watches over the workers; its settings come from the environment."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time

from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes
from granian.log import LogLevels
from granian.server import Server

from puntual.config import Settings, read_settings
from puntual.serving.server import ENDING

BACKLOG = 4096
"""Connections that wait to be taken; Linux's own ceiling."""
STOP_SECONDS = 5
"""After which a worker that was told to end is killed."""

_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104

_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}
    },
    "loggers": {
        "_granian": {"handlers": ["stderr"], "propagate": False},
        "puntual": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    settings = read_settings()
    multiprocessing.set_start_method("fork")
    os.register_at_fork(after_in_child=_leave_signals_to_parent)
    server = Server(
        "puntual.serving.app:app",
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        interface=Interfaces.RSGI,
        runtime_mode=RuntimeModes.st,
        loop=Loops.auto,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
    )
    server.on_startup(lambda: _begin(settings))
    server.serve()


def _leave_signals_to_parent() -> None:
    """Ctrl-C reaches every process of the terminal; the parent alone acts on it, and ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _begin(settings: Settings) -> None:
    """Take the signals that `run` held back, now that they are handled, and say the address."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    threading.Thread(target=_wait_and_say, args=(settings,), daemon=True).start()


def _wait_and_say(settings: Settings) -> None:
    """Say the address as soon as it answers."""
    host = _LOOPBACK.get(settings.host, settings.host)
    while not _ready(host, settings.port):
        time.sleep(0.02)
    name = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"Puntual answers at http://{name}:{settings.port} (Ctrl-C ends it)\n")
    sys.stderr.flush()


def _ready(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


if __name__ == "__main__":
    main()
