"""Bodies of requests, read within limits of size and time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

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
        self._waiting: dict[asyncio.Task[object], float] = {}
        self._cut: set[asyncio.Task[object]] = set()

    async def whole(self, request: Request) -> bytes:
        """The whole body.

        Raises
        ------
        RefusedError : it is larger than the limit, known as soon as it can be, or did not come in time
        """
        length = request.headers.get("content-length")
        if length is not None and length.isdecimal():
            if int(length) > self._most:
                raise self._too_large(f"{length} bytes")
            return await self._in_time(request.body)
        content = bytearray()
        async for chunk in self.chunks(request.body):
            content += chunk
            if len(content) > self._most:
                raise self._too_large(f"more than {self._most} bytes")
        return bytes(content)

    async def chunks(self, body: Body) -> AsyncIterator[bytes]:
        """The chunks of a body, as they come.

        Raises
        ------
        RefusedError : the next did not come in time
        """
        chunks = aiter(body)
        while True:
            try:
                chunk = await self._in_time(chunks.__anext__)
            except StopAsyncIteration:
                return
            if chunk:
                yield chunk

    def cut(self, seconds: float | None = None) -> None:
        """Give up on what is awaited for longer than some seconds; None: the usual ones."""
        now, most = time.monotonic(), self._seconds if seconds is None else seconds
        for task, since in self._waiting.items():
            if now - since > most and task not in self._cut:
                self._cut.add(task)
                task.cancel()

    async def _in_time(self, read: Callable[[], Awaitable[bytes]]) -> bytes:
        task = asyncio.current_task()
        if task is None:
            return await read()
        self._waiting[task] = time.monotonic()
        try:
            return await read()
        except asyncio.CancelledError:
            if task not in self._cut:
                raise
            self._cut.discard(task)
            task.uncancel()
            raise RefusedError(
                "timeout", "the rest of the body did not come", allowed="a body sent at once"
            ) from None
        finally:
            del self._waiting[task]

    def _too_large(self, found: str) -> RefusedError:
        return RefusedError("too-large", found, found=found, allowed=f"at most {self._most} bytes")
