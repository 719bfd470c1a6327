"""What every route takes and gives, whatever the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from puntual.serving.service import Service

HeaderList = list[tuple[str, str]]

JSON_HEADERS: HeaderList = [("content-type", "application/json"), ("x-content-type-options", "nosniff")]


class Headers(Protocol):
    """The headers of a request; names are in lower case."""

    def get(self, name: str, /) -> str | None:
        """Value of a header; None: not sent."""


class Body(Protocol):
    """The body of a request: awaited whole, or read in chunks."""

    async def __call__(self) -> bytes:
        """The whole of it."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Its chunks, as they come."""


class Request(NamedTuple):
    """A request that was read.

    Attributes
    ----------
    body : empty where the method has none
    query : what follows the path's question mark, as it was sent
    """

    method: str
    path: str
    headers: Headers
    body: bytes
    query: str = ""


class Response(NamedTuple):
    """An answer; its length is told by the server."""

    status: int
    headers: HeaderList
    body: bytes


Handler = Callable[["Service", Request], Response]
