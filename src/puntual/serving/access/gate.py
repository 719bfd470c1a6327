"""The gate that every request passes after its route is found, and before its handler sees it."""

from __future__ import annotations

import asyncio

from puntual.errors import SettingError
from puntual.serving.access.keyring import Keyring
from puntual.serving.http.access import is_loopback
from puntual.serving.http.messages import Headers
from puntual.serving.http.route import Route
from puntual.serving.settings import Settings


class Gate:
    """Checks who asks; what is not set costs nothing.

    Parameters
    ----------
    settings : name the keys
    """

    def __init__(self, settings: Settings) -> None:
        self._keyring = Keyring(settings) if settings.keys else None

    def admit(self, route: Route, headers: Headers) -> str:
        """The id of the key that a request comes with; empty: it needs none.

        Raises
        ------
        RefusedError : the request is not answered
        """
        caller = ""
        if self._keyring is not None and route.scope:
            caller = self._keyring.find(headers.get("authorization"), route.scope).id
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
