"""The service that is put under load: where it is, and whether it may be loaded."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from puntual.access.keys import authorization
from puntual.errors import SettingError, TargetError, printable

PREDICTIONS = "/v1/predictions"
MAX_DOCUMENT_BYTES = 16 * 2**20
"""Of what is fetched before a test."""
MAX_REASON = 300
"""Longest reason, in characters, why a service cannot be used."""
_WANTED = "wanted: an address such as http://127.0.0.1:8000"
_PORTS = {"http": 80, "https": 443}

Kind = TypeVar("Kind")


class Target(msgspec.Struct, frozen=True):
    """A service on its host.

    Attributes
    ----------
    host : as it was typed
    address : the IP address that connections go to
    path : ``/v1/predictions`` is asked about flights; any other path is fetched as it is
    secure : whether it is spoken to over TLS
    """

    host: str
    address: str
    port: int
    path: str = PREDICTIONS
    secure: bool = False

    @property
    def authority(self) -> str:
        """Host and port as a URL has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The address of what is asked."""
        return f"http{'s' if self.secure else ''}://{self.authority}{self.path}"

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return ipaddress.ip_address(self.address.partition("%")[0]).is_loopback

    @property
    def predicts(self) -> bool:
        """Whether it is asked about flights."""
        return self.path == PREDICTIONS


def read_url(url: str, allowed: str | None = None) -> Target:
    """Find the service of a URL, and refuse a machine that is not this one.

    Parameters
    ----------
    allowed : a host that may be loaded though it is another machine

    Raises
    ------
    SettingError : not an address of HTTP, or another machine that was not allowed

    Examples
    --------
    >>> read_url("http://127.0.0.1:8000").authority
    '127.0.0.1:8000'
    >>> read_url("http://192.0.2.1")
    Traceback (most recent call last):
        ...
    puntual.errors.SettingError: 192.0.2.1 is not this machine; ...
    """
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        host, port = "", 0
    if not host or parts.scheme not in _PORTS:
        raise SettingError(f"{url!r} is not spoken to; {_WANTED}")
    try:
        address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        raise SettingError(f"{host}: there is no such host; {_WANTED}") from error
    path = parts.path if parts.path not in {"", "/"} else PREDICTIONS
    path = f"{path}?{parts.query}" if parts.query else path
    target = Target(host, address, port, path, parts.scheme == "https")
    if not target.is_here and allowed != host:
        raise SettingError(f"{host} is not this machine; if you may put it under load: --i-may-load {host}")
    return target


def tls_context() -> ssl.SSLContext:
    """What an https address is spoken to with; ``SSL_CERT_FILE`` names authorities beside the system's."""
    return ssl.create_default_context()


def fetch(target: Target, path: str, kind: type[Kind], *, timeout_s: float = 10) -> Kind:
    """Fetch one JSON document of the service.

    Parameters
    ----------
    kind : of the document
    timeout_s : for all of it, however slowly it comes

    Raises
    ------
    TargetError : it cannot be reached, or answers otherwise
    """
    connection = http.client.HTTPConnection(target.address, target.port, timeout=timeout_s)
    late = threading.Event()
    watch = threading.Timer(timeout_s, _cut, (connection, late))
    watch.daemon = True
    watch.start()
    try:
        connection.connect()
        if target.secure:
            wrapped = tls_context().wrap_socket(
                connection.sock, server_hostname=target.host, do_handshake_on_connect=False
            )
            connection.sock = wrapped
            wrapped.do_handshake()
        connection.request("GET", path, headers={"host": target.authority, **authorization()})
        answer = connection.getresponse()
        body = answer.read(MAX_DOCUMENT_BYTES + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if late.is_set() or isinstance(error, TimeoutError):
            reason = f"GET {path} is not answered within {timeout_s:g} seconds"
        raise TargetError(target.authority, printable(reason)[:MAX_REASON]) from error
    finally:
        watch.cancel()
        connection.close()
    if late.is_set():
        raise TargetError(target.authority, f"GET {path} is not answered within {timeout_s:g} seconds")
    if answer.status != 200:
        raise TargetError(target.authority, f"GET {path} is answered with status {answer.status}")
    if len(body) > MAX_DOCUMENT_BYTES:
        raise TargetError(
            target.authority, f"GET {path} is answered with more than {MAX_DOCUMENT_BYTES >> 20} MiB"
        )
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        reason = f"GET {path} is not answered as Puntual does: {error}"
        raise TargetError(target.authority, printable(reason)[:MAX_REASON]) from error
    except (ValueError, RecursionError) as error:
        raise TargetError(target.authority, f"GET {path} is not answered with JSON") from error


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End a connection that takes too long; reading from it ends, too."""
    late.set()
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
