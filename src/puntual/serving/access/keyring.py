"""The keys that a worker takes, read again while it serves."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from pathlib import Path

from puntual.access.key_file import KeyFile
from puntual.access.keys import Key, KeyStore, key_id, matches
from puntual.errors import PuntualError, SettingError, StoreDownError
from puntual.operations.store.keys import StoredKeys
from puntual.serving.http.problems import RefusedError
from puntual.serving.settings import Settings

READ_SECONDS = 2.0
"""Between two looks at the keys: a revoked one is refused after this time at the latest."""
STORE = "store"
"""The value of the setting ``keys`` for those in the store."""

_SCHEME = "Bearer "
_WITH_KEY = "a valid key, as `Authorization: Bearer KEY`"

logger = logging.getLogger("puntual.serving")


def open_keys(keys: str, store: str) -> KeyStore:
    """Where keys are kept.

    Parameters
    ----------
    keys : a file, or ``store``
    store : URL of the store

    Raises
    ------
    SettingError : they are in a store, and there is none
    PuntualError : the store cannot be used
    """
    if keys != STORE:
        return KeyFile(Path(keys))
    if not store:
        raise SettingError("--keys store: there is no store; wanted: --store URL with it, or a file")
    return StoredKeys(store)


def check_keys(store: KeyStore) -> None:
    """Log it if there is no valid key; a store that does not answer yet is none the worse.

    Raises
    ------
    PuntualError : the keys cannot be read
    """
    try:
        keys = store.read()
    except StoreDownError as error:
        logger.warning("%s; no key is taken until it answers", error)
        return
    if not any(key.valid(dt.datetime.now(dt.UTC)) for key in keys):
        logger.warning("no key is valid, so nobody is answered; `puntual keys create` makes one")


class Keyring:
    """Finds the key of a request, and refuses those without a right one.

    A header that was found right once is looked up by the hash that Python gives to texts, which nobody
    outside can compute, and needs no SHA-256; one that is wrong is compared in a constant time.

    Parameters
    ----------
    store : None: as the settings say
    """

    def __init__(self, settings: Settings, store: KeyStore | None = None) -> None:
        self._settings, self._store = settings, store
        self._keys: dict[str, Key] | None = None
        self._verified: dict[str, Key] = {}
        self._reading: asyncio.Future[None] | None = None
        self._read_at = 0.0
        self._failed = ""
        self._read()

    def find(self, authorization: str | None, scope: str) -> Key:
        """The key that a request comes with.

        Raises
        ------
        RefusedError : ``unauthorized``: none, or no valid one; ``forbidden``: it does not allow the scope;
            ``no-store``: the keys are not known yet
        """
        key = self._verified.get(authorization or "") or self._verify(authorization)
        if not key.allows(scope):
            found = f"the key {key.id}, which allows: {', '.join(key.scopes)}"
            wanted = f"a key with the scope {scope}"
            challenge = f'Bearer realm="puntual", error="insufficient_scope", scope="{scope}"'
            headers = (("www-authenticate", challenge),)
            raise RefusedError("forbidden", found, found=found, allowed=wanted, headers=headers)
        return key

    def refresh(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read the keys again, beside the thread that answers; called a few times a second."""
        due = time.monotonic() - self._read_at > READ_SECONDS
        if due and (self._reading is None or self._reading.done()):
            self._reading = loop.run_in_executor(None, self._read)

    def _verify(self, authorization: str | None) -> Key:
        if self._keys is None:
            headers = (("retry-after", "5"),)
            raise RefusedError("no-store", "the keys cannot be read yet", headers=headers)
        if authorization is None:
            raise _unauthorized("no key", "")
        token = authorization[len(_SCHEME) :]
        if not authorization[: len(_SCHEME)].lower() == _SCHEME.lower():
            raise _unauthorized("another scheme than Bearer", ', error="invalid_request"')
        key = self._keys.get(key_id(token))
        if key is None or not matches(key, token):
            raise _unauthorized("a key that is unknown, revoked or expired", ', error="invalid_token"')
        self._verified[authorization] = key
        return key

    def _read(self) -> None:
        try:
            self._store = self._store or open_keys(self._settings.keys, self._settings.store)
            now = dt.datetime.now(dt.UTC)
            keys = {key.id: key for key in self._store.read() if key.valid(now)}
        except PuntualError as error:
            if str(error) != self._failed:
                kept = "none are known yet" if self._keys is None else "those last read are kept"
                logger.error("%s; %s", error, kept)  # noqa: TRY400 - it says where and what
            self._failed = str(error)
        else:
            self._failed = ""
            if keys != self._keys:
                self._keys, self._verified = keys, {}
        self._read_at = time.monotonic()


def _unauthorized(found: str, more: str) -> RefusedError:
    headers = (("www-authenticate", f'Bearer realm="puntual"{more}'),)
    return RefusedError("unauthorized", found, found=found, allowed=_WITH_KEY, headers=headers)
