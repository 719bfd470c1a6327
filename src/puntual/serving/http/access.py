"""Who may write to a server without keys: programs of its own machine, unless the settings say otherwise."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from puntual.serving.http.messages import Request
from puntual.serving.http.problems import RefusedError
from puntual.serving.settings import Settings

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers of proxies. What they say is not trusted: with one of them, a request is not of this machine."""

_ALLOWED = "a program of the server's own machine, or a server with --open-events (PUNTUAL_OPEN_EVENTS=1)"


def check_writer(settings: Settings, request: Request) -> None:
    """Refuse what would write where nothing is kept, or from where it is not taken.

    Raises
    ------
    RefusedError : ``forbidden``
    """
    if not settings.store:
        allowed = "a server with --store URL (PUNTUAL_STORE)"
        raise RefusedError("forbidden", "this server has no store", found="no store", allowed=allowed)
    if settings.open_events or settings.keys:
        return
    host = _hostname(request.client)
    if not is_loopback(host):
        raise RefusedError("forbidden", "sent from another machine", found=host or None, allowed=_ALLOWED)
    for name in FORWARDED:
        if request.headers.get(name) is not None:
            raise RefusedError("forbidden", f"sent through a proxy ({name})", found=name, allowed=_ALLOWED)
    origin = request.headers.get("origin")
    if origin is not None and not _is_own_page(origin, request.headers.get("host")):
        raise RefusedError("forbidden", "sent by a page of another site", found=origin, allowed=_ALLOWED)


def is_loopback(host: str) -> bool:
    """Whether an address or a name is that of the machine itself.

    Examples
    --------
    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "localhost", "10.0.0.7", "")]
    [True, True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _is_own_page(origin: str, host: str | None) -> bool:
    """Whether a browser's page is of this server, by an address that no other site can have."""
    try:
        place = urlsplit(origin)
        return place.netloc == host and is_loopback(place.hostname or "")
    except ValueError:
        return False


def _hostname(client: str) -> str:
    """The address without its port."""
    return client.rpartition(":")[0].strip("[]")
