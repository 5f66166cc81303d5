"""Lost messages: look-ups, policies of blind routes, deadlines of the plan."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from app.db.models import Attempt
from app.db.models.fields import now as clock
from app.services.runtime import Runtime
from channels.contract import Found, Receipt
from channels.vocabulary import IdempotencyClass, Lookup, Reason, Result, Verdict
from scheduler.recovery import look_up_unknown, meet_deadlines
from tests.engine import Engine, Provider, engine, past_due, verdict

NUMBER = "01012340001"
LOST = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)


async def ask(eng: Engine) -> None:
    """The settle window is over; recovery asks."""
    await past_due(eng)
    await look_up_unknown(eng.runtime, eng.lanes)


async def test_taken_with_the_answer_lost_is_found(runtime: Runtime) -> None:
    """P03: asked, found accepted, never sent again."""
    eng = await engine(runtime)
    eng.provider.answer = LOST
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    assert (await eng.message(id_)).status == "unknown"
    assert await look_up_unknown(runtime, eng.lanes) == 0, "the settle window is not over (R4)"
    await ask(eng)
    await eng.run()
    assert (await eng.message(id_)).status == "sent"
    assert eng.provider.people[NUMBER] == 1
    assert len(eng.provider.calls) == 1


async def test_absent_is_sent_again_with_the_same_reference(runtime: Runtime) -> None:
    """P02: it never got there."""
    eng = await engine(runtime)
    eng.provider.answer, eng.provider.takes_unknown = LOST, False
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    await ask(eng)
    eng.provider.answer = verdict(Verdict.ACCEPTED)
    await eng.run()
    assert (await eng.message(id_)).status == "sent"
    assert eng.provider.people[NUMBER] == 1
    first, second = (call.messages[0].ref for call in eng.provider.calls)
    assert first == second


async def test_refused_as_the_list_says_falls_back(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    eng = await engine(runtime)
    eng.provider.answer = LOST

    async def refused(tried: object, now: object) -> list[Found]:
        (attempt,) = await eng.attempts(id_)
        return [Found(str(attempt.id), Lookup.REFUSED, reason=Reason.NOT_REACHABLE, code="3019")]

    monkeypatch.setattr(eng.provider, "look_up", refused)
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    await ask(eng)
    first, second = await eng.attempts(id_)
    assert (first.status, first.reason, first.code) == ("rejected", "not_reachable", "3019")
    assert (second.channel, second.status) == ("sms", "queued")


async def test_an_unclear_list_is_asked_again(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    eng = await engine(runtime)
    eng.provider.answer = LOST
    asked = 0

    async def unclear(tried: list[object], now: object) -> list[Found]:
        nonlocal asked
        asked += 1
        return [Found("", Lookup.UNCLEAR) for _ in tried]

    monkeypatch.setattr(eng.provider, "look_up", unclear)
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    for _ in range(3):
        await ask(eng)
    assert asked == 3
    assert (await eng.message(id_)).status == "unknown"
    assert len(eng.provider.calls) == 1


async def test_a_look_up_brings_the_result_too(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    eng = await engine(runtime)
    eng.provider.answer = LOST
    (id_,) = await eng.accept(NUMBER)
    await eng.run()

    async def done(tried: list[object], now: object) -> list[Found]:
        receipt = Receipt(Result.DELIVERED, provider_id="p-1", code="1000")
        return [Found("", Lookup.ACCEPTED, provider_id="p-1", receipt=receipt)]

    monkeypatch.setattr(eng.provider, "look_up", done)
    await ask(eng)
    assert (await eng.message(id_)).status == "delivered"


@pytest.mark.parametrize(
    ("policy", "people", "attempts"),
    [
        ("hold", 1, ["unknown"]),
        ("resend", 2, ["accepted"]),
        ("fall_back", 2, ["unknown", "accepted"]),
    ],
)
async def test_a_blind_route_follows_the_template(
    runtime: Runtime, policy: str, people: int, attempts: list[str]
) -> None:
    """R8: nobody can be asked; the template says whether both may arrive."""
    eng = await engine(runtime, Provider(kind=IdempotencyClass.BLIND), when_unknown=policy)
    eng.provider.answer = LOST
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    eng.provider.answer = verdict(Verdict.ACCEPTED)
    await ask(eng)
    await eng.run()
    assert [a.status for a in await eng.attempts(id_)] == attempts
    assert eng.provider.people[NUMBER] == people


async def test_the_plan_gives_up_on_an_unknown_attempt(runtime: Runtime) -> None:
    eng = await engine(runtime, Provider(kind=IdempotencyClass.BLIND))
    eng.provider.answer = LOST
    plan = [{"channel": "alimtalk", "unknown_after_s": 1}, {"channel": "sms"}]
    (id_,) = await eng.accept(NUMBER, plan=plan)
    await eng.run()
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET settled_at = 1, due_at = 1")
    await look_up_unknown(runtime, eng.lanes)
    first, second = await eng.attempts(id_)
    assert (first.status, second.channel) == ("unknown", "sms"), "the first is kept open"


async def test_the_plan_gives_up_on_an_accepted_attempt(runtime: Runtime) -> None:
    """within_s: the next step starts, the first stays open for its receipt."""
    eng = await engine(runtime)
    plan = [{"channel": "alimtalk", "within_s": 60}, {"channel": "sms"}]
    (id_,) = await eng.accept(NUMBER, plan=plan)
    await eng.run()
    assert await meet_deadlines(runtime) == 0
    await long_ago(eng)
    assert await meet_deadlines(runtime) == 1
    first, second = await eng.attempts(id_)
    assert (first.status, second.channel, second.status) == ("accepted", "sms", "queued")
    assert first.due_at == first.closes_at
    assert await meet_deadlines(runtime) == 0, "once"


async def test_the_plan_gives_up_on_a_queued_attempt(runtime: Runtime) -> None:
    """The provider was down too long: it leaves the queue before the next step starts (R7)."""
    eng = await engine(runtime)
    plan = [{"channel": "alimtalk", "within_s": 60}, {"channel": "sms"}]
    (id_,) = await eng.accept(NUMBER, plan=plan)
    await long_ago(eng)
    await meet_deadlines(runtime)
    first, second = await eng.attempts(id_)
    assert (first.status, first.reason, second.channel) == ("expired", "step_deadline", "sms")
    await eng.run()
    assert [call.route for call in eng.provider.calls] == ["sms"]


async def test_an_expired_message_ends(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBER)
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE message SET expires_at = 1")
    await past_due(eng)
    await meet_deadlines(runtime)
    assert (await eng.message(id_)).status == "expired"
    await eng.run()
    assert eng.provider.calls == []


async def test_no_receipt_at_all_ends_as_no_report(runtime: Runtime) -> None:
    """P14: the window of the route is over."""
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET due_at = 1, closes_at = 1")
    await meet_deadlines(runtime)
    assert (await eng.message(id_)).status == "no_report"


async def long_ago(eng: Engine) -> None:
    """Everything was accepted an hour ago."""
    hour = timedelta(hours=1)
    async with eng.runtime.database.write() as tx:
        for attempt in await tx.session.exec(select(Attempt).where(col(Attempt.n) == 1)):
            attempt.created_at = clock() - hour
            attempt.due_at = clock() - hour
