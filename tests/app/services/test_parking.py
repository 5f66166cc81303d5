"""Parking: poison is laid aside, an outage is waited for, a person tries again."""

from uuid import UUID

import pytest
from sqlmodel import col, select

from app.db.models import Event
from app.errors import NotFound, Refused
from app.services import parking
from app.services.callers import Caller
from app.services.runtime import Runtime
from app.services.states import PARKED
from channels.contract import Answer, Call, Outcome
from channels.vocabulary import IdempotencyClass, Reason, Verdict
from scheduler.recovery import look_up_unknown
from tests.engine import Engine, Provider, engine, past_due, verdict
from tests.neighbours import change, neighbour

POISON, *NUMBERS = (f"0101234{i:04d}" for i in range(40))


def poison(reason: Reason = Reason.PROVIDER_DOWN) -> Provider:
    """One number is never taken, all others are."""

    def answer(ref: str, to: str) -> Outcome:
        if to == POISON:
            return Outcome(ref, Verdict.DEFERRED, reason, "77")
        return Outcome(ref, Verdict.ACCEPTED)

    return Provider(batch=1, answer=answer)


async def again(eng: Engine) -> None:
    """Every wait is over; no message is."""
    await past_due(eng)
    async with eng.runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
    await eng.run()


async def fail(eng: Engine, times: int, *, others: bool = True) -> UUID:
    (one,) = await eng.accept(POISON)
    for i in range(times):
        if others:
            await eng.accept(NUMBERS[i])
        await again(eng)
    return one


async def parked(eng: Engine, caller: Caller | None = None) -> list[UUID]:
    async with eng.runtime.database.read() as session:
        rows = await parking.list_parked(session, caller or eng.caller, None, 10)
    return [message.id for _, message in rows]


async def test_what_alone_fails_five_times_is_laid_aside(runtime: Runtime) -> None:
    eng = await engine(runtime, poison())
    one = await fail(eng, 4)
    assert await parked(eng) == []
    await eng.accept(NUMBERS[9])
    await again(eng)
    assert await parked(eng) == [one]
    (attempt,) = await eng.attempts(one)
    assert (attempt.status, attempt.reason, attempt.lot_id) == ("queued", PARKED, None)
    assert (attempt.tries, attempt.code) == (5, "77")
    message = await eng.message(one)
    assert (message.status, message.reason) == ("held", PARKED)
    async with runtime.database.read() as session:
        rows = await session.exec(select(Event.data).where(col(Event.kind) == "attempt.parked"))
        (data,) = rows.all()
    assert '"tell":"operator"' in data
    before = len(eng.provider.calls)
    await again(eng)
    assert len(eng.provider.calls) == before, "nobody but a person tries it again"


async def test_an_outage_parks_nothing(runtime: Runtime) -> None:
    eng = await engine(runtime, poison())
    one = await fail(eng, 9, others=False)
    assert await parked(eng) == []
    assert (await eng.message(one)).status == "queued"


async def test_the_end_of_an_outage_parks_nothing(runtime: Runtime) -> None:
    """Others are taken again, and the one that failed all the time gets its chance too."""
    eng = await engine(runtime, poison())
    one = await fail(eng, 5, others=False)
    await eng.accept(NUMBERS[0])
    await again(eng)
    assert await parked(eng) == []
    for number in NUMBERS[1:3]:
        await eng.accept(number)
        await again(eng)
    assert await parked(eng) == [one], "now it is the only one"


@pytest.mark.long
@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.QUOTA])
async def test_what_the_account_is_to_blame_for_parks_nothing(
    runtime: Runtime, reason: Reason
) -> None:
    eng = await engine(runtime, poison(reason))
    await fail(eng, 7)
    assert await parked(eng) == []


async def test_a_person_tries_again_with_the_same_reference(runtime: Runtime) -> None:
    eng = await engine(runtime, poison())
    one = await fail(eng, 5)
    (before,) = await eng.attempts(one)
    eng.provider.answer = verdict(Verdict.ACCEPTED)
    async with runtime.database.write() as tx:
        await parking.requeue(tx, runtime, eng.caller, before.id)
    assert (await eng.message(one)).status == "queued"
    await eng.run()
    (after,) = await eng.attempts(one)
    assert (after.id, after.status, after.tries) == (before.id, "accepted", 0)
    assert eng.provider.people[POISON] == 1
    with pytest.raises(Refused) as caught:
        async with runtime.database.write() as tx:
            await parking.requeue(tx, runtime, eng.caller, before.id)
    assert caught.value.code == "not_parked"


async def test_it_goes_on_at_another_account_where_its_own_works_no_more(
    runtime: Runtime,
) -> None:
    eng = await engine(runtime, poison())
    one = await fail(eng, 5)
    other = await neighbour(eng)
    await change(eng, eng.account.id, state="disabled")
    (attempt,) = await eng.attempts(one)
    async with runtime.database.write() as tx:
        await parking.requeue(tx, runtime, eng.caller, attempt.id)
    await other.lane.turn()
    assert other.provider.people[POISON] == 1


async def test_others_neither_see_it_nor_requeue_it(runtime: Runtime) -> None:
    eng, stranger = await engine(runtime, poison()), await engine(runtime)
    one = await fail(eng, 5)
    live = Caller(eng.workspace_id, eng.caller.key_id, "live", eng.caller.scopes)
    (attempt,) = await eng.attempts(one)
    for caller in (stranger.caller, live):
        assert await parked(eng, caller) == []
        with pytest.raises(NotFound) as caught:
            async with runtime.database.write() as tx:
                await parking.requeue(tx, runtime, caller, attempt.id)
        assert caught.value.code == "unknown_attempt"


class Stumbles(Provider):
    """An adapter that raises whenever one number is in the call, before or after sending it."""

    after_sending = False

    async def send(self, call: Call) -> Answer:
        answer = None
        if self.after_sending or all(message.to != POISON for message in call.messages):
            answer = await super().send(call)
        if any(message.to == POISON for message in call.messages):
            self.calls.append(call)
            raise ZeroDivisionError
        assert answer is not None
        return answer


async def ask(eng: Engine) -> None:
    await past_due(eng)
    await look_up_unknown(eng.runtime, eng.lanes)
    await again(eng)


async def test_one_our_adapter_stumbles_over_takes_nobody_with_it(runtime: Runtime) -> None:
    """Asked about first: nobody knows what left. Then apart from the others, then laid aside."""
    eng = await engine(runtime, Stumbles(batch=10))
    bad, *good = await eng.accept(POISON, *NUMBERS[:5])
    await eng.run()
    assert {(await eng.message(i)).status for i in (bad, *good)} == {"unknown"}
    await ask(eng)
    assert {(await eng.message(i)).status for i in good} == {"sent"}
    assert (await eng.message(bad)).status == "unknown"
    await ask(eng)
    assert await parked(eng) == [bad]
    assert eng.provider.people[POISON] == 0


@pytest.mark.parametrize("kind", [IdempotencyClass.LOOK_UP, IdempotencyClass.BLIND])
async def test_a_fault_after_it_left_sends_nothing_twice(
    runtime: Runtime, kind: IdempotencyClass
) -> None:
    provider = Stumbles(kind, batch=10)
    provider.after_sending = True
    eng = await engine(runtime, provider)
    (one,) = await eng.accept(POISON)
    await eng.run()
    for _ in range(3):
        await ask(eng)
    assert provider.people[POISON] == 1
    status = (await eng.message(one)).status
    assert status == ("sent" if kind is IdempotencyClass.LOOK_UP else "unknown")
