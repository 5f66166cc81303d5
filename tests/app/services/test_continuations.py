"""The attempts of a later step: at the devices there are then, or at the number."""

from dataclasses import replace

from app.services import devices
from app.services.runtime import Runtime
from channels.contract import Outcome
from channels.vocabulary import Reason, Verdict
from tests.engine import verdict
from tests.pushing import pushing

PUSH_ONLY = [{"channel": "push"}]
THEN_SMS = [{"channel": "push"}, {"channel": "sms"}]
NUMBER = "01012345678"


async def test_all_must_fail_before_the_next_step(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", NUMBER, "fid-1", "fid-2")

    def answer(ref: str, to: str) -> Outcome:
        dead = Outcome(ref, Verdict.REJECTED, Reason.NOT_REACHABLE, "UNREGISTERED", gone=True)
        return dead if to == "fid-1" else Outcome(ref, Verdict.ACCEPTED)

    one.provider.answer = answer
    message_id = await one.accept(person="hana", plan=THEN_SMS)
    await one.run()
    assert one.eng.provider.calls == []  # the other device may still report
    assert (await one.eng.message(message_id)).status == "sent"
    one.provider.answer = lambda ref, to: replace(answer(ref, "fid-1"), ref=ref)
    again = await one.accept(person="hana", plan=THEN_SMS)
    await one.run()
    assert len(one.eng.provider.calls) == 1
    assert one.reached.count("fid-1") == 1  # the dead one was not asked again
    shown = await one.eng.message(again)
    assert (shown.status, shown.fallback_used) == ("sent", True)
    third = await one.accept(person="hana", plan=THEN_SMS)  # no device is left
    await one.run()
    assert [a.channel for a in await one.eng.attempts(third)] == ["sms"]
    assert (await one.eng.message(third)).fallback_used


async def test_a_device_removed_while_it_waits(runtime: Runtime) -> None:
    one = await pushing(runtime)
    (device,) = await one.person("hana", NUMBER, "fid-1")
    message_id = await one.accept(person="hana", plan=THEN_SMS)
    async with runtime.database.write() as tx:
        await devices.remove(tx, one.eng.caller, device)
    await one.run()
    assert one.reached == []
    (push, sms) = await one.eng.attempts(message_id)
    assert (push.status, push.reason, sms.status) == ("rejected", "not_reachable", "accepted")


async def test_a_later_step_pushes_to_the_devices_there_are_then(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", NUMBER, "fid-1")
    one.eng.provider.answer = verdict(Verdict.REJECTED, Reason.NOT_REACHABLE)
    plan = [{"channel": "sms"}, {"channel": "push"}]
    message_id = await one.accept(person="hana", plan=plan)
    await one.person("hana", NUMBER, "fid-2")
    await one.run()
    assert sorted(one.reached) == ["fid-1", "fid-2"]
    assert [a.part for a in await one.eng.attempts(message_id) if a.channel == "push"] == [0, 1]
    shown = await one.eng.message(message_id)
    assert (shown.status, shown.fallback_used) == ("sent", True)


async def test_without_a_device_the_plan_ends(runtime: Runtime) -> None:
    one = await pushing(runtime)
    one.eng.provider.answer = verdict(Verdict.REJECTED, Reason.NOT_REACHABLE)
    message_id = await one.accept(to=NUMBER, plan=[{"channel": "sms"}, {"channel": "push"}])
    await one.run()
    shown = await one.eng.message(message_id)
    assert (shown.status, shown.reason) == ("failed", "not_reachable")
