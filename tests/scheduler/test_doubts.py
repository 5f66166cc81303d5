"""Repeats that come too late to be recognised, and equal texts that would come too early."""

from uuid import UUID

import pytest

from app.errors import Refused
from app.services.cancel import cancel
from app.services.runtime import Runtime
from app.services.states import IN_DOUBT
from channels.vocabulary import IdempotencyClass, Reason, Verdict
from scheduler.recovery import look_up_unknown, meet_deadlines
from tests.engine import TTL_S, Engine, Provider, engine, past_due, verdict

LOST = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
ACCEPTS = verdict(Verdict.ACCEPTED)
TO = "01010000000"


async def change(eng: Engine, sql: str) -> None:
    async with eng.runtime.database.write() as tx:
        await tx.conn.exec_driver_sql(sql)


async def grow_old(eng: Engine) -> None:
    """More time passes than the provider remembers a reference."""
    ago = int(2 * TTL_S * 1_000_000)
    await change(eng, f"UPDATE attempt SET created_at = created_at - {ago}")
    eng.provider.memory.clear()


async def in_doubt(runtime: Runtime) -> tuple[Engine, UUID]:
    """A taken message whose answer was lost, queued to be repeated."""
    eng = await engine(runtime, Provider(IdempotencyClass.DEDUPE, answer=LOST))
    (id_,) = await eng.accept(TO)
    await eng.run()
    await past_due(eng)
    await look_up_unknown(runtime, eng.lanes)
    (attempt,) = await eng.attempts(id_)
    assert (attempt.status, attempt.reason) == ("queued", IN_DOUBT)
    return eng, id_


async def test_a_repeat_carries_the_same_reference_and_arrives_once(runtime: Runtime) -> None:
    eng, id_ = await in_doubt(runtime)
    eng.provider.answer = ACCEPTS
    await eng.run()
    assert (await eng.attempts(id_))[0].status == "accepted"
    assert len(eng.provider.calls) == 2
    assert set(eng.provider.people.values()) == {1}


async def test_a_repeat_that_comes_too_late_is_looked_up(runtime: Runtime) -> None:
    eng, id_ = await in_doubt(runtime)
    eng.provider.answer = ACCEPTS
    await grow_old(eng)
    await eng.run()
    assert (await eng.attempts(id_))[0].status == "unknown"
    await past_due(eng)
    await look_up_unknown(runtime, eng.lanes)
    assert (await eng.attempts(id_))[0].status == "accepted"
    assert len(eng.provider.calls) == 1


async def test_a_deferred_repeat_stays_in_doubt_and_does_not_expire(runtime: Runtime) -> None:
    eng, id_ = await in_doubt(runtime)
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.THROTTLED)
    await eng.run()
    (attempt,) = await eng.attempts(id_)
    assert (attempt.status, attempt.reason) == ("queued", IN_DOUBT)
    await change(eng, "UPDATE message SET expires_at = 1")
    await past_due(eng)
    await meet_deadlines(runtime)
    (attempt,) = await eng.attempts(id_)
    assert attempt.status == "unknown"
    await look_up_unknown(runtime, eng.lanes)
    (attempt,) = await eng.attempts(id_)
    assert attempt.status == "accepted"  # asked: there is no time for another repeat


async def test_a_repeat_cannot_be_cancelled(runtime: Runtime) -> None:
    eng, id_ = await in_doubt(runtime)
    with pytest.raises(Refused, match="cannot be cancelled"):
        async with runtime.database.write() as tx:
            await cancel(tx, eng.caller, id_)


@pytest.mark.parametrize("first", [ACCEPTS, LOST])
async def test_equal_texts_leave_one_after_the_other(runtime: Runtime, first: object) -> None:
    eng = await engine(runtime, Provider(IdempotencyClass.WINDOW_LOOK_UP))
    eng.provider.answer = first  # type: ignore[assignment]
    ids = [*await eng.accept(TO), *await eng.accept(TO)]
    await eng.run()
    await past_due(eng)
    await eng.run()
    assert eng.provider.people[TO] == 1  # the second waits: it was sent a moment ago, or is open
    assert (await eng.attempts(ids[1]))[0].status == "queued"
    await past_due(eng)
    await look_up_unknown(runtime, eng.lanes)
    await change(eng, "UPDATE attempt SET sent_at = 1 WHERE sent_at IS NOT NULL")
    await past_due(eng)
    await eng.run()
    assert eng.provider.people[TO] == 2


async def test_other_texts_and_numbers_do_not_wait(runtime: Runtime) -> None:
    eng = await engine(runtime, Provider(IdempotencyClass.WINDOW_LOOK_UP))
    await eng.accept(TO, TO, "01010000001")  # three order numbers
    await eng.run()
    assert eng.provider.people == {TO: 2, "01010000001": 1}


class _Mute:
    """The provider without its list: nobody can ask it."""

    def __init__(self, provider: Provider) -> None:
        self.name, self.routes, self.send = provider.name, provider.routes, provider.send
        self.verify, self.parse = provider.verify, provider.parse


async def test_too_late_and_not_to_be_asked_the_template_decides(runtime: Runtime) -> None:
    eng, id_ = await in_doubt(runtime)
    eng.lane.adapter = _Mute(eng.provider)
    await grow_old(eng)
    await eng.run()
    for _ in range(2):
        await past_due(eng)
        await look_up_unknown(runtime, eng.lanes)
        await eng.run()
    assert (await eng.message(id_)).status == "unknown"  # held, and visible
    assert len(eng.provider.calls) == 1
