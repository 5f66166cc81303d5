"""What a provider can do to us, against the engine on both databases."""

from collections import Counter

import pytest
from sqlmodel import col, select

from app.db.models import Event, ProviderAccount
from app.ids import to_ref
from app.services import receipts
from app.services.runtime import Runtime
from channels.contract import Outcome, Receipt
from channels.vocabulary import IdempotencyClass, Reason, Result, Verdict
from scheduler.recovery import look_up_unknown, meet_deadlines
from tests.engine import Engine, Provider, engine, past_due, verdict

NUMBERS = ["01012340001", "01012340002", "01012340003"]
ACCEPTS = verdict(Verdict.ACCEPTED)


async def settled(eng: Engine) -> None:
    """Every window is over; what is unknown is asked about, what queues leaves."""
    await past_due(eng)
    async with eng.runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
    await look_up_unknown(eng.runtime, eng.lanes)
    await eng.run()


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(Reason.NO_ANSWER, id="timeout"),  # P02 and P03
        pytest.param(Reason.UNREADABLE, id="5xx or garbage"),  # P04 and P07
    ],
)
@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("kind", [IdempotencyClass.LOOK_UP, IdempotencyClass.DEDUPE])
async def test_nobody_knows_whether_it_was_taken(
    runtime: Runtime, reason: Reason, taken: bool, kind: IdempotencyClass
) -> None:
    """P02, P03, P04, P07: taken or not, with a timeout, a 5xx or garbage; each arrives once."""
    eng = await engine(runtime, Provider(kind, takes_unknown=taken))
    eng.provider.answer = verdict(Verdict.UNKNOWN, reason)
    ids = await eng.accept(*NUMBERS)
    await eng.run()
    assert {(await eng.message(i)).status for i in ids} == {"unknown"}
    assert len(eng.provider.calls) == 1, "nothing is repeated before the settle window is over"
    eng.provider.answer = ACCEPTS
    await settled(eng)
    assert eng.provider.people == Counter(NUMBERS)
    assert {(await eng.message(i)).status for i in ids} == {"sent"}


async def test_a_throttled_provider_slows_nobody_else(runtime: Runtime) -> None:
    """P05: 429 with Retry-After; its messages wait that long, another account's leave."""
    busy, free = await engine(runtime), await engine(runtime)
    busy.provider.answer = verdict(Verdict.DEFERRED, Reason.THROTTLED, retry_after_s=1.8)
    waiting = await busy.accept(*NUMBERS)
    sent = await free.accept(*NUMBERS)
    await busy.run()
    await free.run()
    assert {(await free.message(i)).status for i in sent} == {"sent"}
    assert {(await busy.message(i)).status for i in waiting} == {"queued"}
    assert len(busy.provider.calls) == 1
    busy.provider.answer = ACCEPTS
    await settled(busy)
    assert busy.provider.people == Counter(NUMBERS)


async def test_an_answer_that_names_only_some(runtime: Runtime) -> None:
    """P08: whom it does not name is in doubt and asked about, whom it names is not."""
    eng = await engine(runtime)
    named, missing, refused = NUMBERS
    eng.provider.answer = lambda ref, to: {
        named: Outcome(ref, Verdict.ACCEPTED),
        missing: Outcome(ref, Verdict.UNKNOWN, Reason.UNREADABLE),
        refused: Outcome(ref, Verdict.REJECTED, Reason.BAD_ADDRESS),
    }[to]
    ids = await eng.accept(*NUMBERS)
    await eng.run()
    shown = [(await eng.message(i)).status for i in ids]
    assert shown == ["sent", "unknown", "failed"]
    await settled(eng)
    assert [(await eng.message(i)).status for i in ids] == ["sent", "sent", "failed"]
    assert eng.provider.people == Counter([named, missing])


async def test_duplicate_means_look_up(runtime: Runtime) -> None:
    """P09: "duplicate" proves nothing by itself (R6): it is asked about, and found."""
    eng = await engine(runtime)
    ids = await eng.accept(*NUMBERS)
    eng.provider.answer = verdict(Verdict.UNKNOWN, Reason.DUPLICATE, code="-1005")
    await eng.run()
    assert {(await eng.message(i)).status for i in ids} == {"unknown"}
    await settled(eng)
    assert {(await eng.message(i)).status for i in ids} == {"sent"}
    assert eng.provider.people == Counter(NUMBERS)


@pytest.mark.parametrize(("within_s", "sms"), [(None, 0), (60, 1)])
async def test_uncertain_is_no_failure(runtime: Runtime, within_s: int | None, sms: int) -> None:
    """P10: 3005 may still arrive; SMS follows only where the plan says how long to wait (R7)."""
    eng = await engine(runtime)
    first = {"channel": "alimtalk"} | ({"within_s": within_s} if within_s else {})
    (id_,) = await eng.accept(NUMBERS[0], plan=[first, {"channel": "sms"}])
    await eng.run()
    (attempt,) = await eng.attempts(id_)
    word = Receipt(Result.UNCERTAIN, to_ref(attempt.id), reason=Reason.UNCERTAIN, code="3005")
    async with runtime.database.write() as tx:
        await receipts.apply(tx, runtime, eng.workspace_id, eng.account.id, [word])
    await eng.run()
    message = await eng.message(id_)
    assert (message.status, message.reason) == ("sent", "uncertain")
    assert len(await eng.attempts(id_)) == 1
    async with runtime.database.write() as tx:
        hour = 3600 * 1_000_000
        await tx.conn.exec_driver_sql(
            f"UPDATE attempt SET created_at = created_at - {hour}, due_at = due_at - {hour}"
        )
    await meet_deadlines(runtime)
    await eng.run()
    assert [call.route for call in eng.provider.calls].count("sms") == sms


async def test_a_revoked_key_pauses_the_account(runtime: Runtime) -> None:
    """P17: refused once, then nothing is tried; all stay queued, it is told once."""
    eng = await engine(runtime, Provider(batch=10))
    numbers = [f"0101234{i:04d}" for i in range(30)]
    ids = await eng.accept(*numbers)
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.MISCONFIGURED, code="401")
    await eng.run()
    assert len(eng.provider.calls) <= 3, "one wave at most"
    calls = len(eng.provider.calls)
    await past_due(eng)
    assert await eng.lane.turn() is False
    assert len(eng.provider.calls) == calls
    assert {(await eng.message(i)).status for i in ids} == {"queued"}
    async with runtime.database.read() as session:
        account = (
            await session.exec(
                select(ProviderAccount).where(col(ProviderAccount.id) == eng.account.id)
            )
        ).one()
        told = list(
            await session.exec(select(Event.data).where(col(Event.kind) == "account.paused"))
        )
    assert account.state == "paused"
    assert "401" in (account.paused_reason or "")
    assert len(told) == 1, "a webhook tells the operator"
    assert "401" in told[0]
    eng.provider.answer = ACCEPTS
    eng.lane.adopt(account.model_copy(update={"state": "active", "paused_until": None}))
    await settled(eng)
    assert eng.provider.people == Counter(numbers)
