"""The set statements of the hot path do the same on both databases, also when two run at once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from app.db.models import Attempt, Counter, IdempotencyKey, Lot, Message, ProviderRef
from app.db.session import Database
from app.ids import new_id
from app.services.states import HOLDS
from tests.app.db.conftest import Store
from tests.app.db.rows import NOW, add_attempts, add_lots

KEY_COLUMNS = (
    "workspace_id",
    "endpoint",
    "key",
    "body_hash",
    "subject_id",
    "status",
    "response_sealed",
    "created_at",
    "expires_at",
)
LEASE = NOW + timedelta(seconds=30)


def key_row(workspace: UUID, key: str) -> tuple[Any, ...]:
    return (workspace, "messages", key, b"body", new_id(), 202, b"answer", NOW, LEASE)


async def all_of(database: Database, model: Any) -> list[Any]:
    async with database.read() as session:
        return list(await session.exec(select(model)))


async def test_one_of_fifty_equal_keys_wins(store: Store) -> None:
    """C03: of the statement, on both databases."""
    workspace = new_id()

    async def take(database: Database) -> int:
        async with database.write() as tx:
            won = await tx.sql.take_keys(tx.conn, KEY_COLUMNS, [key_row(workspace, "k")])
            assert won <= {(workspace, "messages", "k")}
            await asyncio.sleep(0)
            return len(won)

    async with store.open() as one, store.open() as two:
        wins = await asyncio.gather(*(take(one if i % 2 else two) for i in range(50)))
        assert sum(wins) == 1
        assert len(await all_of(one, IdempotencyKey)) == 1


async def test_keys_of_two_groups_in_opposite_order_do_not_die_waiting(store: Store) -> None:
    """B03: a deadlock that cannot happen."""
    workspace = new_id()
    rows = [key_row(workspace, f"k{i:02}") for i in range(40)]

    async def take(database: Database, group: list[tuple[Any, ...]]) -> int:
        async with database.write() as tx:
            return len(await tx.sql.take_keys(tx.conn, KEY_COLUMNS, group))

    async with store.open() as one, store.open() as two:
        wins = await asyncio.gather(take(one, rows), take(two, rows[::-1]))
    assert sorted(wins) == [0, 40]


async def test_a_key_is_free_again_after_a_rollback_and_per_workspace(database: Database) -> None:
    workspace = new_id()
    rows = [key_row(workspace, "k"), key_row(workspace, "k"), key_row(new_id(), "k")]
    async with database.write() as tx:
        await tx.sql.take_keys(tx.conn, KEY_COLUMNS, rows)
        await tx.conn.rollback()
    async with database.write() as tx:
        won = await tx.sql.take_keys(tx.conn, KEY_COLUMNS, rows)
    assert won == {row[:3] for row in rows}
    kept = await all_of(database, IdempotencyKey)
    assert {one.subject_id for one in kept} == {rows[0][4], rows[2][4]}  # the first of equals


@pytest.mark.parametrize("why", sorted(HOLDS))
async def test_only_queued_attempts_of_that_lot_are_opened(database: Database, why: str) -> None:
    lot, other, call = new_id(), new_id(), new_id()
    async with database.write() as tx:
        mine, moved = await add_attempts(tx, [lot, other])
        [cancelled] = await add_attempts(tx, [lot], "cancelled")
        mine.reason = moved.reason = why
        await tx.session.flush()
        await tx.sql.open_attempts(
            tx.conn, NOW, [(a.message_id, a.id, lot, call) for a in (mine, moved, cancelled)]
        )
        await tx.sql.open_attempts(tx.conn, NOW, [])
    found = {one.id: one for one in await all_of(database, Attempt)}
    assert [found[a.id].status for a in (mine, moved, cancelled)] == [
        "sending",
        "queued",
        "cancelled",
    ]
    assert [found[a.id].call_id for a in (mine, moved, cancelled)] == [call, None, None]
    assert found[mine.id].sent_at == NOW
    assert (found[mine.id].reason, found[moved.id].reason) == (None, why)


@pytest.mark.parametrize("lot", [None, new_id()])
async def test_settled_attempts_hold_what_was_given(database: Database, lot: UUID | None) -> None:
    later = NOW + timedelta(hours=72)
    async with database.write() as tx:
        one, two = await add_attempts(tx, [new_id(), new_id()])
        values = ("accepted", None, "0", "p-1", NOW, later, later, lot, 3, 650)
        bare = ("rejected", "bad_address", "1001", "", NOW, None, None, None, 0, None)
        await tx.sql.settle_attempts(
            tx.conn, [(one.message_id, one.id, *values), (two.message_id, two.id, *bare)]
        )
        await tx.sql.settle_attempts(tx.conn, [])
    found = {a.id: a for a in await all_of(database, Attempt)}
    for attempt, given in ((one, values), (two, bare)):
        row = found[attempt.id]
        assert tuple(getattr(row, name) for name in database.sql.SETTLED) == given


@pytest.mark.parametrize("why", sorted(HOLDS))
async def test_messages_are_set_and_marked(database: Database, why: str) -> None:
    later = NOW + timedelta(seconds=1)
    async with database.write() as tx:
        queued, done, held = await add_attempts(tx, [None] * 3)
        await tx.sql.set_messages(tx.conn, [])
        await tx.sql.mark_sending(tx.conn, NOW, [])
        await tx.sql.set_messages(
            tx.conn,
            [
                (done.message_id, "failed", "bad_address", later, later),
                (held.message_id, "held", why, later, None),
            ],
        )
        ids = [a.message_id for a in (queued, done, held)]
        await tx.sql.mark_sending(tx.conn, NOW, ids)
    found = {m.id: m for m in await all_of(database, Message)}
    assert [found[one].status for one in ids] == ["sending", "failed", "sending"]
    assert [found[one].updated_at for one in ids] == [NOW, later, NOW]
    assert [found[one].reason for one in ids] == [None, "bad_address", None]
    assert [found[one].closed_at for one in ids] == [None, later, None]
    assert [found[one].reason for one in ids] == [None, "bad_address", None]


async def test_a_known_provider_id_stays_with_its_attempt(database: Database) -> None:
    account, first, second = new_id(), new_id(), new_id()
    async with database.write() as tx:
        await tx.sql.add_provider_refs(tx.conn, [])
        await tx.sql.add_provider_refs(tx.conn, [(account, "p", first, first)] * 2)
        await tx.sql.add_provider_refs(
            tx.conn, [(account, "p", second, second), (new_id(), "p", second, second)]
        )
    found = await all_of(database, ProviderRef)
    assert {r.attempt_id for r in found if r.account_id == account} == {first}
    assert len(found) == 2


async def test_counters_add_up_also_at_once_and_twice_in_a_call(store: Store) -> None:
    one, two = new_id(), new_id()
    rows = [(one, "2026-11-23", "accepted", 1), (two, "2026-11-23", "accepted", 2)]

    async def count(database: Database, given: list[tuple[UUID, str, str, int]]) -> None:
        async with database.write() as tx:
            await tx.sql.count(tx.conn, given)

    async with store.open() as here, store.open() as there:
        await asyncio.gather(
            *(count(here, rows) for _ in range(10)),
            *(count(there, rows[::-1]) for _ in range(10)),
        )
        await count(here, rows + rows[:1])
        await count(here, [])
        found = {c.workspace_id: c.value for c in await all_of(here, Counter)}
    assert found == {one: 22, two: 42}


async def test_event_numbers_are_taken_in_blocks(database: Database) -> None:
    workspace, other = new_id(), new_id()
    async with database.write() as tx:
        taken = [await tx.sql.next_events(tx.conn, workspace, n) for n in (3, 1, 5)]
        taken.append(await tx.sql.next_events(tx.conn, other, 2))
    assert taken == [3, 4, 9, 2]


async def test_equal_times_compare_as_equal(database: Database) -> None:
    """A raw due date and one bound by the ORM are the same number."""
    async with database.write() as tx:
        await add_lots(tx, new_id(), (0, 1, "waiting"))

    async def due(at: datetime) -> int:
        async with database.read() as session:
            return len((await session.exec(select(Lot.id).where(col(Lot.due_at) <= at))).all())

    assert [await due(NOW - timedelta(microseconds=1)), await due(NOW)] == [0, 1]
