"""What every route takes and gives, whatever the server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import NamedTuple, Protocol

from granian._granian import RSGIProtocolClosed

DISCONNECTED = (ConnectionError, RSGIProtocolClosed)
"""What reading a body raises where the client does not send it to its end, and sending where it is gone."""

HeaderList = list[tuple[str, str]]

_NOSNIFF = ("x-content-type-options", "nosniff")
JSON_HEADERS: HeaderList = [("content-type", "application/json"), _NOSNIFF]
NDJSON = "application/x-ndjson"
NDJSON_HEADERS: HeaderList = [("content-type", NDJSON), _NOSNIFF]


class Headers(Protocol):
    """The headers of a request; names are in lower case."""

    def get(self, name: str, /) -> str | None:
        """Value of a header; None: not sent."""


class Body(Protocol):
    """The body of a request: awaited whole, or read in chunks.

    Raises
    ------
    One of `DISCONNECTED` : it broke off
    """

    async def __call__(self) -> bytes:
        """The whole of it."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Its chunks, as they come.

        There may be an empty one at the end. A second empty one says that the body broke off: Granian's RSGI
        gives it in place of an error, and of trailer fields too.
        """


class Request(NamedTuple):
    """A request whose head was read.

    Attributes
    ----------
    body : not yet read; empty where the method has none
    query : what follows the path's question mark, as it was sent
    """

    method: str
    path: str
    headers: Headers
    body: Body
    query: str = ""


class Response(NamedTuple):
    """An answer; its length is told by the server.

    Attributes
    ----------
    chunks : what is sent instead of the body, as it is made; None: the body is all
    """

    status: int
    headers: HeaderList
    body: bytes
    chunks: AsyncGenerator[bytes] | None = None
