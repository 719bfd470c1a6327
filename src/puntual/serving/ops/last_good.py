"""The server's own copy of the last good model, for workers that start while the model's file is bad.

The process that watches over the workers keeps an open file without a name. A worker that loads a model sends
that process a new one with the bytes; workers forked later inherit the latest.
"""

from __future__ import annotations

import logging
import os
import socket
import tempfile
from typing import BinaryIO

SEND_SECONDS = 5

logger = logging.getLogger("puntual.serving")


class LastGoodModel:
    """The bytes of the model that a worker loaded last."""

    def __init__(self) -> None:
        self._parent, self._worker = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._worker.settimeout(SEND_SECONDS)
        self._file: BinaryIO | None = None

    def keep(self, data: bytes) -> None:
        """Send the bytes of a model that has answered to the parent process."""
        try:
            with _nameless_file() as file:
                file.write(data)
                file.flush()
                socket.send_fds(self._worker, [b"model"], [file.fileno()])
        except OSError as error:
            logger.warning("no copy of the model is kept for workers to come: %s", error)

    def receive_all(self) -> None:
        """Receive models for ever, in the parent process, and keep the latest."""
        while True:
            _, handles, _, _ = socket.recv_fds(self._parent, 16, 1)
            for handle in handles:
                before, self._file = self._file, os.fdopen(handle, "rb")
                if before is not None:
                    before.close()

    def read(self) -> bytes | None:
        """The bytes kept when this worker was forked; None: no model."""
        if self._file is None:
            return None
        # pread, because all processes with this file share its position.
        return os.pread(self._file.fileno(), os.fstat(self._file.fileno()).st_size, 0)


def _nameless_file() -> BinaryIO:
    """In memory if the system offers that, because the file system may be read-only."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("puntual-model"), "w+b")
    return tempfile.TemporaryFile()
