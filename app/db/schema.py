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
from app.db.session import Database

FOLDER = Path(__file__).parent / "migrations"


class WrongSchema(Exception):
    """The database has another schema than this program."""


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config)


def head() -> str:
    """The newest revision this program knows."""
    revision = _script().get_current_head()
    assert revision is not None
    return revision


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _step(connection: Connection) -> str | None:
    """Apply the next missing migration inside the caller's transaction; its revision, or None."""
    script = _script()
    current = _current(connection)
    known = [revision.revision for revision in script.walk_revisions()][::-1]
    if current is not None and current not in known:
        raise WrongSchema(
            f"The database is at revision {current}, which this version does not know. "
            "Start the newer version of Naru it was made with."
        )
    following = known[known.index(current) + 1 :] if current else known
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


async def check(database: Database) -> None:
    """Raise WrongSchema unless the schema is exactly this program's."""
    async with database.read() as session:
        connection = await session.connection()
        current = await connection.run_sync(_current)
    if current != head():
        raise WrongSchema(
            f"The database is at revision {current or 'none'}, this program needs {head()}. "
            "Run `naru migrate`, or start with `naru up`, which does it."
        )
