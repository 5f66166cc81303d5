"""What a message begins with: every device, one of several channels, or the step after."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.db.models import Attempt, Event, Message
from app.db.models.fields import now as clock
from app.errors import GatewayError
from app.services.runtime import Runtime
from channels.vocabulary import Reason, Result, Verdict
from tests.engine import verdict
from tests.pushing import pushing

PUSH_ONLY = [{"channel": "push"}]
THEN_SMS = [{"channel": "push"}, {"channel": "sms"}]
NUMBER = "01012345678"


async def test_parallel_push_and_text(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", NUMBER, "fid-1")
    await one.person("duri", NUMBER.replace("5678", "5679"))
    plan = [{"channels": ["push", "sms"]}]
    both = await one.accept(person="hana", plan=plan)
    text = await one.accept(person="duri", plan=plan)
    await one.run()
    assert [a.channel for a in await one.eng.attempts(both)] == ["push", "sms"]
    assert [a.channel for a in await one.eng.attempts(text)] == ["sms"]
    (push, sms) = await one.eng.attempts(both)
    await one.eng.report(sms, Result.DELIVERED)
    await one.told(both, 0, "received")
    shown = await one.eng.message(both)
    assert (shown.status, shown.duplicate_delivery) == ("delivered", False)
    assert push.device_id is not None


async def test_a_number_reaches_the_devices_of_its_people(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", NUMBER, "fid-1")
    await one.accept(to=NUMBER, plan=PUSH_ONLY)
    boss = [{"channel": "sms"}, {"channel": "push", "to": "boss", "if_reason": ["bad_address"]}]
    one.eng.provider.answer = verdict(Verdict.REJECTED, Reason.BAD_ADDRESS)
    message_id = await one.accept(to="010-9999-8888", plan=boss, contacts={"boss": NUMBER})
    await one.run()
    assert one.reached == ["fid-1", "fid-1"]
    assert [a.to_name for a in await one.eng.attempts(message_id)] == ["", "boss"]


async def test_nobody_to_push_to_is_said_at_once(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana")
    with pytest.raises(GatewayError) as refusal:
        await one.accept(person="hana", plan=PUSH_ONLY)
    assert refusal.value.code == "no_device"
    with pytest.raises(GatewayError) as refusal:
        await one.accept(person="hana", plan=THEN_SMS)
    assert refusal.value.code == "no_number"


async def test_a_step_without_a_device_is_passed_over_and_said(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", NUMBER)
    message_id = await one.accept(person="hana", plan=THEN_SMS)
    (text,) = await one.eng.attempts(message_id)
    assert (text.step, text.channel) == (1, "sms")
    assert (await one.eng.message(message_id)).fallback_used
    async with runtime.database.read() as session:
        kinds = list(await session.exec(select(Event.kind).where(Event.subject_id == message_id)))
    assert "message.no_device" in kinds
    await one.run()
    assert len(one.eng.provider.calls) == 1


async def test_its_time_counts_from_when_it_may_leave(runtime: Runtime) -> None:
    """Else a notice planned for later had run out of time the moment it left, and both came."""
    one = await pushing(runtime)
    await one.person("hana", NUMBER)
    plan = [
        {"channel": "push"},
        {"channel": "alimtalk", "within_s": 60},
        {"channel": "sms"},
    ]
    later = clock() + timedelta(hours=2)
    message_id = await one.accept(person="hana", plan=plan, send_at=later)
    assert (await one.eng.message(message_id)).status == "scheduled"
    async with runtime.database.write() as tx:  # it was accepted two hours ago and leaves now
        attempt = await tx.session.get_one(
            Attempt, (message_id, (await one.eng.attempts(message_id))[0].id)
        )
        attempt.created_at -= timedelta(hours=2)
        message = await tx.session.get_one(Message, message_id)
        message.send_at = clock()
        tx.session.add_all([attempt, message])
        await tx.conn.exec_driver_sql("UPDATE lot SET due_at = 1")
    await one.run()
    assert [call.route for call in one.eng.provider.calls] == ["alimtalk"]
