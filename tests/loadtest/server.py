"""A service whose delays, mistakes and stalls are known, in a thread of the test's own."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

GOOD = b'{"delay_probability":0.25,"delayed":true,"risk":"high","horizon":"schedule","unknown":[]}'
DOCUMENTS = {
    "/v1/airlines": [{"code": "LAN", "name": "LAN"}, {"code": "SKU", "name": "Sky"}],
    "/v1/destinations": [{"code": "SCFA", "name": "Antofagasta"}, {"code": "SCTE", "name": "Puerto Montt"}],
    "/v1/model": {
        "name": "made-up",
        "origins": [{"code": "SCEL"}],
        "training": {"first": "2017-01-01", "last": "2017-12-31"},
    },
}


def answer(body: bytes, status: int = 200, fields: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %d -\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), fields)
    return head + body


def predictions(*each: bytes) -> bytes:
    return b'{"model":"made-up","threshold_minutes":15,"predictions":[' + b",".join(each) + b"]}"


RIGHT = answer(predictions(GOOD))


class Reply(NamedTuple):
    """What a request is answered with.

    Attributes
    ----------
    content : bytes to send; None: nothing ever
    delay_s : before it
    stall_s : nothing at all is answered for so long
    then : after it, ``stay``, ``close``, ``half-close`` or ``reset``
    pieces : in which the content is sent
    """

    content: bytes | None = RIGHT
    delay_s: float = 0.0
    stall_s: float = 0.0
    then: str = "stay"
    pieces: int = 1


Script = Callable[[int], Reply]
"""Number of the request, from 0 -> its reply."""


class Server:
    """What the service saw."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.port = 0
        self.bodies: list[bytes] = []
        self.took: list[float] = []
        self.sent_at: list[float] = []
        self.connections = 0
        self.stalled_until = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Answering(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self._server = server
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._server.connections += 1
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        fields = head.lower().split(b"\r\n")
        length = next((int(field[15:]) for field in fields if field.startswith(b"content-length:")), 0)
        if end and len(body) >= length:
            self._buffer = b""
            self._reply(head, body)

    def _reply(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ")[1].decode()
        if path in DOCUMENTS:
            self._transport.write(
                answer(msgspec.json.encode(DOCUMENTS[path]), fields=b"connection: close\r\n")
            )
            return
        server, received = self._server, time.perf_counter()
        reply = server.script(len(server.bodies))
        server.bodies.append(body)
        if reply.stall_s:
            server.stalled_until = received + reply.stall_s
        if reply.content is not None:
            loop = asyncio.get_running_loop()
            loop.call_at(
                loop.time() + max(received + reply.delay_s, server.stalled_until) - time.perf_counter(),
                self._send,
                reply,
                received,
            )

    def _send(self, reply: Reply, received: float) -> None:
        assert reply.content is not None
        now = time.perf_counter()
        self._server.took.append(now - received)
        self._server.sent_at.append(now)
        if reply.then == "reset":
            self._transport.abort()
            return
        step = -(-len(reply.content) // reply.pieces)
        for start in range(0, len(reply.content), step):
            self._transport.write(reply.content[start : start + step])
            time.sleep(0.002 if reply.pieces > 1 else 0)
        if reply.then == "half-close":
            self._transport.write_eof()
        elif reply.then == "close":
            self._transport.close()


@contextmanager
def answering(script: Script = lambda number: Reply()) -> Iterator[Server]:
    """Serve on a free port of this machine."""
    server = Server(script)
    ready, loop = threading.Event(), asyncio.new_event_loop()
    ended = loop.create_future()

    async def serve() -> None:
        listening = await loop.create_server(lambda: Answering(server), "127.0.0.1", 0, backlog=512)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        await ended
        listening.close()

    switching = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(5)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(ended.set_result, None)
        thread.join(5)
        sys.setswitchinterval(switching)
        loop.close()


async def answering_here(script: Script) -> tuple[Server, asyncio.Server]:
    """Serve in the loop that asks, so that whatever else the machine does makes both late alike."""
    server = Server(script)
    listening = await asyncio.get_running_loop().create_server(lambda: Answering(server), "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    return server, listening
