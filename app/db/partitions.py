"""Monthly partitions of message, attempt and event on PostgreSQL, made ahead of time.

All three are cut by a UUIDv7, whose first 48 bits are the milliseconds since 1970.
"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

PARTITIONED = {"message": "id", "attempt": "message_id", "event": "id"}
AHEAD = 3  # months, this one included


def _month(year: int, month: int) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


def first_id(at: datetime) -> UUID:
    """The smallest id a UUIDv7 made at that moment can have."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


async def make_ahead(conn: AsyncConnection, now: datetime) -> None:
    """Make the partitions of this and the coming months; what is there stays.

    A month whose rows went to the default partition already, because it was made too late, stays
    there: PostgreSQL refuses a partition for it, and the months after it must not suffer.
    """
    for i in range(AHEAD):
        start = _month(now.year, now.month + i)
        end = _month(now.year, now.month + i + 1)
        low, high = first_id(start), first_id(end)
        for table, key in PARTITIONED.items():
            late = await conn.exec_driver_sql(
                f"SELECT 1 FROM {table}_default WHERE {key} >= '{low}' AND {key} < '{high}' LIMIT 1"  # noqa: S608 - names are ours
            )
            if late.first() is None:
                await conn.exec_driver_sql(
                    f"CREATE TABLE IF NOT EXISTS {table}_{start:%Y_%m} PARTITION OF {table} "
                    f"FOR VALUES FROM ('{low}') TO ('{high}')"
                )
