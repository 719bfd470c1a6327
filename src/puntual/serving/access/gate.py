"""The gate that every request passes after its route is found, and before its handler sees it."""

from __future__ import annotations

import asyncio

from puntual.errors import SettingError
from puntual.serving.access.keyring import Keyring
from puntual.serving.access.origins import Hosts, Origins
from puntual.serving.access.quotas import Quotas
from puntual.serving.http.access import is_loopback
from puntual.serving.http.messages import HeaderList, Headers
from puntual.serving.http.route import Route
from puntual.serving.ops.token_buckets import TokenBuckets
from puntual.serving.settings import Settings

HSTS = ("strict-transport-security", "max-age=31536000")


class Gate:
    """Checks who asks; what is not set costs next to nothing.

    Attributes
    ----------
    origins : answer what browsers ask first
    quotas : count flights, too
    """

    def __init__(self, settings: Settings, buckets: TokenBuckets) -> None:
        self._keyring = Keyring(settings) if settings.keys else None
        self._hosts = Hosts(settings)
        self._names = self._hosts.known if self._hosts.active else None
        self.origins = Origins(settings)
        self.quotas = Quotas(settings, buckets)
        self._limits, self._proxies, self._tls = self.quotas.active, settings.proxies, bool(settings.tls_cert)

    def admit(self, route: Route, headers: Headers, client: str, fields: HeaderList) -> str:
        """The id of the key that a request comes with; empty: it needs none.

        Health checks are answered whoever asks, by whatever name.

        Parameters
        ----------
        client : address and port of the connection
        fields : of the response; some may be added

        Raises
        ------
        RefusedError : the request is not answered
        """
        caller = ""
        if route.scope or not route.always:
            if self._names is not None and (host := headers.get("host")) not in self._names:
                self._hosts.check(host)
            origin = headers.get("origin")
            if origin is not None or headers.get("sec-fetch-site") is not None:
                self.origins.check(route, headers, origin, fields)
        if self._keyring is not None and route.scope:
            caller = self._keyring.find(headers.get("authorization"), route.scope).id
        if self._limits and route.scope:
            predicts = route.scope == "predict"
            self.quotas.admit(caller, headers, client, predicts=predicts, fields=fields)
        if self._tls or (self._proxies and headers.get("x-forwarded-proto") == "https"):
            fields.append(HSTS)
        return caller

    def refresh(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read what may have changed; called a few times a second."""
        if self._keyring is not None:
            self._keyring.refresh(loop)


def check_openness(settings: Settings, host: str) -> None:
    """Refuse to serve other machines without keys, unless that is said.

    Parameters
    ----------
    host : the address that is listened on

    Raises
    ------
    SettingError : whoever reaches the address would be answered, or settings contradict each other
    """
    if settings.keys and settings.open:
        raise SettingError("--keys and --open: keys are for a server that is not open; wanted: one of them")
    if is_loopback(host) or settings.keys or settings.open or settings.identity_proxy:
        return
    raise SettingError(
        f"--host: other machines reach {host}, and nothing says who may ask; wanted: --keys FILE (or store), "
        "--identity-proxy NAME for a proxy that lets in whom it should, or --open for anyone"
    )
