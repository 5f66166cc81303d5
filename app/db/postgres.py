"""Set statements of the hot path on PostgreSQL; ``app.db.sqlite`` has the same functions.

They run inside a writing transaction, take and give plain values (UUID, aware datetime), and
never commit.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.sqlite import SETTLED
from app.db.types import to_us

FEW = 8  # rows for which a COPY, which needs a second round, does not pay


def wire(value: Any) -> Any:
    """A value as the driver stores it, the same as ``Id`` and ``Utc`` do."""
    return to_us(value) if isinstance(value, datetime) else value


def read_id(value: Any) -> UUID:
    """An id out of a raw row."""
    return UUID(int=value.int)


async def insert(
    conn: AsyncConnection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert many rows at once, by COPY; a few, as most transactions have, by one statement."""
    values = [tuple(map(wire, row)) for row in rows]
    if 0 < len(values) <= FEW:
        marks = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        words = f'INSERT INTO "{table}" ({", ".join(columns)}) VALUES ({marks})'  # noqa: S608
        await conn.exec_driver_sql(words, values)
    elif values:
        await conn.exec_driver_sql("SELECT 1")  # the adapter begins its transaction lazily
        raw = (await conn.get_raw_connection()).driver_connection
        assert raw is not None
        try:
            await raw.copy_records_to_table(table, records=values, columns=list(columns))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # what goes past SQLAlchemy must fail like the rest: callers know only its errors
            kind = (
                IntegrityError
                if isinstance(error, asyncpg.IntegrityConstraintViolationError)
                else DBAPIError
            )
            raise kind(f"COPY {table}", None, error, hide_parameters=True) from error


async def next_events(conn: AsyncConnection, workspace_id: UUID, count: int) -> int:
    """Take ``count`` event numbers of a workspace; the last of them is returned."""
    result = await conn.exec_driver_sql(
        "INSERT INTO workspace_counter (workspace_id, last_event, last_case) VALUES ($1, $2, 0) "
        "ON CONFLICT (workspace_id) DO UPDATE "
        "SET last_event = workspace_counter.last_event + excluded.last_event RETURNING last_event",
        (workspace_id, count),
    )
    return int(result.scalar_one())


async def take_keys(
    conn: AsyncConnection, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> set[tuple[UUID, str, str]]:
    """Insert idempotency keys nobody has yet; the (workspace, endpoint, key) won are returned.

    The first three columns are workspace, endpoint and key. Rows go in in their order of key, so
    that two groups with the same keys wait for each other instead of dying in a deadlock.
    """
    won = set()
    marks = ", ".join(f"${i + 1}" for i in range(len(columns)))
    statement = (
        f"INSERT INTO idempotency_key ({', '.join(columns)}) VALUES ({marks}) "  # noqa: S608
        "ON CONFLICT DO NOTHING RETURNING 1"
    )
    for row in sorted(rows, key=lambda r: (r[0], r[1], r[2])):
        result = await conn.exec_driver_sql(statement, tuple(map(wire, row)))
        if result.first() is not None:
            won.add((row[0], row[1], row[2]))
    return won


# how far the turns of an account have come, by priority: the last lot claimed
TURN = (
    "coalesce((SELECT turn FROM provider_account WHERE id = $1), 0)",
    "coalesce((SELECT finish FROM flow WHERE account_id = $1 AND name = ''), 0)",
)


async def turn_of(conn: AsyncConnection, account_id: UUID, priority: int) -> int:
    """The turn of the last lot claimed: who comes now gets no earlier one."""
    result = await conn.exec_driver_sql(f"SELECT {TURN[priority]}", (account_id,))
    return int(result.scalar_one())


async def take_turn(
    conn: AsyncConnection, account_id: UUID, flow: str, priority: int, size: int
) -> int:
    """Give messages of a flow their turns, after its earlier ones; the first is returned."""
    now = TURN[priority]
    result = await conn.exec_driver_sql(
        f"INSERT INTO flow (account_id, name, finish) VALUES ($1, $2, {now} + $3) "  # noqa: S608
        f"ON CONFLICT (account_id, name) DO UPDATE SET finish = greatest(flow.finish, {now}) + $3 "
        "RETURNING finish",
        (account_id, flow, size),
    )
    return int(result.scalar_one()) - size


async def move_turn(conn: AsyncConnection, account_id: UUID, priority: int, turn: int) -> None:
    """A lot with this turn was claimed: nobody who comes later gets an earlier one."""
    if priority:
        await conn.exec_driver_sql(
            "INSERT INTO flow (account_id, name, finish) VALUES ($1, '', $2) "
            "ON CONFLICT (account_id, name) "
            "DO UPDATE SET finish = greatest(flow.finish, excluded.finish)",
            (account_id, turn),
        )
        return
    await conn.exec_driver_sql(
        "UPDATE provider_account SET turn = $2 WHERE id = $1 AND turn < $2", (account_id, turn)
    )


async def forget_flows(conn: AsyncConnection) -> int:
    """Forget flows of accounts where nothing waits for a turn; how many."""
    result = await conn.exec_driver_sql(
        "DELETE FROM flow USING (SELECT account_id, name FROM flow WHERE name <> '' AND NOT EXISTS "
        "(SELECT 1 FROM lot WHERE lot.account_id = flow.account_id AND state = 'ready') "
        "FOR UPDATE SKIP LOCKED) AS idle "
        "WHERE flow.account_id = idle.account_id AND flow.name = idle.name"
    )
    return result.rowcount


async def ready_lots(conn: AsyncConnection, now: datetime) -> int:
    """Move lots whose time has come from waiting to ready; how many moved.

    Those of one account and priority share the turns that begin now, whoever they belong to.
    """
    result = await conn.exec_driver_sql(
        "WITH due AS (SELECT id, account_id, priority, size, due_at FROM lot "
        "WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT 1000 "
        "FOR UPDATE SKIP LOCKED), placed AS (SELECT *, sum(size) OVER "
        "(PARTITION BY account_id, priority ORDER BY due_at, id) - size AS before FROM due) "
        "UPDATE lot SET state = 'ready', turn = placed.before + CASE placed.priority WHEN 0 THEN "
        "coalesce((SELECT turn FROM provider_account WHERE id = placed.account_id), 0) ELSE "
        "coalesce((SELECT finish FROM flow WHERE account_id = placed.account_id AND name = ''), 0) "
        "END FROM placed WHERE lot.id = placed.id",
        (to_us(now),),
    )
    return result.rowcount


async def next_lots(
    conn: AsyncConnection, account_id: UUID, priority: int, limit: int
) -> list[tuple[UUID, UUID, str, int, int]]:
    """The ready lots whose turn is next, locked: (lot, workspace, route, size, turn)."""
    result = await conn.exec_driver_sql(
        "SELECT id, workspace_id, route, size, turn FROM lot WHERE account_id = $1 "
        "AND priority = $2 AND state = 'ready' ORDER BY turn, id LIMIT $3 FOR UPDATE SKIP LOCKED",
        (account_id, priority, limit),
    )
    rows: Any = result
    return [(read_id(r[0]), read_id(r[1]), r[2], r[3], r[4]) for r in rows]


async def lease_lots(
    conn: AsyncConnection, ids: Sequence[UUID], worker_id: UUID, lease_until: datetime
) -> dict[UUID, int]:
    """Lease lots that ``next_lots`` gave in this transaction; the new fence of each."""
    result = await conn.exec_driver_sql(
        "UPDATE lot SET state = 'leased', fence = fence + 1, lease_until = $1, worker_id = $2 "
        "WHERE id = ANY($3::uuid[]) RETURNING id, fence",
        (to_us(lease_until), worker_id, list(ids)),
    )
    rows: Any = result
    return {read_id(row[0]): row[1] for row in rows}


async def open_attempts(
    conn: AsyncConnection, now: datetime, rows: Sequence[tuple[UUID, UUID, UUID, UUID]]
) -> None:
    """Queued attempts (message, attempt, lot, call) become ``sending`` under their call."""
    if not rows:
        return
    messages, attempts, lots, calls = zip(*rows, strict=True)
    await conn.exec_driver_sql(
        "UPDATE attempt SET status = 'sending', call_id = v.call_id, sent_at = $1, "
        "reason = NULLIF(NULLIF(attempt.reason, 'outside_window'), 'picture_awaited') FROM "
        "unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[]) "
        "AS v(message_id, id, lot_id, call_id) "
        "WHERE attempt.message_id = v.message_id AND attempt.id = v.id "
        "AND attempt.status = 'queued' AND attempt.lot_id = v.lot_id",
        (to_us(now), list(messages), list(attempts), list(lots), list(calls)),
    )


async def mark_sending(conn: AsyncConnection, now: datetime, ids: Sequence[UUID]) -> None:
    """Queued messages show ``sending``; any other state stays."""
    await conn.exec_driver_sql(
        "UPDATE message SET status = 'sending', updated_at = $1, "
        "reason = NULLIF(NULLIF(reason, 'outside_window'), 'picture_awaited') "
        "WHERE id = ANY($2::uuid[]) AND status IN ('queued', 'scheduled', 'held')",
        (to_us(now), list(ids)),
    )


SETTLED_TYPES = (
    "text", "text", "text", "text", "bigint", "bigint", "bigint", "uuid", "int", "int",
)  # fmt: skip


async def settle_attempts(conn: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
    """Write outcomes: each row is (message, attempt, *SETTLED)."""
    if not rows:
        return
    columns = [list(map(wire, column)) for column in zip(*rows, strict=True)]
    types = ("uuid", "uuid", *SETTLED_TYPES)
    names = ("message_id", "id", *SETTLED)
    arrays = ", ".join(f"${i + 1}::{kind}[]" for i, kind in enumerate(types))
    sets = ", ".join(f"{name} = v.{name}" for name in SETTLED)
    await conn.exec_driver_sql(
        f"UPDATE attempt SET {sets} FROM unnest({arrays}) AS v({', '.join(names)}) "  # noqa: S608
        "WHERE attempt.message_id = v.message_id AND attempt.id = v.id",
        tuple(columns),
    )


async def set_messages(conn: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
    """Write derived states: (message, status, reason, updated_at, closed_at)."""
    if rows:
        columns = [list(map(wire, column)) for column in zip(*rows, strict=True)]
        await conn.exec_driver_sql(
            "UPDATE message SET status = v.status, reason = v.reason, updated_at = v.updated_at, "
            "closed_at = v.closed_at FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], "
            "$5::bigint[]) AS v(id, status, reason, updated_at, closed_at) WHERE message.id = v.id",
            tuple(columns),
        )


async def add_provider_refs(conn: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
    """Remember (account, provider_id, message, attempt); what is known already stays."""
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        await conn.exec_driver_sql(
            "INSERT INTO provider_ref (account_id, provider_id, message_id, attempt_id) "
            "SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) "
            "ON CONFLICT DO NOTHING",
            tuple(columns),
        )


async def count(conn: AsyncConnection, rows: Sequence[tuple[UUID, str, str, int]]) -> None:
    """Add to counters: (workspace, day, name, amount), in that order to avoid deadlocks."""
    if rows:
        sums: Counter[tuple[UUID, str, str]] = Counter()  # one statement meets a row only once
        for workspace_id, day, name, amount in rows:
            sums[workspace_id, day, name] += amount
        columns = [list(c) for c in zip(*((*at, sums[at]) for at in sorted(sums)), strict=True)]
        await conn.exec_driver_sql(
            "INSERT INTO counter (workspace_id, day, name, value) "
            "SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[]) "
            "ON CONFLICT (workspace_id, day, name) DO UPDATE "
            "SET value = counter.value + excluded.value",
            tuple(columns),
        )


async def trim(conn: AsyncConnection) -> None:
    """Nothing to do: the pages are the server's."""
