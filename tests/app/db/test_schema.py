"""Migrations: whole or not at all, one at a time, and equal to the models."""

import asyncio
import multiprocessing
import random
import signal
import time
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlmodel import SQLModel

import app.db.models  # noqa: F401 - fills the metadata
from app.db import partitions, schema
from app.db.session import Database
from tests.app.db import mover
from tests.app.db.conftest import Store

TABLES = {table.name for table in SQLModel.metadata.sorted_tables}
ENGINE = {"flow", "campaign", "campaign_chunk", "campaign_mistake"}  # made by revision 0003
PICTURES = {"picture", "picture_upload"}  # by 0004
CONSOLE = {
    "staff",
    "login",
    "login_failure",
    "access_log",
    "consult_channel",
    "presence",
    "team",
    "team_staff",
    "label",
    "case_label",
    "canned_reply",
    "bot",
    "bot_turn",
    "attachment",
    "attachment_data",
    "chat_gram",
}  # fmt: skip - by 0005
# what there is between two migrations
WHOLE: tuple[set[str], ...] = (
    set(),
    TABLES - ENGINE - PICTURES - CONSOLE,
    TABLES - PICTURES - CONSOLE,
    TABLES - CONSOLE,
    TABLES,
    TABLES,
)
REVISIONS = sorted(path.stem[1:5] for path in (schema.FOLDER / "versions").glob("v*.py"))
# one process with everything imported, whose children start at once
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.app.db.mover"])


def start(store: Store, moment: str) -> BaseProcess:
    """A process that migrates."""
    process = FORKS.Process(target=mover.migrate, args=(store.url, store.folder, moment))
    process.start()
    return process


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def there(store: Store) -> set[str]:
    """Which of our tables exist."""
    async with store.open() as database, database.read() as session:
        return TABLES & await (await session.connection()).run_sync(tables)


async def is_whole(store: Store) -> None:
    """Whole migrations only; the rest is always applied, and then there is nothing to do."""
    found = await there(store)
    assert found in WHOLE, f"half done: {sorted(TABLES - found)} are missing"
    applied = await store.migrate()
    assert applied == REVISIONS[len(REVISIONS) - len(applied) :]
    assert found or applied == REVISIONS
    assert await there(store) == TABLES
    async with store.open() as database:
        assert await schema.migrate(database) == []
        await schema.check(database)


@pytest.mark.parametrize("moment", ["commit", "1", "30", "60"])
async def test_killed_at_a_named_moment_nothing_is_half_done(empty: Store, moment: str) -> None:
    """K13: SIGKILL of the process that migrates."""
    process = start(empty, moment)
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert await there(empty) == set()
    await is_whole(empty)


async def test_killed_at_any_moment_nothing_is_half_done(empty: Store) -> None:
    """K13: at random moments."""
    chance = random.Random(time.time_ns())
    for _ in range(4):
        process = start(empty, "never")
        await asyncio.sleep(chance.random() * 0.3)
        process.kill()
        process.join(30)
        assert await there(empty) in WHOLE
    await is_whole(empty)


async def test_of_two_migrations_at_once_one_does_it(empty: Store) -> None:
    async with empty.open() as one, empty.open() as two:
        applied = await asyncio.gather(schema.migrate(one), schema.migrate(two))
    assert sorted(one for part in applied for one in part) == REVISIONS
    await is_whole(empty)


async def test_an_unknown_revision_is_refused(database: Database) -> None:
    async with database.schema_change() as conn:
        await conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(schema.WrongSchema, match=r"9999.*does not know"):
            await schema.migrate(database)
        with pytest.raises(schema.WrongSchema, match=rf"9999.*needs {schema.head()}"):
            await schema.check(database)
    finally:
        async with database.schema_change() as conn:
            await conn.exec_driver_sql(
                f"UPDATE alembic_version SET version_num = '{schema.head()}'"
            )
    await schema.check(database)


async def test_an_empty_database_is_refused_by_all_at_once(empty: Store) -> None:
    async def look() -> None:
        async with empty.open() as database:
            with pytest.raises(schema.WrongSchema, match="revision none"):
                await schema.check(database)

    await asyncio.gather(*(look() for _ in range(8)))


def ours(obj: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave out monthly partitions: the migration of the day makes them."""
    table = name if kind == "table" else getattr(getattr(obj, "table", None), "name", None)
    return not (reflected and table not in TABLES)


def differences(connection: Connection) -> list[Any]:
    options = {"include_object": ours, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, SQLModel.metadata))


async def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    async with database.read() as session:
        connection = await session.connection()
        assert await connection.run_sync(differences) == []


async def test_a_difference_would_be_seen(empty: Store) -> None:
    await empty.migrate()
    async with empty.open() as database:
        async with database.schema_change() as conn:
            await conn.exec_driver_sql('ALTER TABLE worker ADD COLUMN "extra" INTEGER')
            await conn.exec_driver_sql("DROP INDEX ix_lot_ready")
        async with database.read() as session:
            connection = await session.connection()
            found = {one[0] for one in await connection.run_sync(differences)}
    assert found == {"remove_column", "add_index"}


async def test_every_table_that_grows_is_cut_by_month(postgres_store: Store) -> None:
    async with postgres_store.open() as database, database.read() as session:
        names = await (await session.connection()).run_sync(tables)
    for table in partitions.PARTITIONED:
        mine = {
            name for name in names if name.startswith(f"{table}_2") or name == f"{table}_default"
        }
        assert len(mine) == 1 + partitions.AHEAD, mine


def test_revisions_follow_each_other() -> None:
    names = sorted(p.stem for p in (schema.FOLDER / "versions").glob("v*.py"))
    assert [name[1:5] for name in names] == [f"{i + 1:04}" for i in range(len(names))]
    assert names[-1].startswith(f"v{schema.head()}_")
