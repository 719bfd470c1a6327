"""Keys in a file of their own, for a server without a store."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from puntual.access.keys import Key, find_key
from puntual.errors import SettingError
from puntual.files import atomic_file, describe_error, read_file

MAX_BYTES = 4 * 2**20
_WANTED = "a file of `puntual keys create`"


class _Content(msgspec.Struct, frozen=True):
    keys: list[Key]


class KeyFile:
    """A JSON file of keys, which only its owner may read; changes replace it as a whole.

    Examples
    --------
    >>> KeyFile(Path("nowhere.json")).read()
    Traceback (most recent call last):
        ...
    puntual.errors.SettingError: keys: nowhere.json: no such file; wanted: a file of `puntual keys create`
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Key]:
        """Every key.

        Raises
        ------
        SettingError : the file is missing, cannot be read, or is none of keys
        """
        try:
            return msgspec.json.decode(read_file(self._path, MAX_BYTES), type=_Content).keys
        except OSError as error:
            raise self._refused(describe_error(error)) from error
        except msgspec.MsgspecError as error:
            raise self._refused(f"no file of keys ({error})") from error

    def add(self, key: Key) -> None:
        """Keep a new key; the first one makes the file.

        Raises
        ------
        SettingError : the file cannot be read or written
        """
        with self._change():
            keys = self.read() if self._path.exists() else []
            self.write([*keys, key])

    def revoke(self, key_id: str, now: dt.datetime) -> Key:
        """Revoke a key.

        Raises
        ------
        SettingError : there is no such key, or the file cannot be read or written
        """
        with self._change():
            keys = self.read()
            key = find_key(keys, key_id)
            revoked = msgspec.structs.replace(key, revoked=key.revoked or now)
            self.write([revoked if one is key else one for one in keys])
        return revoked

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Wait for whoever else changes the file."""
        try:
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield
            finally:
                os.close(folder)
        except OSError as error:
            raise self._refused(f"cannot be written: {(error.strerror or str(error)).lower()}") from error

    def write(self, keys: list[Key]) -> None:
        """Write these keys in place of all that there are."""
        with atomic_file(self._path, mode=0o600) as temporary:
            temporary.write_bytes(msgspec.json.format(msgspec.json.encode(_Content(keys)), indent=1))

    def _refused(self, found: str) -> SettingError:
        return SettingError(f"keys: {self._path}: {found}; wanted: {_WANTED}")
