"""Settling beside receipts on PostgreSQL, where rows are locked one after the other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import col, select

from app.config import Settings
from app.db.models import Attempt
from app.ids import to_ref
from app.services import receipts
from app.services.recovery import lapse_leases
from app.services.runtime import Runtime, open_runtime
from channels.contract import Answer, Call, Receipt
from channels.vocabulary import Result
from tests import stores
from tests.engine import Engine, Provider, engine, past_due

NUMBERS = [f"0101234{i:04d}" for i in range(6)]
MINE = "SELECT id FROM attempt ORDER BY message_id, id LIMIT 1 FOR UPDATE"
# an indexed column, so that an index, too, leads to the row's new place
FAR_OFF = "UPDATE attempt SET due_at = 9000000000000000 WHERE id = $1"
FREE = "SELECT id FROM attempt FOR UPDATE SKIP LOCKED"


@pytest.fixture
async def runtime(tmp_path: Path, postgres: str) -> AsyncIterator[Runtime]:
    async with open_runtime(Settings(data=tmp_path / "var", database_url=postgres)) as opened:
        await stores.migrate(opened.database)
        yield opened


@dataclass
class Slow(Provider):
    """Answers when it is told to."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, call: Call) -> Answer:
        self.asked.set()
        await self.go_on.wait()
        return await super().send(call)


async def lie_the_other_way_round(eng: Engine) -> None:
    """Rows lie where they were last written: the last is now the first a scan meets."""
    async with eng.runtime.database.write() as tx:
        rows = await tx.conn.exec_driver_sql("SELECT id FROM attempt ORDER BY message_id DESC")
        for (id_,) in list(rows):
            await tx.conn.exec_driver_sql(FAR_OFF, (id_,))


async def free_while_the_first_is_locked(eng: Engine, begin: Callable[[], None]) -> int:
    """How many rows whoever wants them all leaves to others, waiting for the first."""
    async with eng.runtime.database.write() as other:
        await other.conn.exec_driver_sql(MINE)
        begin()
        await asyncio.sleep(1)
        async with eng.runtime.database.write() as third:
            return len((await third.conn.exec_driver_sql(FREE)).all())


async def sending(runtime: Runtime) -> tuple[Engine, Slow, asyncio.Task[bool]]:
    """Six messages under one call that is not answered yet."""
    slow = Slow()
    eng = await engine(runtime, slow)
    await eng.accept(*NUMBERS)
    turn = asyncio.create_task(eng.lane.turn())
    await slow.asked.wait()
    await lie_the_other_way_round(eng)
    return eng, slow, turn


async def test_an_answer_locks_in_the_order_of_receipts(runtime: Runtime) -> None:
    """Else a receipt and the answer of the same messages wait crosswise: a deadlock."""
    eng, slow, turn = await sending(runtime)
    assert await free_while_the_first_is_locked(eng, slow.go_on.set) == len(NUMBERS) - 1
    await turn
    assert set(eng.provider.people.values()) == {1}


async def test_receipts_in_several_parts_lock_in_one_order(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inbox and the polled results both apply many at a time, in whatever order they came."""
    monkeypatch.setattr(receipts, "CHUNK", 2)
    eng, slow, turn = await sending(runtime)
    slow.go_on.set()
    await turn
    async with runtime.database.read() as session:
        found = list(await session.exec(select(Attempt).order_by(col(Attempt.message_id).desc())))
    said = [Receipt(Result.DELIVERED, ref=to_ref(attempt.id)) for attempt in found]
    applying: list[asyncio.Task[receipts.Applied]] = []

    async def apply() -> receipts.Applied:
        async with runtime.database.write() as tx:
            return await receipts.apply(tx, runtime, eng.workspace_id, eng.account.id, said)

    def begin() -> None:
        applying.append(asyncio.create_task(apply()))

    assert await free_while_the_first_is_locked(eng, begin) == len(NUMBERS) - 1
    assert (await applying[0]).moved == len(NUMBERS)


async def test_a_lapsed_lease_locks_in_the_order_of_receipts(runtime: Runtime) -> None:
    eng, slow, turn = await sending(runtime)
    await past_due(eng)
    lapsing: list[asyncio.Task[int]] = []

    async def lapse() -> int:
        async with runtime.database.write() as tx:
            return await lapse_leases(tx, {})

    def begin() -> None:
        lapsing.append(asyncio.create_task(lapse()))

    assert await free_while_the_first_is_locked(eng, begin) == len(NUMBERS) - 1
    assert await lapsing[0] == 1
    slow.go_on.set()
    await turn
