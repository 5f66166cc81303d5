"""T01: the wall clock is set, ticks are missed; nothing is doubled, nothing sleeps an hour."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlmodel import select

from app.db.models import Lot
from app.ids import new_id
from app.services.runtime import Runtime
from channels.contract import Page
from channels.vocabulary import Reason, Verdict
from scheduler import jobs, recovery
from scheduler.clocks import JUMP_S, Watch, draw_near
from scheduler.dispatch import Lane
from scheduler.recovery import look_up_unknown, recover_leases
from scheduler.results import poll_results
from scheduler.worker import SchedulerWorker
from tests.engine import Engine, Provider, engine, verdict

NOON = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NUMBER = "01012345678"
LOST = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
BUSY = verdict(Verdict.DEFERRED, Reason.THROTTLED)


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[SchedulerWorker]:
    async with httpx.AsyncClient(trust_env=False) as client:
        made = SchedulerWorker(runtime, client)
        await made.start()
        yield made
        await made.stop()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """When the job that runs twice a second ran, by the wall clock."""
    seen: list[datetime] = []

    async def job(*_: Any) -> int:
        seen.append(datetime.now(UTC))
        return 0

    monkeypatch.setattr(recovery, "look_up_unknown", job)
    return seen


async def eventually(seen: list[datetime], count: int) -> None:
    for _ in range(500):
        if len(seen) >= count:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the job did not run")


async def test_missed_ticks_run_once(worker: SchedulerWorker, runs: list[datetime]) -> None:
    with time_machine.travel(NOON) as moment:
        table = jobs.start(worker)
        await eventually(runs, 1)
        moment.shift(HOUR)  # 7,200 ticks of the job
        await eventually(runs, 3)
        table.shutdown(wait=False)
    late = [at for at in runs if at >= NOON + HOUR]
    took = (late[-1] - (NOON + HOUR)).total_seconds()
    assert len(late) <= 2 + took / 0.5  # once for all missed, then by its interval


@pytest.mark.long
async def test_jobs_go_on_when_the_clock_is_set_back(
    worker: SchedulerWorker, runs: list[datetime]
) -> None:
    with time_machine.travel(NOON) as moment:
        table = jobs.start(worker)
        watch = Watch(worker.runtime, worker.lanes, table)
        await eventually(runs, 1)
        moment.shift(-HOUR)
        before = len(runs)
        await asyncio.sleep(1.5)
        assert len(runs) <= before + 1  # the table alone would sleep for an hour
        await watch.turn()
        await eventually(runs, before + 3)
        table.shutdown(wait=False)


@pytest.mark.parametrize(
    ("steps", "noticed"),
    [
        ([-JUMP_S - 1], 1),
        ([3600], 1),
        ([-JUMP_S / 2], 0),  # drift
        ([JUMP_S / 2], 0),
        ([-1.5, -1.5, -1.5], 1),  # set back little by little
    ],
)
async def test_only_a_jump_is_noticed(
    worker: SchedulerWorker,
    monkeypatch: pytest.MonkeyPatch,
    steps: list[float],
    noticed: int,
) -> None:
    drawn = 0

    async def draw(*_: Any) -> None:
        nonlocal drawn
        drawn += 1

    monkeypatch.setattr("scheduler.clocks.draw_near", draw)
    with time_machine.travel(NOON, tick=True) as moment:
        table = jobs.start(worker)
        watch = Watch(worker.runtime, worker.lanes, table)
        for step in steps:
            moment.shift(step)
            await watch.turn()
        await watch.turn()
        table.shutdown(wait=False)
    assert drawn == (noticed if sum(steps) < 0 else 0)


async def test_an_hour_ahead_a_lease_others_took_sends_nothing(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the monotonic clock it still runs; but others have taken the lot and sent it."""
    with time_machine.travel(NOON) as moment:
        eng = await engine(runtime)
        (id_,) = await eng.accept(NUMBER)
        other = Lane(runtime, eng.account, eng.provider, new_id())
        send = Lane._send

        async def stall(self: Lane, *call: Any) -> Any:
            monkeypatch.undo()
            moment.shift(HOUR)
            assert await recover_leases(runtime, eng.lanes) == 1
            moment.shift(timedelta(seconds=eng.lane.settle_s() + 1))
            assert await look_up_unknown(runtime, eng.lanes) == 1  # absent: it queues again
            while await other.turn():
                pass
            return await send(self, *call)

        monkeypatch.setattr(Lane, "_send", stall)
        await eng.run()
        assert (await eng.message(id_)).status == "sent"
        assert (len(eng.provider.calls), eng.provider.people[NUMBER]) == (1, 1)


async def lots(eng: Engine, state: str) -> list[Lot]:
    async with eng.runtime.database.read() as session:
        return [lot for lot in await session.exec(select(Lot)) if lot.state == state]


async def test_an_hour_back_a_dead_workers_lease_ends_in_time(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(NOON, tick=False) as moment:
        eng = await engine(runtime)
        await eng.accept(NUMBER)
        await eng.lane._claim(0)  # and dies
        moment.shift(-HOUR)
        await draw_near(runtime, eng.lanes)
        moment.shift(timedelta(seconds=eng.lane._lease_s() - 1))
        assert await recover_leases(runtime, eng.lanes) == 0  # it might still live and send
        moment.shift(timedelta(seconds=1))
        assert await recover_leases(runtime, eng.lanes) == 1
        await eng.run()
        assert eng.provider.people[NUMBER] == 1


async def test_an_hour_back_the_unknown_is_asked_after_its_settle_window(
    runtime: Runtime,
) -> None:
    with time_machine.travel(NOON, tick=False) as moment:
        eng = await engine(runtime)
        eng.provider.answer = LOST
        (id_,) = await eng.accept(NUMBER)
        await eng.run()
        moment.shift(-HOUR)
        await draw_near(runtime, eng.lanes)
        await draw_near(runtime, eng.lanes)  # a second worker notices it too
        moment.shift(timedelta(seconds=eng.lane.settle_s() - 0.1))
        assert await look_up_unknown(runtime, eng.lanes) == 0
        moment.shift(timedelta(seconds=0.1))
        assert await look_up_unknown(runtime, eng.lanes) == 1
        assert (await eng.message(id_)).status == "sent"


async def test_an_hour_back_a_retry_waits_its_step_and_what_is_scheduled_its_date(
    runtime: Runtime,
) -> None:
    with time_machine.travel(NOON, tick=False) as moment:
        eng = await engine(runtime, Provider(answer=BUSY))
        (retried,) = await eng.accept(NUMBER)
        await eng.run()
        (scheduled,) = await eng.accept("01011112222", send_at=NOON + timedelta(seconds=30))
        eng.provider.answer = Provider().answer
        moment.shift(-HOUR)
        await draw_near(runtime, eng.lanes)
        await eng.run()
        assert (await eng.message(retried)).status == "queued"
        moment.shift(timedelta(seconds=1))
        await eng.run()
        assert (await eng.message(retried)).status == "sent"
        moment.shift(HOUR)
        await eng.run()
        assert (await eng.message(scheduled)).status == "scheduled"
        moment.shift(timedelta(seconds=30))
        await eng.run()
        assert (await eng.message(scheduled)).status == "sent"
        assert eng.provider.people == {NUMBER: 1, "01011112222": 1}


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
async def test_a_call_on_its_way_is_settled_whatever_the_clock_says(
    runtime: Runtime, jump: timedelta
) -> None:
    with time_machine.travel(NOON) as moment:
        eng = await engine(runtime)
        taken = eng.provider.answer

        def set_clock(ref: str, to: str) -> Any:
            moment.shift(jump)
            return taken(ref, to)

        eng.provider.answer = set_clock
        (id_,) = await eng.accept(NUMBER)
        await eng.run()
        await recover_leases(runtime, eng.lanes)
        assert (await eng.message(id_)).status == "sent"
        assert eng.provider.people[NUMBER] == 1


@dataclass
class Listed(Provider):
    """A provider whose results are polled; it remembers what was asked for."""

    asked: list[tuple[datetime, datetime]] = field(default_factory=list)

    async def poll(self, since: datetime, until: datetime, cursor: str | None) -> Page:
        """Nothing new."""
        self.asked.append((since, until))
        return Page((), None)


async def test_an_hour_back_results_of_that_hour_are_read_again(runtime: Runtime) -> None:
    """A window that ends before it begins would be refused until the hour is over."""
    with time_machine.travel(NOON, tick=False) as moment:
        provider = Listed()
        eng = await engine(runtime, provider)
        moment.shift(HOUR)
        await poll_results(runtime, eng.lanes)
        moment.shift(-HOUR)
        await poll_results(runtime, eng.lanes)
        await poll_results(runtime, eng.lanes)
    (_, ahead), (since, until), (again, now) = provider.asked
    assert (ahead, until, now) == (NOON + HOUR, NOON, NOON)
    assert NOON - HOUR <= since < NOON - HOUR + timedelta(minutes=2)
    assert NOON - timedelta(minutes=2) < again < NOON
