"""Files, ends, blocks and ties on PostgreSQL, where writers really run at the same time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.models import Case, ChatSession, Thread
from app.services import acts, customer, rooms, unsettled
from app.services.cases import Agent
from tests.app.services.talks import Talk, reply, talking
from tests.app.services.test_ties import BODY, frozen
from tests.photos import jpeg
from tests.scheduler.dying import due_now
from tests.scheduler.test_errands import END, KEPT, UPLOAD, WRITE


@pytest.fixture
async def talk(tmp_path: Path, postgres: str) -> AsyncIterator[Talk]:
    async with talking(tmp_path, database_url=postgres) as made:
        yield made


async def workers(talk: Talk) -> None:
    """Four schedulers at once, until nothing is left."""
    while sum(await asyncio.gather(*(talk.send() for _ in range(4)))):
        pass


async def test_many_workers_give_write_and_end_once(talk: Talk) -> None:
    notice, token = await talk.notice(frozen())
    await talk.hear(f"문의하기\n{BODY}")
    await talk.press(token)
    await talk.apply()
    said, _ = await talk.notice(frozen())
    thread = await talk.only(Thread)
    async with talk.runtime.database.read() as session:
        shown = await customer.panel(session, talk.runtime, talk.caller(), thread.id)
        room = await rooms.room(session, talk.runtime, talk.caller(), thread.id)
    assert [one.id for one in shown.notices] == [said, notice]
    assert room.notice is not None
    assert (room.notice.id, room.notice.link_how, room.notice.link_confidence) == (
        notice,
        "button",
        1.0,
    )
    posted = await talk.post("여기요", attachments=(await talk.keep(jpeg(), "a.jpg"),))
    await talk.act(acts.end_session)
    talk.answers += [reply("oops", 500), KEPT]
    await workers(talk)
    assert talk.asked() == [WRITE, UPLOAD, WRITE, END]
    assert (await talk.only(ChatSession)).end_reason == "agent"
    await talk.hear("또 왔어요", session_id="2")
    again = unsettled.Again(Agent("김나루"), (await talk.only(Case)).epoch, True)
    async with talk.runtime.database.write() as tx:
        ids = (thread.id, posted.message.id)
        await unsettled.retry(tx, talk.runtime, talk.caller(), ids, again)
    await talk.act(acts.block)
    await due_now(talk)
    await workers(talk)
    assert talk.asked()[4:] == [WRITE, END]
    assert (await talk.only(Case)).resolve_reason == "blocked"
