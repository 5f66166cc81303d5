"""What may succeed when repeated, judged on errors that databases really gave."""

import sqlite3
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import exc

from app.db.outages import is_outage
from app.db.session import Database


async def fail(
    database: Database, statement: str, killed_by: asyncpg.Connection | None = None
) -> exc.SQLAlchemyError:
    with pytest.raises(exc.SQLAlchemyError) as failed:
        await _do(database, statement, killed_by)
    return failed.value


async def _do(database: Database, statement: str, killed_by: asyncpg.Connection | None) -> None:
    async with database.write() as tx:
        if killed_by:
            pid = (await tx.conn.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()
            await killed_by.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        if statement == COPY:
            await tx.sql.insert(tx.conn, "t", ["n"], [(1,)])
        else:
            await tx.conn.exec_driver_sql(statement)


COPY = "COPY"  # goes past SQLAlchemy


@pytest.mark.parametrize("statement", ["SELECT 1", COPY])
async def test_a_lost_connection_is_one(postgres: str, tmp_path: Path, statement: str) -> None:
    database = Database(postgres, tmp_path)
    killer = await asyncpg.connect(postgres.replace("+asyncpg", ""))
    async with database.write() as tx:
        await tx.conn.exec_driver_sql("CREATE TABLE t (n int)")
    assert is_outage(await fail(database, statement, killer))
    async with database.write() as tx:  # and the next one works
        await tx.conn.exec_driver_sql("INSERT INTO t VALUES (1)")
    await killer.close()
    await database.close()


@pytest.mark.parametrize("statement", ["SELECT nonsense", "SELECT 1/0", "SELECT 'x'::int", COPY])
async def test_a_wrong_statement_is_none(postgres: str, tmp_path: Path, statement: str) -> None:
    database = Database(postgres, tmp_path)
    assert not is_outage(await fail(database, statement))
    await database.close()


async def test_nobody_there(tmp_path: Path) -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none", tmp_path)
    assert is_outage(await fail(database, "SELECT 1"))
    await database.close()


async def test_sqlite(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'naru.db'}", tmp_path)
    assert not is_outage(await fail(database, "SELECT * FROM nothing"))
    async with database.write() as tx:
        await tx.conn.exec_driver_sql("CREATE TABLE t (x)")
        size = (await tx.conn.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await tx.conn.exec_driver_sql(f"PRAGMA max_page_count = {size}")
    assert is_outage(await fail(database, "INSERT INTO t VALUES (zeroblob(100000))"))
    await database.close()


def test_by_state() -> None:
    def told(error: Exception) -> bool:
        return is_outage(exc.DBAPIError("SELECT 1", None, error))

    away = (asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError, asyncpg.DiskFullError)
    raced = (asyncpg.TooManyConnectionsError, asyncpg.DeadlockDetectedError)
    assert all(told(kind("x")) for kind in (*away, *raced))
    ours = (asyncpg.UniqueViolationError, asyncpg.UndefinedTableError, asyncpg.DataError)
    assert not any(told(kind("x")) for kind in ours)
    assert not told(sqlite3.OperationalError("no code at all"))
    assert is_outage(exc.TimeoutError())
    assert not is_outage(exc.NoResultFound())
