"""Hosts and origins: a web page must not drive a server that its reader can reach.

References
----------
Fetch Metadata Request Headers (W3C); Fetch (WHATWG), CORS protocol; RFC 9110, 421 Misdirected Request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from puntual.serving.http.access import is_loopback
from puntual.serving.http.media_types import media_type
from puntual.serving.http.messages import GUARDS, NDJSON, NO_STORE, HeaderList, Headers, Request, Response
from puntual.serving.http.problems import RefusedError
from puntual.serving.http.route import Route
from puntual.serving.settings import Settings

MAX_KNOWN = 64
"""Values of the header host that are remembered as allowed, with their ports."""

PREFLIGHT_SECONDS = 600
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d*)?", re.ASCII)
"""No user, path or other delimiter: other programs read another name in these."""
_OWN_SITE = {"same-origin", "none"}
_EXPOSED = ("access-control-expose-headers", "etag, ratelimit, ratelimit-policy, retry-after, x-request-id")
_VARY = ("vary", "origin")


class Hosts:
    """The names by which this server may be asked.

    A name that leads to loopback in the attacker's own zone is how a page of his reaches a server on its
    reader's machine as if it were his (DNS rebinding).
    """

    def __init__(self, settings: Settings) -> None:
        self._names = frozenset(split_list(settings.hosts))
        self.active = (bool(self._names) and "*" not in self._names) or (
            not self._names and is_loopback(settings.host)
        )
        self.known: set[str | None] = {None}
        """None: HTTP/1.0, which no browser sends."""

    def check(self, host: str | None) -> None:
        """Refuse a value of the header that is not known, or remember it.

        Raises
        ------
        RefusedError : ``misdirected``
        """
        name = hostname(f"//{host}") if _HOST.fullmatch(host or "") else ""
        if not (name in self._names if self._names else is_loopback(name) or name.endswith(".localhost")):
            allowed = "this server's own name; --hosts (PUNTUAL_HOSTS) lists more"
            raise RefusedError("misdirected", f"asked as {host}", found=host, allowed=allowed)
        if len(self.known) < MAX_KNOWN:
            self.known.add(host)


class Origins:
    """Which pages of other sites may ask."""

    def __init__(self, settings: Settings) -> None:
        self._allowed = frozenset(split_list(settings.cors_origins))
        self.active = bool(self._allowed)

    def check(self, route: Route, headers: Headers, origin: str | None, fields: HeaderList) -> None:
        """Refuse what a page of another site sends to a route that changes or costs something.

        Parameters
        ----------
        fields : of the response; those that let an allowed origin read it are added

        Raises
        ------
        RefusedError : ``forbidden``, or ``media-type``: what browsers send without asking first
        """
        if route.method == "OPTIONS":
            return
        site = headers.get("sec-fetch-site")
        if site in _OWN_SITE or (
            site is None and origin is not None and _is_own(origin, headers.get("host"))
        ):
            return
        if origin is not None and self.allows(origin):
            fields += (("access-control-allow-origin", origin), _EXPOSED, _VARY)
            _check_preflighted(route, headers)
        elif route.scope and not route.cached:
            found = origin or str(site)
            allowed = "a page of this server, or an origin of --cors-origins (PUNTUAL_CORS_ORIGINS)"
            raise RefusedError("forbidden", "sent by a page of another site", found=found, allowed=allowed)

    def allows(self, origin: str) -> bool:
        """Whether pages of an origin may ask."""
        return origin.lower() in self._allowed or "*" in self._allowed

    def preflight(self, request: Request, methods: Iterable[str]) -> Response:
        """The answer to what a browser asks before it sends the request of a page of another site."""
        origin = request.headers.get("origin")
        fields: HeaderList = [_VARY, NO_STORE, *GUARDS]
        if origin is not None and self.allows(origin):
            fields += [
                ("access-control-allow-origin", origin),
                ("access-control-allow-methods", ", ".join(methods)),
                ("access-control-allow-headers", "authorization, content-type, traceparent, x-request-id"),
                ("access-control-max-age", str(PREFLIGHT_SECONDS)),
            ]
        return Response(204, fields, b"")


def _check_preflighted(route: Route, headers: Headers) -> None:
    """Of pages of other sites, only take what a browser asks about first: not ``text/plain`` as JSON."""
    kind = media_type(Request("POST", "", headers, None))  # type: ignore[arg-type]
    if route.method not in {"GET", "HEAD"} and kind not in {"application/json", NDJSON}:
        found = kind or "no content-type"
        allowed = f"content-type: application/json or {NDJSON}"
        raise RefusedError("media-type", f"sent as {found} by another site", found=found, allowed=allowed)


def hostname(url: str) -> str:
    """The host of an address, in small letters; empty if it has none.

    Examples
    --------
    >>> hostname("//LocalHost:8000"), hostname("//[::1]:80"), hostname("//[")
    ('localhost', '::1', '')
    """
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def split_list(text: str) -> list[str]:
    """The values of a setting that are separated by commas, in small letters."""
    return [one for one in (part.strip().lower() for part in text.split(",")) if one]


def _is_own(origin: str, host: str | None) -> bool:
    """Whether an origin is this server, for browsers that do not say of which site a page is."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False
