"""Bodies of requests, read within limits of size and time, and to their end."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable
from typing import cast

from puntual.serving.http.messages import DISCONNECTED, Request
from puntual.serving.http.problems import RefusedError

MIN_STREAM_BYTES = 1024
"""Of a stream, that have to come within the seconds of a body, again and again: some eight flights."""


class BodyReader:
    """Reads bodies and remembers which are being waited for, so that those that never come are cut.

    A timer for each request would cost a good part of its answer, so all are looked at now and then.

    Parameters
    ----------
    max_bytes : of a body that is read whole
    seconds : that the client may take to send a whole body, or each `MIN_STREAM_BYTES` of a stream
    """

    def __init__(self, max_bytes: int, seconds: float) -> None:
        self._most, self._seconds = max_bytes, seconds
        self._awaited: dict[asyncio.Future[bytes], float] = {}
        self._given_up: set[asyncio.Future[bytes]] = set()

    def whole(self, request: Request) -> Awaitable[bytes]:
        """The whole body.

        Raises
        ------
        RefusedError : it is larger than the limit, known as soon as it can be, did not come in time, or broke
            off
        """
        length = declared_length(request)
        if length is None:
            return self._put_together(request)
        if length > self._most:
            raise self._too_large(f"{length} bytes")
        return self._in_time(request.body(), time.monotonic())

    def stream(self, request: Request) -> AsyncIterator[bytes]:
        """The chunks of a body of any length, as they come.

        Raises
        ------
        RefusedError : the client sent too little for too long, or the body broke off
        """
        return self._chunks(request, MIN_STREAM_BYTES)

    def cut(self, seconds: float | None = None) -> None:
        """Give up on what is awaited for longer than some seconds; None: the usual ones."""
        since = time.monotonic() - (self._seconds if seconds is None else seconds)
        for part, begun in [*self._awaited.items()]:
            if begun <= since and part.cancel():
                self._given_up.add(part)

    async def _put_together(self, request: Request) -> bytes:
        content = bytearray()
        async for chunk in self._chunks(request, math.inf):
            content += chunk
            if len(content) > self._most:
                raise self._too_large(f"more than {self._most} bytes")
        return bytes(content)

    async def _chunks(self, request: Request, renewing: float) -> AsyncIterator[bytes]:
        """The chunks that are not empty.

        Parameters
        ----------
        renewing : so many bytes give the client all of its time anew
        """
        length, came = declared_length(request), 0
        waited, fresh, ends = 0.0, 0, 0
        chunks = aiter(request.body)
        while True:
            begun = time.monotonic()
            try:
                chunk = await self._in_time(anext(chunks), begun - waited)
            except StopAsyncIteration:
                break
            if not chunk:
                ends += 1
                continue
            waited, fresh = waited + time.monotonic() - begun, fresh + len(chunk)
            if fresh >= renewing:
                waited, fresh = 0.0, 0
            came += len(chunk)
            yield chunk
        if ends > 1 or length not in {None, came}:
            raise _broken_off()

    async def _in_time(self, coming: Awaitable[bytes], since: float) -> bytes:
        # A server's own future is taken as it is: one more task a request would cost more than all of this.
        ready = hasattr(coming, "cancel")
        part = cast("asyncio.Future[bytes]", coming) if ready else asyncio.ensure_future(coming)
        self._awaited[part] = since
        try:
            return await part
        except asyncio.CancelledError:
            if part not in self._given_up:
                raise
            self._given_up.discard(part)
            raise RefusedError(
                "timeout", "the rest of the body did not come", allowed="a body sent at once"
            ) from None
        except DISCONNECTED:
            raise _broken_off() from None
        finally:
            del self._awaited[part]

    def _too_large(self, found: str) -> RefusedError:
        return RefusedError("too-large", found, found=found, allowed=f"at most {self._most} bytes")


def declared_length(request: Request) -> int | None:
    """Bytes that the body has by the request's head; None: it is sent in chunks, or the head does not say."""
    length = request.headers.get("content-length")
    if length is None or not length.isdecimal() or request.headers.get("transfer-encoding") is not None:
        return None
    return int(length)


def _broken_off() -> RefusedError:
    return RefusedError(
        "malformed", "the body broke off", allowed="a body sent to its end, without trailer fields"
    )
