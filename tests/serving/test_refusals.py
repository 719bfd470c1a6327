"""Refusals reach clients that are still sending; what the server itself refuses looks as is documented."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from http.client import HTTPResponse

import msgspec
import pytest

from puntual.serving.http import lingering
from puntual.serving.http.lingering import MAX_BYTES, MIN_BYTES, Lingering
from puntual.serving.http.problems import PROBLEM_TYPES, Problem
from tests.serving.conftest import BODY, PREDICTIONS, Served

LARGE = 12 * 2**20
HEAD = "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n\r\n"


def ask(connection: socket.socket, method: str, path: str, *fields: str, body: bytes = b"") -> None:
    connection.sendall(HEAD.format(method=method, path=path, fields="\r\n".join(fields)).encode() + body)


def told(connection: socket.socket) -> tuple[HTTPResponse, Problem]:
    response = HTTPResponse(connection)
    response.begin()
    problem = msgspec.json.decode(response.read(), type=Problem, strict=True)
    assert response.headers["x-request-id"]
    return response, problem


REFUSED = {
    "too-large": ("POST", PREDICTIONS, "content-type: application/json"),
    "media-type": ("POST", PREDICTIONS, "content-type: image/png"),
    "not-found": ("POST", "/nowhere", "content-type: application/json"),
    "method": ("PUT", "/v1/model", "content-type: application/json"),
}


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("kind", REFUSED)
def test_a_refusal_reaches_who_is_still_sending(served: Served, kind: str, chunked: bool) -> None:
    """And the connection goes on, as all of the body was read."""
    method, path, field = REFUSED[kind]
    with served.connected() as connection:
        if chunked:
            chunk = b"%x\r\n%s\r\n" % (2**20, b" " * 2**20)
            ask(connection, method, path, field, "transfer-encoding: chunked")
            for _ in range(LARGE // 2**20):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")
        else:
            ask(connection, method, path, field, f"content-length: {LARGE}", body=b" " * LARGE)
        response, problem = told(connection)
        assert (response.status, problem.title) == PROBLEM_TYPES[kind]
        ask(connection, "POST", PREDICTIONS, f"content-length: {len(BODY)}", body=BODY)
        following = HTTPResponse(connection)
        following.begin()
        assert following.status == 200


def test_who_asks_before_sending_is_told_at_once(served: Served) -> None:
    with served.connected() as connection:
        ask(connection, "POST", PREDICTIONS, f"content-length: {LARGE}", "expect: 100-continue")
        assert told(connection)[0].status == 413


class Endless:
    """A body of which more comes, or nothing does."""

    def __init__(self, chunk: bytes | None) -> None:
        self._chunk = chunk
        self.read = 0

    def __aiter__(self) -> Endless:
        return self

    async def __call__(self) -> bytes:
        raise AssertionError

    async def __anext__(self) -> bytes:
        if self._chunk is None:
            await asyncio.Event().wait()
            raise AssertionError
        self.read += len(self._chunk)
        return self._chunk


@pytest.mark.parametrize("limit", ["MAX_SECONDS", "STALLED_SECONDS"])
def test_a_body_is_not_dropped_for_ever(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(lingering, limit, 0.01)
    monkeypatch.setattr(lingering, "MAX_BODIES", 2)

    async def drop() -> list[int]:
        dropped = Lingering()
        bodies = [Endless(b" " * 2**20), Endless(None), Endless(b" ")]
        await asyncio.gather(*(dropped.drop(body, {"content-length": str(2**40)}) for body in bodies))
        assert dropped.bodies == 0
        return [body.read for body in bodies]

    assert asyncio.run(drop()) == [MAX_BYTES, 0, 0]


@pytest.mark.parametrize(
    "headers",
    [{}, {"content-length": str(MIN_BYTES)}, {"content-length": str(2**30), "expect": "100-continue"}],
)
def test_nothing_is_dropped_of_what_is_not_sent(headers: dict[str, str]) -> None:
    body = Endless(b" ")
    asyncio.run(Lingering().drop(body, headers))
    assert body.read == 0


UNREADABLE = {
    "no method": b"\r\n\x00\r\n\r\n",
    "no version": b"GET /healthz\r\n\r\n",
    "a space before the colon": b"GET /healthz HTTP/1.1\r\nhost : x\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
}


@pytest.mark.parametrize("sent", UNREADABLE)
def test_a_head_that_is_none_is_refused_by_the_server_itself(served: Served, sent: str) -> None:
    """Granian answers it before the program hears of it, and cannot be told how; docs/serving.md says so."""

    def counted() -> float:
        others = served.metric("puntual_requests_total")
        return sum(count for labels, count in others.items() if "/metrics" not in labels)

    before = counted()
    with served.connected() as connection:
        connection.sendall(UNREADABLE[sent])
        head, _, body = b"".join(_received(connection)).partition(b"\r\n\r\n")
    first, *fields = head.split(b"\r\n")
    assert first == b"HTTP/1.1 400 Bad Request"
    assert body == b""
    assert {field.partition(b":")[0].lower() for field in fields} <= {
        b"content-length",
        b"connection",
        b"date",
    }
    assert counted() == before


def _received(connection: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            yield part
