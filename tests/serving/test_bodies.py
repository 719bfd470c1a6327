"""Bodies that come slowly, or not to their end: within a server of its own, and on its socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Coroutine
from http.client import HTTPResponse
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from puntual.serving.http import bodies as reading
from puntual.serving.http.bodies import MIN_STREAM_BYTES, BodyReader
from puntual.serving.http.messages import NDJSON, Request
from puntual.serving.http.problems import PROBLEM_TYPES, Problem, RefusedError
from tests.serving import conftest
from tests.serving.conftest import BODY, FLIGHT, PATIENCE_SECONDS, PREDICTIONS, Sent, Served, serving, until

SECONDS = 10
LINE = conftest.LINE + b"\n"


class Clock(SimpleNamespace):
    """A clock that is set; `time` for a module that asks for `time.monotonic`."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(reading, "time", made)
    return made


class Slow(Sent):
    """A body whose every chunk takes some seconds of a clock."""

    def __init__(self, clock: Clock, reader: BodyReader, chunks: list[bytes], seconds: float) -> None:
        super().__init__(b"".join(chunks))
        self._clock, self._reader, self._chunks, self._seconds = clock, reader, chunks, seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            self._clock.now += self._seconds
            self._reader.cancel_overdue()
            await asyncio.sleep(0)
            yield chunk


def request_of(body: Sent, **headers: str) -> Request:
    return Request("POST", PREDICTIONS, headers, body)


def refused_as_late(reading_it: Coroutine[Any, Any, object]) -> None:
    with pytest.raises(RefusedError) as refused:
        asyncio.run(reading_it)
    assert refused.value.problem.status == 408


def test_a_body_has_one_deadline_however_many_chunks_it_comes_in(clock: Clock) -> None:
    reader = BodyReader(2000, SECONDS)

    async def read(count: int) -> bytes:
        return await reader.read(request_of(Slow(clock, reader, [b"x"] * count, seconds=0.9)))

    assert asyncio.run(read(11)) == b"x" * 11
    refused_as_late(read(12))


@pytest.mark.parametrize(("size", "whole"), [(1, False), (MIN_STREAM_BYTES // 2, True)])
def test_a_stream_lasts_as_long_as_it_brings_enough(clock: Clock, size: int, whole: bool) -> None:
    reader = BodyReader(2000, SECONDS)
    body = Slow(clock, reader, [b"x" * size] * 100, seconds=4.5)

    async def read() -> int:
        came = 0
        async for chunk in reader.stream(request_of(body)):
            came += len(chunk)
            clock.now += 60  # what answering takes is not the client's fault
        return came

    if whole:
        assert asyncio.run(read()) == 100 * size
    else:
        refused_as_late(read())


def test_a_body_that_came_is_not_given_up_too(clock: Clock) -> None:
    reader = BodyReader(2000, SECONDS)

    async def read() -> None:
        came = asyncio.get_running_loop().create_future()

        class Coming(Sent):
            def __call__(self) -> asyncio.Future[bytes]:  # type: ignore[override]
                return came

        reading_it = asyncio.ensure_future(reader.read(request_of(Coming(b""), **{"content-length": "1"})))
        await asyncio.sleep(0)
        came.set_result(b"x")
        clock.now += 2 * SECONDS
        reader.cancel_overdue()
        assert await reading_it == b"x"

    asyncio.run(read())
    assert reader._cancelled == {}


def head(*fields: str) -> bytes:
    return "\r\n".join([f"POST {PREDICTIONS} HTTP/1.1", "host: localhost", *fields, "", ""]).encode()


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """Status and body; raises where the connection ends before them."""
    response = HTTPResponse(connection)
    response.begin()
    return response.status, response.read()


@pytest.mark.parametrize("fields", [("transfer-encoding: chunked",), ("content-length: 9999",)])
@pytest.mark.parametrize("lines", [False, True])
def test_a_byte_now_and_then_keeps_no_place(served: Served, fields: tuple[str, ...], lines: bool) -> None:
    """Each byte comes well within the time of a body, and the last would come long after it."""
    drop = b"\n" if fields[0].startswith("content") else chunked(b"\n")
    fields = (*fields, f"content-type: {NDJSON if lines else 'application/json'}")
    with served.connected() as connection:
        connection.sendall(head(*fields))
        end = time.monotonic() + PATIENCE_SECONDS
        came = b""
        connection.settimeout(0.2)
        while not came.endswith(b"}\n\r\n0\r\n\r\n" if lines else b"}"):
            assert time.monotonic() < end, came
            try:
                part = connection.recv(65536)
                assert part, came
                came += part
            except TimeoutError:
                connection.sendall(drop)
    assert came.startswith(b"HTTP/1.1 200" if lines else b"HTTP/1.1 408")
    assert b'"status":408' in came


BROKEN = {
    "no number": b"ZZZ\r\n",
    "less than nothing": b"-1\r\n",
    "more than there is": b"fffffffffffffffffff\r\n",
    "trailer fields": b"0\r\nx-sum: 1\r\n\r\n",
    "ends in a chunk": b"ff\r\n{",
    "ends between chunks": b"",
}


def broken_answer(served: Served, how: str, *fields: str, body: bytes) -> tuple[int, bytes]:
    with served.connected() as connection:
        connection.sendall(head(*fields) + body)
        if how.startswith("ends"):
            connection.shutdown(socket.SHUT_WR)
        return answer(connection)


@pytest.mark.parametrize("how", BROKEN)
def test_a_chunked_body_that_breaks_off_is_refused(served: Served, how: str) -> None:
    """Though all that is needed to answer it had come."""
    body = chunked(BODY) + BROKEN[how]
    status, told = broken_answer(served, how, "transfer-encoding: chunked", body=body)
    problem = msgspec.json.decode(told, type=Problem, strict=True)
    assert (status, problem.title) == PROBLEM_TYPES["malformed"]
    assert problem.detail.startswith("the body broke off")


@pytest.mark.parametrize("how", [*BROKEN, "ends short of its length"])
def test_lines_that_break_off_say_so_in_the_last_one(served: Served, how: str) -> None:
    """A line of which the end did not come is not answered."""
    if how in BROKEN:
        field, body = "transfer-encoding: chunked", chunked(LINE, LINE + LINE[:-1]) + BROKEN[how]
    else:
        field, body = "content-length: 9999", LINE + LINE + LINE[:-1]
    status, told = broken_answer(served, how, field, f"content-type: {NDJSON}", body=body)
    assert status == 200
    *answered, last = told.splitlines()
    assert [b"delay_probability" in line for line in answered] == [True] * 2
    problem = msgspec.json.decode(last, type=Problem, strict=True)
    assert (problem.status, problem.pointer) == (400, "$[2]")
    assert problem.detail.startswith("$[2]: the body broke off")


def test_chunks_to_their_end_are_answered(served: Served) -> None:
    with served.connected() as connection:
        connection.sendall(head("transfer-encoding: chunked") + chunked(BODY[:9], BODY[9:], b""))
        assert answer(connection)[0] == 200
    with served.connected() as connection:
        lines = chunked(LINE[:9], LINE[9:] + LINE, LINE[:-1], b"")
        connection.sendall(head("transfer-encoding: chunked", f"content-type: {NDJSON}") + lines)
        status, told = answer(connection)
    assert status == 200
    assert [b"delay_probability" in line for line in told.splitlines()] == [True] * 3


def test_a_body_shorter_than_its_length_is_refused_without_a_server() -> None:
    async def read(length: int) -> bytes:
        request = request_of(Sent(LINE), **{"content-length": str(length)})
        return b"".join([chunk async for chunk in BodyReader(10, SECONDS).stream(request)])

    assert asyncio.run(read(len(LINE))) == LINE
    with pytest.raises(RefusedError, match="the body broke off"):
        asyncio.run(read(len(LINE) + 1))


def test_who_closes_its_half_before_the_answer_is_taken_to_be_gone(served: Served) -> None:
    """Granian cannot be told otherwise (hyper's `half_close`); docs/serving.md says so."""
    body = msgspec.json.encode({"flights": [FLIGHT] * 10_000})
    with served.connected() as connection:
        connection.sendall(head(f"content-length: {len(body)}") + body)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1000) == b""
    until(lambda: served.metric("puntual_requests_in_flight")[""] == 1)


def test_connections_that_say_too_little_or_too_much_are_closed(model: Path) -> None:
    begun = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n"
    heads = {
        b"": b"",
        begun: b"",
        begun + b"x: " + 2**17 * b"a" + b"\r\n\r\n": b"HTTP/1.1 431",
        begun + 300 * b"x: a\r\n" + b"\r\n": b"HTTP/1.1 431",
    }
    with serving(model, idle_seconds=1) as served, contextlib.ExitStack() as opened:
        connections = {head: opened.enter_context(served.connected()) for head in heads}
        for head, connection in connections.items():
            connection.sendall(head)
        for head, connection in connections.items():
            assert connection.recv(1000).startswith(heads[head])
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1000) == b""
        assert served.ready()
