"""Where a message is sent: claiming, merging, cutting, and everything that must not leave."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from app.db.models import Message, ProviderAccount, TemplateRegistration
from app.db.models.fields import now as clock
from app.services import audit, timeline
from app.services.cancel import cancel
from app.services.clock import korean_day
from app.services.content import TABLE
from app.services.runtime import Runtime
from channels.vocabulary import Reason, Verdict
from tests.engine import Engine, Provider, engine, past_due, verdict

NUMBERS = [f"0101234{i:04d}" for i in range(30)]


async def statuses(eng: Engine, ids: list[UUID]) -> set[str]:
    return {(await eng.message(i)).status for i in ids}


async def test_small_lots_become_one_call(runtime: Runtime) -> None:
    """Thirty single accepts, one request."""
    eng = await engine(runtime)
    ids = await eng.accept(*NUMBERS)
    await eng.run()
    assert [len(call.messages) for call in eng.provider.calls] == [30]
    assert await statuses(eng, ids) == {"sent"}
    assert set(eng.provider.people.values()) == {1}


async def test_calls_are_cut_at_the_batch(runtime: Runtime) -> None:
    eng = await engine(runtime, Provider(batch=7))
    await eng.accept(*NUMBERS)
    await eng.run()
    assert max(len(call.messages) for call in eng.provider.calls) <= 7
    assert sum(len(call.messages) for call in eng.provider.calls) == 30


async def test_high_priority_leaves_first(runtime: Runtime) -> None:
    eng = await engine(runtime, Provider(batch=1))
    await eng.accept(*NUMBERS[:5])
    (urgent,) = await eng.accept("01099999999", priority="high")
    await eng.lane.turn()
    first = eng.provider.calls[0].messages[0]
    assert first.to == "01099999999"
    assert (await eng.message(urgent)).status == "sent"


async def test_one_request_holds_only_what_may_share_it(runtime: Runtime) -> None:
    """SMS texts differ per order, so each goes in a request of its own."""
    eng = await engine(runtime)
    await eng.accept(*NUMBERS[:4], plan=[{"channel": "sms"}])
    await eng.run()
    assert [len(call.messages) for call in eng.provider.calls] == [1] * 4


async def test_what_is_cancelled_does_not_leave(runtime: Runtime) -> None:
    eng = await engine(runtime)
    kept, dropped = await eng.accept(*NUMBERS[:2])
    async with runtime.database.write() as tx:
        await cancel(tx, eng.caller, dropped)
    await eng.run()
    assert sum(eng.provider.people.values()) == 1
    assert (await eng.message(kept)).status == "sent"
    assert (await eng.message(dropped)).status == "cancelled"


async def test_an_expired_message_ends_unsent(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (late,) = await eng.accept(NUMBERS[0], expires_at=clock() + timedelta(milliseconds=30))
    await asyncio.sleep(0.05)
    await eng.run()
    assert eng.provider.calls == []
    message = await eng.message(late)
    assert (message.status, message.reason) == ("expired", "message_expired")


async def test_a_stopped_template_blocks_what_waits(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (waiting,) = await eng.accept(NUMBERS[0])
    async with runtime.database.write() as tx:
        await tx.session.exec(update(TemplateRegistration).values(usage="stopped"))
    await eng.run()
    message = await eng.message(waiting)
    assert (message.status, message.reason) == ("blocked", "template_stopped")
    assert eng.provider.calls == []


async def test_a_paused_account_keeps_its_messages(runtime: Runtime) -> None:
    """P17: one call, the account pauses, everything stays queued with its reference."""
    eng = await engine(runtime, Provider(batch=10))
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.MISCONFIGURED, code="401")
    ids = await eng.accept(*NUMBERS[:10])
    await eng.run()
    assert len(eng.provider.calls) == 1
    async with runtime.database.read() as session:
        account = await session.get(ProviderAccount, eng.account.id)
        assert account is not None
        assert account.state == "paused"
        eng.lane.adopt(account)
    assert await eng.lane.turn() is False
    assert await statuses(eng, ids) == {"queued"}


async def test_deferred_is_tried_again_with_the_same_reference(runtime: Runtime) -> None:
    """Rule R2."""
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.THROTTLED, retry_after_s=1.5)
    (waiting,) = await eng.accept(NUMBERS[0])
    await eng.run()
    (attempt,) = await eng.attempts(waiting)
    assert (attempt.status, attempt.tries) == ("queued", 1)
    assert await eng.lane.turn() is False, "its time has not come"
    await past_due(eng)
    async with runtime.database.write() as tx:  # the deadline of the message is not what we test
        await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
    eng.provider.answer = verdict(Verdict.ACCEPTED)
    await eng.run()
    refs = [call.messages[0].ref for call in eng.provider.calls]
    assert len(refs) == 2
    assert refs[0] == refs[1]
    assert eng.provider.calls[0].key != eng.provider.calls[1].key


async def test_two_lanes_never_send_the_same(runtime: Runtime) -> None:
    """Two workers on one account."""
    eng = await engine(runtime, Provider(batch=3))
    other = await engine(runtime, eng.provider)
    other.lane.account = eng.account
    await eng.accept(*NUMBERS)

    await asyncio.gather(eng.run(), other.run())
    assert sum(eng.provider.people.values()) == 30
    assert set(eng.provider.people.values()) == {1}


async def test_what_is_not_as_approved_falls_back_and_says_what_differs(runtime: Runtime) -> None:
    """Stored content that was tampered with: nothing of it reaches the messenger."""
    eng = await engine(runtime)
    spoilt, fine = await eng.accept(*NUMBERS[:2])
    message = await eng.message(spoilt)
    frozen = runtime.sealer.open(TABLE, message.workspace_id, message.id, message.sealed)
    frozen["alimtalk"]["text"] += " 지금 당첨금을 받으세요"
    sealed = runtime.sealer.seal(TABLE, message.workspace_id, message.id, frozen)
    async with runtime.database.write() as tx:
        tampered = update(Message).where(col(Message.id) == spoilt).values(sealed=sealed)
        await tx.session.exec(tampered)
    await eng.run()
    sent = [(call.route, m.to) for call in eng.provider.calls for m in call.messages]
    assert sorted(sent) == [("alimtalk", NUMBERS[1]), ("sms", NUMBERS[0])]
    first, second = await eng.attempts(spoilt)
    assert (first.status, first.reason) == ("rejected", Reason.TEMPLATE_MISMATCH)
    assert (second.route, second.status) == ("sms", "accepted")
    assert await statuses(eng, [fine, spoilt]) == {"sent"}
    async with runtime.database.read() as session:
        told = await timeline.timeline(session, eng.workspace_id, spoilt, "ko")
        [entry] = [one for one in told if one["kind"] == "attempt.rejected"]
        day = korean_day(message.accepted_at)
        assert await audit.compare(session, eng.workspace_id, date.fromisoformat(day)) == []
    assert entry["data"]["differs"] == "text"
    assert "당첨금" not in str(entry)
    assert entry["detail"] == "승인된 템플릿과 다른 곳(text)이 있어 보내기 전에 막았어요."
