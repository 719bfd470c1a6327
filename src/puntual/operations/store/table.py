"""The tables of the store; `migrations` makes them."""

from __future__ import annotations

import sqlalchemy as sa

_METADATA = sa.MetaData()

log = sa.Table(
    "log",
    _METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("origin", sa.String(8), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("subject", sa.LargeBinary(16), nullable=False),
    sa.Column("digest", sa.LargeBinary(16), nullable=False, unique=True),
    sa.Column("body", sa.Text, nullable=False),
)
"""All events, in the order in which they were written.

`kind` is the event's tag; `origin` and `day` are the airport and the local day that it is about; `subject`
and `digest` are hashes of what it is about and of all that it says (`puntual.operations.store.admission`);
`body` is the event as JSON. Times are UTC.
"""

keys = sa.Table(
    "keys",
    _METADATA,
    sa.Column("id", sa.String(8), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("scopes", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires", sa.DateTime(timezone=True)),
    sa.Column("revoked", sa.DateTime(timezone=True)),
)
"""The keys of the API (`puntual.access.keys.Key`); `scopes` are separated by spaces. Times are UTC."""
