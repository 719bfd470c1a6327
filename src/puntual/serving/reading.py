"""Bodies of requests, read within limits of size and time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from typing import cast

from puntual.serving.exchange import Body, Request
from puntual.serving.problems import RefusedError


class Reader:
    """Reads bodies and remembers which are being waited for, so that those that never come are cut.

    A timer for each request would cost a good part of its answer, so all are looked at now and then.

    Parameters
    ----------
    most_bytes : of a body that is read whole
    seconds : that a body may take, or a chunk of one that is read in chunks
    """

    def __init__(self, most_bytes: int, seconds: float) -> None:
        self._most, self._seconds = most_bytes, seconds
        self._awaited: dict[asyncio.Future[bytes], float] = {}
        self._given_up: set[asyncio.Future[bytes]] = set()

    def whole(self, request: Request) -> Awaitable[bytes]:
        """The whole body.

        Raises
        ------
        RefusedError : it is larger than the limit, known as soon as it can be, or did not come in time
        """
        length = request.headers.get("content-length")
        if length is not None and length.isdecimal():
            if int(length) > self._most:
                raise self._too_large(f"{length} bytes")
            return self._in_time(request.body())
        return self._put_together(request.body)

    async def chunks(self, body: Body) -> AsyncIterator[bytes]:
        """The chunks of a body, as they come.

        Raises
        ------
        RefusedError : the next did not come in time
        """
        chunks = aiter(body)
        while True:
            try:
                chunk = await self._in_time(anext(chunks))
            except StopAsyncIteration:
                return
            if chunk:
                yield chunk

    def cut(self, seconds: float | None = None) -> None:
        """Give up on what is awaited for longer than some seconds; None: the usual ones."""
        since = time.monotonic() - (self._seconds if seconds is None else seconds)
        for part, begun in [*self._awaited.items()]:
            if begun <= since:
                self._given_up.add(part)
                part.cancel()

    async def _put_together(self, body: Body) -> bytes:
        content = bytearray()
        async for chunk in self.chunks(body):
            content += chunk
            if len(content) > self._most:
                raise self._too_large(f"more than {self._most} bytes")
        return bytes(content)

    async def _in_time(self, coming: Awaitable[bytes]) -> bytes:
        # A server's own future is taken as it is: one more task a request would cost more than all of this.
        ready = hasattr(coming, "cancel")
        part = cast("asyncio.Future[bytes]", coming) if ready else asyncio.ensure_future(coming)
        self._awaited[part] = time.monotonic()
        try:
            return await part
        except asyncio.CancelledError:
            if part not in self._given_up:
                raise
            self._given_up.discard(part)
            raise RefusedError(
                "timeout", "the rest of the body did not come", allowed="a body sent at once"
            ) from None
        finally:
            del self._awaited[part]

    def _too_large(self, found: str) -> RefusedError:
        return RefusedError("too-large", found, found=found, allowed=f"at most {self._most} bytes")
