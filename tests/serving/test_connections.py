"""Which connection is a client's, and what becomes of answers that nobody takes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from puntual.serving.ops import sending
from puntual.serving.ops.connections import Connections
from puntual.serving.ops.sending import Sends, no_overhead
from puntual.serving.ops.tcp import are_counts_known
from puntual.serving.settings import read_settings
from tests.serving.conftest import PATIENCE_SECONDS

if not are_counts_known():
    pytest.skip("this system does not count what clients take", allow_module_level=True)


class Clients:
    """Connections to a port of this process, as a server has them."""

    def __init__(self, server: socket.socket) -> None:
        self.server = server
        self.port: int = server.getsockname()[1]
        self.accepted: dict[str, socket.socket] = {}
        self.opened: list[socket.socket] = []

    def connect(self) -> str:
        """The name of a new client."""
        client = socket.create_connection(self.server.getsockname())
        accepted, (host, port) = self.server.accept()
        name = f"{host}:{port}"
        self.opened.append(client)
        self.accepted[name] = accepted
        return name

    def connections(self, port: int | None = None) -> Connections:
        """What is known of them, perhaps by settings of another port."""
        found = Connections(read_settings({"port": port or self.port}, {}), 0)
        found.begin()
        return found


@pytest.fixture
def clients() -> Iterator[Clients]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = Clients(server)
        yield made
        for one in (*made.accepted.values(), *made.opened):
            one.close()


def test_an_answer_for_a_client_that_is_gone_is_not_sent(clients: Clients) -> None:
    """The server would take all of it at once; 1,200 such answers of 900 kB each were a gigabyte."""
    here, gone = clients.connect(), clients.connect()
    clients.accepted[gone].close()
    connections = clients.connections()

    async def find() -> None:
        found = await connections.find(here)
        assert found is not None
        assert found.name == here
        with pytest.raises(ConnectionResetError):
            await connections.find(gone)

    asyncio.run(find())


def test_a_client_of_another_port_than_the_settings_say_is_not_taken_for_gone(clients: Clients) -> None:
    """The program may be served by a command that does not know of its settings."""
    name, connections = clients.connect(), clients.connections(port=1)
    assert asyncio.run(connections.find(name)) is None


def test_room_is_made_by_ending_those_that_stand_still(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MAX_SENDS", 2)
    monkeypatch.setattr(sending, "STALLED_SECONDS", 0.0)
    sends = Sends(clients.connections())

    async def fill(name: str) -> None:
        async with sends.begin(name, no_overhead) as one:
            accepted = clients.accepted[name]
            accepted.setblocking(False)
            taken = 0
            with contextlib.suppress(BlockingIOError):
                while True:
                    taken += accepted.send(bytes(sending.PIECE_BYTES))
            await one.room(taken + 2 * sending.MAX_AHEAD_BYTES)

    async def send_to_both() -> list[BaseException | None]:
        sent = [asyncio.create_task(fill(clients.connect())) for _ in range(2)]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not all(one.done() for one in sent):
                sends.make_room()
                await asyncio.sleep(0.01)
        return [one.exception() for one in sent]

    assert [type(found) for found in asyncio.run(send_to_both())] == [ConnectionResetError] * 2
