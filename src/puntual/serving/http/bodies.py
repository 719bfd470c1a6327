"""Request bodies, read completely and within limits of size and time."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable
from typing import cast

from puntual.serving.http.messages import DISCONNECTED, Request
from puntual.serving.http.problems import RefusedError

MIN_STREAM_BYTES = 1024
"""A stream must send this much, about eight flights, in every period of the time limit of a body."""


class BodyReader:
    """Reads bodies, and keeps track of those that have yet to arrive, so that overdue ones can be cancelled.

    A timer for each request would cost a large part of its answer, so `cancel_overdue` checks all of them
    periodically.

    Parameters
    ----------
    max_bytes : limit of a body that is read whole
    seconds : time limit of a whole body, and of each `MIN_STREAM_BYTES` of a stream
    """

    def __init__(self, max_bytes: int, seconds: float) -> None:
        self._max_bytes, self._seconds = max_bytes, seconds
        self._awaited: dict[asyncio.Future[bytes], float] = {}
        self._cancelled: set[asyncio.Future[bytes]] = set()

    def read(self, request: Request) -> Awaitable[bytes]:
        """The whole body.

        Raises
        ------
        RefusedError : it is too large, which is detected as early as possible, overdue, or broken off
        """
        length = declared_length(request)
        if length is None:
            return self._collect(request)
        if length > self._max_bytes:
            raise self._too_large(f"{length} bytes")
        return self._await_part(request.body(), time.monotonic())

    def cancel_overdue(self, seconds: float | None = None) -> None:
        """Cancel what has been awaited for longer than some seconds; None: the reader's own limit."""
        since = time.monotonic() - (self._seconds if seconds is None else seconds)
        for part, started in [*self._awaited.items()]:
            if started <= since and part.cancel():
                self._cancelled.add(part)

    async def _collect(self, request: Request) -> bytes:
        content = bytearray()
        async for chunk in self.stream(request, renew_bytes=math.inf):
            content += chunk
            if len(content) > self._max_bytes:
                raise self._too_large(f"more than {self._max_bytes} bytes")
        return bytes(content)

    async def stream(self, request: Request, renew_bytes: float = MIN_STREAM_BYTES) -> AsyncIterator[bytes]:
        """The chunks of a body of any length, as they arrive, but for empty ones.

        Parameters
        ----------
        renew_bytes : after each such number of bytes the time limit starts again

        Raises
        ------
        RefusedError : the client sent too little for too long, or the body broke off
        """
        length, received = declared_length(request), 0
        waited, fresh, ends = 0.0, 0, 0
        chunks = aiter(request.body)
        while True:
            started = time.monotonic()
            try:
                chunk = await self._await_part(anext(chunks), started - waited)
            except StopAsyncIteration:
                break
            if not chunk:
                ends += 1
                continue
            waited, fresh = waited + time.monotonic() - started, fresh + len(chunk)
            if fresh >= renew_bytes:
                waited, fresh = 0.0, 0
            received += len(chunk)
            yield chunk
        if ends > 1 or length not in {None, received}:
            raise _broken_off()

    async def _await_part(self, coming: Awaitable[bytes], since: float) -> bytes:
        # A future of the server is used as it is: another task per request would cost more than all of this.
        ready = hasattr(coming, "cancel")
        part = cast("asyncio.Future[bytes]", coming) if ready else asyncio.ensure_future(coming)
        self._awaited[part] = since
        try:
            return await part
        except asyncio.CancelledError:
            if part not in self._cancelled:
                raise
            self._cancelled.discard(part)
            raise RefusedError(
                "timeout", "the rest of the body did not arrive", allowed="a body sent at once"
            ) from None
        except DISCONNECTED:
            raise _broken_off() from None
        finally:
            del self._awaited[part]

    def _too_large(self, found: str) -> RefusedError:
        return RefusedError("too-large", found, found=found, allowed=f"at most {self._max_bytes} bytes")


def declared_length(request: Request) -> int | None:
    """Length of the body in bytes according to the head; None: sent in chunks, or not stated."""
    length = request.headers.get("content-length")
    if length is None or not length.isdecimal() or request.headers.get("transfer-encoding") is not None:
        return None
    return int(length)


def _broken_off() -> RefusedError:
    return RefusedError(
        "malformed", "the body broke off", allowed="a body sent to its end, without trailer fields"
    )
