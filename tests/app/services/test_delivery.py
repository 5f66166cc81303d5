"""``advance``: the next step starts once, whoever asks and however often."""

import asyncio

from sqlmodel import col, select

from app.db.models import Event, Lot
from app.services.delivery import advance
from app.services.runtime import Runtime
from channels.vocabulary import Reason, Verdict
from tests.engine import Provider, engine, verdict
from tests.neighbours import neighbour

NUMBERS = [f"0101234{i:04d}" for i in range(12)]


async def test_the_next_step_starts_once(runtime: Runtime) -> None:
    """K08: advanced again and again, by several at once: one attempt per step."""
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.NOT_REACHABLE, code="3018")
    ids = await eng.accept(*NUMBERS)
    await eng.lane.turn()

    async def again() -> None:
        async with runtime.database.write() as tx:
            await advance(tx, runtime, ids)

    await asyncio.gather(*(again() for _ in range(5)))
    for id_ in ids:
        assert [a.step for a in await eng.attempts(id_)] == [0, 1]


async def test_fallbacks_are_gathered_into_few_lots(runtime: Runtime) -> None:
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.NOT_REACHABLE, code="3018")
    await eng.accept(*NUMBERS)
    await eng.lane.turn()
    async with runtime.database.read() as session:
        lots = list(await session.exec(select(Lot).where(col(Lot.route) == "sms")))
    assert sum(lot.size for lot in lots) == len(NUMBERS)
    assert len(lots) == 1


async def test_every_step_failed(runtime: Runtime) -> None:
    """The end is `failed`, with the reason of the last step and whom to tell."""
    eng = await engine(runtime, Provider())
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.SENDER_STATE, code="-2312")
    (id_,) = await eng.accept(NUMBERS[0])
    await eng.run()
    message = await eng.message(id_)
    assert (message.status, message.reason) == ("failed", "sender_state")
    assert message.closed_at is not None
    async with runtime.database.read() as session:
        events = await session.exec(select(Event.data).where(col(Event.kind) == "message.status"))
        assert '"tell":"operator"' in list(events)[-1]


async def test_nobody_left_to_send_the_next_step(runtime: Runtime) -> None:
    """The caller number was blocked after accept: said in the timeline, the message fails."""
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBERS[0])
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE sender SET state = 'blocked' WHERE kind = 'sms'")
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.NOT_REACHABLE)
    await eng.run()
    assert (await eng.message(id_)).status == "failed"
    async with runtime.database.read() as session:
        kinds = list(await session.exec(select(Event.kind)))
    assert "message.no_sender" in kinds


async def test_what_is_the_accounts_fault_is_tried_at_another(runtime: Runtime) -> None:
    """The same step, an attempt of its own; where nobody else is left the next step follows."""
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.SENDER_STATE)
    (one,) = await eng.accept("01012345678", plan=[{"channel": "alimtalk"}, {"channel": "sms"}])
    other = await neighbour(eng)
    other.provider.answer = verdict(Verdict.REJECTED, Reason.SENDER_STATE)
    await eng.lane.turn()
    first, second = await eng.attempts(one)
    assert (first.status, second.status) == ("rejected", "queued")
    assert (second.step, second.n, second.account_id) == (0, 2, other.account.id)
    assert second.id != first.id, "a new attempt has a reference of its own"
    assert (await eng.message(one)).status == "queued"
    await other.lane.turn()
    assert [(a.step, a.n) for a in await eng.attempts(one)] == [(0, 1), (0, 2), (1, 1)]


async def test_what_is_the_messages_fault_is_not_tried_again(runtime: Runtime) -> None:
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.NOT_REACHABLE)
    (one,) = await eng.accept("01012345678", plan=[{"channel": "alimtalk"}])
    await neighbour(eng)
    await eng.lane.turn()
    assert [(a.step, a.n) for a in await eng.attempts(one)] == [(0, 1)]
    assert (await eng.message(one)).status == "failed"
