"""Downloads over HTTP; errors are either transient or final."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

from puntual.errors import ArtifactError, SettingError

READ_TIMEOUT_SECONDS = 10
"""Of each read from the network."""
MAX_BYTES = 2**30
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
FOLLOW_REDIRECTS = urllib.request.build_opener()
"""For public addresses."""


def open_url(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> HTTPResponse:
    """The response, with only its head read.

    Raises
    ------
    TransientError : no response, or one of `TRANSIENT_STATUSES`
    ArtifactError : another status than 200
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
    ArtifactError : it is larger than `MAX_BYTES`
    """
    read, length = 0, response.headers.get("content-length")
    while True:
        try:
            chunk = response.read(_CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise TransientError(str(error) or type(error).__name__) from error
        if not chunk:
            break
        read += len(chunk)
        if read > MAX_BYTES:
            raise ArtifactError(without_query(response.url), f"more than {MAX_BYTES} bytes", wanted="a model")
        yield chunk
    if length is not None and read != int(length):
        raise TransientError(f"ended after {read} of {length} bytes")


def without_query(address: str) -> str:
    """An address for messages and logs, without the query, which may contain a secret.

    Examples
    --------
    >>> without_query("https://models.example/model.puntual?signature=abc")
    'https://models.example/model.puntual'
    """
    return address.partition("?")[0]


def _remedy(status: int) -> str:
    if status in {401, 403}:
        return "an account that may read it; roles/storage.objectViewer on its bucket"
    return "what is there" if status == 404 else "200"
