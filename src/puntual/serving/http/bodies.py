"""Request bodies, read completely and within limits of size, time and memory."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from typing import cast

from puntual.serving.http.messages import DISCONNECTED, Request
from puntual.serving.http.problems import RefusedError, busy_error

MIN_STREAM_BYTES = 1024
"""A stream must send this much, about eight flights, in every period of the time limit of a body."""
STREAM_SECONDS = 3_600.0
"""That may be waited for a whole stream, in all."""
SMALL_BYTES = 4096
"""A body up to this length, as its head declares it, is not counted among those that need room."""
WHOLE_BYTES = 64 * 1024
"""The same: it is awaited whole, and counted from the beginning; a larger one is counted as it comes."""
STALLED_SECONDS = 0.25
"""If there is no room, bodies awaited for longer are given up. Most come with their head."""
FREE_CHUNKS, MIN_CHUNK_BYTES = 1_000, 16
"""After so many chunks, they must have had this size on average."""


class BodyReader:
    """Reads bodies, and keeps track of those that have yet to arrive, so that overdue ones can be cancelled.

    A timer for each request would cost a large part of its answer, so `cancel_overdue` checks all of them
    periodically.

    Parameters
    ----------
    max_bytes : limit of a body that is read whole
    seconds : time limit of a whole body, and of each `MIN_STREAM_BYTES` of a stream
    max_waiting : most bodies that are awaited at once
    max_held_bytes : of all bodies that are being read, or kept by `hold`
    """

    def __init__(
        self, max_bytes: int, seconds: float, max_waiting: int = 5_000, max_held_bytes: int = 64 * 2**20
    ) -> None:
        self._max_bytes, self._seconds = max_bytes, seconds
        self._max_waiting, self._max_held_bytes = max_waiting, max_held_bytes
        self._held_bytes = 0
        self._awaited: dict[asyncio.Future[bytes], float] = {}
        self._cancelled: dict[asyncio.Future[bytes], str] = {}

    @property
    def waiting(self) -> int:
        """How many requests and streams await their bodies."""
        return len(self._awaited)

    def read(self, request: Request) -> Awaitable[bytes]:
        """The whole body.

        Raises
        ------
        RefusedError : it is too large, which is detected as early as possible, overdue, or broken off; or
            there is no room for it
        """
        length = declared_length(request)
        if length is None or WHOLE_BYTES < length <= self._max_bytes:
            return self._collect(request)
        if length > self._max_bytes:
            raise self._too_large(f"{length} bytes")
        if length > SMALL_BYTES:
            return self._await_whole(request, length)
        return self._await_part(request.body(), time.monotonic())

    @contextmanager
    def keep(self, body: bytes) -> Iterator[None]:
        """Count a body that was read, for as long as it is kept."""
        self._held_bytes += len(body)
        try:
            yield
        finally:
            self._held_bytes -= len(body)

    def cancel_overdue(self, seconds: float | None = None) -> None:
        """Cancel what has been awaited for longer than some seconds; None: the reader's own limit."""
        self._cancel(self._seconds if seconds is None else seconds, "the rest of the body did not arrive")

    def cancel_stalled(self) -> int:
        """Cancel what has been awaited for longer than most bodies take; how many there were."""
        return self._cancel(STALLED_SECONDS, "there was no room to wait longer for the rest of the body")

    def _cancel(self, seconds: float, reason: str) -> int:
        since, before = time.monotonic() - seconds, len(self._cancelled)
        for part, started in [*self._awaited.items()]:
            if started <= since and part.cancel():
                self._cancelled[part] = reason
        return len(self._cancelled) - before

    async def _await_whole(self, request: Request, length: int) -> bytes:
        self._make_room(length)
        self._held_bytes += length
        try:
            return await self._await_part(request.body(), time.monotonic())
        finally:
            self._held_bytes -= length

    async def _collect(self, request: Request) -> bytes:
        content = bytearray()
        try:
            async for chunk in self.stream(request, renew_bytes=math.inf):
                self._make_room(len(chunk))
                content += chunk
                self._held_bytes += len(chunk)
                if len(content) > self._max_bytes:
                    raise self._too_large(f"more than {self._max_bytes} bytes")
            return bytes(content)
        finally:
            self._held_bytes -= len(content)

    async def stream(self, request: Request, renew_bytes: float = MIN_STREAM_BYTES) -> AsyncIterator[bytes]:
        """The chunks of a body of any length, as they arrive, but for empty ones.

        Parameters
        ----------
        renew_bytes : after each such number of bytes the time limit starts again

        Raises
        ------
        RefusedError : the client sent too little for too long or too little at a time, or the body broke off
        """
        length, received, count = declared_length(request), 0, 0
        waited, fresh, ends = 0.0, 0, 0
        in_all, started = 0.0, time.monotonic()
        chunks = aiter(request.body)
        while True:
            try:
                chunk = await self._await_part(anext(chunks), started - waited)
            except StopAsyncIteration:
                break
            if not chunk:
                ends += 1
                continue
            now = time.monotonic()
            waited, in_all, fresh = waited + now - started, in_all + now - started, fresh + len(chunk)
            if fresh >= renew_bytes:
                waited, fresh = 0.0, 0
            received, count = received + len(chunk), count + 1
            if count > FREE_CHUNKS and received < MIN_CHUNK_BYTES * count:
                found = f"{received} bytes in {count} chunks"
                raise RefusedError("malformed", found, found=found, allowed="larger chunks")
            if in_all > STREAM_SECONDS:
                raise RefusedError("timeout", f"more than {STREAM_SECONDS:.0f} seconds waited for a stream")
            yield chunk
            started = time.monotonic()
        if ends > 1 or length not in {None, received}:
            raise _broken_off()

    async def _await_part(self, coming: Awaitable[bytes], since: float) -> bytes:
        # A future of the server is used as it is: another task per request would cost more than all of this.
        ready = hasattr(coming, "cancel")
        part = cast("asyncio.Future[bytes]", coming) if ready else asyncio.ensure_future(coming)
        if len(self._awaited) >= self._max_waiting and not self.cancel_stalled():
            part.cancel()
            raise busy_error(f"{self._max_waiting} bodies that have yet to arrive")
        self._awaited[part] = since
        try:
            return await part
        except asyncio.CancelledError:
            reason = self._cancelled.pop(part, None)
            if reason is None:
                raise
            raise RefusedError("timeout", reason, allowed="a body sent at once") from None
        except DISCONNECTED:
            raise _broken_off() from None
        finally:
            del self._awaited[part]

    def _make_room(self, size: int) -> None:
        """Give up the bodies that stand still, if there are too many bytes.

        Raises
        ------
        RefusedError : none stands still
        """
        if self._held_bytes + size > self._max_held_bytes and not self.cancel_stalled():
            raise busy_error(f"{self._held_bytes >> 20} MiB of bodies")

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
