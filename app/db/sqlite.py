"""Set statements of the hot path on SQLite; ``app.db.postgres`` has the same functions.

They run inside a writing transaction, take and give plain values (UUID, aware datetime), and
never commit.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.types import to_us

PRAGMAS = (
    "PRAGMA busy_timeout = 10000",
    "PRAGMA synchronous = FULL",  # NORMAL may forget the last commits when power fails
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    # KiB a connection: what a transaction changes beyond that goes to the log before its commit,
    # so that a large database needs no more memory; the system caches the files besides
    "PRAGMA cache_size = -4000",
)


def wire(value: Any) -> Any:
    """A value as the driver stores it, the same as ``Id`` and ``Utc`` do."""
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, datetime):
        return to_us(value)
    return value


def read_id(value: Any) -> UUID:
    """An id out of a raw row."""
    return UUID(bytes=value)


async def insert(
    conn: AsyncConnection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert many rows at once."""
    values = [tuple(map(wire, row)) for row in rows]
    if values:
        marks = ", ".join("?" * len(columns))
        names = ", ".join(columns)
        await conn.exec_driver_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)  # noqa: S608 - names are ours


async def next_events(conn: AsyncConnection, workspace_id: UUID, count: int) -> int:
    """Take ``count`` event numbers of a workspace; the last of them is returned."""
    result = await conn.exec_driver_sql(
        "INSERT INTO workspace_counter (workspace_id, last_event, last_case) VALUES (?, ?, 0) "
        "ON CONFLICT (workspace_id) DO UPDATE SET last_event = last_event + excluded.last_event "
        "RETURNING last_event",
        (workspace_id.bytes, count),
    )
    return int(result.scalar_one())


async def take_keys(
    conn: AsyncConnection, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> set[tuple[UUID, str, str]]:
    """Insert idempotency keys nobody has yet; the (workspace, endpoint, key) won are returned.

    The first three columns are workspace, endpoint and key.
    """
    won = set()
    marks = ", ".join("?" * len(columns))
    statement = (
        f"INSERT INTO idempotency_key ({', '.join(columns)}) VALUES ({marks}) "  # noqa: S608
        "ON CONFLICT DO NOTHING RETURNING 1"
    )
    for row in rows:
        result = await conn.exec_driver_sql(statement, tuple(map(wire, row)))
        if result.first() is not None:
            won.add((row[0], row[1], row[2]))
    return won


# how far the turns of an account have come, by priority: the last lot claimed
TURN = (
    "coalesce((SELECT turn FROM provider_account WHERE id = ?), 0)",
    "coalesce((SELECT finish FROM flow WHERE account_id = ? AND name = ''), 0)",
)


async def turn_of(conn: AsyncConnection, account_id: UUID, priority: int) -> int:
    """The turn of the last lot claimed: who comes now gets no earlier one."""
    result = await conn.exec_driver_sql(f"SELECT {TURN[priority]}", (account_id.bytes,))
    return int(result.scalar_one())


async def take_turn(
    conn: AsyncConnection, account_id: UUID, flow: str, priority: int, size: int
) -> int:
    """Give messages of a flow their turns, after its earlier ones; the first is returned."""
    now, account = TURN[priority], account_id.bytes
    result = await conn.exec_driver_sql(
        f"INSERT INTO flow (account_id, name, finish) VALUES (?, ?, {now} + ?) "  # noqa: S608
        f"ON CONFLICT (account_id, name) DO UPDATE SET finish = max(finish, {now}) + ? "
        "RETURNING finish",
        (account, flow, account, size, account, size),
    )
    return int(result.scalar_one()) - size


async def move_turn(conn: AsyncConnection, account_id: UUID, priority: int, turn: int) -> None:
    """A lot with this turn was claimed: nobody who comes later gets an earlier one."""
    if priority:
        await conn.exec_driver_sql(
            "INSERT INTO flow (account_id, name, finish) VALUES (?, '', ?) "
            "ON CONFLICT (account_id, name) DO UPDATE SET finish = max(finish, excluded.finish)",
            (account_id.bytes, turn),
        )
        return
    await conn.exec_driver_sql(
        "UPDATE provider_account SET turn = ? WHERE id = ? AND turn < ?",
        (turn, account_id.bytes, turn),
    )


async def forget_flows(conn: AsyncConnection) -> int:
    """Forget flows of accounts where nothing waits for a turn; how many."""
    result = await conn.exec_driver_sql(
        "DELETE FROM flow WHERE name <> '' AND NOT EXISTS "
        "(SELECT 1 FROM lot WHERE lot.account_id = flow.account_id AND state = 'ready')"
    )
    return result.rowcount


async def ready_lots(conn: AsyncConnection, now: datetime) -> int:
    """Move lots whose time has come from waiting to ready; how many moved.

    Those of one account and priority share the turns that begin now, whoever they belong to.
    """
    result = await conn.exec_driver_sql(
        "UPDATE lot SET state = 'ready', turn = due.before + CASE due.priority WHEN 0 THEN "
        "coalesce((SELECT turn FROM provider_account WHERE id = due.account_id), 0) ELSE "
        "coalesce((SELECT finish FROM flow WHERE account_id = due.account_id AND name = ''), 0) "
        "END FROM (SELECT id, account_id, priority, sum(size) OVER "
        "(PARTITION BY account_id, priority ORDER BY due_at, id) - size AS before FROM lot "
        "WHERE state = 'waiting' AND due_at <= ?) AS due WHERE lot.id = due.id",
        (to_us(now),),
    )
    return result.rowcount


async def next_lots(
    conn: AsyncConnection, account_id: UUID, priority: int, limit: int
) -> list[tuple[UUID, UUID, str, int, int]]:
    """The ready lots whose turn is next: (lot, workspace, route, size, turn)."""
    result = await conn.exec_driver_sql(
        "SELECT id, workspace_id, route, size, turn FROM lot WHERE account_id = ? "
        "AND priority = ? AND state = 'ready' ORDER BY turn, id LIMIT ?",
        (account_id.bytes, priority, limit),
    )
    rows: Any = result
    return [(read_id(r[0]), read_id(r[1]), r[2], r[3], r[4]) for r in rows]


async def lease_lots(
    conn: AsyncConnection, ids: Sequence[UUID], worker_id: UUID, lease_until: datetime
) -> dict[UUID, int]:
    """Lease lots that ``next_lots`` gave in this transaction; the new fence of each."""
    fences = {}
    for lot_id in ids:
        result = await conn.exec_driver_sql(
            "UPDATE lot SET state = 'leased', fence = fence + 1, lease_until = ?, worker_id = ? "
            "WHERE id = ? RETURNING fence",
            (to_us(lease_until), worker_id.bytes, lot_id.bytes),
        )
        fences[lot_id] = int(result.scalar_one())
    return fences


async def open_attempts(
    conn: AsyncConnection, now: datetime, rows: Sequence[tuple[UUID, UUID, UUID, UUID]]
) -> None:
    """Queued attempts (message, attempt, lot, call) become ``sending`` under their call."""
    if rows:
        await conn.exec_driver_sql(
            "UPDATE attempt SET status = 'sending', call_id = ?, sent_at = ?, "
            "reason = NULLIF(NULLIF(reason, 'outside_window'), 'picture_awaited') "
            "WHERE message_id = ? AND id = ? AND status = 'queued' AND lot_id = ?",
            [(c.bytes, to_us(now), m.bytes, a.bytes, lot.bytes) for m, a, lot, c in rows],
        )


async def mark_sending(conn: AsyncConnection, now: datetime, ids: Sequence[UUID]) -> None:
    """Queued messages show ``sending``; any other state stays."""
    if ids:
        await conn.exec_driver_sql(
            "UPDATE message SET status = 'sending', updated_at = ?, "
            "reason = NULLIF(NULLIF(reason, 'outside_window'), 'picture_awaited') "
            "WHERE id = ? AND status IN ('queued', 'scheduled', 'held')",
            [(to_us(now), id_.bytes) for id_ in ids],
        )


SETTLED = (
    "status",
    "reason",
    "code",
    "provider_id",
    "settled_at",
    "closes_at",
    "due_at",
    "lot_id",
    "tries",
    "cost",
)


async def settle_attempts(conn: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
    """Write outcomes: each row is (message, attempt, *SETTLED)."""
    if not rows:
        return
    sets = ", ".join(f"{name} = ?" for name in SETTLED)
    await conn.exec_driver_sql(
        f"UPDATE attempt SET {sets} WHERE message_id = ? AND id = ?",  # noqa: S608
        [tuple(map(wire, (*row[2:], row[0], row[1]))) for row in rows],
    )


async def set_messages(conn: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
    """Write derived states: (message, status, reason, updated_at, closed_at)."""
    if rows:
        await conn.exec_driver_sql(
            "UPDATE message SET status = ?, reason = ?, updated_at = ?, closed_at = ? WHERE id = ?",
            [tuple(map(wire, (*row[1:], row[0]))) for row in rows],
        )


async def add_provider_refs(conn: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
    """Remember (account, provider_id, message, attempt); what is known already stays."""
    if rows:
        await conn.exec_driver_sql(
            "INSERT INTO provider_ref (account_id, provider_id, message_id, attempt_id) "
            "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [tuple(map(wire, row)) for row in rows],
        )


async def count(conn: AsyncConnection, rows: Sequence[tuple[UUID, str, str, int]]) -> None:
    """Add to counters: (workspace, day, name, amount), in that order to avoid deadlocks."""
    if rows:
        await conn.exec_driver_sql(
            "INSERT INTO counter (workspace_id, day, name, value) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (workspace_id, day, name) DO UPDATE SET value = value + excluded.value",
            [tuple(map(wire, row)) for row in sorted(rows)],
        )


async def trim(conn: AsyncConnection) -> None:
    """Give back the memory of pages read and written: a long list must not fill it."""
    await conn.exec_driver_sql("PRAGMA shrink_memory")
