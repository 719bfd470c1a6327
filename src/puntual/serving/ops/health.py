"""`python -m puntual.serving.ops.health` exits with 0 if the service on this machine is ready, else 1."""

from __future__ import annotations

import socket
import ssl
import sys

from msgspec import structs

from puntual.errors import SettingError
from puntual.serving.settings import Settings, read_settings

_LOOPBACK = {"0.0.0.0": "127.0.0.1", "0": "127.0.0.1", "*": "127.0.0.1", "::": "::1"}  # noqa: S104


def main() -> None:
    """Ask the service with the same settings; a health check for containers."""
    try:
        settings = read_settings()
    except SettingError as error:
        sys.exit(f"puntual: {error}")
    if settings.admin_port:
        settings = structs.replace(settings, port=settings.admin_port, tls_cert="", tls_client_ca="")
    sys.exit(not is_ready(local_address(settings.host), settings))


def local_address(host: str) -> str:
    """The address at which a service is reached from its own machine.

    Examples
    --------
    >>> local_address("0.0.0.0")
    '127.0.0.1'
    """
    return _LOOPBACK.get(host, host)


def is_ready(host: str, settings: Settings) -> bool:
    """Whether `/readyz` answers with 200 within a second.

    Of a server that asks for certificates of clients, only that it speaks TLS: this asks without one.
    """
    try:
        with _connect(host, settings) as connection:
            if settings.tls_client_ca:
                return True
            connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def _connect(host: str, settings: Settings) -> socket.socket:
    connection = socket.create_connection((host, settings.port), timeout=1)
    if not settings.tls_cert:
        return connection
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is this machine
    return context.wrap_socket(connection)


if __name__ == "__main__":
    main()
