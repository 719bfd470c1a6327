"""TLS by the server itself: what is checked before it starts, and how a renewed certificate is taken."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable

from puntual.errors import SettingError
from puntual.serving.ops.digest import file_signature
from puntual.serving.settings import Settings

LOOK_SECONDS = 2.0
"""Between two looks at the files."""

logger = logging.getLogger("puntual.serving")


def check_tls(settings: Settings) -> None:
    """Refuse files that cannot be served.

    Raises
    ------
    SettingError : one of the two is missing, cannot be read, or they do not belong together
    """
    cert, key, authority = settings.tls_cert, settings.tls_key, settings.tls_client_ca
    if not (cert or key or authority):
        return
    if not (cert and key):
        raise SettingError("--tls-cert and --tls-key: one is missing; wanted: a certificate and its key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key, password=_refuse_password)
        if authority:
            context.load_verify_locations(authority)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        files = ", ".join(filter(None, (cert, key, authority)))
        found = str(reason).replace("_", " ").lower()
        raise SettingError(
            f"--tls-cert, --tls-key: {files}: {found}; wanted: PEM files that belong together, without "
            "a password"
        ) from error


def watch_certificate(settings: Settings, reload: Callable[[], None]) -> None:
    """Call `reload` whenever the files have changed and can be served; in a thread that never ends."""
    threading.Thread(target=_watch, args=(settings, reload), daemon=True).start()


def _watch(settings: Settings, reload: Callable[[], None]) -> None:
    taken = _signatures(settings)
    refused = taken
    while True:
        time.sleep(LOOK_SECONDS)
        found = _signatures(settings)
        if found in (taken, refused):
            continue
        try:
            check_tls(settings)
        except SettingError as error:
            refused = found
            logger.error("%s; the certificate before it is kept", error)  # noqa: TRY400 - it says what
            continue
        taken = refused = found
        logger.info("the certificate has changed: new workers take it")
        reload()


def _signatures(settings: Settings) -> tuple[tuple[int, ...], ...]:
    return tuple(map(file_signature, (settings.tls_cert, settings.tls_key, settings.tls_client_ca)))


def _refuse_password() -> str:
    raise ValueError("the key has a password")
