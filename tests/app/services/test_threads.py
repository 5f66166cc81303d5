"""Rooms by themselves: one per customer and channel, sealed, held while they change."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.models import ChatMessage, Sender, Thread
from app.db.models.fields import now as clock
from app.errors import NotFound
from app.ids import new_id
from app.sealing import Unsealable
from app.services import threads
from app.services.threads import Line
from tests.app.services.talks import CUSTOMER, Talk, talking


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


async def room(talk: Talk, sender: Sender, user_key: str = CUSTOMER) -> Thread:
    async with talk.runtime.database.write() as tx:
        return await threads.find_or_open(tx, talk.runtime.sealer, sender, user_key, clock())


async def test_a_customer_has_one_room_per_channel(talk: Talk) -> None:
    made = await asyncio.gather(*(room(talk, talk.sender) for _ in range(10)))
    assert len({one.id for one in made}) == 1
    other = Sender(
        workspace_id=talk.workspace.id, account_id=talk.account.id, kind="chat", value="b" * 40
    )
    async with talk.runtime.database.write() as tx:
        tx.session.add(other)
    assert (await room(talk, other)).id != made[0].id


async def test_the_customers_key_is_sealed_in_its_row(talk: Talk) -> None:
    made = await room(talk, talk.sender)
    assert CUSTOMER.encode() not in made.sealed
    assert threads.user_key_of(talk.runtime.sealer, made) == CUSTOMER
    elsewhere = made.model_copy(update={"id": new_id()})
    with pytest.raises(Unsealable):
        threads.user_key_of(talk.runtime.sealer, elsewhere)


async def test_lines_written_at_once_get_numbers_without_gaps(talk: Talk) -> None:
    made = await room(talk, talk.sender)

    async def write(text: str) -> None:
        async with talk.runtime.database.write() as tx:
            held = await threads.lock(tx, talk.workspace.id, made.id)
            threads.add_line(tx, talk.runtime.sealer, held, Line("system", "event", text))

    await asyncio.gather(*(write(f"{n}") for n in range(20)))
    assert sorted(line.seq for line in await talk.all(ChatMessage)) == list(range(1, 21))


async def test_a_transaction_that_fails_takes_no_number(talk: Talk) -> None:
    made = await room(talk, talk.sender)

    async def fail() -> None:
        async with talk.runtime.database.write() as tx:
            held = await threads.lock(tx, talk.workspace.id, made.id)
            threads.add_line(tx, talk.runtime.sealer, held, Line("system", "event", "x"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert (await talk.only(Thread)).last_seq == 0
    assert await talk.all(ChatMessage) == []


async def test_another_workspaces_room_cannot_be_held(talk: Talk) -> None:
    made = await room(talk, talk.sender)
    async with talk.runtime.database.write() as tx:
        with pytest.raises(NotFound):
            await threads.lock(tx, new_id(), made.id)


def test_texts_do_not_appear_in_a_repr() -> None:
    assert "비밀" not in repr(Line("customer", "text", "비밀", content={"a": "비밀"}))
