"""The body of an ASGI request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any


class AsgiBody:
    """The body of an ASGI request, as `puntual.serving.http.messages.Body`."""

    def __init__(self, receive: Callable[[], Awaitable[Any]]) -> None:
        self._receive = receive

    async def __call__(self) -> bytes:
        """The whole body."""
        return b"".join([chunk async for chunk in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError
            if chunk := message.get("body"):
                yield chunk
            more = message.get("more_body", False)
