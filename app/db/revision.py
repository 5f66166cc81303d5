"""Which revision of the schema a database has, told without loading the migration tool.

Every process asks this when it starts; only the one that migrates needs more.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app.db.session import Database

VERSIONS = Path(__file__).parent / "migrations" / "versions"


class WrongSchema(Exception):
    """The database has another schema than this program."""


@cache
def head() -> str:
    """The newest revision this program knows: its files are named ``v0001_words.py``."""
    newest = max(path.stem for path in VERSIONS.glob("v[0-9]*.py"))
    return newest[1:].partition("_")[0]


def current(connection: Connection) -> str | None:
    """The revision of a database, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


async def check(database: Database) -> None:
    """Raise WrongSchema unless the schema is exactly this program's."""
    async with database.read() as session:
        connection = await session.connection()
        found = await connection.run_sync(current)
    if found != head():
        raise WrongSchema(
            f"The database is at revision {found or 'none'}, this program needs {head()}. "
            "Run `naru migrate`, or start with `naru up`, which does it."
        )
