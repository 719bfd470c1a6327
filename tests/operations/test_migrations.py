"""The versions of the tables, and what is loaded when there is nothing to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from puntual.operations.store import open_store
from puntual.operations.store.engine import connect, parse_url
from puntual.operations.store.log import NEWEST_VERSION
from puntual.operations.store.migration import MIGRATIONS, migrate
from puntual.operations.store.table import log
from tests.operations.made_up_events import departure

SCRIPTS = ScriptDirectory(MIGRATIONS, version_locations=[MIGRATIONS])
VERSIONS = [script.revision for script in SCRIPTS.walk_revisions()]

LOADED = """
import sys
from puntual.operations.store import follower, open_store, writer
from puntual.serving import app

def loaded():
    return sorted({"sqlalchemy", "alembic", "mako", "psycopg", "sqlite3"} & sys.modules.keys())

before = loaded()
if len(sys.argv) > 1:
    open_store(sys.argv[1])
print(before, loaded())
"""


def load(*arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True
    )
    return ended.stdout.strip()


def test_the_program_knows_its_newest_version() -> None:
    assert [NEWEST_VERSION] == SCRIPTS.get_heads()
    assert VERSIONS == sorted(VERSIONS, reverse=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_becomes_the_newest(url: str, version: str) -> None:
    engine = connect(parse_url(url), 5)
    if url.startswith("sqlite"):
        Path(str(engine.url.database)).parent.mkdir()
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        migrate(connection, "here", version)
    store = open_store(url)
    assert store.append([departure(1)]).new == 1
    columns = {column["name"]: column["nullable"] for column in sa.inspect(engine).get_columns("log")}
    assert columns == {column.name: column.nullable for column in log.columns}
    store.close()
    engine.dispose()


def test_a_server_without_a_store_loads_no_library_of_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/events.db"
    assert load() == "[] []"
    assert load(url) == "[] ['alembic', 'mako', 'sqlalchemy', 'sqlite3']"
    assert load(url) == "[] ['sqlalchemy', 'sqlite3']"
