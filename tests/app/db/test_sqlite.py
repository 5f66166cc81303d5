"""What only SQLite needs: its pages in memory are few, however much a transaction changes."""

from pathlib import Path

from tests.app.db.conftest import sqlite_store

MEGABYTE = 1 << 20


async def test_a_large_transaction_does_not_stay_in_memory(tmp_path: Path) -> None:
    log = tmp_path / "naru.db-wal"
    async with sqlite_store(tmp_path).open() as database, database.write() as tx:
        await tx.conn.exec_driver_sql("CREATE TABLE page (filling BLOB)")
        await tx.conn.exec_driver_sql(
            "WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 12) "
            "INSERT INTO page SELECT zeroblob(1048576) FROM i"
        )
        assert log.stat().st_size > 7 * MEGABYTE  # at most 5 of 12 are held until the commit
