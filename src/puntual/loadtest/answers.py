"""The head of an answer, and whether an answer is right."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import msgspec

from puntual.types import Prediction

MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 64 * 2**20
"""A larger answer is given up."""
_MAX_SIZE_LINE = 1024
"""Of a chunk, its extensions included; also of a field after the last one."""

Check = Callable[[int, bytes], str]
"""Status and body -> kind of error; empty: the answer is right."""


class Head(NamedTuple):
    """Status, length of the body in bytes, and whether the connection stays open.

    Attributes
    ----------
    length : None: the body comes in chunks
    """

    status: int
    length: int | None
    stays: bool


class Answer(msgspec.Struct, gc=False):
    """The answer of `POST /v1/predictions`."""

    model: str
    threshold_minutes: int
    predictions: list[Prediction]


_decode = msgspec.json.Decoder(Answer).decode


@lru_cache(maxsize=8192)
def read_head(head: bytes) -> Head:
    r"""Read the lines before the empty one.

    Raises
    ------
    ValueError : it is not HTTP, or lacks the length of the body

    Examples
    --------
    >>> read_head(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nserver: x")
    Head(status=200, length=15, stays=True)
    """
    first, *lines = head.split(b"\r\n")
    version, _, rest = first.partition(b" ")
    if version not in {b"HTTP/1.1", b"HTTP/1.0"}:
        raise ValueError("not HTTP/1.1")
    fields = {name.strip().lower(): value.strip() for name, _, value in (s.partition(b":") for s in lines)}
    status = int(rest[:3])
    length: int | None = None
    if status in {204, 304}:
        length = 0
    elif fields.get(b"transfer-encoding", b"").lower() != b"chunked":
        length = int(fields.get(b"content-length", b"missing"))
    if (length is not None and length < 0) or not 200 <= status <= 599:
        raise ValueError("a length or a status that HTTP does not have")
    connection = fields.get(b"connection", b"").lower()
    stays = b"close" not in connection if version == b"HTTP/1.1" else b"keep-alive" in connection
    return Head(status, length, stays)


class ChunkedBody:
    r"""A body in chunks, put together as it comes.

    Attributes
    ----------
    content : so far
    rest : what came after its end

    Examples
    --------
    >>> body = ChunkedBody()
    >>> body.feed(b"5;x\r\nhel"), body.feed(b"lo\r\n0\r\n\r\nHTTP")
    (False, True)
    >>> bytes(body.content), bytes(body.rest)
    (b'hello', b'HTTP')

    References
    ----------
    RFC 9112, section 7.1.
    """

    def __init__(self) -> None:
        self.content, self.rest = bytearray(), bytearray()
        self._left = 0
        self._ends = False

    def feed(self, data: bytes) -> bool:
        """Take in what came; whether that was the end.

        Raises
        ------
        ValueError : it is not chunked
        """
        self.rest += data
        while True:
            if self._left:  # of a chunk, and the line's end after it
                part = self.rest[: self._left]
                del self.rest[: self._left]
                self.content += part
                self._left -= len(part)
                if self._left:
                    return False
                if not self.content.endswith(b"\r\n"):
                    raise ValueError("more than the chunk")
                del self.content[-2:]
            line = self._line()
            if line is None:
                return False
            if self._ends:
                if not line:
                    return True
                continue  # a trailer field
            size = int(line.partition(b";")[0], 16)
            if size < 0:
                raise ValueError("a chunk without a size")
            self._left, self._ends = size + 2 if size else 0, not size

    def _line(self) -> bytes | None:
        line, end, rest = self.rest.partition(b"\r\n")
        if len(line) > _MAX_SIZE_LINE:
            raise ValueError("a chunk without a size")
        if not end:
            return None
        self.rest = rest
        return bytes(line)


def check_predictions(count: int) -> Check:
    """The check of an answer about `count` flights.

    Examples
    --------
    >>> check = check_predictions(1)
    >>> check(503, b""), check(200, b"{"), check(200, b"{}")
    ('status 503', 'malformed', 'schema')
    """

    def check(status: int, body: bytes) -> str:
        if status != 200:
            return f"status {status}"
        try:
            answer = _decode(body)
        except msgspec.ValidationError:
            return "schema"
        except ValueError:
            return "malformed"
        return "" if len(answer.predictions) == count else "number of predictions"

    return check


def check_status(status: int, _body: bytes) -> str:
    """The check of an answer whose content is not known."""
    return "" if status == 200 else f"status {status}"
