"""Monthly partitions on PostgreSQL: rows lie in the month of their id."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.db import partitions
from app.db.session import Database
from app.ids import new_id
from tests.app.db.conftest import Store

DECEMBER = datetime(2031, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
COLUMNS = ("id", "workspace_id", "seq", "kind", "subject_id", "at", "data")


def id_at(at: datetime) -> UUID:
    """A UUIDv7 of that moment."""
    random_bits = new_id().int & ((1 << 80) - 1)
    return UUID(int=partitions.first_id(at).int | random_bits)


async def place(database: Database, at: datetime) -> str:
    """In which table an event of that moment lands."""
    row = (id_at(at), new_id(), 1, "test.placed", new_id(), at, "{}")
    async with database.write() as tx:
        await tx.sql.insert(tx.conn, "event", COLUMNS, [row])
        found = await tx.conn.exec_driver_sql(
            "SELECT tableoid::regclass::text FROM event WHERE id = $1", (row[0],)
        )
        return str(found.scalar_one())


async def make(database: Database, now: datetime) -> None:
    async with database.schema_change() as conn:
        await partitions.make_ahead(conn, now)


def test_an_id_of_a_moment_is_not_before_its_bound() -> None:
    now = datetime.now(UTC)
    before, after = now - timedelta(seconds=60), now + timedelta(seconds=60)
    assert partitions.first_id(before) < new_id() < partitions.first_id(after)
    assert partitions.first_id(datetime(1970, 1, 1, tzinfo=UTC)) == UUID(int=0)


async def test_months_meet_without_gap_also_over_new_year(empty_pg: Store) -> None:
    await empty_pg.migrate()
    async with empty_pg.open() as database:
        for _ in range(2):  # twice is harmless
            await make(database, DECEMBER)
        moment = timedelta(milliseconds=1)
        assert await place(database, DECEMBER) == "event_2031_12"
        assert await place(database, DECEMBER + moment) == "event_2032_01"
        assert await place(database, datetime(2032, 2, 29, tzinfo=UTC)) == "event_2032_02"
        assert await place(database, datetime(2032, 3, 1, tzinfo=UTC)) == "event_default"
        assert await place(database, datetime(2031, 11, 30, tzinfo=UTC)) == "event_default"
        assert (await place(database, datetime.now(UTC))).startswith("event_20")


async def test_a_month_made_too_late_does_not_stop_the_next(empty_pg: Store) -> None:
    """Its first row is in the default partition: PostgreSQL takes no partition for it any more."""
    await empty_pg.migrate()
    async with empty_pg.open() as database:
        assert await place(database, DECEMBER) == "event_default"
        await make(database, DECEMBER)
        assert await place(database, DECEMBER) == "event_default"
        assert await place(database, datetime(2032, 1, 1, tzinfo=UTC)) == "event_2032_01"
        async with database.read() as session:
            conn = await session.connection()
            found = await conn.exec_driver_sql("SELECT count(*) FROM event")
            assert found.scalar_one() == 3


@pytest.fixture
def empty_pg(postgres: str, tmp_path: Path) -> Store:
    """An empty store on PostgreSQL."""
    return Store(postgres, tmp_path)
