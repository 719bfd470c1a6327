"""What the kernel says of a connection, and of an open file that is none."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from puntual.serving.ops.tcp import connection_of


def test_the_ends_of_a_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
        accepted, _ = server.accept()
        with accepted:
            found = connection_of(accepted.fileno())
            assert found is not None
            assert (found.client, found.port) == (client.getsockname(), server.getsockname()[1])
        assert connection_of(server.fileno()) is None


def test_other_open_files_are_none(tmp_path: Path) -> None:
    """Such as a database's socket, which has a path in place of a port."""
    place = str(tmp_path / "database")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(place)
        server.listen()
        client.connect(place)
        accepted, _ = server.accept()
        with accepted, Path(__file__).open("rb") as file:
            handles = [client.fileno(), accepted.fileno(), server.fileno(), file.fileno()]
            assert [connection_of(handle) for handle in handles] == [None] * 4
            assert all(os.fstat(handle) for handle in handles), "they stay open"
