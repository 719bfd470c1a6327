"""What a body says that it is."""

from __future__ import annotations

from puntual.serving.http.messages import Request
from puntual.serving.http.problems import RefusedError

_ACCEPTED = ("json", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream")
"""Endings of the media types that clients send for JSON, some of them by default."""


def media_type(request: Request) -> str:
    """The media type of the body in lower case, without parameters; empty if it is not said.

    Raises
    ------
    RefusedError : ``media-type``, of a body that is compressed

    Examples
    --------
    >>> media_type(Request("POST", "/", {"content-type": "Application/JSON; charset=utf-8"}, None))
    'application/json'
    """
    encoding = request.headers.get("content-encoding")
    if encoding and encoding.strip().lower() != "identity":
        found, allowed = f"content-encoding: {encoding}", "a body that is not compressed"
        raise RefusedError("media-type", "sent compressed", found=found, allowed=allowed)
    return (request.headers.get("content-type") or "").partition(";")[0].strip().lower()


def check_json(media_type: str, *others: str) -> None:
    """Refuse what is obviously not JSON.

    Parameters
    ----------
    others : media types that the route takes besides, for the message

    Raises
    ------
    RefusedError : ``media-type``
    """
    if media_type and not media_type.endswith(_ACCEPTED):
        allowed = f"content-type: {' or '.join(('application/json', *others))}"
        raise RefusedError("media-type", f"sent as {media_type}", found=media_type, allowed=allowed)
