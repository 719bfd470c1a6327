"""Requests and responses, independent of the server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import NamedTuple, Protocol

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

DISCONNECTED = (ConnectionError, ProtocolClosed)
"""Raised on reading a body that the client does not complete, and on sending to a client that is gone."""

HeaderList = list[tuple[str, str]]

NO_VALUES: Mapping[str, str] = {}

GUARDS: HeaderList = [
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
    ("server", ""),
]
"""Of every response: browsers take it for nothing else and give it to no other site; no server is named, as
Granian would do."""
NO_STORE = ("cache-control", "no-store")
JSON_HEADERS: HeaderList = [("content-type", "application/json"), NO_STORE, *GUARDS]
NDJSON = "application/x-ndjson"
NDJSON_HEADERS: HeaderList = [("content-type", NDJSON), NO_STORE, *GUARDS]


class Headers(Protocol):
    """The headers of a request; names are lower case."""

    def get(self, name: str, /) -> str | None:
        """The value of a header; None: not sent."""


class Body(Protocol):
    """The body of a request: awaited whole, or read in chunks; raises `DISCONNECTED` if it breaks off."""

    async def __call__(self) -> bytes:
        """The whole body."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The chunks, as they arrive.

        The last may be empty. A second empty one means that the body broke off: Granian's RSGI gives it in
        place of an error, and in place of trailer fields too.
        """


class Request(NamedTuple):
    """A request of which the head has been read.

    Attributes
    ----------
    body : not yet read; empty if the method has none
    query : the part after the question mark, as sent
    client : address and port that sent it, as in ``127.0.0.1:51234``; empty if the server does not say
    values : of the names in the route's path
    caller : id of the key that it came with; empty: none was asked for
    """

    method: str
    path: str
    headers: Headers
    body: Body
    query: str = ""
    client: str = ""
    values: Mapping[str, str] = NO_VALUES
    caller: str = ""


class Response(NamedTuple):
    """A response; the server adds its length.

    Attributes
    ----------
    chunks : sent instead of the body, each as soon as it is made; None: the body is complete
    """

    status: int
    headers: HeaderList
    body: bytes
    chunks: AsyncGenerator[bytes] | None = None
