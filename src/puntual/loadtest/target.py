"""The service that is put under load: where it is, and whether it may be loaded."""

from __future__ import annotations

import http.client
import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import msgspec

from puntual.access.keys import authorization
from puntual.errors import SettingError, TargetError

PREDICTIONS = "/v1/predictions"
_WANTED = "wanted: an address such as http://127.0.0.1:8000"


class Target(msgspec.Struct, frozen=True):
    """A service on its host.

    Attributes
    ----------
    host : as it was typed
    address : the IP address that connections go to
    path : ``/v1/predictions`` is asked about flights; any other path is fetched as it is
    """

    host: str
    address: str
    port: int
    path: str = PREDICTIONS

    @property
    def authority(self) -> str:
        """Host and port as a URL has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

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
    SettingError : not an address over plain HTTP, or another machine that was not allowed

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
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        host, port = "", 0
    if not host or parts.scheme != "http":
        raise SettingError(f"{url!r} is not spoken to; {_WANTED}")
    try:
        address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        raise SettingError(f"{host}: there is no such host; {_WANTED}") from error
    path = parts.path if parts.path not in {"", "/"} else PREDICTIONS
    target = Target(host, address, port, f"{path}?{parts.query}" if parts.query else path)
    if not target.is_here and allowed != host:
        raise SettingError(f"{host} is not this machine; if you may put it under load: --i-may-load {host}")
    return target


def fetch(target: Target, path: str, *, timeout_s: float = 10) -> Any:
    """Fetch one JSON document of the service.

    Raises
    ------
    TargetError : it cannot be reached, or answers otherwise
    """
    connection = http.client.HTTPConnection(target.address, target.port, timeout=timeout_s)
    try:
        connection.request("GET", path, headers={"host": target.authority, **authorization()})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise TargetError(target.authority, reason) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise TargetError(target.authority, f"GET {path} is answered with status {answer.status}")
    try:
        return msgspec.json.decode(body)
    except ValueError as error:
        raise TargetError(target.authority, f"GET {path} is not answered with JSON") from error
