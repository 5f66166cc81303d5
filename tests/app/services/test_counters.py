"""Counters after storms of transitions: they always say what the tables hold."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from app.db.models import Counter, Message
from app.ids import first_id, made_at, new_id
from app.services import audit, counters, receipts
from app.services.acknowledge import acknowledge
from app.services.cancel import cancel
from app.services.runtime import Runtime
from app.services.states import AttemptStatus
from channels.contract import Outcome, Receipt
from channels.vocabulary import IdempotencyClass, Reason, Result, Verdict
from scheduler.recovery import look_up_unknown, meet_deadlines
from tests.engine import Engine, Provider, engine, past_due, verdict

ANSWERS = (
    Outcome("", Verdict.ACCEPTED, provider_id="p"),
    Outcome("", Verdict.REJECTED, Reason.NOT_REACHABLE, "3018"),
    Outcome("", Verdict.REJECTED, Reason.BAD_ADDRESS, "1001"),
    Outcome("", Verdict.DEFERRED, Reason.THROTTLED),
    Outcome("", Verdict.UNKNOWN, Reason.NO_ANSWER),
)
WORDS = (
    (Result.DELIVERED, None),
    (Result.DELIVERED, None),
    (Result.UNDELIVERED, Reason.NOT_REACHABLE),
    (Result.UNCERTAIN, Reason.UNCERTAIN),
)


async def sums_of(eng: Engine) -> dict[str, int]:
    async with eng.runtime.database.read() as session:
        rows = await session.exec(
            select(Counter.name, Counter.value).where(
                col(Counter.workspace_id) == eng.workspace_id, col(Counter.value) != 0
            )
        )
        return dict(rows.all())


async def is_true(eng: Engine, ids: Sequence[UUID]) -> None:
    """Counters equal the tables, and accepted = ends + open, for every day."""
    async with eng.runtime.database.read() as session:
        for day in {counters.day_of(id_) for id_ in ids}:
            found = await audit.compare(session, eng.workspace_id, date.fromisoformat(day))
            assert found == []
        closed = await session.exec(select(Message.id).where(col(Message.closed_at).is_not(None)))
        ended = len(closed.all())
    counted = await sums_of(eng)
    assert counted["sandbox.accepted"] == len(ids)
    assert sum(counted.get(f"sandbox.{end}", 0) for end in counters.ENDS) == ended
    assert not any(name.startswith("live.") for name in counted)
    for name in counters.HOURLY:  # the hours of a day are the day
        hours = sum(n for key, n in counted.items() if key.endswith(f".sandbox.{name}"))
        assert hours == counted.get(f"sandbox.{name}", 0)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
async def test_after_a_storm_accepted_is_all_ends_and_what_is_open(
    runtime: Runtime, seed: int
) -> None:
    eng, dice = await engine(runtime), random.Random(seed)
    eng.provider.answer = lambda ref, to: dice.choice(ANSWERS)
    plans: tuple[dict[str, Any], ...] = (
        {},
        {"plan": [{"channel": "alimtalk", "until": "accepted"}]},
    )
    ids: list[UUID] = []
    for n in range(12):
        ids += await eng.accept(f"0101234{n:04d}", **dice.choice(plans))
        await past_due(eng)
        await eng.lane.turn()
        made = [
            Receipt(result, ref=ref, reason=why, code="1")
            for ref in eng.provider.taken
            for result, why in [dice.choice(WORDS)]
            if dice.random() < 0.4
        ]
        async with runtime.database.write() as tx:
            await receipts.apply(tx, runtime, eng.workspace_id, eng.account.id, made)
        if n % 3 == 0:
            await past_due(eng)
            await look_up_unknown(runtime, eng.lanes)
        if n % 4 == 0:
            await past_due(eng)
            await meet_deadlines(runtime)
        await is_true(eng, ids)
    counted = await sums_of(eng)
    assert counted["sandbox.alimtalk.cost"] % 650 == 0
    assert counted["sandbox.alimtalk.cost"] > 0


async def test_a_late_delivery_takes_the_message_out_of_its_end(runtime: Runtime) -> None:
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.BAD_ADDRESS)
    (id_,) = await eng.accept("01012340001")
    await eng.run()
    assert (await sums_of(eng))["sandbox.failed"] == 1
    (attempt,) = await eng.attempts(id_)
    assert attempt.cost is None
    ref = eng.provider.calls[0].messages[0].ref
    async with runtime.database.write() as tx:
        word = [Receipt(Result.DELIVERED, ref=ref, code="1000")]
        await receipts.apply(tx, runtime, eng.workspace_id, eng.account.id, word)
    counted = await sums_of(eng)
    assert counted["sandbox.delivered"] == 1
    assert "sandbox.failed" not in counted
    assert counted["sandbox.alimtalk.cost"] == 650, "it was taken after all"
    await is_true(eng, [id_])


async def test_a_cancelled_message_is_counted_once(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (id_,) = await eng.accept("01012340001")
    for _ in range(2):
        async with runtime.database.write() as tx:
            await cancel(tx, eng.caller, id_)
    assert (await sums_of(eng))["sandbox.cancelled"] == 1
    await is_true(eng, [id_])


async def test_what_can_be_reported_no_more_is_not_sent_again(runtime: Runtime) -> None:
    """Blind, `resend`, and the scheduler was away until its receipt window closed."""
    eng = await engine(runtime, Provider(IdempotencyClass.BLIND), when_unknown="resend")
    eng.provider.answer = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
    (id_,) = await eng.accept("01012340001", plan=[{"channel": "alimtalk"}])
    await eng.run()
    await past_due(eng)
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET closes_at = 1")
    await look_up_unknown(runtime, eng.lanes)
    (attempt,) = await eng.attempts(id_)
    assert (attempt.status, attempt.cost) == ("no_report", None)
    await is_true(eng, [id_])


async def test_an_acknowledged_message_counts_as_delivered(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (id_,) = await eng.accept("01012340001")
    await eng.run()
    async with runtime.database.write() as tx:
        await acknowledge(tx, eng.caller, id_)
    counted = await sums_of(eng)
    assert (counted["sandbox.delivered"], counted["sandbox.alimtalk.delivered"]) == (1, 1)
    await is_true(eng, [id_])


async def test_nothing_is_counted_when_nothing_commits(runtime: Runtime) -> None:
    eng = await engine(runtime)

    async def fail() -> None:
        async with runtime.database.write() as tx:
            counters.accept(tx, eng.workspace_id, "sandbox", new_id())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await sums_of(eng) == {}


def test_what_we_refuse_ourselves_is_not_the_provider_s() -> None:
    assert counters.of_attempt(AttemptStatus.REJECTED, "template_stopped") == frozenset()
    assert counters.of_attempt(AttemptStatus.REJECTED, Reason.BAD_ADDRESS) == {"rejected"}
    assert counters.of_attempt(AttemptStatus.DELIVERED, None) == {"accepted", "delivered"}


def test_a_day_ends_at_midnight_in_korea() -> None:
    first, following = audit.id_range(date(2026, 11, 23))
    before = UUID(int=following.int - 1)
    assert (counters.day_of(first), counters.day_of(before)) == ("2026-11-23", "2026-11-23")
    assert counters.day_of(following) == "2026-11-24"
    assert first_id(made_at(first) + timedelta(days=1)) == following


@pytest.mark.parametrize(("won", "cost"), [(6.5, 650), (9, 900), (0.07, 7), (0, 0), (None, None)])
def test_prices_are_kept_in_hundredths(won: float | None, cost: int | None) -> None:
    assert counters.price({} if won is None else {"sms": won}, "sms") == cost
    assert counters.total([cost, None]) == won
