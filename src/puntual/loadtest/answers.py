"""The head of an answer, and whether an answer is right."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import msgspec

from puntual.types import Prediction

MAX_HEAD_BYTES = 65_536

Check = Callable[[int, bytes], str]
"""Status and body -> kind of error; empty: the answer is right."""


class Head(NamedTuple):
    """Status, length of the body in bytes, and whether the connection stays open."""

    status: int
    length: int
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
    length = 0 if status in {204, 304} else int(fields.get(b"content-length", b"missing"))
    if length < 0 or not 200 <= status <= 599:
        raise ValueError("a length or a status that HTTP does not have")
    connection = fields.get(b"connection", b"").lower()
    stays = b"close" not in connection if version == b"HTTP/1.1" else b"keep-alive" in connection
    return Head(status, length, stays)


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
