"""Acknowledge: proves delivery, ends the plan, and stops what still waits."""

from typing import Any

import pytest

from app.db.models import Message
from app.errors import NotFound, Refused
from app.ids import new_id
from app.services.acknowledge import acknowledge
from app.services.callers import Caller
from app.services.runtime import Runtime
from channels.vocabulary import Reason, Result, Verdict
from tests.app.services.test_planning import BOSS, NUMBER, later
from tests.engine import Engine, engine, verdict

PLAN: list[dict[str, Any]] = [
    {"channel": "alimtalk", "within_s": 60},
    {"channel": "sms", "to": "boss"},
]


async def say(eng: Engine, message: Message, caller: Caller | None = None) -> Message:
    async with eng.runtime.database.write() as tx:
        await acknowledge(tx, caller or eng.caller, message.id)
    return await eng.message(message.id)


async def accepted(eng: Engine) -> Message:
    [id_] = await eng.accept(NUMBER, plan=PLAN, contacts={"boss": BOSS})
    return await eng.message(id_)


async def test_nothing_further_starts(runtime: Runtime) -> None:
    eng = await engine(runtime)
    message = await accepted(eng)
    await eng.run()
    shown = await say(eng, message)
    assert shown.status == "delivered"
    assert shown.closed_at is not None
    assert shown.acknowledged_at is not None
    assert (await say(eng, message)).acknowledged_at == shown.acknowledged_at
    await later(eng)
    [attempt] = await eng.attempts(message.id)
    assert attempt.acknowledged_at is not None


async def test_what_waits_is_cancelled_and_never_leaves(runtime: Runtime) -> None:
    eng = await engine(runtime)
    message = await accepted(eng)
    await eng.lane.turn()
    [first] = await eng.attempts(message.id)
    await eng.report(first, Result.UNDELIVERED, Reason.PHONE_OFF)
    await say(eng, message)
    await eng.run()
    assert [m.to for call in eng.provider.calls for m in call.messages] == [NUMBER]
    assert [a.status for a in await eng.attempts(message.id)] == ["delivered", "cancelled"]
    assert (await eng.message(message.id)).status == "delivered"


async def test_of_an_unknown_one_it_is_proof(runtime: Runtime) -> None:
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
    message = await accepted(eng)
    await eng.run()
    assert (await eng.message(message.id)).status == "unknown"
    assert (await say(eng, message)).status == "delivered"


async def test_before_anything_left_there_is_nothing_to_acknowledge(runtime: Runtime) -> None:
    eng = await engine(runtime)
    message = await accepted(eng)
    with pytest.raises(Refused) as caught:
        await say(eng, message)
    assert caught.value.code == "nothing_left"
    await eng.run()
    assert len(eng.provider.calls) == 1


async def test_of_others_it_is_not_there(runtime: Runtime) -> None:
    eng = await engine(runtime)
    message = await accepted(eng)
    await eng.run()
    for other in (
        Caller(new_id(), new_id(), "test", eng.caller.scopes),
        Caller(eng.workspace_id, new_id(), "live", eng.caller.scopes),
    ):
        with pytest.raises(NotFound):
            await say(eng, message, other)
