"""What a client can hold without reading or sending; each of these has brought a server down."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from puntual.serving.admin import MAX_CONNECTIONS
from tests.ports import free_port
from tests.serving.conftest import BODY, PATIENCE_SECONDS, PREDICTIONS, Served, serving, until

MIB = 2**20
SMALL_WINDOW = 4096
HEAD = f"POST {PREDICTIONS} HTTP/1.1\r\nhost: localhost\r\n".encode()
LINES = HEAD + b"content-type: application/x-ndjson\r\ncontent-length: 99999999999\r\n\r\n"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def besieged(model: Path) -> Iterator[Served]:
    """A server with little of everything, so that little is enough to attack it."""
    settings: dict[str, Any] = {
        "admin_port": free_port(),
        "max_in_flight": 20,
        "max_bodies_mib": 4,
        "send_seconds": 1,
        "head_seconds": 1,
        "max_connections_per_address": 150,
    }
    with serving(model, **settings) as started:
        yield started


@contextlib.contextmanager
def clients(served: Served, count: int, host: str = "127.0.0.2") -> Iterator[list[socket.socket]]:
    """Connections of another address, with little room for what comes."""
    with contextlib.ExitStack() as opened:
        made = [opened.enter_context(socket.socket()) for _ in range(count)]
        for one in made:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_WINDOW)
            one.settimeout(PATIENCE_SECONDS)
            one.bind((host, 0))
            one.connect(("127.0.0.1", int(served.port)))
        yield made


def is_answered(served: Served) -> bool:
    """Whether an honest client is."""
    answer = httpx.post(served.url + PREDICTIONS, content=BODY, headers=JSON, timeout=PATIENCE_SECONDS)
    return answer.status_code == 200


def is_reset(connection: socket.socket) -> bool:
    """Whether the server ends a connection; what it sent before is not read."""
    try:
        connection.sendall(b"x")
    except OSError:
        return True
    return False


def resident_mib(served: Served) -> float:
    [size] = served.metric("puntual_worker_resident_memory_bytes").values()
    return size / MIB


def test_lines_are_not_read_faster_than_their_answers_are(besieged: Served) -> None:
    """Each line costs a hundred times its bytes; without a bound, this was half a gigabyte."""
    with clients(besieged, 1) as [connection]:
        connection.sendall(LINES)
        connection.settimeout(0.5)
        sent = 0
        with contextlib.suppress(OSError):
            while sent < 8 * MIB:
                sent += connection.send(b"1\n" * 32768)
        assert 0 < sent < 8 * MIB
        assert is_answered(besieged)
        assert resident_mib(besieged) < 150


def test_what_a_slow_reader_is_owed_it_gets_whole(served: Served) -> None:
    expected = httpx.get(f"{served.url}/vendor/vega.js").content
    assert len(expected) > MIB // 2
    with clients(served, 1) as [connection]:
        connection.sendall(b"GET /vendor/vega.js HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        came = bytearray()
        while part := connection.recv(3000):
            came += part
    assert came.partition(b"\r\n\r\n")[2] == expected


def test_files_that_nobody_reads_take_little_memory(besieged: Served) -> None:
    """100 of them are 90 MB; the clients are ended, and others answered meanwhile."""
    before = resident_mib(besieged)
    with clients(besieged, 100) as connections:
        for connection in connections:
            connection.sendall(b"GET /vendor/vega.js HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert is_answered(besieged)
        assert resident_mib(besieged) < before + 40
        until(lambda: all(map(is_reset, connections)))


def test_bodies_that_do_not_end_have_a_common_limit(besieged: Served) -> None:
    before = resident_mib(besieged)
    with clients(besieged, 12) as connections:
        for connection in connections:
            connection.settimeout(0.2)
            with contextlib.suppress(OSError):
                connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % MIB + b" " * (MIB - 1))
        assert is_answered(besieged)
        assert resident_mib(besieged) < before + 40
        refused = 0
        for connection in connections:
            try:
                refused += connection.recv(100)[9:12] in {b"408", b"503"}
            except TimeoutError:
                continue
            except OSError:  # the rest of the body came after the answer
                refused += 1
        assert refused >= 12 - 5


@pytest.mark.parametrize("head", [HEAD + b"content-length: 300\r\n\r\n", LINES])
def test_bodies_that_do_not_come_take_no_place(besieged: Served, head: bytes) -> None:
    """More of them than requests may be in flight."""
    with clients(besieged, 60) as connections:
        for connection in connections:
            connection.sendall(head)
        until(lambda: is_answered(besieged))
        assert [is_answered(besieged) for _ in range(10)] == [True] * 10


def test_an_address_has_its_share_of_the_connections(besieged: Served) -> None:
    with clients(besieged, 170, "127.0.0.3") as connections:
        until(lambda: sum(map(is_reset, connections)) >= 20)
        assert is_answered(besieged)


def test_a_head_must_come_to_its_end_though_an_idle_connection_may_stay(besieged: Served) -> None:
    with clients(besieged, 2) as [idle, slow]:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nx: ")
        until(lambda: is_reset(slow))
        idle.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200")


def test_health_and_metrics_have_a_port_of_their_own(besieged: Served) -> None:
    for path in ("/metrics", "/%6detrics", "/metrics?x"):
        assert httpx.get(besieged.url + path).status_code == 404
    admin = f"http://127.0.0.1:{besieged.admin}"
    assert httpx.get(f"{admin}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{admin}/readyz").json() == httpx.get(f"{besieged.url}/readyz").json()
    assert "puntual_requests_total" in httpx.get(f"{admin}/metrics").text
    assert httpx.head(f"{admin}/healthz").content == b""
    assert httpx.get(f"{admin}/v1/model").json()["type"] == "/docs#not-found"
    assert not {"server", "date"} & {*httpx.post(f"{admin}/healthz").headers}
    with contextlib.ExitStack() as held:
        address = "127.0.0.1", int(besieged.admin)
        silent = [held.enter_context(socket.create_connection(address)) for _ in range(MAX_CONNECTIONS + 8)]
        assert httpx.get(f"{admin}/healthz").status_code == 200
        assert silent[0].recv(1) == b""
    assert "/metrics" not in httpx.get(f"{besieged.url}/openapi.json").json()["paths"]
