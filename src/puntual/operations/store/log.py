"""The log of events in a database: written in one order, read in that order."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from puntual.errors import StoreError, printable
from puntual.operations.events import Event, LogEntry
from puntual.operations.store.admission import Appended, Batch, Newest, Row, admit, undated_subjects
from puntual.operations.store.engine import Unreplaced, connect, describe, one_line_errors, parse_url
from puntual.operations.store.table import log

NEWEST_VERSION = "0002"
"""Of the tables; a test holds it to `migrations`. At this version nothing of Alembic is loaded."""

_MIGRATION_LOCK, _WRITE_LOCK = 0x70756E7475616C00, 0x70756E7475616C01
"""Advisory locks of PostgreSQL."""

MAX_SUBJECTS = 500
"""That one query looks up."""

_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class Store:
    """An append-only log of events; safe to use from several threads and processes at once.

    Parameters
    ----------
    wait_s : seconds that a transaction waits for another one to end, or for a connection

    Attributes
    ----------
    where : file or address, without user and password

    Raises
    ------
    StoreError : from every method: what was found is not a store of this version
    StoreDownError : from every method: the database does not answer, is locked or full
    """

    def __init__(self, url: str, *, wait_s: float = 5) -> None:
        parsed = parse_url(url)
        self.where = describe(parsed)
        self._engine = connect(parsed, wait_s)
        self._file = Unreplaced(parsed, self.where)
        self._prepared = False
        self._preparing = threading.Lock()

    def prepare(self) -> None:
        """Bring the tables to the version of this program; whoever comes first does it, the others wait."""
        with self._preparing, one_line_errors(self.where):
            if self._prepared:
                return
            self._file.make_folder()
            if self._version() != NEWEST_VERSION:
                self._migrate()
            self._file.check()
            self._prepared = True

    def append(self, events: Sequence[Event], *, received_at: dt.datetime | None = None) -> Appended:
        """Write events, all or none; they are on the disk when this returns.

        Parameters
        ----------
        received_at : when events that do not say when they became known did; None: now
        """
        return self.append_batches([Batch(events, received_at)])[0]

    def append_batches(self, batches: Sequence[Batch]) -> list[Appended]:
        """Write several batches in one transaction, in their order."""
        with self.transaction(writes=True) as connection:
            now = dt.datetime.now(dt.UTC)
            received_at = max((batch.received_at or now for batch in batches), default=now)
            newest = _newest(connection, undated_subjects(batches), received_at)
            admitted = admit(batches, newest, now)
            written = _insert(connection, [row for rows in admitted for row in rows])
            last = connection.scalar(sa.select(sa.func.max(log.c.sequence))) or 0
        results = []
        for batch, rows in zip(batches, admitted, strict=True):
            new = {row.digest for row in rows} & written
            written -= new
            results.append(Appended(len(new), len(batch.events) - len(new), last))
        return results

    def after(self, sequence: int, limit: int = 1000) -> list[LogEntry]:
        """The entries after a sequence, in order; none is ever written before one that was read."""
        chosen = sa.select(log.c.sequence, log.c.body).where(log.c.sequence > sequence)
        return self._read(chosen.order_by(log.c.sequence).limit(limit))

    def known_by(
        self, moment: dt.datetime, since: dt.date, limit: int = 1000, *, after: dt.datetime | None = None
    ) -> Iterator[LogEntry]:
        """What was known at a moment about the days since one, in the order in which it became known.

        Parameters
        ----------
        after : without what was known at this earlier moment already
        limit : entries that are read at a time
        """
        chosen = (
            sa.select(log.c.sequence, log.c.body)
            .where(log.c.known_at <= moment.astimezone(dt.UTC), log.c.day >= since)
            .order_by(log.c.known_at, log.c.sequence)
            .limit(limit)
        )
        if after is not None:
            chosen = chosen.where(log.c.known_at > after.astimezone(dt.UTC))
        page = self._read(chosen)
        while page:
            yield from page
            last = sa.tuple_(log.c.known_at, log.c.sequence) > sa.tuple_(
                sa.literal(page[-1].known_at, log.c.known_at.type), page[-1].sequence
            )
            page = self._read(chosen.where(last)) if len(page) == limit else []

    def prune(self, before: dt.date, *, pause_s: float = 0.05) -> int:
        """Delete what is about days before one, in steps between which others write; give how many."""
        deleted = step = self.prune_step(before)
        while step:
            time.sleep(pause_s)
            step = self.prune_step(before)
            deleted += step
        return deleted

    def prune_step(self, before: dt.date, limit: int = 1000) -> int:
        """Delete at most so many entries that are about days before one; give the number deleted."""
        old = sa.select(log.c.sequence).where(log.c.day < before)
        with self.transaction() as connection:
            if connection.scalar(old.limit(1)) is None:
                return 0
        with self.transaction(writes=True) as connection:
            return connection.execute(sa.delete(log).where(log.c.sequence.in_(old.limit(limit)))).rowcount

    def close(self) -> None:
        """Close the connections; a store that is used again opens new ones."""
        self._engine.dispose()

    @contextlib.contextmanager
    def transaction(self, *, writes: bool = False) -> Iterator[sa.Connection]:
        """A transaction, which is committed at the end; those that write come one after another."""
        if not self._prepared:
            self.prepare()
        with one_line_errors(self.where):
            self._file.check()
            with self._engine.connect() as connection:
                connection.execution_options(writes=writes)
                with connection.begin():
                    if writes:
                        self._lock(connection, _WRITE_LOCK)
                    yield connection

    def _lock(self, connection: sa.Connection, number: int) -> None:
        """Wait for all others that write; in SQLite the transaction itself does."""
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))

    def _read(self, chosen: sa.Select[int, str]) -> list[LogEntry]:
        with self.transaction() as connection:
            rows = connection.execute(chosen).all()
        return [self._decode(sequence, body) for sequence, body in rows]

    def _decode(self, sequence: int, body: str) -> LogEntry:
        try:
            event = _DECODER.decode(body)
        except msgspec.MsgspecError as error:
            raise StoreError(
                self.where,
                f"entry {sequence} of its log cannot be read: {printable(str(error))}",
                wanted="the newer Puntual that wrote it",
            ) from None
        if event.known_at is None:
            raise StoreError(self.where, f"entry {sequence} of its log does not say when it became known")
        return LogEntry(sequence, event.known_at.astimezone(dt.UTC), event)

    def _version(self) -> str | None:
        with self._engine.connect() as connection:
            if not sa.inspect(connection).has_table("log_version"):
                return None
            version = connection.scalar(sa.text("SELECT version_num FROM log_version"))
            return None if version is None else str(version)

    def _migrate(self) -> None:
        from puntual.operations.store.migration import migrate

        with self._engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                self._lock(connection, _MIGRATION_LOCK)
                migrate(connection, self.where)


def _newest(connection: sa.Connection, subjects: Iterable[bytes], by: dt.datetime) -> Newest:
    """The newest that is known by a moment of each subject that the log has."""
    found: Newest = {}
    wanted = sorted(subjects)
    for start in range(0, len(wanted), MAX_SUBJECTS):
        some = wanted[start : start + MAX_SUBJECTS]
        latest = (
            sa.select(log.c.subject, sa.func.max(log.c.known_at).label("known_at"))
            .where(log.c.subject.in_(some), log.c.known_at <= by.astimezone(dt.UTC))
            .group_by(log.c.subject)
            .subquery()
        )
        same = (log.c.subject == latest.c.subject) & (log.c.known_at == latest.c.known_at)
        rows = connection.execute(sa.select(log.c.subject, log.c.known_at, log.c.digest).join(latest, same))
        for subject, known_at, digest in rows:
            moment = (
                known_at.replace(tzinfo=dt.UTC) if known_at.tzinfo is None else known_at.astimezone(dt.UTC)
            )
            found.setdefault(bytes(subject), (moment, set()))[1].add(bytes(digest))
    return found


def _insert(connection: sa.Connection, rows: list[Row]) -> set[bytes]:
    """Write what the log does not have; give the digests of that."""
    if not rows:
        return set()
    insert = sqlite.insert(log) if connection.dialect.name == "sqlite" else postgresql.insert(log)
    statement = insert.on_conflict_do_nothing(index_elements=["digest"]).returning(log.c.digest)
    unique = {row.digest: row._asdict() for row in rows}
    return {bytes(digest) for (digest,) in connection.execute(statement, list(unique.values()))}
