"""A store of each kind, migrated once."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from app.db import schema
from app.db.session import Database
from tests.needs import ask, fresh_database

KINDS = ("sqlite", "postgres")


@dataclass(frozen=True)
class Store:
    """Where a database is; opening it twice is like two processes of one installation."""

    url: str
    folder: Path

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Database]:
        """The store as one process sees it."""
        database = Database(self.url, self.folder)
        try:
            yield database
        finally:
            await database.close()

    async def migrate(self) -> list[str]:
        """Bring it up to date from a process that starts and ends."""
        async with self.open() as database:
            return await schema.migrate(database)


def sqlite_store(folder: Path) -> Store:
    """A store in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    return Store(f"sqlite+aiosqlite:///{folder / 'naru.db'}", folder)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    store = sqlite_store(tmp_path_factory.mktemp("template"))
    asyncio.run(store.migrate())
    return store.folder / "naru.db"


@pytest.fixture(scope="session")
def migrated_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated database, emptied after every test: far faster than a new one."""
    with fresh_database() as url:
        asyncio.run(Store(url, tmp_path_factory.mktemp("template")).migrate())
        yield url


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store of each kind without any table."""
    if request.param == "sqlite":
        yield sqlite_store(tmp_path / "var")
        return
    with fresh_database() as url:
        yield Store(url, tmp_path)


@pytest.fixture
def postgres_store(migrated_postgres: str, tmp_path: Path) -> Iterator[Store]:
    """A migrated store on PostgreSQL."""
    yield Store(migrated_postgres, tmp_path)
    deletes = (f'DELETE FROM "{table.name}";' for table in SQLModel.metadata.sorted_tables[::-1])
    ask(migrated_postgres.replace("+asyncpg", ""), "".join(deletes))


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A migrated store of each kind."""
    if request.param == "postgres":
        found = request.getfixturevalue("postgres_store")
        assert isinstance(found, Store)
        return found
    made = sqlite_store(tmp_path / "var")
    shutil.copy(request.getfixturevalue("migrated_sqlite"), made.folder)
    return made


@pytest.fixture
async def database(store: Store) -> AsyncIterator[Database]:
    """A migrated database of each kind."""
    async with store.open() as opened:
        yield opened
