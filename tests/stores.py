"""Migrated stores: migrated once per process and copied, in a tenth of the time."""

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

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


@pytest.fixture
def postgres(postgres_template: str) -> Iterator[str]:
    """Give a test its own migrated PostgreSQL database: ``postgresql+asyncpg://…``."""
    with fresh_database(postgres_template) as url:
        yield url


def _make(url: str, folder: Path) -> None:
    """Migrate outside the caller's event loop."""

    async def work() -> None:
        database = Database(url, folder)
        try:
            await schema.migrate(database)
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(work())).result()
