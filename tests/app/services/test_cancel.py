"""Cancelling is honest: only what certainly has not left."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select, update

from app.db.models import Attempt, Event, Message
from app.errors import GatewayError, NotFound, Refused
from app.ids import new_id
from app.services.callers import Caller
from app.services.cancel import cancel
from app.services.runtime import Runtime
from channels.vocabulary import Verdict
from tests.engine import Engine, Provider, engine, verdict

NUMBER = "01012345678"


@pytest.fixture
async def eng(runtime: Runtime) -> Engine:
    return await engine(runtime)


async def stop(eng: Engine, message_id: UUID, caller: Caller | None = None) -> None:
    async with eng.runtime.database.write() as tx:
        await cancel(tx, caller or eng.caller, message_id)


async def kinds(eng: Engine, message_id: UUID) -> list[str]:
    async with eng.runtime.database.read() as session:
        found = await session.exec(
            select(Event.kind).where(col(Event.subject_id) == message_id).order_by(col(Event.seq))
        )
        return list(found)


async def put(eng: Engine, message_id: UUID, status: str) -> None:
    """As if the message were held."""
    async with eng.runtime.database.write() as tx:
        await tx.session.exec(
            update(Message).where(col(Message.id) == message_id).values(status=status)
        )


@pytest.mark.parametrize("status", ["queued", "scheduled", "held"])
async def test_what_waits_is_cancelled_and_never_leaves(eng: Engine, status: str) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    [message_id] = await eng.accept(NUMBER, send_at=ahead if status == "scheduled" else None)
    await put(eng, message_id, status)
    await stop(eng, message_id)
    message, [attempt] = await eng.message(message_id), await eng.attempts(message_id)
    assert (message.status, message.reason) == ("cancelled", None)
    assert message.closed_at == message.updated_at == attempt.settled_at
    assert (attempt.status, attempt.due_at) == ("cancelled", None)
    await eng.run()
    assert eng.provider.calls == []
    assert (await kinds(eng, message_id))[1:] == ["attempt.cancelled", "message.status"]


async def test_twice_is_harmless(eng: Engine) -> None:
    [message_id] = await eng.accept(NUMBER)
    await stop(eng, message_id)
    before = await eng.message(message_id)
    await stop(eng, message_id)
    assert (await eng.message(message_id)).closed_at == before.closed_at
    assert len(await kinds(eng, message_id)) == 3


@pytest.mark.parametrize("answer", [Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.REJECTED])
async def test_what_has_left_is_refused(runtime: Runtime, answer: Verdict) -> None:
    eng = await engine(runtime, Provider(answer=verdict(answer)))
    [message_id] = await eng.accept(NUMBER, plan=[{"channel": "alimtalk"}])
    await eng.run()
    before = await eng.message(message_id)
    with pytest.raises(Refused) as caught:
        await stop(eng, message_id)
    assert (caught.value.code, caught.value.data) == ("too_late", {"status": before.status})
    assert (await eng.message(message_id)).status == before.status


async def test_one_on_its_way_is_refused_although_the_message_says_queued(eng: Engine) -> None:
    [message_id] = await eng.accept(NUMBER)
    async with eng.runtime.database.write() as tx:
        await tx.session.exec(
            update(Attempt).where(col(Attempt.message_id) == message_id).values(status="sending")
        )
    with pytest.raises(Refused, match="cannot be cancelled"):
        await stop(eng, message_id)


@pytest.mark.parametrize("kind", ["workspace", "mode", "id"])
async def test_what_is_not_ones_own_is_not_there(eng: Engine, kind: str) -> None:
    [message_id] = await eng.accept(NUMBER)
    mine = eng.caller
    caller = {
        "workspace": Caller(new_id(), mine.key_id, "test", mine.scopes),
        "mode": Caller(mine.workspace_id, mine.key_id, "live", mine.scopes),
        "id": mine,
    }[kind]
    with pytest.raises(NotFound) as caught:
        await stop(eng, new_id() if kind == "id" else message_id, caller)
    assert caught.value.code == "unknown_message"
    assert (await eng.message(message_id)).status == "queued"


async def test_against_dispatch_one_of_both_wins(eng: Engine) -> None:
    """C04: within one process."""
    ids = await eng.accept(*(f"0101234{i:04}" for i in range(20)))

    async def try_stop(message_id: UUID) -> bool:
        try:
            await stop(eng, message_id)
        except GatewayError:
            return False
        return True

    stopped, _ = await asyncio.gather(
        asyncio.gather(*(try_stop(message_id) for message_id in ids)), eng.run()
    )
    for message_id, was_stopped in zip(ids, stopped, strict=True):
        message = await eng.message(message_id)
        [attempt] = await eng.attempts(message_id)
        assert (message.status, attempt.status) == (
            ("cancelled", "cancelled") if was_stopped else ("sent", "accepted")
        )
    assert sum(eng.provider.people.values()) == 20 - sum(stopped)
