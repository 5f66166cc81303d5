"""Push through the engine: every device, until what the plan asks, and what is dead."""

import pytest

from app.db.models import ProviderAccount, Sender
from app.db.models.fields import now as clock
from app.ids import new_id
from app.services import devices, resend
from app.services.catalogue import Catalogue
from app.services.moving import move
from app.services.runtime import Runtime
from scheduler.recovery import meet_deadlines
from tests.pushing import APP_NAME, pushing

PUSH_ONLY = [{"channel": "push"}]
THEN_SMS = [{"channel": "push"}, {"channel": "sms"}]
NUMBER = "01012345678"


async def test_one_of_the_devices_is_enough(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", NUMBER, "fid-1", "fid-2")
    message_id = await one.accept(person="hana", plan=THEN_SMS)
    await one.run()
    await one.told(message_id, 0, "received")
    await one.told(message_id, 1, "shown")  # the other one too: the plan asked for both
    await one.run()
    shown = await one.eng.message(message_id)
    assert (shown.status, shown.duplicate_delivery) == ("delivered", False)
    assert one.eng.provider.calls == []


async def test_an_answer_after_a_receipt_takes_nothing_back(runtime: Runtime) -> None:
    """One device has reported before the call to the other is settled."""
    one = await pushing(runtime)
    await one.person("hana", "", "fid-1", "fid-2")
    message_id = await one.accept(person="hana", plan=PUSH_ONLY)
    one.lane.slots.limit = 1
    await one.lane.turn()
    attempts = await one.eng.attempts(message_id)
    sent = [a for a in attempts if a.status == "accepted"]
    await one.told(message_id, sent[0].part, "received")
    await one.run()
    assert (await one.eng.message(message_id)).status == "delivered"


async def test_accepted_is_not_delivered(runtime: Runtime) -> None:
    """Google took it, no app ever reported: after the step's time the text leaves."""
    one = await pushing(runtime)
    await one.person("hana", NUMBER, "fid-1")
    plan = [{"channel": "push", "within_s": 30}, {"channel": "sms"}]
    message_id = await one.accept(person="hana", plan=plan)
    await one.run()
    assert (await one.eng.message(message_id)).status == "sent"
    async with runtime.database.write() as tx:
        for column in ("created_at", "due_at"):
            await tx.conn.exec_driver_sql(f"UPDATE attempt SET {column} = 1")
    await meet_deadlines(runtime)
    await one.run()
    assert [(a.channel, a.status) for a in await one.eng.attempts(message_id)] == [
        ("push", "accepted"),
        ("sms", "accepted"),
    ]


@pytest.mark.parametrize("what", ["received", "shown", "read", "acknowledged"])
async def test_until_acknowledged_only_that_ends_it(runtime: Runtime, what: str) -> None:
    one = await pushing(runtime)
    await one.person("hana", "", "fid-1")
    plan = [{"channel": "push", "until": "acknowledged"}]
    message_id = await one.accept(person="hana", plan=plan)
    await one.run()
    await one.told(message_id, 0, what)
    await one.told(message_id, 0, what)  # twice is no harm
    shown = await one.eng.message(message_id)
    assert shown.status == "delivered"
    assert (shown.closed_at is not None) is (what == "acknowledged")


async def test_a_resend_is_pushed_anew(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", "", "fid-1")
    message_id = await one.accept(person="hana", plan=[{"channel": "push", "until": "accepted"}])
    await one.run()
    message = await one.eng.message(message_id)
    prepared = await resend.prepare(runtime, Catalogue(runtime), one.eng.caller, message, clock())
    await one.eng.acceptor.accept(prepared)
    await one.run()
    assert one.reached == ["fid-1", "fid-1"]
    tokens = {dict(m.data)["naru_token"] for call in one.provider.calls for m in call.messages}
    assert len(tokens) == 2


async def test_a_device_s_push_stays_with_its_account(runtime: Runtime) -> None:
    """Another account would call the address by the same name and mean nobody, or somebody else."""
    one = await pushing(runtime)
    await one.person("hana", NUMBER, "fid-1")
    other = one.account.model_copy(update={"id": new_id(), "name": "second"})
    app = Sender(
        workspace_id=one.eng.workspace_id, account_id=other.id, kind="push", value=APP_NAME
    )
    message_id = await one.accept(person="hana", plan=THEN_SMS)
    async with runtime.database.write() as tx:
        tx.session.add(ProviderAccount(**other.model_dump()))
        await tx.session.flush()
        tx.session.add(app)
        account = await tx.session.get_one(ProviderAccount, one.account.id)
        account.state = "disabled"
        await tx.session.flush()
        await move(tx, runtime, account)
    push, *rest = await one.eng.attempts(message_id)
    assert (push.account_id, push.status) == (one.account.id, "rejected")
    assert [a.channel for a in rest] == ["sms"]


async def test_a_device_that_cannot_be_opened_holds_up_nobody(runtime: Runtime) -> None:
    one = await pushing(runtime)
    (broken, _) = await one.person("hana", "", "fid-1", "fid-2")
    message_id = await one.accept(person="hana", plan=PUSH_ONLY)
    async with runtime.database.write() as tx:
        device = await devices.get(tx.session, one.eng.caller, broken)
        device.sealed = b"damaged"
        tx.session.add(device)
    await one.run()
    assert one.reached == ["fid-2"]
    reasons = {a.device_id: a.reason for a in await one.eng.attempts(message_id)}
    assert reasons[broken] == "not_reachable"
