"""`python -m puntual.serving.ops.health` ends with 0 where this machine's service is ready, else with 1."""

from __future__ import annotations

import socket
import sys

from puntual.errors import SettingError
from puntual.serving.settings import read_settings

_LOOPBACK = {"0.0.0.0": "127.0.0.1", "0": "127.0.0.1", "*": "127.0.0.1", "::": "::1"}  # noqa: S104


def main() -> None:
    """Ask the service that has the same settings; what runs containers asks so."""
    try:
        settings = read_settings()
    except SettingError as error:
        sys.exit(f"puntual: {error}")
    sys.exit(not is_ready(local_address(settings.host), settings.port))


def local_address(host: str) -> str:
    """Where a service that listens on an address is reached from its own machine.

    Examples
    --------
    >>> local_address("0.0.0.0")
    '127.0.0.1'
    """
    return _LOOPBACK.get(host, host)


def is_ready(host: str, port: int) -> bool:
    """Whether `/readyz` says yes, within a second."""
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


if __name__ == "__main__":
    main()
