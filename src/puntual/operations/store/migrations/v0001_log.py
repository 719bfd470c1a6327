"""The log of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "log",
        # SQLite numbers rows only where the type is INTEGER; a number is never given twice.
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subject", sa.LargeBinary(16), nullable=False),
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.UniqueConstraint("digest", name="log_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("log_subject", "log", ["subject", "known_at"])
    op.create_index("log_known_at", "log", ["known_at", "sequence"])
    op.create_index("log_day", "log", ["day"])
