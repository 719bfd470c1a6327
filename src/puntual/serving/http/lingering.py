"""The rest of a body whose request is refused: read and dropped first, so that a refusal reaches its client.

A system that gets bytes for a connection that was closed resets it, and the client's system then drops the
refusal unread. Granian reads no more once it has an answer, so the answer waits for the body.

References
----------
RFC 9112, section 9.6.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import cast

from granian.rsgi import ProtocolError  # type: ignore[attr-defined]

from puntual.serving.http.messages import DISCONNECTED, Body, Headers

MAX_SECONDS = 5.0
STALLED_SECONDS = 0.25
"""A client from which nothing comes for so long is not sending any more."""
MAX_BYTES = 64 * 2**20
MAX_BODIES = 20
"""Dropped at once, each a chunk at a time, so that they take little of the loop; further ones are not."""
MIN_BYTES = 4096
"""The server itself drops what came with the head."""


class Lingering:
    """The bodies that are being dropped.

    Attributes
    ----------
    bodies : how many there are
    """

    def __init__(self) -> None:
        self.bodies = 0

    async def drop(self, body: Body, headers: Headers) -> None:
        """Drop what is left of the body of a request that is refused, within limits.

        Parameters
        ----------
        headers : of the request; a client that waits to be told whether to send its body is told at once
        """
        length = headers.get("content-length")
        if headers.get("transfer-encoding") is None and (length is None or int(length) <= MIN_BYTES):
            return
        if headers.get("expect") is not None or self.bodies >= MAX_BODIES:
            return
        self.bodies += 1
        try:
            await asyncio.ensure_future(_drop(body))  # a time limit needs a task
        finally:
            self.bodies -= 1


async def _drop(body: Body) -> None:
    now = asyncio.get_running_loop().time
    end = now() + MAX_SECONDS
    with contextlib.suppress(TimeoutError, StopAsyncIteration, *DISCONNECTED):
        async with asyncio.timeout(None) as limit:
            with contextlib.suppress(ProtocolError):  # it was begun
                aiter(body)
            received = 0
            while received < MAX_BYTES:
                limit.reschedule(min(now() + STALLED_SECONDS, end))
                received += len(await anext(cast("AsyncIterator[bytes]", body)))
