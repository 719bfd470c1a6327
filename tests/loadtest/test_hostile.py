"""Services that are slow on purpose, endless, or answer with anything, and those over TLS or in chunks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from puntual.errors import TargetError
from puntual.loadtest import connection, target
from puntual.loadtest.answers import ChunkedBody
from puntual.loadtest.plan import make_plan
from puntual.loadtest.requests import fetch_catalogue
from puntual.loadtest.run import run
from puntual.loadtest.target import fetch, read_url
from tests.loadtest.server import DOCUMENTS, GOOD, Reply, answering, predictions
from tests.loadtest.test_load import both_here

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
WHOLE = predictions(GOOD)


def in_chunks(size: int) -> bytes:
    parts = [WHOLE[start : start + size] for start in range(0, len(WHOLE), size)]
    return (
        CHUNKED + b"".join(b"%X;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\nsum: 1\r\n\r\n"
    )


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize("pieces", [1, 50])
def test_answers_in_chunks_are_put_together(size: int, pieces: int) -> None:
    with answering(lambda number: Reply(in_chunks(size), pieces=pieces)) as server:
        found = run(read_url(server.url), make_plan({"requests": 6, "connections": 2}))
    assert (found.answered, found.errors, found.connections_opened) == (6, 0, 2)


@pytest.mark.parametrize("cut", range(1, len(in_chunks(40)) - len(CHUNKED), 13))
def test_chunks_may_come_in_any_pieces(cut: int) -> None:
    sent, body = in_chunks(40).removeprefix(CHUNKED), ChunkedBody()
    assert not body.feed(sent[:cut])
    assert body.feed(sent[cut:])
    assert (bytes(body.content), bytes(body.rest)) == (WHOLE, b"")


HOSTILE: dict[str, tuple[str, bytes]] = {
    "no size": ("malformed", CHUNKED + b"zz\r\n"),
    "an endless size": ("malformed", CHUNKED + b"1" * 5000),
    "less than nothing": ("malformed", CHUNKED + b"-5\r\n"),
    "more than the chunk": ("malformed", CHUNKED + b"1\r\nabc\r\n"),
    "more than the answer": ("malformed", in_chunks(40) + b"HTTP/1.1"),
    "an endless head": ("malformed", b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000),
    "an endless length": ("too large", b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % 10**15),
    "an endless body": ("too large", CHUNKED + b"2000\r\n%s\r\n" % (b" " * 8192) * 8),
    "no HTTP": ("malformed", b"220 mail ready\r\n\r\n"),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_what_is_hostile_counts_as_an_error(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    kind, content = HOSTILE[how]
    monkeypatch.setattr(connection, "MAX_BODY_BYTES", 10_000)
    script = [Reply(content), *[Reply()] * 4]
    result, _, _ = both_here(script.__getitem__, requests=5, connections=1)
    assert (result.answered, result.errors_by_kind) == (4, {kind: 1})


@contextmanager
def scripted(reply: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that answers every connection by a script of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    opened: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                opened.append(listening.accept()[0])
                threading.Thread(target=one, args=(opened[-1],), daemon=True).start()

    def one(client: socket.socket) -> None:
        with suppress(OSError):
            client.recv(65536)
            reply(client)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()
        for client in opened:
            client.close()


def drip(begin: bytes, again: bytes) -> Callable[[socket.socket], None]:
    def reply(client: socket.socket) -> None:
        client.sendall(begin)
        while True:
            client.sendall(again)
            threading.Event().wait(0.01)

    return reply


def say_nothing(_client: socket.socket) -> None:
    threading.Event().wait(30)


SLOW = {
    "nothing": say_nothing,
    "a head that drips": drip(b"HTTP/1.1 200 OK\r\n", b"x"),
    "fields that drip": drip(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
    "a body that drips": drip(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n", b" "),
    "chunks that drip": drip(CHUNKED, b"1\r\n \r\n"),
}


@pytest.mark.parametrize("how", SLOW)
def test_what_drips_is_given_up(how: str) -> None:
    with scripted(SLOW[how]) as url, pytest.raises(TargetError) as error:
        fetch(read_url(url), "/v1/model", dict, timeout_s=0.3)
    assert "GET /v1/model is not answered within 0.3 seconds" in str(error.value)


def test_what_is_endless_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "MAX_DOCUMENT_BYTES", 2**20)

    def reply(client: socket.socket) -> None:
        client.sendall(CHUNKED)
        while True:
            client.sendall(b"10000\r\n%s\r\n" % (b" " * 65536))

    with scripted(reply) as url, pytest.raises(TargetError, match="more than 1 MiB"):
        fetch(read_url(url), "/v1/model", dict)


ODD: dict[str, tuple[str, object]] = {
    "a list for a model": ("/v1/model", []),
    "a model without dates": ("/v1/model", {"name": "x", "origins": []}),
    "dates that are none": ("/v1/model", {"origins": [], "training": {"first": "once", "last": "later"}}),
    "a code that is none": ("/v1/airlines", [{"code": {"deep": []}}]),
    "a text for airlines": ("/v1/airlines", "LAN\n\x1b[31mSKU"),
}


@pytest.mark.parametrize("how", ODD)
def test_odd_documents_are_one_line(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    path, document = ODD[how]
    monkeypatch.setitem(DOCUMENTS, path, document)
    with answering() as server, pytest.raises(TargetError, match="not answered as Puntual does") as error:
        fetch_catalogue(read_url(server.url))
    assert str(error.value).isprintable()


def test_an_odd_name_is_shown_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "scl\n\x1b[2J\u202e" + "x" * 1000
    model = DOCUMENTS["/v1/model"]
    assert isinstance(model, dict)
    monkeypatch.setitem(DOCUMENTS, "/v1/model", model | {"name": name})
    with answering() as server:
        found = run(read_url(server.url), make_plan({"requests": 1, "connections": 1}))
    assert found.model.startswith(r"scl\n\x1b[2J\u202ex")
    assert len(found.model) == 100
