"""What Linux knows of a connection: how much its client has taken, what waits, and since when nothing moves.

Granian's RSGI takes an answer at once, however slowly its client reads, and says nothing of what is unsent.
The kernel counts every byte. Elsewhere than on Linux, and where a sandbox hides the counts, nothing is known.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import re
import socket
import struct
import sys
import termios
from typing import NamedTuple

MAX_UNSENT_BYTES = 32 * 1024
"""Of a connection in the kernel, beside what is on its way."""

_TCP_INFO, _USER_TIMEOUT, _NOTSENT_LOWAT = 11, 18, 25
_LISTEN = 10
_OPEN = (1, 8)
"""Established; and the client has closed its side."""
_FIELDS = struct.Struct("<B23xI16xI4xI64xQQ8xI")
_Buffer = ctypes.c_char * _FIELDS.size
_ANY_KIND = (socket.AF_INET6, socket.SOCK_STREAM, 0)
"""Named so that the kernel is not asked for an open file's kind. The longest addresses have room for all,
and each says itself of which kind it is."""
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)
_NO_BYTES = bytes(4)
_ZONE = re.compile(r"%[^]]*")

_library = ctypes.CDLL(None)


class Traffic(NamedTuple):
    """The counts of a connection.

    Attributes
    ----------
    state : of TCP
    unacknowledged, unsent : segments on their way, and bytes that wait behind them
    sent_ms, received_ms : since data was last sent and received, milliseconds
    acknowledged, received : bytes since the connection began
    """

    state: int
    unacknowledged: int
    sent_ms: int
    received_ms: int
    acknowledged: int
    received: int
    unsent: int

    @property
    def pending(self) -> bool:
        """Whether the client has not taken all that was sent to it."""
        return bool(self.unacknowledged or self.unsent)


class Connection(NamedTuple):
    """A client's connection, by the number of its open file, and both its ends."""

    handle: int
    client: tuple[str, int]
    port: int

    @property
    def name(self) -> str:
        """The client as Granian writes it, but `without_zone`.

        Examples
        --------
        >>> Connection(7, ("127.0.0.1", 50000), 8000).name, Connection(7, ("fe80::1%eth0", 50000), 8000).name
        ('127.0.0.1:50000', '[fe80::1]:50000')
        """
        host, port = self.client
        return without_zone(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


def without_zone(client: str) -> str:
    """A client's name without the network interface, which some name and others number.

    Examples
    --------
    >>> without_zone("[fe80::1%2]:50000"), without_zone("127.0.0.1:50000")
    ('[fe80::1]:50000', '127.0.0.1:50000')
    """
    return _ZONE.sub("", client) if "%" in client else client


def traffic_of(handle: int) -> Traffic | None:
    """The counts of an open file; None: it is no connection, or its counts are not known."""
    fields, size = _Buffer(), ctypes.c_uint32(_FIELDS.size)
    code = _library.getsockopt(handle, socket.IPPROTO_TCP, _TCP_INFO, fields, ctypes.byref(size))
    if code or size.value < _FIELDS.size:
        return None
    traffic = Traffic._make(_FIELDS.unpack(fields))
    return None if traffic.state == _LISTEN else traffic


def are_counts_known() -> bool:
    """Whether this system counts what a connection's ends have sent and taken."""
    if sys.platform != "linux":
        return False
    # No name is looked up: a thread of the parent may have held the lock of that when this was forked.
    with contextlib.suppress(OSError), socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        accepted = server.accept()[0]
        client.sendall(b"x")
        accepted.recv(1)
        traffic = traffic_of(accepted.fileno())
        accepted.close()
        return traffic is not None and traffic.received == 1
    return False


def connection_of(handle: int) -> Connection | None:
    """Both ends of a connection; None: the open file is none."""
    with contextlib.suppress(OSError):
        found = socket.socket(*_ANY_KIND, fileno=handle)
        try:
            client, own = found.getpeername(), found.getsockname()
            if isinstance(client, tuple) and isinstance(own, tuple):  # a database may be asked otherwise
                return Connection(handle, (str(client[0]), int(client[1])), int(own[1]))
        finally:
            found.detach()
    return None


def taken_bytes(connection: Connection) -> tuple[int, int]:
    """How many bytes a client has taken since the connection began, and how many wait for it in the kernel.

    The two are read one after the other, so their sum may be too small by what was taken between.

    Raises
    ------
    ConnectionResetError : the connection is gone
    """
    traffic = traffic_of(connection.handle)
    if traffic is None or traffic.state not in _OPEN:
        raise ConnectionResetError
    if not traffic.pending:
        return traffic.acknowledged, 0
    try:
        queued: bytes = fcntl.ioctl(connection.handle, termios.TIOCOUTQ, _NO_BYTES)
    except OSError:
        raise ConnectionResetError from None
    waiting = int(struct.unpack("i", queued)[0])
    return traffic.acknowledged, waiting


def end_connection(connection: Connection) -> bool:
    """Reset a connection, whatever is unsent; whether it was still there."""
    # A copy of the open file stays what it is, whatever the server does with its own meanwhile.
    try:
        with socket.socket(fileno=os.dup(connection.handle)) as copy:
            if copy.getpeername()[:2] != connection.client or copy.getsockname()[1] != connection.port:
                return False
            copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
            copy.shutdown(socket.SHUT_RDWR)
    except OSError:
        return False
    return True


def limit_unsent(port: int, seconds: int) -> None:
    """Have the kernel bound what it holds unsent for each client to come, and end those that take nothing.

    Parameters
    ----------
    port : on which this process listens
    seconds : without a byte taken
    """
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names alone
        with contextlib.suppress(OSError, IndexError):
            found = socket.socket(fileno=int(name))
            try:
                listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
                if listens and found.getsockname()[1] == port:
                    found.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, MAX_UNSENT_BYTES)
                    found.setsockopt(socket.IPPROTO_TCP, _USER_TIMEOUT, 1000 * seconds)
            finally:
                found.detach()
