"""Ids and times keep every bit on both databases, written raw or by the ORM."""

import inspect
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import orjson
import pytest
from sqlalchemy import JSON, Table, insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel, select

import app.db.models  # noqa: F401 - fills the metadata
from app.db import postgres, sqlite
from app.db.models import Workspace
from app.db.session import Database, Tx
from app.db.types import from_us, to_us
from app.ids import new_id
from tests.app.db.rows import TIMES, plain, row

TABLES = {table.name: table for table in SQLModel.metadata.sorted_tables}


@pytest.mark.parametrize("at", [*TIMES, datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)])
def test_microseconds_are_exact(at: datetime) -> None:
    assert from_us(to_us(at)) == at
    assert from_us(to_us(at)).tzinfo is UTC


def test_another_zone_is_the_same_moment() -> None:
    seoul = datetime(2026, 11, 23, 15, 30, tzinfo=timezone(timedelta(hours=9)))
    assert from_us(to_us(seoul)) == seoul
    assert to_us(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1_000_000


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_us(datetime(2026, 11, 23))  # noqa: DTZ001 - that is the point


async def without_foreign_keys(tx: Tx, database: Database) -> None:
    """Let a test fill one table alone."""
    off = (
        "PRAGMA defer_foreign_keys = ON"
        if database.is_sqlite
        else "SET LOCAL session_replication_role = replica"
    )
    await tx.conn.exec_driver_sql(off)


async def read_all(tx: Tx, table: Table) -> list[dict[str, object]]:
    """The table's rows as the ORM's column types read them."""
    return [dict(found._mapping) for found in await tx.conn.execute(table.select())]


def in_order(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(rows, key=lambda one: str(sorted(one.items(), key=lambda item: item[0])))


async def test_raw_writes_and_the_orm_agree(database: Database) -> None:
    async with database.write() as tx:
        await without_foreign_keys(tx, database)
        for name, table in TABLES.items():
            rows = [row(table, n, full=n < 3) for n in range(1, 5)]
            raw = [
                [
                    plain(c, one[c.name], orjson.dumps(one[c.name], default=str).decode())
                    for c in table.columns
                ]
                for one in rows[::2]
            ]
            await tx.sql.insert(tx.conn, name, [c.name for c in table.columns], raw)
            await tx.conn.execute(insert(table), rows[1::2])
            assert in_order(await read_all(tx, table)) == in_order(rows)
            await same_bytes(tx, table)
        await tx.conn.rollback()  # the rows hang in the air


async def same_bytes(tx: Tx, table: Table) -> None:
    """What the ORM wrote is stored as what the raw statement wrote."""
    names = ", ".join(
        f'CAST("{c.name}" AS TEXT)' if isinstance(c.type, JSON) else f'"{c.name}"'
        for c in table.columns
    )
    stored = (await tx.conn.execute(text(f'SELECT {names} FROM "{table.name}"'))).all()
    for column in zip(*stored, strict=True):
        kinds = {type(one) for one in column if one is not None}
        assert len(kinds) <= 1, (table.name, kinds)


async def test_an_id_is_a_plain_uuid_that_json_writers_know(database: Database) -> None:
    async with database.write() as tx:
        tx.session.add(Workspace(name="one"))
    async with database.read() as session:
        found = (await session.exec(select(Workspace.id))).one()
    assert type(found) is UUID
    assert orjson.dumps(found) == f'"{found}"'.encode()


@pytest.mark.parametrize(
    ("columns", "error"),
    [(("id", "name", "created_at"), IntegrityError), (("id", "name", "nonsense"), DBAPIError)],
)
async def test_a_raw_write_that_fails_raises_what_the_orm_raises(
    database: Database, columns: tuple[str, ...], error: type[Exception]
) -> None:
    one = (new_id(), "one", TIMES[0])

    async def write() -> None:
        async with database.write() as tx:
            await tx.sql.insert(tx.conn, "workspace", columns, [one, one])

    with pytest.raises(error):
        await write()
    async with database.read() as session:
        assert (await session.exec(select(Workspace.id))).all() == []


def test_both_databases_have_the_same_functions() -> None:
    def public(module: object) -> dict[str, str]:
        return {
            name: str(inspect.signature(function))
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if not name.startswith("_") and function.__module__ == getattr(module, "__name__", "")
        }

    assert len(public(sqlite)) >= 12
    assert public(sqlite) == public(postgres)
    assert {n for n, f in inspect.getmembers(sqlite, inspect.iscoroutinefunction)} == {
        n for n, f in inspect.getmembers(postgres, inspect.iscoroutinefunction)
    }
