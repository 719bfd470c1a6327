"""Keys of the API: made once, shown once, and kept as hashes."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from puntual.errors import SettingError

SCOPES = {
    "predict": "ask about flights: `POST /v1/predictions`",
    "operate": "send events, timetables and weather",
    "read": "everything that is read: the model, boards, rates, metrics, the API's description",
    "admin": "all of these",
}
"""What a key may allow."""

MAX_NAME = 64

_TOKEN = re.compile(r"puntual_(?P<id>[0-9a-f]{8})_[A-Za-z0-9_-]{43}")


class Key(msgspec.Struct, frozen=True):
    """What is kept of a key; the key itself cannot be made from it.

    Attributes
    ----------
    id : eight hexadecimal digits, which the key begins with
    name : whose it is
    scopes : of `SCOPES`
    digest : SHA-256 of the key. It has 256 random bits, so that nothing slower is needed against guessing
    created, expires, revoked : UTC; None: never
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    digest: str
    created: dt.datetime
    expires: dt.datetime | None = None
    revoked: dt.datetime | None = None

    def valid(self, now: dt.datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    def allows(self, scope: str) -> bool:
        """Whether it may be used for a scope.

        Examples
        --------
        >>> now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        >>> [Key("0", "desk", ("operate",), "", now).allows(scope) for scope in SCOPES]
        [False, True, False, False]
        >>> [Key("0", "desk", ("admin",), "", now).allows(scope) for scope in SCOPES]
        [True, True, True, True]
        """
        return scope in self.scopes or "admin" in self.scopes


class KeyStore(Protocol):
    """Where keys are kept.

    Raises
    ------
    PuntualError : from every method: it cannot be used
    """

    def read(self) -> list[Key]:
        """Every key, revoked ones too, in the order in which they were made."""

    def add(self, key: Key) -> None:
        """Keep a new key."""

    def revoke(self, key_id: str, now: dt.datetime) -> Key:
        """Revoke a key; one that is revoked already stays as it is."""


def authorization(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The header with which a program sends its own key, that of ``PUNTUAL_KEY``; none without one.

    Examples
    --------
    >>> authorization({"PUNTUAL_KEY": "puntual_1a2b3c4d_..."}), authorization({})
    ({'authorization': 'Bearer puntual_1a2b3c4d_...'}, {})
    """
    key = environ.get("PUNTUAL_KEY", "").strip()
    return {"authorization": f"Bearer {key}"} if key else {}


def create_key(
    name: str, scopes: Sequence[str], now: dt.datetime, expires: dt.datetime | None = None
) -> tuple[Key, str]:
    """A new key: what is kept of it, and the key itself.

    Raises
    ------
    SettingError : no such scope, or a name that is empty, long or not printable

    Examples
    --------
    >>> key, token = create_key("desk", ["operate"], dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    >>> key.id == key_id(token), matches(key, token), matches(key, token[:-1] + "!")
    (True, True, False)
    >>> create_key("desk", ["write"], dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    Traceback (most recent call last):
        ...
    puntual.errors.SettingError: --scope: 'write'; wanted: predict, operate, read or admin
    """
    if not (name.strip() and name.isprintable() and len(name) <= MAX_NAME):
        raise SettingError(f"the key's name: {name!r}; wanted: up to {MAX_NAME} printable characters")
    *some, last = SCOPES
    for scope in scopes:
        if scope not in SCOPES:
            raise SettingError(f"--scope: {scope!r}; wanted: {', '.join(some)} or {last}")
    token = f"puntual_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"
    chosen = tuple(scope for scope in SCOPES if scope in scopes)
    return Key(token.split("_")[1], name, chosen, _digest(token), now, expires), token


def key_id(token: str) -> str:
    """The id that a key begins with; empty if it has not the form of a key."""
    found = _TOKEN.fullmatch(token)
    return found["id"] if found else ""


def matches(key: Key, token: str) -> bool:
    """Whether a text is the key, compared in a time that does not depend on where they differ."""
    return hmac.compare_digest(_digest(token), key.digest)


def find_key(keys: Iterable[Key], key_id: str) -> Key:
    """The key with an id.

    Raises
    ------
    SettingError : there is none
    """
    for key in keys:
        if key.id == key_id:
            return key
    raise SettingError(f"{key_id!r} is no key's id; wanted: one that `puntual keys list` shows")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
