"""Writes a log in a thread of its own: whoever reads it may stop, and requests are answered all the same."""

from __future__ import annotations

import atexit
import logging
import os
import queue
import sys
import threading
import time
from multiprocessing import util

from puntual.files import append_line

MAX_LINES = 10_000
"""That wait to be written; further ones are dropped and counted."""
END_SECONDS = 1.0
"""For what waits when the process ends."""


class LogWriter(logging.Handler):
    """A handler whose `emit` never waits for the file or the pipe.

    Parameters
    ----------
    path : a file to append to; empty: standard error

    Attributes
    ----------
    dropped : lines of this process that were dropped because too many waited
    """

    def __init__(self, path: str = "") -> None:
        super().__init__()
        self.dropped = 0
        self._path = path
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._writer = 0
        _WRITERS.append(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Leave a line to the thread."""
        if self._writer != os.getpid():
            self._start()
        if self._lines.qsize() >= MAX_LINES:
            self.dropped += 1
            return
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001 - as every handler of logging does
            self.handleError(record)
            return
        self._idle.clear()
        self._lines.put(line)

    def wait(self, seconds: float = END_SECONDS) -> None:
        """Wait until everything is written."""
        if self._writer == os.getpid():
            self._idle.wait(seconds)

    def _start(self) -> None:
        """Start the thread of this process; one that was forked has none of its parent's."""
        self._writer = os.getpid()
        self._lines, self._idle = queue.SimpleQueue(), threading.Event()
        threading.Thread(target=self._write_all, name="log-writer", daemon=True).start()
        atexit.register(self.wait)
        util.Finalize(None, self.wait, exitpriority=100)

    def _write_all(self) -> None:
        said = 0
        while True:
            lines = [self._lines.get()]
            while not self._lines.empty():
                lines.append(self._lines.get())
            if self.dropped > said:
                lines.append(
                    f"{time.strftime('%Y-%m-%d %H:%M:%S')},000 WARNING {self.dropped - said} lines dropped"
                )
                said = self.dropped
            try:
                self._write("".join(f"{line}\n" for line in lines))
            except (OSError, ValueError):  # a full disk, a reader that is gone, a closed file
                self.dropped += len(lines)
            if self._lines.empty():
                self._idle.set()

    def _write(self, text: str) -> None:
        if self._path:
            append_line(self._path, text)
            return
        sys.stderr.write(text)
        sys.stderr.flush()


_WRITERS: list[LogWriter] = []


def dropped_lines() -> int:
    """Lines that this process has dropped."""
    return sum(writer.dropped for writer in _WRITERS)
