"""Downloads over HTTP; errors are either transient or final."""

from __future__ import annotations

import http.client
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from ipaddress import ip_address
from typing import Any

from puntual.errors import ArtifactError, SettingError
from puntual.inference.artifact import MAX_FILE_BYTES

READ_TIMEOUT_SECONDS = 10
"""Of each read from the network."""
MAX_BYTES = MAX_FILE_BYTES
"""No model is larger."""
MAX_SECONDS = 120.0
"""For a whole body."""
MAX_REDIRECTS = 3
TRANSIENT_STATUSES = {408, 429, 500, 502, 503, 504}
"""Responses with these are retried."""

_CHUNK = 2**20


class TransientError(Exception):
    """An error that may not occur again."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Refuse redirects: a token is only for the server that was asked."""


NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
"""For a server nearby."""
NO_REDIRECTS = urllib.request.build_opener(_NoRedirects)
"""For requests with a token."""


class _FewRedirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS

    def redirect_request(self, req: Any, *more: Any) -> Any:
        """Follow to HTTP and HTTPS, but from HTTPS to HTTPS only."""
        response, code, _, headers, address = more
        if req.type == "https" and not address.startswith("https:"):
            message = "redirected to plain HTTP"
            raise urllib.error.HTTPError(req.full_url, code, message, headers, response)
        return super().redirect_request(req, *more)


def _connect_public(address: tuple[str, int], *arguments: Any, **more: Any) -> socket.socket:
    """Connect to the first address of a host, if all of them are public."""
    for *_, found in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
        number = str(found[0]).partition("%")[0]
        if not ip_address(number).is_global:
            raise _PrivateError(f"{address[0]} is at {number}, which is not public")
    return socket.create_connection((number, address[1]), *arguments, **more)


class _PrivateError(ValueError):
    """A host that must not be asked."""


class _PublicHttp(http.client.HTTPConnection):
    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._create_connection = _connect_public


class _PublicHttps(http.client.HTTPSConnection):
    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._create_connection = _connect_public


class _PublicHttpHandler(urllib.request.HTTPHandler):
    def http_open(self, req: Any) -> Any:
        """Open over a connection that goes to public addresses only."""
        return self.do_open(_PublicHttp, req)


class _PublicHttpsHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: Any) -> Any:
        """Open over a connection that goes to public addresses only."""
        return self.do_open(_PublicHttps, req)


FOLLOW_REDIRECTS = urllib.request.build_opener(_FewRedirects)
"""For any address."""
PUBLIC = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), _FewRedirects, _PublicHttpHandler, _PublicHttpsHandler
)
"""For public addresses: not for the metadata server of a cloud, nor for what a firewall keeps from others."""


def open_url(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> HTTPResponse:
    """The response, with only its head read.

    Raises
    ------
    TransientError : no response, or one of `TRANSIENT_STATUSES`
    ArtifactError : another status than 200, or an address that is not public where it has to be
    SettingError : not an address
    """
    where = without_query(request.full_url)
    try:
        response: HTTPResponse = opener.open(request, timeout=READ_TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            status = f"{error.code} {error.reason}"
        if error.code in TRANSIENT_STATUSES:
            raise TransientError(status) from error
        raise ArtifactError(where, status, wanted=_remedy(error.code)) from error
    except _PrivateError as error:
        wanted = "a public address; PUNTUAL_PRIVATE_DOWNLOADS=1 takes others"
        raise ArtifactError(where, str(error), wanted=wanted) from error
    except (http.client.InvalidURL, ValueError) as error:
        raise SettingError(f"PUNTUAL_MODEL: {where!r}: {error}; wanted: an address") from error
    except (OSError, http.client.HTTPException) as error:
        raise TransientError(str(getattr(error, "reason", error)) or type(error).__name__) from error
    return response


def read_chunks(response: HTTPResponse) -> Iterator[bytes]:
    """The complete body.

    Raises
    ------
    TransientError : it ends early
    ArtifactError : it is larger than `MAX_BYTES`, or takes longer than `MAX_SECONDS`
    """
    read, length, end = 0, response.headers.get("content-length"), time.monotonic() + MAX_SECONDS
    while True:
        try:
            chunk = response.read(_CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise TransientError(str(error) or type(error).__name__) from error
        if not chunk:
            break
        read += len(chunk)
        if time.monotonic() > end:
            found = f"not downloaded within {MAX_SECONDS:.0f} seconds"
            raise ArtifactError(without_query(response.url), found, wanted="a faster server")
        if read > MAX_BYTES:
            raise ArtifactError(without_query(response.url), f"more than {MAX_BYTES} bytes", wanted="a model")
        yield chunk
    if length is not None and read != int(length):
        raise TransientError(f"ended after {read} of {length} bytes")


def without_query(address: str) -> str:
    """An address for messages and logs, without query, user and password, which may be secrets.

    Examples
    --------
    >>> without_query("https://models.example/model.puntual?signature=abc")
    'https://models.example/model.puntual'
    >>> without_query("https://desk:secret@models.example/model.puntual")
    'https://models.example/model.puntual'
    """
    scheme, separator, rest = address.partition("?")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


def _remedy(status: int) -> str:
    if status in {401, 403}:
        return "an account that may read it; roles/storage.objectViewer on its bucket"
    return "what is there" if status == 404 else "200"
