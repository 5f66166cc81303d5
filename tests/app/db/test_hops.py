"""One visit to the thread a statement, and nothing else is different."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.session import Database, Tx


@pytest.fixture
async def database(tmp_path: Path) -> Any:
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", tmp_path)
    async with made.write() as tx:
        await tx.conn.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE)")
    yield made
    await made.close()


async def visits(conn: AsyncConnection) -> list[str]:
    """From now on, the name of every function the thread is asked to run."""
    raw: Any = (await conn.get_raw_connection()).driver_connection
    real, seen = raw._execute, list[str]()

    async def execute(function: Any, *args: Any) -> Any:
        seen.append(function.__name__)
        return await real(function, *args)

    raw._execute = execute
    return seen


async def test_a_statement_is_one_visit(database: Database) -> None:
    async with database.write() as tx:
        seen = await visits(tx.conn)
        await tx.conn.execute(text("INSERT INTO t (a) VALUES (:a)"), {"a": "x"})
        await tx.conn.execute(text("INSERT INTO t (a) VALUES (:a)"), [{"a": "y"}, {"a": "z"}])
        rows = (await tx.conn.execute(text("SELECT id, a FROM t ORDER BY id"))).all()
        assert rows == [(1, "x"), (2, "y"), (3, "z")]
        assert seen == ["_execute", "_execute_many", "_execute"]


async def test_counts_names_and_ids_come_back(database: Database) -> None:
    async with database.write() as tx:
        made = await tx.conn.exec_driver_sql("INSERT INTO t (a) VALUES (?)", ("x",))
        assert made.lastrowid == 1
        changed = await tx.conn.exec_driver_sql("UPDATE t SET a = a || '!'")
        assert changed.rowcount == 1
        back = await tx.conn.exec_driver_sql("INSERT INTO t (a) VALUES ('y') RETURNING id AS n")
        assert (list(back.keys()), back.scalar_one()) == (["n"], 2)
        nothing = await tx.conn.exec_driver_sql("SELECT a FROM t WHERE id > 9")
        assert (list(nothing.keys()), nothing.first()) == (["a"], None)


async def test_what_fails_fails_as_before_and_leaves_the_connection_well(
    database: Database,
) -> None:
    for statement, error in (("nonsense", OperationalError), ("twice", IntegrityError)):
        with pytest.raises(error):
            await database.transact(partial(fail, what=statement))
    async with database.write() as tx:
        assert (await tx.conn.execute(text("SELECT count(*) FROM t"))).scalar_one() == 0


async def fail(tx: Tx, what: str) -> None:
    await tx.conn.exec_driver_sql("INSERT INTO t (a) VALUES ('x')")
    await tx.conn.exec_driver_sql(
        "nonsense" if what == "nonsense" else "INSERT INTO t VALUES (2,'x')"
    )
