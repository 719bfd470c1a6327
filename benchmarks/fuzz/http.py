"""Bytes to 127.0.0.1 and what comes back, as a client that trusts nothing reads it."""

from __future__ import annotations

import contextlib
import gzip
import socket
from typing import NamedTuple

TIMEOUT_SECONDS = 5.0
RAW_SECONDS = 0.5
"""That an answer to raw bytes is waited for: to many there is none."""
MAX_BYTES = 64 * 2**20


class Answer(NamedTuple):
    """What a server sent.

    Attributes
    ----------
    status : 0: nothing, or nothing that is HTTP
    headers : by name, in small letters
    """

    status: int
    headers: dict[str, str]
    body: bytes


NOTHING = Answer(0, {}, b"")


class Client:
    """One connection at a time, kept while the server keeps it.

    Parameters
    ----------
    port : of 127.0.0.1
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._unread = b""

    def ask(self, sent: bytes, method: str = "GET", *, whole: bool = True) -> Answer:
        """Send bytes, and read one answer; after what is no HTTP, or an answer without an end, anew.

        Parameters
        ----------
        method : of the request, since answers to ``HEAD`` have no body
        whole : whether the body is read
        """
        for attempt in range(2):
            try:
                connection = self._connect()
                connection.sendall(sent)
                answer = self._read(method, whole=whole)
            except (OSError, ValueError):
                answer = NOTHING
            kept = answer.headers.get("connection", "").lower() != "close"
            if not (answer.status and whole and kept):
                self.close()
            if answer.status or attempt or not self._was_kept:
                return answer
        return NOTHING

    def end_with(self, sent: bytes, method: str = "GET") -> Answer:
        """Send bytes on a connection of their own, as the last of it, and read what answers them."""
        self.close()
        try:
            connection = self._connect()
            connection.settimeout(RAW_SECONDS)
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            return self._read(method, whole=True)
        except (OSError, ValueError):
            return NOTHING
        finally:
            self.close()

    def close(self) -> None:
        """Leave the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._unread = b""

    def _connect(self) -> socket.socket:
        self._was_kept = self._socket is not None
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=TIMEOUT_SECONDS)
        return self._socket

    def _read(self, method: str, *, whole: bool) -> Answer:
        head = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, *_ = head[0].split(" ", 2)
        if not version.startswith("HTTP/1."):
            raise ValueError(version)
        fields = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in fields}
        if status.startswith("1"):
            return self._read(method, whole=whole)
        if not whole or method == "HEAD" or status in ("204", "304"):
            return Answer(int(status), headers, b"")
        body = self._body(headers)
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        return Answer(int(status), headers, body)

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") == "chunked":
            return self._chunks()
        if "content-length" in headers:
            return self._exactly(int(headers["content-length"]))
        return self._rest()

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self._until(b"\r\n").partition(b";")[0], 16):
            parts.append(self._exactly(size))
            self._until(b"\r\n")
        self._until(b"\r\n")
        return b"".join(parts)

    def _until(self, end: bytes) -> bytes:
        while end not in self._unread:
            self._receive()
        found, _, self._unread = self._unread.partition(end)
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._unread) < size:
            self._receive()
        found, self._unread = self._unread[:size], self._unread[size:]
        return found

    def _rest(self) -> bytes:
        with contextlib.suppress(ValueError):
            while True:
                self._receive()
        return self._unread

    def _receive(self) -> None:
        more = self._socket.recv(65536) if self._socket else b""
        if not more or len(self._unread) > MAX_BYTES:
            raise ValueError("the end of what was sent")
        self._unread += more
