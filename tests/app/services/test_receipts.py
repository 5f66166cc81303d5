"""Receipts early, late, twice, shuffled: a state never goes back, a delivery always shows."""

import itertools
from uuid import UUID

import pytest

from app.ids import to_ref
from app.services import receipts
from app.services.runtime import Runtime
from channels.contract import Receipt
from channels.vocabulary import Reason, Result, Verdict
from tests.engine import Engine, Provider, engine, past_due, verdict

NUMBER = "01012340001"
DELIVERED = (Result.DELIVERED, None, "1000")
FAILED = (Result.UNDELIVERED, Reason.NOT_REACHABLE, "3019")
UNSURE = (Result.UNCERTAIN, Reason.UNCERTAIN, "3005")
STRANGE = (Result.UNCERTAIN, Reason.UNMAPPED, "9876")


async def sent(runtime: Runtime, **more: object) -> tuple[Engine, UUID, str]:
    """A message the provider has accepted, and the provider's id of it."""
    eng = await engine(runtime, Provider())
    (id_,) = await eng.accept(NUMBER, **more)
    await eng.run()
    (attempt,) = await eng.attempts(id_)
    return eng, id_, attempt.provider_id


async def apply(
    eng: Engine, *words: tuple[Result, Reason | None, str], ref: str = "", provider_id: str = ""
) -> receipts.Applied:
    """Apply receipts about one message, all in one batch."""
    made = [Receipt(r, ref, provider_id, reason=why, code=code) for r, why, code in words]
    async with eng.runtime.database.write() as tx:
        return await receipts.apply(tx, eng.runtime, eng.workspace_id, eng.account.id, made)


@pytest.mark.parametrize(
    ("word", "status", "steps"),
    [
        (DELIVERED, "delivered", ["delivered"]),
        (FAILED, "queued", ["undelivered", "queued"]),
        (UNSURE, "sent", ["accepted"]),
        (STRANGE, "sent", ["accepted"]),
    ],
)
async def test_each_word(
    runtime: Runtime, word: tuple[Result, Reason | None, str], status: str, steps: list[str]
) -> None:
    """P10, P11: what it does, and nothing more the second time."""
    eng, id_, provider_id = await sent(runtime)
    applied = await apply(eng, word, provider_id=provider_id)
    assert applied.moved == 1
    message, attempts = await eng.message(id_), await eng.attempts(id_)
    assert (message.status, [a.status for a in attempts]) == (status, steps)
    assert attempts[0].code == word[2]
    again = await apply(eng, word, provider_id=provider_id)
    assert again.moved == 0, "the same word twice says nothing new (P11)"
    assert len(await eng.attempts(id_)) == len(attempts)


@pytest.mark.parametrize("order", list(itertools.permutations([DELIVERED, FAILED, UNSURE])))
async def test_any_order_ends_delivered(
    runtime: Runtime, order: tuple[tuple[Result, Reason | None, str], ...]
) -> None:
    """P12, P15: whatever else was said, a delivery shows; a fallback starts at most once."""
    eng, id_, provider_id = await sent(runtime)
    for word in order:
        await apply(eng, word, provider_id=provider_id)
    assert (await eng.message(id_)).status == "delivered"
    assert len(await eng.attempts(id_)) <= 2


async def test_found_by_our_reference(runtime: Runtime) -> None:
    eng, id_, _ = await sent(runtime)
    (attempt,) = await eng.attempts(id_)
    await apply(eng, DELIVERED, ref=to_ref(attempt.id))
    assert (await eng.message(id_)).status == "delivered"


async def test_early_receipts_wait_for_our_own_answer(runtime: Runtime) -> None:
    """P13: the webhook was faster than the settle."""
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBER)
    early = []
    send = eng.provider.send

    async def send_and_report(call: object) -> object:
        answer = await send(call)  # type: ignore[arg-type]
        ref = answer.outcomes[0].ref
        early.append(await apply(eng, DELIVERED, ref=ref))
        return answer

    eng.provider.send = send_and_report  # type: ignore[assignment, method-assign]
    await eng.run()
    assert [len(a.early) for a in early] == [1]
    assert (await eng.message(id_)).status == "sent"


async def test_unknown_ids_are_given_back(runtime: Runtime) -> None:
    eng, id_, _ = await sent(runtime)
    applied = await apply(eng, DELIVERED, provider_id="somebody-elses:1")
    assert len(applied.unmatched) == 1
    assert (await eng.message(id_)).status == "sent"


async def test_another_account_cannot_touch_it(runtime: Runtime) -> None:
    """P16: a callback of one account about another's message changes nothing."""
    eng, id_, provider_id = await sent(runtime)
    other = await engine(runtime)
    (attempt,) = await eng.attempts(id_)
    for found_by in ({"provider_id": provider_id}, {"ref": to_ref(attempt.id)}):
        applied = await apply(other, DELIVERED, **found_by)
        assert len(applied.unmatched) == 1
    assert (await eng.message(id_)).status == "sent"


async def test_what_never_left_cannot_be_delivered(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBER)
    (attempt,) = await eng.attempts(id_)
    await apply(eng, DELIVERED, ref=to_ref(attempt.id))
    assert (await eng.message(id_)).status == "queued"


async def test_a_receipt_resolves_an_unknown_attempt(runtime: Runtime) -> None:
    """No look-up needed: the provider has just said it."""
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    (attempt,) = await eng.attempts(id_)
    await apply(eng, DELIVERED, ref=to_ref(attempt.id))
    assert (await eng.message(id_)).status == "delivered"


async def test_both_arriving_is_said(runtime: Runtime) -> None:
    """P15: failed, SMS sent and delivered, then the chat was delivered after all."""
    eng, id_, provider_id = await sent(runtime)
    await apply(eng, FAILED, provider_id=provider_id)
    await eng.run()
    second = (await eng.attempts(id_))[1]
    await apply(eng, DELIVERED, provider_id=second.provider_id)
    message = await eng.message(id_)
    assert (message.status, message.duplicate_delivery) == ("delivered", False)
    await apply(eng, DELIVERED, provider_id=provider_id)
    message = await eng.message(id_)
    assert (message.status, message.duplicate_delivery) == ("delivered", True)


async def test_a_late_delivery_lifts_a_failure(runtime: Runtime) -> None:
    eng, id_, provider_id = await sent(runtime, plan=[{"channel": "alimtalk"}])
    await apply(eng, FAILED, provider_id=provider_id)
    failed = await eng.message(id_)
    assert (failed.status, failed.reason) == ("failed", "not_reachable")
    assert failed.closed_at is not None
    await apply(eng, DELIVERED, provider_id=provider_id)
    assert (await eng.message(id_)).status == "delivered"


async def test_a_bad_number_is_not_tried_by_sms(runtime: Runtime) -> None:
    """The next channel would use the same number."""
    eng, id_, provider_id = await sent(runtime)
    await apply(eng, (Result.UNDELIVERED, Reason.BAD_ADDRESS, "3008"), provider_id=provider_id)
    assert (await eng.message(id_)).status == "failed"
    assert len(await eng.attempts(id_)) == 1


async def test_a_requeued_attempt_that_was_delivered_is_not_sent_again(runtime: Runtime) -> None:
    """The look-up said absent, then the first request turned out to have arrived."""
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.PROVIDER_DOWN)
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    (attempt,) = await eng.attempts(id_)
    await apply(eng, DELIVERED, ref=to_ref(attempt.id))
    assert (await eng.message(id_)).status == "delivered"
    await past_due(eng)
    eng.provider.answer = verdict(Verdict.ACCEPTED)
    await eng.run()
    assert eng.provider.people[NUMBER] == 0
