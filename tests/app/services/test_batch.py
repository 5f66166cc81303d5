"""A batch and its key are one transaction."""

import pytest
from sqlalchemy import func
from sqlmodel import select

from app.db.models import IdempotencyKey, Message
from app.db.models.fields import now as clock
from app.errors import Unavailable
from app.services import batch
from app.services.accept import Accepted
from app.services.catalogue import Catalogue
from app.services.messages import NewMessage
from app.services.runtime import Runtime
from tests.engine import FORM, Engine, engine


async def send(eng: Engine, count: int, key: str | None = None) -> Accepted:
    messages = [
        NewMessage(FORM["code"], f"0101{i:07d}", {"주문번호": f"A-{i}"}) for i in range(count)
    ]
    return await batch.accept(
        eng.runtime, Catalogue(eng.runtime), eng.caller, messages, clock(), key
    )


async def number_of(runtime: Runtime, table: type) -> int:
    async with runtime.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_every_message_of_a_batch_is_sent_once(runtime: Runtime) -> None:
    eng = await engine(runtime)
    accepted = await send(eng, 250, "k")
    again = await send(eng, 250, "k")
    assert (again.response, again.replayed) == (accepted.response, True)
    await eng.run()
    assert set(eng.provider.people.values()) == {1}
    assert len(eng.provider.people) == 250


async def test_a_store_that_fails_keeps_neither_key_nor_message(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller hears 503 and may repeat with the same key."""
    eng = await engine(runtime)
    with monkeypatch.context() as broken:
        broken.setattr("app.services.accept.MESSAGE_COLUMNS", ("id", "no_such_column"))
        with pytest.raises(Unavailable):
            await send(eng, 5, "k")
    assert await number_of(runtime, IdempotencyKey) == 0
    await send(eng, 5, "k")
    assert await number_of(runtime, Message) == 5
