"""A template with a picture for its text message: who may carry it, at accept and later."""

from datetime import timedelta
from typing import Any

import pytest

from app.db.models.fields import now as clock
from app.errors import GatewayError
from app.services.runtime import Runtime
from app.services.ways import Need, ways
from channels.vocabulary import Reason, Verdict
from tests.app.services.test_moving import home, move
from tests.engine import Engine, engine, verdict
from tests.neighbours import change, neighbour

NUMBER = "01012345678"
SMS = [{"channel": "sms"}]
BOTH: list[dict[str, Any]] = [{"channel": "alimtalk"}, {"channel": "sms"}]
PICTURE: dict[str, Any] = {"sms_picture": "sale.jpg", "plan": SMS}


async def relay(runtime: Runtime, **template: Any) -> Engine:
    """An account at a relay, which takes Alimtalk, SMS and LMS, but no pictures."""
    return await engine(runtime, level="delivered", **template)


async def test_no_account_takes_a_picture(runtime: Runtime) -> None:
    eng = await relay(runtime, **PICTURE | {"plan": BOTH})
    with pytest.raises(GatewayError) as refused:
        await eng.accept(NUMBER)
    assert (refused.value.code, refused.value.status) == ("no_mms_route", 409)
    assert refused.value.field == "plan[1].channel"
    assert refused.value.data == {"accounts": ["scripted"]}
    assert "'scripted'" in str(refused.value)


async def test_nobody_sends_texts_at_all(runtime: Runtime) -> None:
    eng = await relay(runtime, **PICTURE)
    await change(eng, eng.account.id, state="disabled")
    with pytest.raises(GatewayError) as refused:
        await eng.accept(NUMBER, plan=SMS)
    assert refused.value.code == "no_sandbox_account"


async def test_a_picture_goes_only_where_mms_goes(runtime: Runtime) -> None:
    eng = await relay(runtime, **PICTURE)
    other = await neighbour(eng, weight=0)
    for number in ("01011110001", "01011110002", "01011110003"):
        (message_id,) = await eng.accept(number)
        (attempt,) = await eng.attempts(message_id)
        assert (attempt.account_id, attempt.route) == (other.account.id, "mms")


async def test_who_takes_no_picture_still_carries_texts(runtime: Runtime) -> None:
    eng = await relay(runtime, plan=SMS)
    (message_id,) = await eng.accept(NUMBER)
    assert [one.route for one in await eng.attempts(message_id)] == ["sms"]
    other = await neighbour(eng)
    need = {route: Need(eng.workspace_id, "sandbox", "sms", None, route) for route in ("", "mms")}
    async with runtime.database.read() as session:
        found = {route: await ways(session, runtime, one) for route, one in need.items()}
    assert {one.account_id for one in found[""]} == {eng.account.id, other.account.id}
    assert {one.name: one.routes for one in found["mms"]} == {"other": {"sms", "lms", "mms"}}


async def test_a_later_step_asks_for_mms_too(runtime: Runtime) -> None:
    eng = await relay(runtime, **PICTURE | {"plan": BOTH})
    other = await neighbour(eng, approved=False, weight=0)
    (message_id,) = await eng.accept(NUMBER)
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.NOT_REACHABLE)
    await eng.run()
    first, second = await eng.attempts(message_id)
    assert (first.account_id, first.route) == (eng.account.id, "alimtalk")
    assert (second.account_id, second.route) == (other.account.id, "mms")


async def test_after_an_accounts_own_fault_only_one_with_mms_is_next(runtime: Runtime) -> None:
    eng = await engine(runtime, **PICTURE)
    without, other = await neighbour(eng, name="without"), await neighbour(eng, weight=0)
    await change(eng, without.account.id, adapter="relay")
    await change(eng, eng.account.id, weight_now=0)
    await change(eng, other.account.id, state="disabled")
    (message_id,) = await eng.accept(NUMBER)
    await change(eng, other.account.id, state="active")
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.SENDER_STATE)
    await eng.run()
    homes = [one.account_id for one in await eng.attempts(message_id)]
    assert homes == [eng.account.id, other.account.id]


async def test_what_waits_moves_only_where_mms_goes(runtime: Runtime) -> None:
    eng = await engine(runtime, **PICTURE)
    other = await neighbour(eng, weight=0)
    await change(eng, other.account.id, adapter="relay")
    (message_id,) = await eng.accept(NUMBER)
    await change(eng, eng.account.id, breaker_until=clock() + timedelta(minutes=1))
    await move(eng)
    assert await home(eng, message_id) == eng.account.id
    await change(eng, other.account.id, adapter="nhn")
    await move(eng)
    assert await home(eng, message_id) == other.account.id
