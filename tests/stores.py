"""Migrated stores: migrated once per process, then files are copied and databases emptied.

A copy takes a tenth of a migration's time; emptying a database a tenth of a copy's.
"""

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from sqlmodel import SQLModel

from app.db import revision, schema
from app.db.session import Database
from tests.needs import fresh_database


@cache
def migrated_file() -> Path:
    """A migrated SQLite file to copy; nobody opens it."""
    folder = Path(tempfile.mkdtemp(prefix="naru-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _make(f"sqlite+aiosqlite:///{folder / 'naru.db'}", folder)
    return folder / "naru.db"


async def migrate(database: Database) -> None:
    """Bring a new store up to date: a copy where it is a file that nobody has opened yet."""
    path = database.folder / "naru.db"
    if database.is_sqlite and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(await asyncio.to_thread(migrated_file), path)
    try:
        await revision.check(database)
    except revision.WrongSchema:
        await schema.migrate(database)


@pytest.fixture(scope="session")
def migrated() -> Path:
    """A migrated SQLite file to copy."""
    return migrated_file()


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a migrated PostgreSQL database to copy; nobody stays connected to it."""
    with fresh_database() as url:
        _make(url, tmp_path_factory.mktemp("template"))
        yield url.rpartition("/")[2]


@pytest.fixture(scope="session")
def postgres_pool(postgres_template: str) -> Iterator["Pool"]:
    """Databases for one test after the other."""
    with ExitStack() as stack:
        yield Pool(postgres_template, stack)


@pytest.fixture
def postgres(postgres_pool: "Pool") -> Iterator[str]:
    """Give a test its own migrated, empty PostgreSQL database: ``postgresql+asyncpg://…``."""
    url = postgres_pool.take()
    yield url
    postgres_pool.give_back(url)


class Pool:
    """Migrated databases; who gives one back finds it empty the next time."""

    def __init__(self, template: str, stack: ExitStack) -> None:
        self._template, self._stack = template, stack
        self._free: list[str] = []
        self._shapes: dict[str, str] = {}

    def take(self) -> str:
        """One that nobody uses; made, where there is none."""
        if self._free:
            return self._free.pop()
        url = self._stack.enter_context(fresh_database(self._template))
        self._shapes[url] = _apart(_emptied(url))
        return url

    def give_back(self, url: str) -> None:
        """Empty it; one whose tables a test has changed is not used again."""
        if _apart(_emptied(url)) == self._shapes[url]:
            self._free.append(url)


ALONE = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
SHAPE = """
SELECT (SELECT string_agg(version_num, ' ') FROM alembic_version) || md5(string_agg(
    concat_ws(' ', attrelid, attname, atttypid, attnotnull, atthasdef, attisdropped), ','
    ORDER BY attrelid, attnum
)) FROM pg_attribute WHERE attrelid >= 16384
"""  # of all tables and indexes; below are PostgreSQL's own


async def _emptied(url: str) -> str:
    """Take everybody else's connection and every row; returns what the tables look like."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(ALONE)
        tables = SQLModel.metadata.sorted_tables[::-1]
        await connection.execute("".join(f'DELETE FROM "{table.name}";' for table in tables))
        return str(await connection.fetchval(SHAPE))
    finally:
        await connection.close()


def _make(url: str, folder: Path) -> None:
    """Migrate a new store."""

    async def work() -> None:
        database = Database(url, folder)
        try:
            await schema.migrate(database)
        finally:
            await database.close()

    _apart(work())


T = TypeVar("T")


def _apart(work: Coroutine[Any, Any, T]) -> T:
    """Outside the caller's event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work)).result()
