"""What an answer does: one verdict each, under the fence, with the provider's evidence kept."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from app.db.models import Call, Lot
from app.services.runtime import Runtime
from app.services.settle import ruled
from app.services.states import POLICY
from channels.contract import Outcome
from channels.vocabulary import Reason, Verdict
from tests.engine import Provider, engine, verdict

NUMBER = "01012340001"


@pytest.mark.parametrize(
    ("outcome", "attempt", "message"),
    [
        (verdict(Verdict.ACCEPTED, provider_id="r:1"), ("accepted", None), ("sent", None)),
        (
            verdict(Verdict.DEFERRED, Reason.THROTTLED, code="429"),
            ("queued", "throttled"),
            ("queued", "throttled"),
        ),
        (
            verdict(Verdict.UNKNOWN, Reason.NO_ANSWER),
            ("unknown", "no_answer"),
            ("unknown", "no_answer"),
        ),
        (
            verdict(Verdict.REJECTED, Reason.BAD_ADDRESS, code="-5000"),
            ("rejected", "bad_address"),
            ("failed", "bad_address"),
        ),
    ],
)
async def test_each_verdict(
    runtime: Runtime,
    outcome: object,
    attempt: tuple[str, str | None],
    message: tuple[str, str | None],
) -> None:
    eng = await engine(runtime, Provider(answer=outcome))  # type: ignore[arg-type]
    (id_,) = await eng.accept(NUMBER)
    await eng.lane.turn()
    (stored,) = await eng.attempts(id_)
    shown = await eng.message(id_)
    assert (stored.status, stored.reason) == attempt
    assert (shown.status, shown.reason) == message
    async with runtime.database.read() as session:
        (call,) = await session.exec(select(Call))
    assert call.ended_at is not None
    assert call.raw_sealed is not None
    assert runtime.sealer.open("call", call.workspace_id, call.id, call.raw_sealed) == "{}"


@pytest.mark.parametrize("reason", sorted(POLICY))
def test_only_what_time_mends_is_tried_again(reason: str) -> None:
    given = Reason(reason) if reason in set(Reason) else None
    deferred = Outcome("r", Verdict.DEFERRED, given, "77", "words", retry_after_s=3)
    is_retried = given is not None and POLICY[given].retry
    expected = Verdict.DEFERRED if is_retried else Verdict.REJECTED
    assert ruled(deferred) == replace(deferred, verdict=expected)
    assert ruled(deferred, in_doubt=True) == deferred
    for verdict_ in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNKNOWN):
        assert ruled(replace(deferred, verdict=verdict_)).verdict is verdict_


@pytest.mark.parametrize(
    ("reason", "channels", "ends"),
    [(Reason.TEMPLATE_MISMATCH, 2, "sent"), (Reason.BAD_ADDRESS, 1, "failed")],
)
async def test_a_deferral_that_time_does_not_mend_is_a_refusal(
    runtime: Runtime, reason: Reason, channels: int, ends: str
) -> None:
    eng = await engine(runtime)
    eng.provider.answer = lambda ref, to: (
        Outcome(ref, Verdict.DEFERRED, reason, "77")
        if eng.provider.calls[-1].route == "alimtalk"
        else Outcome(ref, Verdict.ACCEPTED)
    )
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    tries = await eng.attempts(id_)
    assert (tries[0].status, tries[0].reason, tries[0].code) == ("rejected", reason, "77")
    assert len(tries) == channels
    assert (await eng.message(id_)).status == ends


async def test_a_refusal_that_falls_back_starts_the_next_step_once(runtime: Runtime) -> None:
    eng = await engine(runtime)
    eng.provider.answer = lambda ref, to: (
        Outcome(ref, Verdict.REJECTED, Reason.TEMPLATE_MISMATCH, "-3010")
        if eng.provider.calls[-1].route == "alimtalk"
        else Outcome(ref, Verdict.ACCEPTED)
    )
    ids = await eng.accept(*(f"0101234000{i}" for i in range(5)))
    await eng.run()
    for id_ in ids:
        first, second = await eng.attempts(id_)
        assert (first.status, second.channel, second.status) == ("rejected", "sms", "accepted")
        assert (await eng.message(id_)).fallback_used is True
    assert set(eng.provider.people.values()) == {1}


async def test_mixed_answers_of_one_call(runtime: Runtime) -> None:
    """P08: each message has the outcome the provider named for it."""
    eng = await engine(runtime)
    words = {
        "01012340001": Outcome("", Verdict.ACCEPTED, provider_id="r:1"),
        "01012340002": Outcome("", Verdict.REJECTED, Reason.BAD_ADDRESS, "-5000"),
        "01012340003": Outcome("", Verdict.UNKNOWN, Reason.UNREADABLE),
    }
    eng.provider.answer = lambda ref, to: words[to]
    ids = await eng.accept(*words)
    await eng.run()
    states = [(await eng.message(id_)).status for id_ in ids]
    assert states == ["sent", "failed", "unknown"]


@pytest.mark.parametrize(
    ("asked", "waited"), [(None, 1.0), (0.2, 1.0), (1.7, 1.7), (86_400.0, 2.0)]
)
async def test_retry_after_may_stretch_a_step_not_abuse_it(
    runtime: Runtime, asked: float | None, waited: float
) -> None:
    """P05: clamped to once and twice our own step."""
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.THROTTLED, retry_after_s=asked)
    (id_,) = await eng.accept(NUMBER)
    await eng.lane.turn()
    (attempt,) = await eng.attempts(id_)
    async with runtime.database.read() as session:
        lot = await session.get(Lot, attempt.lot_id)
    assert lot is not None
    assert attempt.settled_at is not None
    assert lot.state == "waiting"
    assert abs(lot.due_at - attempt.settled_at - timedelta(seconds=waited)) < timedelta(seconds=0.1)


async def test_until_accepted_closes_at_once(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBER, plan=[{"channel": "alimtalk", "until": "accepted"}])
    await eng.run()
    message = await eng.message(id_)
    assert message.status == "sent"
    assert message.closed_at is not None
