"""Reading an address over HTTP: whole, or a reason, which may be a passing one."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from puntual.errors import ArtifactError, SettingError

READ_TIMEOUT_SECONDS = 10
"""For each read from the network."""
MAX_BYTES = 2**30
TRANSIENT_STATUSES = {408, 429, 500, 502, 503, 504}
"""Statuses after which it is worth asking again."""

_CHUNK = 2**20


class TransientError(Exception):
    """What may be over when it is tried again."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """What carries a token is for the one who was asked."""


NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
"""To a neighbour: past every proxy."""
NO_REDIRECTS = urllib.request.build_opener(_NoRedirects)
"""To the one who is named, nobody else."""
FOLLOW_REDIRECTS = urllib.request.build_opener()
"""To whomever it leads."""


def ask(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> http.client.HTTPResponse:
    """The answer, of which only the head has been read.

    Raises
    ------
    TransientError : nobody answers, or one who says that he cannot now
    ArtifactError : the answer is another than 200
    SettingError : it is no address
    """
    where = told(request.full_url)
    try:
        answer: http.client.HTTPResponse = opener.open(request, timeout=READ_TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            said = f"{error.code} {error.reason}"
        if error.code in TRANSIENT_STATUSES:
            raise TransientError(said) from error
        raise ArtifactError(where, said, wanted=_remedy(error.code)) from error
    except (http.client.InvalidURL, ValueError) as error:
        raise SettingError(f"PUNTUAL_MODEL: {where!r}: {error}; wanted: an address") from error
    except (OSError, http.client.HTTPException) as error:
        raise TransientError(str(getattr(error, "reason", error)) or type(error).__name__) from error
    return answer


def chunks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body, to its end.

    Raises
    ------
    TransientError : it ends early
    ArtifactError : it is larger than `MAX_BYTES`
    """
    read, said = 0, answer.headers.get("content-length")
    while True:
        try:
            chunk = answer.read(_CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise TransientError(str(error) or type(error).__name__) from error
        if not chunk:
            break
        read += len(chunk)
        if read > MAX_BYTES:
            raise ArtifactError(told(answer.url), f"more than {MAX_BYTES} bytes", wanted="a model")
        yield chunk
    if said is not None and read != int(said):
        raise TransientError(f"ended after {read} of {said} bytes")


def told(address: str) -> str:
    """An address as it may stand in a log: what follows `?` may be a secret.

    Examples
    --------
    >>> told("https://models.example/model.puntual?signature=abc")
    'https://models.example/model.puntual'
    """
    return address.partition("?")[0]


def _remedy(status: int) -> str:
    if status in {401, 403}:
        return "an account that may read it; roles/storage.objectViewer on its bucket"
    return "what is there" if status == 404 else "200"
