"""Turns and claiming do the same on both databases, also when two run at once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select

from app.db.models import Flow, Lot, ProviderAccount, Workspace
from app.db.session import Database, Tx
from app.ids import new_id
from tests.app.db.conftest import Store
from tests.app.db.rows import NOW, add_lots

LEASE = NOW + timedelta(seconds=30)


async def all_of(database: Database, model: Any) -> list[Any]:
    async with database.read() as session:
        return list(await session.exec(select(model)))


async def add_account(tx: Tx, turn: int = 0) -> UUID:
    workspace = Workspace(name=f"shop {new_id()}")
    account = ProviderAccount(
        workspace_id=workspace.id,
        name="a",
        mode="sandbox",
        adapter="nhn",
        credentials_sealed=b"",
        callback_hash=b"",
        turn=turn,
    )
    tx.session.add(workspace)
    await tx.session.flush()
    tx.session.add(account)
    await tx.session.flush()
    return account.id


async def claim(tx: Tx, account: UUID, priority: int, limit: int, worker: UUID) -> list[UUID]:
    found = await tx.sql.next_lots(tx.conn, account, priority, limit)
    ids = [row[0] for row in found]
    if ids:
        await tx.sql.lease_lots(tx.conn, ids, worker, LEASE)
    return ids


async def test_early_turns_of_one_priority_are_next(database: Database) -> None:
    account, worker = new_id(), new_id()
    async with database.write() as tx:
        ids = await add_lots(
            tx,
            account,
            (0, 50, "ready"),
            (0, 10, "ready"),
            (1, 99, "ready"),
            (1, 98, "ready"),
            (0, 1, "waiting"),
            (1, 1, "leased"),
            (1, 1, "done"),
        )
        await add_lots(tx, new_id(), (1, 1, "ready"))  # another account's
    async with database.write() as tx:
        [row] = await tx.sql.next_lots(tx.conn, account, 0, 1)
        urgent = await claim(tx, account, 1, 3, worker)
        normal = await claim(tx, account, 0, 3, worker)
    assert (urgent, normal) == ([ids[3], ids[2]], [ids[1], ids[0]])
    found = {one.id: one for one in await all_of(database, Lot)}
    assert row == (ids[1], found[ids[1]].workspace_id, "alimtalk", 1, 10)
    assert (found[ids[1]].state, found[ids[1]].fence) == ("leased", 1)
    assert (found[ids[1]].lease_until, found[ids[1]].worker_id) == (LEASE, worker)
    assert found[ids[4]].state == "waiting"


async def test_the_fence_rises_with_every_lease(database: Database) -> None:
    account, fences = new_id(), []
    async with database.write() as tx:
        [lot_id] = await add_lots(tx, account, (0, 1, "ready"))
    for _ in range(3):
        async with database.write() as tx:
            [fence] = (await tx.sql.lease_lots(tx.conn, [lot_id], new_id(), LEASE)).values()
            fences.append(fence)
    assert fences == [1, 2, 3]


async def test_claimers_at_once_never_share_a_lot(store: Store) -> None:
    """C01: of the statements, on both databases."""
    account = new_id()
    async with store.open() as one, store.open() as two:
        async with one.write() as tx:
            ids = await add_lots(tx, account, *((0, i, "ready") for i in range(60)))

        async def take_all(database: Database, worker: UUID) -> list[UUID]:
            mine: list[UUID] = []
            while True:
                async with database.write() as tx:
                    got = await claim(tx, account, 0, 3, worker)
                    await asyncio.sleep(0.001)
                mine += got
                if not got:
                    return mine

        parts = await asyncio.gather(*(take_all(db, new_id()) for db in (one, two, one, two)))
        # what another had locked may be passed over, so a last look finds the rest
        parts.append(await take_all(one, new_id()))
    got = [lot for part in parts for lot in part]
    assert sorted(got) == sorted(ids)


async def test_lots_become_ready_at_their_time_and_take_the_turns_of_now(
    database: Database,
) -> None:
    async with database.write() as tx:
        account = await add_account(tx, turn=700)
        ids = await add_lots(tx, account, *[(0, 1, "waiting")] * 3, (1, 2, "waiting"))
        (late,) = await add_lots(tx, account, (0, 3, "waiting"))
        (done,) = await add_lots(tx, account, (0, 3, "done"))
        (await tx.session.get_one(Lot, late)).due_at = NOW + timedelta(microseconds=1)
        await tx.session.flush()
        await tx.sql.move_turn(tx.conn, account, 1, 40)
    moved = []
    for _ in range(2):
        async with database.write() as tx:
            moved.append(await tx.sql.ready_lots(tx.conn, NOW))
    assert moved == [4, 0]
    found = {one.id: one for one in await all_of(database, Lot)}
    assert [found[one].state for one in (*ids, late, done)] == ["ready"] * 4 + ["waiting", "done"]
    assert [found[one].turn for one in ids] == [700, 701, 702, 40]


async def test_a_flow_goes_on_where_it_was_or_where_the_account_is(database: Database) -> None:
    async with database.write() as tx:
        account = await add_account(tx)
        taken = [await tx.sql.take_turn(tx.conn, account, "a", 0, size) for size in (5, 7)]
        await tx.sql.move_turn(tx.conn, account, 0, 100)
        await tx.sql.move_turn(tx.conn, account, 0, 60)  # it never goes back
        taken += [await tx.sql.take_turn(tx.conn, account, flow, 0, 2) for flow in ("a", "a", "b")]
        taken.append(await tx.sql.turn_of(tx.conn, account, 0))
        urgent = [await tx.sql.take_turn(tx.conn, account, "high a", 1, 2)]
        await tx.sql.move_turn(tx.conn, account, 1, 9)
        await tx.sql.move_turn(tx.conn, account, 1, 8)
        urgent += [await tx.sql.take_turn(tx.conn, account, "high a", 1, 2)]
        urgent.append(await tx.sql.turn_of(tx.conn, account, 1))
        unknown = await tx.sql.take_turn(tx.conn, new_id(), "a", 0, 3)
    assert taken == [0, 5, 100, 102, 100, 100]
    assert urgent == [0, 9, 9]
    assert unknown == 0


async def test_a_flow_gives_every_turn_once(store: Store) -> None:
    async with store.open() as one, store.open() as two:
        async with one.write() as tx:
            account = await add_account(tx)

        async def take(database: Database) -> int:
            async with database.write() as tx:
                return int(await tx.sql.take_turn(tx.conn, account, "a", 0, 10))

        taken = await asyncio.gather(*(take(one if i % 2 else two) for i in range(20)))
    assert sorted(taken) == list(range(0, 200, 10))


async def test_idle_flows_are_forgotten_and_waiting_ones_are_not(database: Database) -> None:
    async with database.write() as tx:
        idle, busy = await add_account(tx), await add_account(tx)
        for account in (idle, busy):
            await tx.sql.take_turn(tx.conn, account, "a", 0, 5)
            await tx.sql.move_turn(tx.conn, account, 1, 9)
        await add_lots(tx, busy, (0, 1, "ready"))
        forgotten = await tx.sql.forget_flows(tx.conn)
    left = {(flow.account_id, flow.name) for flow in await all_of(database, Flow)}
    assert forgotten == 1
    assert left == {(busy, "a"), (busy, ""), (idle, "")}
