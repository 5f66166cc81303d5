"""Several kinds of traffic at one account: nobody is held up by somebody else's flood."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, func, select

from app.db.models import Lot
from app.db.models.fields import now as clock
from app.ids import new_id
from app.services import lots
from app.services.accept import store
from app.services.catalogue import Catalogue
from app.services.messages import NewMessage, prepare
from app.services.runtime import Runtime
from channels.contract import Answer, Call
from tests.engine import FORM, Engine, Provider, engine


class Slow(Provider):
    """Answers after a while, and remembers how many calls were under way at once."""

    wait_s = 0.05
    under_way = most = 0

    async def send(self, call: Call) -> Answer:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(self.wait_s)
        self.under_way -= 1
        return await super().send(call)


async def flood(eng: Engine, count: int, prefix: str = "0102", **more: Any) -> None:
    """One key's messages in one transaction, as a batch stores them."""
    catalogue = Catalogue(eng.runtime)
    group = [
        await prepare(
            eng.runtime,
            catalogue,
            eng.caller,
            NewMessage(
                FORM["code"], f"{prefix}{i:0{11 - len(prefix)}d}", {"주문번호": f"A-{i}"}, **more
            ),
            clock(),
        )
        for i in range(count)
    ]
    async with eng.runtime.database.write() as tx:
        await store(tx, group)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something another task does."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


def order_of(eng: Engine) -> list[str]:
    """Every number in the order of leaving."""
    return [message.to for call in eng.provider.calls for message in call.messages]


@pytest.mark.parametrize("priority", ["normal", "high"])
async def test_a_flood_of_one_key_holds_up_another_by_one_lot(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, priority: str
) -> None:
    monkeypatch.setattr(lots, "LARGEST", 20)
    monkeypatch.setattr("scheduler.dispatch.LARGEST", 20)
    eng = await engine(runtime, Provider(batch=10))
    await flood(eng, 200, priority=priority)
    for _ in range(3):
        await eng.lane.turn()
    before = len(order_of(eng))
    assert before == 60
    eng.caller = replace(eng.caller, key_id=new_id())
    await eng.accept("01099999999", priority=priority)
    await eng.run()
    assert order_of(eng).index("01099999999") < before + 20
    assert len(order_of(eng)) == 201


async def test_two_floods_share(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lots, "LARGEST", 10)
    monkeypatch.setattr("scheduler.dispatch.LARGEST", 10)
    eng = await engine(runtime, Provider(batch=10))
    await flood(eng, 100, "0102")
    eng.caller = replace(eng.caller, key_id=new_id())
    await flood(eng, 50, "0103")
    await eng.run()
    first = order_of(eng)[:100]
    assert sum(number.startswith("0103") for number in first) == 50


async def test_the_next_lot_is_claimed_while_calls_are_under_way(runtime: Runtime) -> None:
    """Or the lane would wait for its slowest call before it begins another."""
    provider = Slow(batch=1)
    provider.wait_s = 0.4
    eng = await engine(runtime, provider)
    await eng.accept(*(f"0101234{i:04d}" for i in range(12)))
    while await eng.lane.pump(0):
        pass
    await eng.lane.join()
    assert provider.most > 4, "a claim takes four"
    assert set(provider.people.values()) == {1}


async def test_the_urgent_pass_a_flood_that_fills_every_slot(runtime: Runtime) -> None:
    provider = Slow(batch=1)
    eng = await engine(runtime, provider)
    await flood(eng, 60)
    provider.wait_s = 0.5
    flooding = asyncio.create_task(eng.lane.pump(0))
    await until(lambda: provider.under_way >= eng.lane.slots.limit - 1)
    await eng.accept("01099999999", priority="high")
    assert await eng.lane.pump(1)
    await until(lambda: "01099999999" in order_of(eng))
    assert len(order_of(eng)) < 30
    provider.wait_s = 0.0
    await flooding
    await eng.lane.join()


async def test_the_urgent_pass_a_flood_that_sleeps_for_the_rate(runtime: Runtime) -> None:
    eng = await engine(runtime, Provider(batch=10))
    eng.lane.adopt(eng.account.model_copy(update={"rate_per_s": 10.0}))
    await flood(eng, 60)
    flooding = asyncio.create_task(eng.lane.pump(0))
    await until(lambda: len(order_of(eng)) >= 4)
    await eng.accept("01099999999", priority="high")
    assert await eng.lane.pump(1)
    await until(lambda: "01099999999" in order_of(eng))
    assert order_of(eng).index("01099999999") < 40
    await eng.lane.drain()
    await flooding


@pytest.mark.long
async def test_a_paced_run_takes_the_time_it_must(runtime: Runtime) -> None:
    """Two workers share the rate; together they are as fast as it, and no faster."""
    eng = await engine(runtime, Provider(batch=100))
    other = await engine(runtime, eng.provider)
    account = eng.account.model_copy(update={"rate_per_s": 200.0})
    for lane in (eng.lane, other.lane):
        lane.adopt(account, workers=2)
    for prefix in range(8):
        await flood(eng, 100, f"01020{prefix}")
    began = time.monotonic()
    await asyncio.gather(eng.run(), other.run())
    took = time.monotonic() - began
    assert sum(eng.provider.people.values()) == len(eng.provider.people) == 800
    assert 3.2 < took < 15


async def test_a_lane_that_drains_lets_go_of_what_it_has_not_opened(runtime: Runtime) -> None:
    """SIGTERM: calls under way end, the rest is free for others at once."""
    provider = Slow(batch=1)
    provider.wait_s = 0.4
    eng = await engine(runtime, provider)
    await flood(eng, 60)
    working = asyncio.create_task(eng.lane.pump(0))
    await until(lambda: provider.under_way > 0)
    async with asyncio.timeout(60):
        await eng.lane.drain()
        await working
    left = len(order_of(eng))
    assert 0 < left < 60
    async with runtime.database.read() as session:
        states = dict(
            (await session.exec(select(Lot.state, func.count()).group_by(col(Lot.state)))).all()
        )
    assert states == {"ready": 1}
    assert await eng.lane.pump(0) is False
    eng.lane.draining = eng.lane.pace.stopped = False
    provider.wait_s = 0.0
    await eng.run()
    assert set(provider.people.values()) == {1}
    assert len(provider.people) == 60
