"""Six ways in which single clients brought the service down once, and what each of them does to it.

Each attacks 127.0.0.1 alone, from a process of its own, and goes on until it is ended.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable

Attack = Callable[[int], None]

PAUSE_SECONDS = 1.0
_HEAD = b"POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\n"
_LINES = _HEAD + b"Content-Type: application/x-ndjson\r\n"
_SMALL_WINDOW = 4096
_TIMEOUT_SECONDS = 0.5


def connect(port: int, window: int = 0) -> socket.socket:
    """A connection, perhaps with little room for what comes."""
    connection = socket.socket()
    connection.settimeout(_TIMEOUT_SECONDS)
    if window:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    try:
        connection.connect(("127.0.0.1", port))
    except OSError:
        connection.close()
        raise
    return connection


def unread_lines(port: int) -> None:
    """One client sends lines and never reads an answer; each costs more bytes than it has."""
    while True:
        with contextlib.suppress(OSError), connect(port, _SMALL_WINDOW) as connection:
            connection.settimeout(60)
            connection.sendall(_LINES + b"Content-Length: 99999999999\r\n\r\n")
            while True:
                connection.sendall(b"1\n" * 30_000)
        time.sleep(PAUSE_SECONDS)


def unfinished_bodies(port: int) -> None:
    """250 bodies of 2 MiB, each but for its last byte."""
    length = 2 * 2**20
    _again(
        port, 250, _HEAD + b"Content-Length: %d\r\n\r\n" % length + b" " * (length - 1), hold=PAUSE_SECONDS
    )


def unread_files(port: int) -> None:
    """1,200 clients ask for the largest file and do not read it."""
    request = b"GET /vendor/vega.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
    _again(port, 1_200, request, hold=PAUSE_SECONDS, window=_SMALL_WINDOW)


def unread_answers(port: int) -> None:
    """320 clients ask 50 times at once and read nothing, for as long as they are let."""
    request = b"GET /v1/rates HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50
    _keep(port, 320, request, window=_SMALL_WINDOW)


def slow_bodies(port: int) -> None:
    """5,000 streams of which a byte comes every 8 seconds."""
    _keep(port, 5_000, _LINES + b"Content-Length: 999999999\r\n\r\n", drop=b"\n")


def idle_connections(port: int) -> None:
    """16,500 connections on which nothing, or a part of a head, is sent."""
    _keep(port, 16_500, b"", every=2.0)


ATTACKS: dict[str, Attack] = {
    "lines": unread_lines,
    "bodies": unfinished_bodies,
    "files": unread_files,
    "answers": unread_answers,
    "drips": slow_bodies,
    "idle": idle_connections,
}


def _again(port: int, count: int, request: bytes, *, hold: float, window: int = 0) -> None:
    """Send a request on so many connections, wait, close them, and begin again."""
    while True:
        with contextlib.ExitStack() as opened:
            for _ in range(count):
                with contextlib.suppress(OSError):
                    opened.enter_context(connect(port, window)).sendall(request)
            time.sleep(hold)


def _keep(
    port: int, count: int, request: bytes, *, window: int = 0, drop: bytes = b"", every: float = 8.0
) -> None:
    """Keep so many connections open, each with a request; where one is closed, another takes its place."""
    opened: list[socket.socket] = []
    while True:
        with contextlib.suppress(OSError):
            while len(opened) < count:
                connection = connect(port, window)
                opened.append(connection)
                if request:
                    connection.sendall(request)
                connection.setblocking(False)
        time.sleep(every)
        still = []
        for connection in opened:
            try:
                if drop:
                    connection.send(drop)
                elif not window and not connection.recv(1 << 16):
                    raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                connection.close()
                continue
            if _is_open(connection):
                still.append(connection)
            else:
                connection.close()
        opened = still


def _is_open(connection: socket.socket) -> bool:
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1
