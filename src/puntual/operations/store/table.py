"""The one table of the store; `migrations` makes it."""

from __future__ import annotations

import sqlalchemy as sa

log = sa.Table(
    "log",
    sa.MetaData(),
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
