"""Load follows health: queues of accounts that take nothing, and weights step by step."""

import time
from datetime import timedelta

import pytest
from sqlmodel import col, select

from app.db.models import Event, ProviderAccount
from app.db.models.fields import now as clock
from app.services.runtime import Runtime
from channels.vocabulary import Reason, Verdict
from scheduler.moving import FEWEST, PAUSED_S, STEP, move_load, shift_weights
from tests.engine import Engine, Provider, engine, verdict
from tests.neighbours import Neighbour, change, neighbour

NUMBERS = [f"0101234{i:04d}" for i in range(30)]


async def adopt(eng: Engine) -> ProviderAccount:
    """What the worker does every second."""
    async with eng.runtime.database.read() as session:
        account = await session.get_one(ProviderAccount, eng.account.id)
    eng.lane.adopt(account)
    return account


async def test_an_outage_empties_into_the_other_account(runtime: Runtime) -> None:
    """The breaker opens, what waits moves, everybody gets it once."""
    eng = await engine(runtime, Provider(batch=1))
    ids = await eng.accept(*NUMBERS)
    other = await neighbour(eng)
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.PROVIDER_DOWN)
    await eng.run()
    assert await move_load(runtime, eng.lanes) == 1
    while await other.lane.turn():
        pass
    assert {(await eng.message(one)).status for one in ids} == {"sent"}
    assert sum(other.provider.people.values()) == len(other.provider.people) == 30
    assert await move_load(runtime, eng.lanes) == 0, "nothing is left to look at"


async def test_a_long_pause_moves_and_a_short_one_does_not(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    eng = await engine(runtime)
    await eng.accept(NUMBERS[0])
    other = await neighbour(eng)
    await change(eng, eng.account.id, state="paused")
    await adopt(eng)
    assert await move_load(runtime, eng.lanes) == 0
    now = time.monotonic()
    monkeypatch.setattr("scheduler.dispatch.time.monotonic", lambda: now + PAUSED_S + 1)
    assert await move_load(runtime, eng.lanes) == 1
    monkeypatch.undo()
    assert await other.lane.turn()


async def weights(eng: Engine) -> list[int]:
    async with eng.runtime.database.read() as session:
        rows = await session.exec(select(Event.data).where(col(Event.kind) == "account.weight"))
        changes = len(rows.all())
    account = await adopt(eng)
    return [account.weight_now, changes]


def fail(eng: Engine, *, calls: int = FEWEST, bad: int = FEWEST) -> None:
    for i in range(calls):
        eng.lane.breaker.count(i >= bad, 0.1, 1.0)


async def pass_time(eng: Engine, **ago: float) -> None:
    await change(eng, eng.account.id, weight_at=clock() - timedelta(**ago))
    await adopt(eng)


async def test_an_account_alone_is_not_read_again_and_again(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could take what waits there, however much it is."""
    eng = await engine(runtime, Provider(batch=1))
    await eng.accept(*NUMBERS)
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.PROVIDER_DOWN)
    await eng.run()
    assert (await adopt(eng)).breaker_until is not None
    monkeypatch.setattr("scheduler.moving.move", None)  # calling it would fail
    assert await move_load(runtime, eng.lanes) == 0


async def test_an_account_that_fails_loses_a_step_a_minute_and_comes_back(
    runtime: Runtime,
) -> None:
    eng = await engine(runtime)
    await neighbour(eng)
    fail(eng)
    for _ in range(3):
        await shift_weights(runtime, eng.lanes)
        assert await weights(eng) == [100 - STEP, 1], "one step a minute"
    await pass_time(eng, minutes=2)
    await shift_weights(runtime, eng.lanes)
    assert await weights(eng) == [100 - 2 * STEP, 2]
    eng.lane.breaker._lately.clear()
    await pass_time(eng, minutes=4)
    await shift_weights(runtime, eng.lanes)
    assert await weights(eng) == [100 - 2 * STEP, 2], "and one step back every five"
    for step in (1, 0, 0):
        await pass_time(eng, minutes=6)
        await shift_weights(runtime, eng.lanes)
        assert (await weights(eng))[0] == 100 - step * STEP


@pytest.mark.parametrize("few", [True, False])
async def test_a_few_failures_say_nothing(runtime: Runtime, few: bool) -> None:
    eng = await engine(runtime)
    await neighbour(eng)
    fail(eng, calls=FEWEST - 1) if few else fail(eng, calls=10 * FEWEST, bad=FEWEST)
    await shift_weights(runtime, eng.lanes)
    assert await weights(eng) == [100, 0]


async def test_slow_calls_count_too(runtime: Runtime) -> None:
    eng = await engine(runtime)
    await neighbour(eng)
    for _ in range(FEWEST):
        eng.lane.breaker.count(True, 0.9, 1.0)
    await shift_weights(runtime, eng.lanes)
    assert await weights(eng) == [100 - STEP, 1]


async def test_an_account_alone_keeps_its_weight(runtime: Runtime) -> None:
    eng = await engine(runtime)
    fail(eng)
    await shift_weights(runtime, eng.lanes)
    assert await weights(eng) == [100, 0]
    other: Neighbour = await neighbour(eng)
    await change(eng, other.account.id, state="paused")
    await shift_weights(runtime, eng.lanes)
    assert await weights(eng) == [100, 0]
