"""`python -m puntual.serving.ops.health` exits with 0 if the service on this machine is ready, else 1."""

from __future__ import annotations

import socket
import sys

from puntual.errors import SettingError
from puntual.serving.settings import read_settings

_LOOPBACK = {"0.0.0.0": "127.0.0.1", "0": "127.0.0.1", "*": "127.0.0.1", "::": "::1"}  # noqa: S104


def main() -> None:
    """Ask the service with the same settings; a health check for containers."""
    try:
        settings = read_settings()
    except SettingError as error:
        sys.exit(f"puntual: {error}")
    sys.exit(not is_ready(local_address(settings.host), settings.port))


def local_address(host: str) -> str:
    """The address at which a service is reached from its own machine.

    Examples
    --------
    >>> local_address("0.0.0.0")
    '127.0.0.1'
    """
    return _LOOPBACK.get(host, host)


def is_ready(host: str, port: int) -> bool:
    """Whether `/readyz` answers with 200 within a second."""
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


if __name__ == "__main__":
    main()
