"""From a URL to a database that is safe to write to; what its drivers say, in one line."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from puntual.errors import PuntualError, StoreDownError, StoreError, printable

_WANTED = "`sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`"
_DOWN = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, sa.exc.InternalError)
_REMEDIES = {
    "database is locked": "no other program that keeps it locked",
    "full": "room on its disk",
    "No space left": "room on its disk",
    "readonly": "a file and a folder that may be written",
    "unable to open": "a folder that is there and may be written",
    "password authentication": "the right user and password in the URL",
}


def parse_url(url: str) -> sa.URL:
    """The URL with the driver that Puntual uses.

    Raises
    ------
    StoreError : it is not one of SQLite's or PostgreSQL's, or names no file or database

    Examples
    --------
    >>> parse_url("postgresql://desk:secret@db/flights").drivername
    'postgresql+psycopg'
    >>> parse_url("mysql://desk:secret@db/flights")
    Traceback (most recent call last):
        ...
    puntual.errors.StoreError: store: its URL begins with 'mysql'; wanted: `sqlite:///FILE` or ...
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise StoreError("store", "its URL cannot be read", wanted=_WANTED) from None
    kind = parsed.drivername.partition("+")[0]
    if kind not in {"sqlite", "postgresql", "postgres"}:
        raise StoreError("store", f"its URL begins with {printable(kind)!r}", wanted=_WANTED)
    if kind != "sqlite":
        if not parsed.database:
            raise StoreError("store", "its URL names no database", wanted=_WANTED)
        return parsed.set(drivername="postgresql+psycopg")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("store", "its URL names no file", wanted=_WANTED)
    return parsed.set(drivername="sqlite+pysqlite")


def describe(url: sa.URL) -> str:
    """Where a store is, with neither user nor password.

    Examples
    --------
    >>> describe(parse_url("postgresql://desk:secret@db/flights?password=secret"))
    'postgresql://db/flights'
    >>> describe(parse_url("sqlite:///data/events.db"))
    'data/events.db'
    """
    if url.drivername.startswith("sqlite"):
        return printable(str(url.database))
    place = sa.URL.create("postgresql", host=url.host or "", port=url.port, database=url.database)
    return printable(place.render_as_string())


def connect(url: sa.URL, wait_s: float) -> sa.Engine:
    """An engine; it connects when it is first used.

    In SQLite a commit returns when the write-ahead log is on the disk (``synchronous=FULL``), and readers
    never wait. In PostgreSQL neither a lock nor a statement is waited for without end.

    Parameters
    ----------
    wait_s : seconds that a transaction waits for another one to end, or for a connection
    """
    pool = {"pool_size": 4, "max_overflow": 4, "pool_timeout": wait_s}
    if url.drivername.startswith("sqlite"):
        engine = sa.create_engine(url, connect_args={"timeout": wait_s}, **pool)
        sa.event.listen(engine, "connect", lambda connection, _: _configure(connection, wait_s))
        sa.event.listen(engine, "begin", lambda connection: _begin(connection, wait_s))
        return engine
    milliseconds = round(1000 * wait_s)
    limits = {"lock": 1, "statement": 6, "idle_in_transaction_session": 12}
    options = " ".join(f"-c {name}_timeout={times * milliseconds}" for name, times in limits.items())
    arguments = {
        "connect_timeout": max(2, round(wait_s)),
        "tcp_user_timeout": milliseconds,
        "options": f"{options} -c timezone=UTC -c synchronous_commit=on",
        "application_name": "puntual",
    }
    return sa.create_engine(url, connect_args=arguments, pool_pre_ping=True, **pool)


def _configure(connection: sqlite3.Connection, wait_s: float) -> None:
    # The driver begins no transaction by itself: `_begin` does.
    connection.isolation_level = None
    deadline = time.monotonic() + wait_s
    while (mode := _switch_to_wal(connection, deadline)) is None:
        time.sleep(0.01)
    if mode != "wal":
        raise sqlite3.OperationalError(
            f"SQLite's write-ahead log does not work there (journal mode {mode!r})"
        )
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA journal_size_limit=67108864")


def _switch_to_wal(connection: sqlite3.Connection, deadline: float) -> str | None:
    """The mode; None: others begin at the same time, for which SQLite itself does not wait here."""
    try:
        return str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0])
    except sqlite3.OperationalError as error:
        if "locked" not in str(error) or time.monotonic() > deadline:
            raise
        return None


def _begin(connection: sa.Connection, wait_s: float) -> None:
    if not connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite itself would look again after longer and longer pauses, while others that write overtake.
    deadline = time.monotonic() + wait_s
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        while not _begin_to_write(connection, deadline):
            time.sleep(0.002)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={round(1000 * wait_s)}")


def _begin_to_write(connection: sa.Connection, deadline: float) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except sa.exc.OperationalError as error:
        if "locked" not in str(error.orig) or time.monotonic() > deadline:
            raise
        return False
    return True


class Unreplaced:
    """Sees that the file that SQLite has open is still the one at its path; no file: nothing to see."""

    def __init__(self, url: sa.URL, where: str) -> None:
        self._path = Path(str(url.database)) if url.drivername.startswith("sqlite") else None
        self._where = where
        self._opened: tuple[int, int] | None = None

    def make_folder(self) -> None:
        """Make the folder of the file, if it is not there."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)

    def check(self) -> None:
        """Raise if the file was removed or replaced since the first check: what is written would be lost."""
        if self._path is None:
            return
        try:
            found = self._path.stat()
        except OSError:
            now = None
        else:
            now = found.st_dev, found.st_ino
        self._opened = self._opened or now
        if now != self._opened:
            raise StoreError(
                self._where,
                "the file was removed or replaced while in use",
                wanted="a restart of the service",
            )


@contextlib.contextmanager
def one_line_errors(where: str) -> Iterator[None]:
    """Raise what the database raises as one line.

    Raises
    ------
    StoreDownError : the database does not answer, is locked, full, or broke off; it may work later
    StoreError : anything else
    """
    try:
        yield
    except PuntualError:
        raise
    except sa.exc.SQLAlchemyError as error:
        found = _reason(error)
        wanted = next((remedy for part, remedy in _REMEDIES.items() if part in found), "")
        broke_off = isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
        if broke_off or isinstance(error, _DOWN):
            missing = "no such table" in found
            kind = StoreError if missing else StoreDownError
            raise kind(where, found, wanted=wanted or "a database that answers") from None
        raise StoreError(where, found, wanted=wanted or "a database of Puntual's own") from None


def _reason(error: Any) -> str:
    text = str(getattr(error, "orig", None) or error).strip()
    return printable(text.splitlines()[0].strip()) if text else type(error).__name__
