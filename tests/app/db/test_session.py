"""Transactions: the event cursor, reading sessions that may not write, waking the scheduler."""

import asyncio
import random
import time
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import col, select

from app.db.models import Event, Workspace, WorkspaceCounter
from app.db.session import Database, Tx, eventually
from app.ids import new_id
from tests.app.db.conftest import Store
from tests.app.db.rows import NOW


class Broken(Exception):
    """Something goes wrong inside a transaction."""


async def seen(database: Database, workspace: UUID, after: int = 0) -> list[int]:
    """What a reader of the event table finds."""
    async with database.read() as session:
        found = await session.exec(
            select(Event.seq)
            .where(col(Event.workspace_id) == workspace, col(Event.seq) > after)
            .order_by(col(Event.seq))
        )
        return list(found)


async def follow(database: Database, workspace: UUID, total: int) -> list[int]:
    """A reader that never looks back: what it passed by is missing for good."""
    got: list[int] = []
    while len(got) < total:
        fresh = await seen(database, workspace, got[-1] if got else 0)
        got += fresh
        if fresh and fresh[-1] >= total:
            return got
        await asyncio.sleep(0.001)
    return got


async def test_numbers_have_no_gap_and_readers_miss_none(store: Store) -> None:
    workspaces, writers, turns = [new_id() for _ in range(3)], 6, 12
    chance = random.Random(7)
    total = writers * turns

    async def write(database: Database) -> None:
        for turn in range(turns):
            async with database.write() as tx:
                for workspace in chance.sample(workspaces, 3):
                    tx.emit(workspace, "test.happened", new_id(), turn=turn)
                await asyncio.sleep(chance.random() / 1000)

    async def fail(database: Database) -> None:
        for _ in range(turns):
            with pytest.raises(Broken):
                await break_inside(database, workspaces)

    async with store.open() as one, store.open() as two, store.open() as reader:
        readers = [asyncio.create_task(follow(reader, w, total)) for w in workspaces]
        await asyncio.gather(
            *(write(one if i % 2 else two) for i in range(writers)), fail(one), fail(two)
        )
        for followed in readers:
            assert await asyncio.wait_for(followed, 60) == list(range(1, total + 1))
        async with reader.read() as session:
            counters = await session.exec(select(WorkspaceCounter.last_event))
            assert list(counters) == [total] * 3


async def break_inside(database: Database, workspaces: list[UUID]) -> None:
    async with database.write() as tx:
        for workspace in workspaces:
            tx.emit(workspace, "test.lost", new_id())
        await tx.write_events()  # even when the numbers were taken already
        raise Broken


async def test_an_exception_leaves_nothing(database: Database) -> None:
    workspace = new_id()

    async def fail() -> None:
        async with database.write() as tx:
            tx.session.add(Workspace(name="gone"))
            await tx.session.flush()
            await tx.sql.insert(tx.conn, "workspace", COLUMNS, [(new_id(), "gone too", NOW)])
            tx.emit(workspace, "test.lost", workspace)
            tx.wake = True
            raise Broken

    with pytest.raises(Broken):
        await fail()
    async with database.write() as tx:
        tx.emit(workspace, "test.first", workspace)
    assert await seen(database, workspace) == [1]
    async with database.read() as session:
        assert (await session.exec(select(Workspace.id))).all() == []


COLUMNS = ("id", "name", "created_at")


async def test_orm_raw_and_events_commit_together_in_the_order_they_were_told(
    database: Database,
) -> None:
    workspace, subject = new_id(), new_id()
    async with database.write() as tx:
        tx.session.add(Workspace(name="by the ORM"))
        await tx.sql.insert(tx.conn, "workspace", COLUMNS, [(new_id(), "raw", NOW)])
        tx.emit(workspace, "test.one", subject, step=1)
        tx.emit(workspace, "test.two", subject, reason=None)
    async with database.read() as session:
        assert set(await session.exec(select(Workspace.name))) == {"by the ORM", "raw"}
        events = list(await session.exec(select(Event).order_by(col(Event.seq))))
    assert [(e.seq, e.kind, e.data) for e in events] == [
        (1, "test.one", '{"step":1}'),
        (2, "test.two", '{"reason":null}'),
    ]
    assert {(e.subject_id, e.at) for e in events} == {(subject, tx.now)}
    assert all(one.id < two.id for one, two in pairwise(events))


async def cancelled_writer(database: Database, started: asyncio.Event) -> None:
    async with database.write() as tx:
        tx.session.add(Workspace(name="never"))
        await tx.session.flush()
        started.set()
        await asyncio.sleep(60)


async def test_a_cancelled_transaction_leaves_nothing_and_the_next_one_runs(
    database: Database,
) -> None:
    started = asyncio.Event()
    task = asyncio.create_task(cancelled_writer(database, started))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(60), database.write() as tx:
        tx.session.add(Workspace(name="after"))
    async with database.read() as session:
        assert list(await session.exec(select(Workspace.name))) == ["after"]


async def write_while_reading(database: Database, *, again: bool, raw: bool) -> None:
    async with database.read() as session:
        if again:  # a rollback must not open the door
            await session.rollback()
        if raw:
            await session.exec(text("DELETE FROM workspace"))  # type: ignore[call-overload]
        else:
            session.add(Workspace(name="forbidden"))
            await session.commit()


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("raw", [False, True])
async def test_a_reading_session_may_not_write(database: Database, again: bool, raw: bool) -> None:
    async with database.write() as tx:
        tx.session.add(Workspace(name="kept"))
    with pytest.raises(DBAPIError, match=r"read.?only"):
        await write_while_reading(database, again=again, raw=raw)
    async with database.read() as session:
        assert list(await session.exec(select(Workspace.name))) == ["kept"]
    async with database.write() as tx:  # and what was read-only is none afterwards
        tx.session.add(Workspace(name="more"))


async def test_a_reading_session_sees_one_state(database: Database) -> None:
    async with database.read() as session:
        before = (await session.exec(select(Workspace.id))).all()
        async with database.write() as tx:
            tx.session.add(Workspace(name="meanwhile"))
        after = (await session.exec(select(Workspace.id))).all()
    assert (before, after) == ([], [])
    async with database.read() as session:
        assert len((await session.exec(select(Workspace.id))).all()) == 1


async def test_many_may_read_while_one_writes(database: Database) -> None:
    async def read() -> int:
        async with database.read() as session:
            return len((await session.exec(select(Workspace.id))).all())

    async with asyncio.timeout(60), database.write() as tx:
        tx.session.add(Workspace(name="one"))
        await tx.session.flush()
        assert await asyncio.gather(*(read() for _ in range(30))) == [0] * 30


async def waking(database: Database) -> Tx:
    async with database.write() as tx:
        tx.wake = True
        return tx


async def test_a_wake_shortens_the_wait_and_a_missing_one_ends_it(store: Store) -> None:
    async with store.open() as app, store.open() as scheduler:
        await scheduler.hints.listen()
        waiting = asyncio.create_task(eventually(scheduler, 60))
        await asyncio.sleep(0.05)
        started = time.monotonic()
        await waking(app)
        await asyncio.wait_for(waiting, 60)
        assert time.monotonic() - started < 30
        await eventually(scheduler, 0.01)


async def test_errors_do_not_list_what_was_bound(database: Database) -> None:
    async def twice() -> None:
        async with database.write() as tx:
            tx.session.add_all((Workspace(name="secret"), Workspace(name="secret")))

    with pytest.raises(DBAPIError) as caught:
        await twice()
    assert "[parameters:" not in str(caught.value)


async def test_a_process_that_opens_a_store_first_is_not_refused(store: Store) -> None:
    """Ten connections at once on a fresh file: none may find it locked."""
    async with store.open() as one, store.open() as two:

        async def look(database: Database) -> None:
            async with database.read() as session:
                await session.exec(select(Workspace.id))

        await asyncio.gather(*(look(db) for db in (one, two) * 5))


@pytest.mark.parametrize("way", ["read", "write", "schema_change"])
async def test_a_database_that_is_away_fails_like_any_other_statement(
    tmp_path: Path, way: str
) -> None:
    """Callers know SQLAlchemy's errors only: another kind would leave somebody waiting."""
    away = Store("postgresql+asyncpg://nobody@127.0.0.1:1/none", tmp_path)
    async with away.open() as database:
        with pytest.raises(OperationalError):
            async with getattr(database, way)():
                pytest.fail("it connected")
