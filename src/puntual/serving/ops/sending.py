"""Large answers, given to the server no faster than their clients take them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from puntual.serving.ops.connections import Connections
from puntual.serving.ops.tcp import Connection, end_connection, taken_bytes

PACED_BYTES = 16 * 1024
"""A larger answer is given to the server in pieces."""
PIECE_BYTES = 16 * 1024
MAX_AHEAD_BYTES = 32 * 1024
"""Of an answer that the server has, and the kernel has not taken yet."""
MAX_SENDS = 300
"""Answers that a worker sends in pieces at once; if more come, those that stand still are given up."""
STALLED_SECONDS = 1.0

_FIRST_PAUSE, _LAST_PAUSE, _LONGER = 0.0005, 0.5, 4


class Sends:
    """The answers that are being sent in pieces.

    Parameters
    ----------
    connections : know what each client has taken
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._open: set[PacedSend] = set()
        self._places = asyncio.Semaphore(MAX_SENDS)

    def __len__(self) -> int:
        return len(self._open)

    @asynccontextmanager
    async def begin(self, client: str, overhead: Callable[[int], int]) -> AsyncIterator[PacedSend]:
        """An answer to a client, from its beginning to its end.

        Parameters
        ----------
        overhead : bytes that the server adds to a piece of some size

        Raises
        ------
        ConnectionResetError : the client is gone
        """
        async with self._places:
            send = PacedSend(await self._connections.find(client), overhead)
            self._open.add(send)
            try:
                yield send
            finally:
                self._open.discard(send)

    def make_room(self) -> None:
        """If all places are taken, end the connections of those that stand still; call it often."""
        if self._places.locked():
            self.end_stalled()

    def end_stalled(self) -> None:
        """End the connections of those that stand still."""
        since = time.monotonic() - STALLED_SECONDS
        for send in [*self._open]:
            if send.waiting_since is not None and send.waiting_since < since:
                send.end()


class PacedSend:
    """One answer on its way.

    Attributes
    ----------
    waiting_since : since when the client has taken nothing of what it must take first; None: none must wait
    """

    def __init__(self, connection: Connection | None, overhead: Callable[[int], int]) -> None:
        self._connection, self._overhead = connection, overhead
        self.waiting_since: float | None = None
        self._ahead = 0
        self._acknowledged = self._taken = 0
        if connection is not None:
            with contextlib.suppress(ConnectionResetError):  # sending to it says that it is gone
                self._acknowledged, waiting = taken_bytes(connection)
                self._taken = self._acknowledged + waiting

    async def room(self, given: int) -> None:
        """Wait, after a piece was given to the server, until there is room for the next.

        Raises
        ------
        ConnectionResetError : the client is gone
        """
        connection = self._connection
        if connection is None:
            return
        self._ahead += given + self._overhead(given)
        pause = _FIRST_PAUSE
        try:
            while self._ahead > MAX_AHEAD_BYTES:
                acknowledged, waiting = taken_bytes(connection)
                if acknowledged < self._acknowledged:
                    raise ConnectionResetError  # the open file is another connection by now
                self._acknowledged, taken = acknowledged, acknowledged + waiting
                if taken > self._taken:
                    self._ahead, self._taken = max(self._ahead - taken + self._taken, 0), taken
                    self.waiting_since, pause = None, _FIRST_PAUSE
                elif not waiting and self.waiting_since is not None:
                    self._ahead = 0  # all that the server had is gone: what it adds was estimated too high
                    return
                if self._ahead > MAX_AHEAD_BYTES:
                    if self.waiting_since is None:
                        self.waiting_since = time.monotonic()
                    await asyncio.sleep(pause)
                    pause = min(_LONGER * pause, _LAST_PAUSE)
        finally:
            self.waiting_since = None

    def end(self) -> None:
        """Give it up: end the connection."""
        self.waiting_since = None
        if self._connection is not None:
            end_connection(self._connection)


def no_overhead(_size: int) -> int:
    """Bytes that are added to a piece of an answer of known length."""
    return 0


def chunk_overhead(size: int) -> int:
    """Bytes that chunked coding adds to a chunk: its length and two line ends.

    Examples
    --------
    >>> chunk_overhead(255), chunk_overhead(4096)
    (6, 8)
    """
    return len(f"{size:x}") + 4
