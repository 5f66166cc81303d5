"""A clock that is set while the engine works, and days a calendar gets wrong."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import update

from app.db.models import Lot
from app.db.models.fields import now as clock
from app.services import batch
from app.services.catalogue import Catalogue
from app.services.clock import korean_day
from app.services.messages import NewMessage
from app.services.runtime import Runtime
from channels.vocabulary import IdempotencyClass, Reason, Verdict
from scheduler.recovery import ask_when_steady, look_up_unknown, recover_leases
from tests.engine import FORM, Engine, Provider, engine, past_due, verdict

NUMBER = "01012340001"
LOST = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
ACCEPTS = verdict(Verdict.ACCEPTED)
HOUR = timedelta(hours=1)


def set_clock(by: timedelta) -> time_machine.travel:
    """From now on the wall clock shows another time, and goes on."""
    return time_machine.travel(datetime.now(UTC) + by, tick=True)


async def test_set_ahead_between_the_row_and_the_write(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T01: +1 h; others take the lease for over, so what has not left yet stays here (R3)."""
    eng = await engine(runtime, Provider(batch=1))
    numbers = [f"0101234{i:04d}" for i in range(12)]
    new = [NewMessage(FORM["code"], n, {"주문번호": "1"}) for n in numbers]
    await batch.accept(runtime, Catalogue(runtime), eng.caller, new, clock())
    open_, jumps = eng.lane._open, list[time_machine.travel]()

    async def then_jump(*given: Any) -> Any:
        opened = await open_(*given)
        if not jumps:
            jumps.append(set_clock(HOUR))
            jumps[0].start()
        return opened

    monkeypatch.setattr(eng.lane, "_open", then_jump)
    try:
        await eng.lane.turn()
        left = sum(eng.provider.people.values())
        assert left < len(numbers), "they left on a lease that is over"
        for _ in range(2):  # at once, and when the leases written after it have run out
            await recover_leases(runtime, eng.lanes)
            await past_due(eng)
        await look_up_unknown(runtime, eng.lanes)
        async with runtime.database.write() as tx:
            await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
        await eng.run()
    finally:
        jumps[0].stop()
    assert eng.provider.people == Counter(numbers)


async def test_set_ahead_while_a_settle_window_runs(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T01: +1 h; the window was not waited for, so nobody is asked before it has passed (R4)."""
    eng = await engine(runtime)
    eng.provider.answer = LOST
    await eng.accept(NUMBER)
    await eng.run()
    assert await ask_when_steady(runtime, eng.lanes) == 0
    with set_clock(HOUR):
        assert await ask_when_steady(runtime, eng.lanes) == 0, "only the clock says it is over"
        later = time.monotonic() + eng.lane.settle_s() + 0.1
        monkeypatch.setattr("scheduler.steady.time", SimpleNamespace(monotonic=lambda: later))
        monkeypatch.setattr(eng.lane.steady, "_steady", later)
        assert await ask_when_steady(runtime, eng.lanes) == 1


async def test_set_back_and_a_living_lease(runtime: Runtime) -> None:
    """T01: -1 h; a worker's own lease lasts as long as it did, by a clock nobody sets."""
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBER)
    await eng.lane._claim(0)
    async with runtime.database.write() as tx:
        await tx.session.exec(update(Lot).values(state="ready"))
    with set_clock(-HOUR):
        await eng.run()
        assert (await eng.message(id_)).status == "sent"
    assert eng.provider.people == Counter([NUMBER])


async def unknown_at(runtime: Runtime) -> Engine:
    """A taken message whose answer was lost, on a route that recognises repeats for an hour."""
    eng = await engine(runtime, Provider(IdempotencyClass.DEDUPE, answer=LOST))
    await eng.accept(NUMBER)
    await eng.run()
    await past_due(eng)
    return eng


@pytest.mark.parametrize(("back", "asked", "calls"), [(False, 0, 2), (True, 1, 1)])
async def test_set_back_and_a_provider_that_forgets(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, back: bool, asked: int, calls: int
) -> None:
    """T01: -1 h; it may have forgotten the reference, so it is asked and not sent again (R6)."""
    eng = await unknown_at(runtime)
    look_up, questions = eng.provider.look_up, 0

    async def count(*given: object) -> object:
        nonlocal questions
        questions += 1
        return await look_up(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(eng.provider, "look_up", count)
    eng.provider.answer = ACCEPTS
    if back:
        eng.provider.memory.clear()
    with set_clock(-HOUR if back else timedelta(0)):
        await look_up_unknown(runtime, eng.lanes)
        await eng.run()
    assert (questions, len(eng.provider.calls)) == (asked, calls)
    assert eng.provider.people == Counter([NUMBER])


@pytest.mark.parametrize(
    ("now", "send_at"),
    [
        # clocks of New York go from 2:00 to 3:00, and back from 2:00 to 1:00; no hour is lost
        ("2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00"),
        ("2027-11-07T01:30:00-04:00", "2027-11-07T01:30:00-05:00"),
        # a day that exists every four years, and the one that never does
        ("2028-02-28T23:30:00+09:00", "2028-02-29T00:30:00+09:00"),
        ("2028-02-29T23:30:00+09:00", "2028-03-01T00:30:00+09:00"),
        ("2027-02-28T23:30:00+09:00", "2027-03-01T00:30:00+09:00"),
    ],
)
async def test_planned_over_a_night_that_is_odd(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, now: str, send_at: str
) -> None:
    """T01: daylight saving and leap days; it leaves at its very moment, whatever TZ says."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    monkeypatch.setattr("tests.engine.clock", clock)
    due = datetime.fromisoformat(send_at)
    try:
        with time_machine.travel(datetime.fromisoformat(now), tick=True):
            eng = await engine(runtime)
            (id_,) = await eng.accept(NUMBER, send_at=due)
            await eng.run()
            assert (await eng.message(id_)).status == "scheduled"
        with time_machine.travel(due - timedelta(seconds=5), tick=True):
            await eng.run()
            assert eng.provider.calls == []
        with time_machine.travel(due, tick=True):
            await eng.run()
            assert (await eng.message(id_)).status == "sent"
            expires_at = (await eng.message(id_)).expires_at
            day = korean_day(clock())
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert expires_at == due + timedelta(hours=24)
    assert day == due.astimezone(ZoneInfo("Asia/Seoul")).date().isoformat()
    assert eng.provider.people == Counter([NUMBER])
