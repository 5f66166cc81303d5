"""Moving: to another account, only what certainly was not taken, with row and reference."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, func, select

from app.db.models import Attempt, Event, Lot, ProviderAccount
from app.db.models.fields import now as clock
from app.services import moving
from app.services.runtime import Runtime
from app.services.states import IN_DOUBT
from channels.vocabulary import Reason, Verdict
from tests.engine import Engine, Provider, engine, verdict
from tests.neighbours import change, neighbour

NUMBERS = [f"0101234{i:04d}" for i in range(50)]
SMS = [{"channel": "sms"}]


async def broken(eng: Engine) -> None:
    await change(eng, eng.account.id, breaker_until=clock() + timedelta(minutes=1))


async def move(eng: Engine) -> None:
    """All pages of what waits at the engine's own account."""
    async with eng.runtime.database.read() as session:
        account = await session.get_one(ProviderAccount, eng.account.id)
    beyond: UUID | None = None
    while True:
        async with eng.runtime.database.write() as tx:
            beyond = await moving.move(tx, eng.runtime, account, beyond)
        if beyond is None:
            return


async def home(eng: Engine, message_id: UUID) -> UUID:
    return (await eng.attempts(message_id))[-1].account_id


async def events(eng: Engine, kind: str) -> int:
    async with eng.runtime.database.read() as session:
        return int(await session.scalar(select(func.count()).where(col(Event.kind) == kind)) or 0)


async def test_what_never_left_moves_with_its_reference(runtime: Runtime) -> None:
    eng = await engine(runtime, Provider(batch=10))
    ids = await eng.accept(*NUMBERS)
    other = await neighbour(eng)
    before = [(await eng.attempts(one))[0] for one in ids]
    await broken(eng)
    await move(eng)
    after = [(await eng.attempts(one))[0] for one in ids]
    assert [a.id for a in after] == [a.id for a in before]
    assert {a.account_id for a in after} == {other.account.id}
    assert {a.sender_id for a in after}.isdisjoint(a.sender_id for a in before)
    assert {a.n for a in after} == {1}
    assert await events(eng, "attempt.moved") == len(ids)
    await eng.run()
    assert eng.provider.calls == []
    while await other.lane.turn():
        pass
    assert len(other.provider.people) == sum(other.provider.people.values()) == len(ids)
    async with runtime.database.read() as session:
        assert set(await session.exec(select(Lot.state))) == {"done"}


async def test_what_was_refused_for_the_accounts_fault_moves_and_need_not_wait(
    runtime: Runtime,
) -> None:
    eng = await engine(runtime, Provider(batch=10))
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.PROVIDER_DOWN)
    (one,) = await eng.accept(NUMBERS[0])
    await eng.lane.turn()
    other = await neighbour(eng)
    await broken(eng)
    await move(eng)
    assert await other.lane.turn(), "the step of the retry is the old account's"
    assert other.provider.people[NUMBERS[0]] == 1
    assert (await eng.message(one)).status == "sent"


@pytest.mark.parametrize(
    "state",
    [
        {"status": "unknown", "reason": "no_answer"},
        {"status": "sending"},
        {"reason": IN_DOUBT},
        {"reason": None},  # looked up as absent, and not tried since
        {"reason": "no_answer"},
    ],
)
async def test_what_may_have_been_taken_stays(
    runtime: Runtime, state: dict[str, str | None]
) -> None:
    eng = await engine(runtime)
    (one,) = await eng.accept(NUMBERS[0])
    await neighbour(eng)
    async with runtime.database.write() as tx:
        await tx.session.exec(update(Attempt).values(sent_at=tx.now, **state))
    await broken(eng)
    await move(eng)
    assert await home(eng, one) == eng.account.id
    assert await events(eng, "attempt.moved") == 0


async def test_alimtalk_stays_where_alone_it_is_approved_and_sms_moves(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (chat,), (text,) = await eng.accept(NUMBERS[0]), await eng.accept(NUMBERS[1], plan=SMS)
    other = await neighbour(eng, approved=False)
    await broken(eng)
    await move(eng)
    assert await home(eng, chat) == eng.account.id
    assert await home(eng, text) == other.account.id


async def test_who_waits_for_a_time_still_waits_for_it(runtime: Runtime) -> None:
    eng = await engine(runtime)
    far, near = clock() + timedelta(days=1), clock() + timedelta(minutes=5)
    (later,), (soon,) = (
        await eng.accept(NUMBERS[0], send_at=far),
        await eng.accept(NUMBERS[1], send_at=near),
    )
    other = await neighbour(eng)
    await broken(eng)
    await move(eng)
    assert await home(eng, later) == eng.account.id, "the account will be back until then"
    assert await home(eng, soon) == other.account.id
    assert await other.lane.turn() is False
    async with runtime.database.read() as session:
        rows = await session.exec(select(Lot.due_at).where(col(Lot.state) == "waiting"))
        assert set(rows) == {far, near}


async def test_nothing_moves_to_an_account_that_does_not_work_either(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (one,) = await eng.accept(NUMBERS[0])
    other = await neighbour(eng)
    await change(eng, other.account.id, state="paused")
    await broken(eng)
    await move(eng)
    assert await home(eng, one) == eng.account.id


async def test_a_disabled_account_alone_ends_what_waits_and_the_next_step_follows(
    runtime: Runtime,
) -> None:
    eng = await engine(runtime)
    chat = [{"channel": "alimtalk"}]
    (only,) = await eng.accept(NUMBERS[0], plan=chat)
    (more,) = await eng.accept(NUMBERS[1], plan=[{"channel": "alimtalk"}, *SMS])
    (later,) = await eng.accept(NUMBERS[2], plan=chat, send_at=clock() + timedelta(days=1))
    other = await neighbour(eng, approved=False)
    await change(eng, eng.account.id, state="disabled")
    await move(eng)
    for one in (only, later):
        message = await eng.message(one)
        assert (message.status, message.reason) == ("failed", "stopped_account")
    first, second = await eng.attempts(more)
    assert (first.status, first.reason) == ("rejected", "stopped_account")
    assert (second.step, second.account_id) == (1, other.account.id)


async def test_a_lot_keeps_what_cannot_move(runtime: Runtime) -> None:
    eng = await engine(runtime)
    ids = await eng.accept(*NUMBERS[:3])
    await eng.lane._claim(0)  # merged into one lot
    async with runtime.database.write() as tx:
        await tx.session.exec(update(Lot).where(col(Lot.state) == "leased").values(state="ready"))
        await tx.session.exec(
            update(Attempt)
            .where(col(Attempt.message_id) == ids[0])
            .values(sent_at=tx.now, reason=IN_DOUBT)
        )
    other = await neighbour(eng)
    await broken(eng)
    await move(eng)
    homes = [await home(eng, one) for one in ids]
    assert homes == [eng.account.id, other.account.id, other.account.id]
    async with runtime.database.read() as session:
        rows = await session.exec(
            select(Lot.size).where(col(Lot.account_id) == eng.account.id, col(Lot.state) == "ready")
        )
        assert list(rows) == [1]
