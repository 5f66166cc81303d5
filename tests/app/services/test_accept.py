"""Group commit: what gathers goes together, and one bad row cannot spoil the rest."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from app.db.models import Counter, Event, IdempotencyKey, Lot, Message
from app.db.models.fields import now as clock
from app.errors import Unavailable
from app.services import idempotency
from app.services.catalogue import Catalogue
from app.services.clock import korean_day
from app.services.messages import MESSAGE_COLUMNS, NewMessage, Prepared, prepare
from app.services.runtime import Runtime
from tests.engine import FORM, Engine, engine


async def prepared(eng: Engine, i: int, key: str | None = None) -> Prepared:
    """One message ready to be stored."""
    new = NewMessage(FORM["code"], f"0101234{i:04d}", {"주문번호": f"A-{i}"})
    return await prepare(eng.runtime, Catalogue(eng.runtime), eng.caller, new, clock(), key=key)


async def number_of(runtime: Runtime, table: type) -> int:
    async with runtime.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_many_at_once_share_commits_and_lots(runtime: Runtime) -> None:
    """A hundred messages, a handful of commits; events numbered without a gap, counters right."""
    eng = await engine(runtime)
    rows = [await prepared(eng, i) for i in range(100)]
    await asyncio.gather(*(eng.acceptor.accept(row) for row in rows))
    assert await number_of(runtime, Message) == 100
    assert await number_of(runtime, Lot) < 10
    async with runtime.database.read() as session:
        seqs = list(await session.exec(select(Event.seq).order_by(col(Event.seq))))
        counted = await session.get(
            Counter, (eng.workspace_id, korean_day(clock()), "sandbox.accepted")
        )
    assert seqs == list(range(1, 101))
    assert counted is not None
    assert counted.value == 100


async def test_a_message_and_its_key_are_one_transaction(runtime: Runtime) -> None:
    """K01: either both are there or neither."""
    eng = await engine(runtime)
    row = await prepared(eng, 1, key="k")
    at = MESSAGE_COLUMNS.index("accepted_at")  # it must have one
    broken = replace(row, message=(*row.message[:at], None, *row.message[at + 1 :]))
    with pytest.raises(Unavailable) as refused:
        await eng.acceptor.accept(broken)
    assert refused.value.code == "store_unavailable"
    assert await number_of(runtime, Message) == 0
    assert await number_of(runtime, IdempotencyKey) == 0
    accepted = await eng.acceptor.accept(row)
    assert accepted.replayed is False


async def test_one_bad_row_does_not_spoil_the_group(runtime: Runtime) -> None:
    eng = await engine(runtime)
    rows = [await prepared(eng, i) for i in range(5)]
    rows[2] = replace(rows[2], message=rows[1].message)  # an id that is taken already
    results = await asyncio.gather(
        *(eng.acceptor.accept(row) for row in rows), return_exceptions=True
    )
    assert [isinstance(r, Unavailable) for r in results] == [False, False, True, False, False]
    assert await number_of(runtime, Message) == 4


async def test_an_outage_is_told_to_a_whole_group_at_once(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not one by one: a thousand callers would each wait for a database that is away."""
    eng = await engine(runtime)
    rows = [await prepared(eng, i, key=f"k{i}") for i in range(20)]
    tries = []

    async def away(group: Sequence[Prepared]) -> set[UUID]:
        tries.append(len(group))
        raise OperationalError("connect", None, ConnectionRefusedError())

    with monkeypatch.context() as patch:
        patch.setattr(eng.acceptor, "_store", away)
        answers = await asyncio.gather(
            *(eng.acceptor.accept(row) for row in rows), return_exceptions=True
        )
    assert all(isinstance(one, Unavailable) and one.retry_after_s for one in answers)
    assert tries == [20]
    assert (await eng.acceptor.accept(rows[0])).replayed is False


async def test_the_answer_is_kept_sealed(runtime: Runtime) -> None:
    eng = await engine(runtime)
    first = await eng.acceptor.accept(await prepared(eng, 1, key="k"))
    again = await eng.acceptor.accept(await prepared(eng, 1, key="k"))
    assert (again.response, again.replayed) == (first.response, True)
    async with runtime.database.read() as session:
        (row,) = await session.exec(select(IdempotencyKey))
    assert b"order_test" not in row.response_sealed
    assert row.subject_id == UUID(first.response["id"])


async def test_a_caller_that_goes_away_harms_nobody(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its replay is being read when it leaves; who was stored in the same group still hears so."""
    eng = await engine(runtime)
    await eng.acceptor.accept(await prepared(eng, 1, key="k"))
    earlier = idempotency.earlier

    gone: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    waits: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def leave_meanwhile(*request: Any) -> Any:
        gone.cancel()
        return await earlier(*request)

    monkeypatch.setattr(idempotency, "earlier", leave_meanwhile)
    repeat, fresh = await prepared(eng, 1, key="k"), await prepared(eng, 2)
    await eng.acceptor._flush([(repeat, gone), (fresh, waits)])
    assert (await waits).response["id"] == str(fresh.message_id)
    assert gone.cancelled()
