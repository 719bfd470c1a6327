"""Keys of the API in the store."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from puntual.access.keys import Key, find_key
from puntual.operations.store import open_store

if TYPE_CHECKING:
    import sqlalchemy as sa


class StoredKeys:
    """The keys in a store, which every server of that store takes.

    Raises
    ------
    StoreError : from every method: the store cannot be used as it is
    StoreDownError : from every method: it does not answer
    """

    def __init__(self, url: str) -> None:
        self._store = open_store(url, down_is_fine=True)

    def read(self) -> list[Key]:
        """Every key, in the order in which they were made."""
        import sqlalchemy as sa

        from puntual.operations.store.table import keys

        with self._store.transaction() as connection:
            rows = connection.execute(sa.select(keys).order_by(keys.c.created, keys.c.id)).all()
        return [_key(row) for row in rows]

    def add(self, key: Key) -> None:
        """Keep a new key."""
        from puntual.operations.store.table import keys

        row = {name: getattr(key, name) for name in key.__struct_fields__} | {"scopes": " ".join(key.scopes)}
        with self._store.transaction(writes=True) as connection:
            connection.execute(keys.insert().values(row))

    def revoke(self, key_id: str, now: dt.datetime) -> Key:
        """Revoke a key.

        Raises
        ------
        SettingError : there is no such key
        """
        from puntual.operations.store.table import keys

        with self._store.transaction(writes=True) as connection:
            active = (keys.c.id == key_id) & keys.c.revoked.is_(None)
            connection.execute(keys.update().where(active).values(revoked=now))
        return find_key(self.read(), key_id)

    def close(self) -> None:
        """Close the connections."""
        self._store.close()


def _key(row: sa.Row[Any]) -> Key:
    times = (_utc(row.created), _utc(row.expires), _utc(row.revoked))
    created, expires, revoked = times
    assert created is not None  # noqa: S101 - the column has no nulls
    return Key(row.id, row.name, tuple(row.scopes.split()), row.digest, created, expires, revoked)


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    """SQLite gives times without their zone."""
    if moment is None:
        return None
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
