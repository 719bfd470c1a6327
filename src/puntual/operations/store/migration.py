"""The store's tables are brought to the version of this program."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory

from puntual.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "log_version"


def migrate(connection: sa.Connection, where: str, target: str = "heads") -> None:
    """Take every step from the store's version to the target.

    Parameters
    ----------
    connection : in a transaction that no other migration runs beside
    target : a version; ``heads``: the newest

    Raises
    ------
    StoreError : the store's version is newer than this program
    """
    scripts = ScriptDirectory(MIGRATIONS, version_locations=[MIGRATIONS])

    def steps(current: Any, _context: MigrationContext) -> Iterable[MigrationStep]:
        revisions = list(scripts.iterate_revisions(target, current or "base"))
        return [MigrationStep.upgrade_from_script(scripts.revision_map, one) for one in reversed(revisions)]

    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "fn": steps})
    known = [script.revision for script in scripts.walk_revisions()]
    for found in context.get_current_heads():
        if found not in known:
            raise StoreError(
                where,
                f"its version is {found}, and this program knows versions up to {known[0]}",
                wanted="the newer Puntual that wrote it",
            )
    with Operations.context(context):
        context.run_migrations()
