"""Migrations: applied under a lock, one transaction each, refused when the schema is not ours."""

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.db import partitions
from app.db.models.fields import now as clock
from app.db.revision import WrongSchema, check, current, head
from app.db.session import Database

__all__ = ["WrongSchema", "check", "head", "migrate"]

FOLDER = Path(__file__).parent / "migrations"


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config)


def _step(connection: Connection) -> str | None:
    """Apply the next missing migration inside the caller's transaction; its revision, or None."""
    script = _script()
    found = current(connection)
    known = [revision.revision for revision in script.walk_revisions()][::-1]
    if found is not None and found not in known:
        raise WrongSchema(
            f"The database is at revision {found}, which this version does not know. "
            "Start the newer version of Naru it was made with."
        )
    following = known[known.index(found) + 1 :] if found else known
    if not following:
        return None
    revision: Any = script.get_revision(following[0])
    context = MigrationContext.configure(connection)
    with Operations.context(context):
        revision.module.upgrade()
    context._ensure_version_table()
    context.stamp(script, revision.revision)
    return str(revision.revision)


async def migrate(database: Database) -> list[str]:
    """Bring the schema up to date; the revisions applied. Safe to kill at any point."""
    applied: list[str] = []
    while True:
        async with database.schema_change() as connection:
            revision = await connection.run_sync(_step)
            if revision is None and not database.is_sqlite:
                await partitions.make_ahead(connection, clock())
        if revision is None:
            return applied
        applied.append(revision)
