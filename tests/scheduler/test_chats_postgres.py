"""The same promises on PostgreSQL, where writers really run at the same time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from app.db.models import Case, ChatMessage, ChatSession, InboundEvent, Thread
from app.errors import Refused
from app.services import rooms
from app.services.consultations import Posted
from app.services.rooms import Filters, Place
from scheduler.inbound import end_overdue
from tests.app.services.talks import PAST, Talk, talking


@pytest.fixture
async def talk(tmp_path: Path, postgres: str) -> AsyncIterator[Talk]:
    async with talking(tmp_path, database_url=postgres) as made:
        yield made


async def settle(talk: Talk) -> None:
    """Five workers until nothing is left; what collided is tried again."""
    while sum(await asyncio.gather(*(talk.apply() for _ in range(5)))):
        await talk.retry_now()


async def test_many_workers_apply_and_send_each_thing_once(talk: Talk) -> None:
    notice, token = await talk.notice()
    body = talk.body(type="text", content="안녕하세요")
    await asyncio.gather(*(talk.store("message", body) for _ in range(20)))
    await talk.press(token)
    for n in range(5):
        await talk.say(f"{n}")
    await settle(talk)
    lines = await talk.lines()
    assert sorted(line.seq for line in lines) == list(range(1, 8))
    assert {line.notice_id for line in lines} == {notice}
    assert (await talk.only(Thread)).unread == 6
    assert (await talk.only(Case)).notice_id == notice
    assert (await talk.only(ChatSession)).ended_at is None

    tries = await asyncio.gather(
        *(talk.post(name, agent=name) for name in ("김나루", "이나루", "박나루")),
        return_exceptions=True,
    )
    (won,) = [one for one in tries if isinstance(one, Posted)]
    lost = [one.code for one in tries if isinstance(one, Refused)]
    assert lost == ["stale_epoch"] * 2
    author = won.message.author
    for n in range(3):
        await talk.post(f"{n}", agent=author, epoch=2)
    while sum(await asyncio.gather(*(talk.send() for _ in range(4)))):
        pass
    assert [body["message"] for body in talk.sent()] == [author, "0", "1", "2"]


async def test_a_second_worker_does_not_overtake_the_first(talk: Talk) -> None:
    """One has a customer's line in hand, uncommitted; another looks for work meanwhile."""
    await talk.say("하나")
    await talk.say("둘")
    async with talk.runtime.database.write() as tx:
        first = select(InboundEvent).order_by(col(InboundEvent.received_at)).limit(1)
        assert (await tx.session.exec(first.with_for_update())).one()
        assert await talk.apply() == 0
    assert await talk.apply() == 2
    assert [talk.text(line) for line in await talk.lines()] == ["하나", "둘"]


async def test_customers_who_come_at_once_get_their_own_rooms(talk: Talk) -> None:
    for n in range(10):
        await talk.say(f"{n}", user_key=f"customer-{n % 5}")
    await settle(talk)
    assert len(await talk.all(Thread)) == 5
    assert sorted(case.number for case in await talk.all(Case)) == [1, 2, 3, 4, 5]
    assert len(await talk.all(ChatMessage)) == 10
    seen, cursor = [], None
    async with talk.runtime.database.read() as session:
        while True:
            page = await rooms.list_rooms(
                session,
                talk.runtime,
                talk.caller(),
                Filters("queued", unread=True),
                Place(cursor, 2),
            )
            seen += [room.id for room in page.rooms]
            cursor = page.cursor
            if cursor is None:
                break
    assert len(seen) == len(set(seen)) == 5


async def test_overdue_sessions_end_once(talk: Talk) -> None:
    for n in range(5):
        await talk.say(user_key=f"customer-{n}")
    await settle(talk)
    await talk.change(ChatSession, opened_at=PAST, expires_at=PAST)
    await asyncio.gather(*(end_overdue(talk.runtime) for _ in range(3)))
    assert {one.end_reason for one in await talk.all(ChatSession)} == {"timeout"}
    assert len(await talk.events("chat.session_ended")) == 5
