"""The last model that was good, kept by the server itself: a new worker need not find it in the model's file.

The process that watches over the workers holds an open file without a name. A worker that took over a model
sends it another, with the bytes that were loaded; workers that are forked later inherit the latest.
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
    """The bytes of the model that a worker took over last."""

    def __init__(self) -> None:
        self._parent, self._worker = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._worker.settimeout(SEND_SECONDS)
        self._file: BinaryIO | None = None

    def keep(self, data: bytes) -> None:
        """Send the bytes of a model that has answered to the process that keeps them."""
        try:
            with _nameless_file() as file:
                file.write(data)
                file.flush()
                socket.send_fds(self._worker, [b"model"], [file.fileno()])
        except OSError as error:
            logger.warning("no copy of the model is kept for workers to come: %s", error)

    def receive_all(self) -> None:
        """Keep every model that is sent, as long as the process that watches over the workers lives."""
        while True:
            _, handles, _, _ = socket.recv_fds(self._parent, 16, 1)
            for handle in handles:
                before, self._file = self._file, os.fdopen(handle, "rb")
                if before is not None:
                    before.close()

    def read(self) -> bytes | None:
        """What was kept when this worker was forked; None: nothing."""
        if self._file is None:
            return None
        # The place in the file is shared with every other process that holds it.
        return os.pread(self._file.fileno(), os.fstat(self._file.fileno()).st_size, 0)


def _nameless_file() -> BinaryIO:
    """In memory where the system offers it: the file system may be read-only."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("puntual-model"), "w+b")
    return tempfile.TemporaryFile()
