"""One connection, over which requests are sent one at a time."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, cast

from puntual.loadtest.answers import MAX_BODY_BYTES, MAX_HEAD_BYTES, ChunkedBody, Head, read_head

if TYPE_CHECKING:
    from puntual.loadtest.intervals import IntervalStats


class Owner(Protocol):
    """The load that a connection belongs to, and that hears what becomes of it."""

    stats: IntervalStats

    def ready(self, connection: Connection) -> None:
        """It is open and idle."""

    def answered(self, connection: Connection, head: Head, body: bytes, now: float) -> None:
        """Its request has an answer."""

    def lost(self, connection: Connection, kind: str) -> None:
        """It is gone, with its request if it had one."""


class Connection(asyncio.Protocol):
    """The client's end of one connection.

    Attributes
    ----------
    started : when its request was due, by `time.perf_counter`; 0: it has none
    answers : how many it has received
    gone : whether it can no longer be used
    """

    __slots__ = (
        "_buffer",
        "_chunks",
        "_head",
        "_kind",
        "_owner",
        "_transport",
        "_wanted",
        "answers",
        "gone",
        "started",
    )

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._buffer = bytearray()
        self._wanted = 0
        self._head: Head
        self._chunks: ChunkedBody | None = None
        self._kind = "reset"
        self.started = 0.0
        self.answers = 0
        self.gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast("asyncio.Transport", transport)
        self._owner.ready(self)

    def send(self, request: bytes, started: float) -> None:
        """Send a request that was due at `started`."""
        self.started = started
        self._transport.write(request)
        self._owner.stats.now.sent_bytes += len(request)

    def data_received(self, data: bytes) -> None:
        """Take in some of the answer, or all of it."""
        now = perf_counter()
        self._owner.stats.now.received_bytes += len(data)
        try:
            self._take(data, now)
        except OverflowError:
            self.abort("too large")
        except ValueError:
            self.abort("malformed")

    def _take(self, data: bytes, now: float) -> None:
        if self._chunks is not None:
            self._take_chunks(self._chunks, data, now)
            return
        if self._buffer:
            self._buffer += data
            if self._wanted > len(self._buffer):
                return
            data = bytes(self._buffer)
        end = data.find(b"\r\n\r\n")
        if end < 0:
            if len(data) > MAX_HEAD_BYTES:
                raise ValueError("a head without an end")
            self._buffer = bytearray(data)
            return
        head = read_head(data[:end])
        if head.length is None:
            self._head, self._chunks = head, ChunkedBody()
            self._take_chunks(self._chunks, data[end + 4 :], now)
            return
        whole = end + 4 + head.length
        if head.length > MAX_BODY_BYTES:
            raise OverflowError
        if len(data) < whole:
            self._buffer, self._wanted = bytearray(data), whole
            return
        self._end(head, data[end + 4 : whole], len(data) > whole, now)

    def _take_chunks(self, chunks: ChunkedBody, data: bytes, now: float) -> None:
        if chunks.feed(data):
            self._end(self._head, bytes(chunks.content), bool(chunks.rest), now)
        elif len(chunks.content) > MAX_BODY_BYTES:
            raise OverflowError

    def _end(self, head: Head, body: bytes, more: bool, now: float) -> None:
        if more or not self.started:
            raise ValueError("more than was asked for")
        self._buffer, self._wanted, self._chunks = bytearray(), 0, None
        self.answers += 1
        self._owner.answered(self, head, body, now)

    def abort(self, kind: str = "reset") -> None:
        """Close it at once; its request, if it has one, counts as `kind`."""
        self._kind, self.gone = kind, True
        self._transport.abort()

    def connection_lost(self, _exc: Exception | None) -> None:
        """The service closed it, or it was aborted."""
        self.gone = True
        self._owner.lost(self, self._kind)
