"""Lanes on PostgreSQL, where workers really claim, settle and move at the same time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.config import Settings
from app.db.models.fields import now as clock
from app.services import parking
from app.services.runtime import Runtime, open_runtime
from channels.vocabulary import Reason, Verdict
from scheduler.dispatch import Lane
from scheduler.moving import move_load, shift_weights
from tests import stores
from tests.engine import Engine, Provider, engine, past_due, verdict
from tests.neighbours import change, neighbour

NUMBERS = [f"0101234{i:04d}" for i in range(60)]


@pytest.fixture
async def runtime(tmp_path: Path, postgres: str) -> AsyncIterator[Runtime]:
    async with open_runtime(Settings(data=tmp_path, database_url=postgres)) as opened:
        await stores.migrate(opened.database)
        yield opened


async def work(*lanes: Lane) -> None:
    async def run(lane: Lane) -> None:
        while await lane.turn():
            pass

    await asyncio.gather(*(run(lane) for lane in lanes))


async def second_worker(eng: Engine) -> Lane:
    other = await engine(eng.runtime, eng.provider)
    other.lane.account = eng.account
    return other.lane


async def test_two_workers_of_one_account_send_each_message_once(runtime: Runtime) -> None:
    eng = await engine(runtime, Provider(batch=3))
    lane = await second_worker(eng)
    await eng.accept(*NUMBERS[:30])
    await eng.accept(*NUMBERS[30:], priority="high")
    await work(eng.lane, lane)
    await work(eng.lane, lane)  # what one had locked, the other may have passed over
    assert sum(eng.provider.people.values()) == len(eng.provider.people) == 60


async def test_what_waits_moves_while_workers_claim(runtime: Runtime) -> None:
    """Both at once, in any order: everybody gets it once, at one account or the other."""
    eng = await engine(runtime, Provider(batch=3))
    ids = await eng.accept(*NUMBERS)
    other = await neighbour(eng)
    lane = await second_worker(eng)
    await change(eng, eng.account.id, breaker_until=clock() + timedelta(minutes=1))
    await asyncio.gather(
        work(eng.lane, lane, other.lane),
        *(move_load(runtime, eng.lanes) for _ in range(3)),
    )
    await move_load(runtime, eng.lanes)
    await work(eng.lane, lane, other.lane)
    got = eng.provider.people + other.provider.people
    assert sum(got.values()) == len(got) == 60
    assert {(await eng.message(one)).status for one in ids} == {"sent"}


async def test_the_breaker_opens_and_one_worker_tries(runtime: Runtime) -> None:
    eng = await engine(runtime, Provider(batch=1))
    lane = await second_worker(eng)
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.PROVIDER_DOWN)
    await eng.accept(*NUMBERS[:30])
    await eng.run()
    assert await eng.lane.turn() is False
    await past_due(eng)
    lane.account = eng.lane.account
    before = len(eng.provider.calls)
    await asyncio.gather(eng.lane.turn(), lane.turn())
    assert len(eng.provider.calls) == before + 1
    await shift_weights(runtime, eng.lanes)


async def test_a_parked_attempt_is_requeued_by_one_of_two(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (one,) = await eng.accept(NUMBERS[0])
    (attempt,) = await eng.attempts(one)
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET lot_id = NULL, reason = 'parked'")

    async def requeue() -> None:
        async with runtime.database.write() as tx:
            await parking.requeue(tx, runtime, eng.caller, attempt.id)

    done = await asyncio.gather(requeue(), requeue(), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "Refused"]
    await eng.run()
    assert eng.provider.people[NUMBERS[0]] == 1
