"""Automatic texts: once, only into an open chat, only while nobody has the case, only if ours."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.db.models import Case, ChatMessage, ChatSession, ConsultChannel
from app.services import automatic, consult_channels, threads
from app.services.clock import KST
from tests.app.services.desks import Desk, desk
from tests.app.services.talks import PAST

AWAY = "지금은 쉬는 시간이에요. #{여는시각}부터 답할게요"


def closed_now() -> dict[str, Any]:
    """Hours that are closed today and tomorrow, open after."""
    today = datetime.now(KST).date()
    return {(today + timedelta(days=n)).isoformat(): [] for n in (0, 1)}


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        yield made


async def said(here: Desk) -> list[str]:
    lines = [line for line in await here.talk.lines() if line.author_kind == "system"]
    return [here.talk.text(line) for line in lines if line.kind == "text"]


async def test_a_greeting_leaves_once_per_case(here: Desk) -> None:
    await here.channel(greeting="안녕하세요. 곧 답할게요", away=AWAY)
    await here.talk.hear()
    await here.receive()
    assert await here.receive() == 0
    (line,) = [one for one in await here.talk.lines() if one.author_kind == "system"]
    case = await here.case()
    assert (line.client_key, line.status, line.author) == (f"auto:greeting:{case.id}", "queued", "")
    assert (line.case_id, line.chat_session_id is not None) == (case.id, True)
    assert case.first_human_reply_at is None
    assert case.waiting_since is not None
    await here.talk.send()
    assert [body["message"] for body in here.talk.sent()] == ["안녕하세요. 곧 답할게요"]
    await here.resolve()
    await here.talk.hear("하나 더요")
    assert await here.receive() == 1
    assert await said(here) == ["안녕하세요. 곧 답할게요"]


async def test_the_away_text_says_when_we_open(here: Desk) -> None:
    await here.channel(greeting="안녕하세요", away=AWAY, exceptions=closed_now())
    await here.talk.hear()
    await here.receive()
    day = datetime.now(KST).date() + timedelta(days=2)
    assert await said(here) == [
        f"지금은 쉬는 시간이에요. {day.month}월 {day.day}일 00:00부터 답할게요"
    ]
    case = await here.case()
    midnight = datetime(day.year, day.month, day.day, tzinfo=KST)
    assert case.due_first_at == midnight + timedelta(seconds=300)
    never = ConsultChannel(sender_id=case.id, workspace_id=case.id, away=AWAY)
    assert consult_channels.away_text(never, None) == ""


async def test_an_expired_session_gets_no_automatic_text(here: Desk) -> None:
    await here.channel(greeting="안녕하세요")
    await here.talk.hear()
    await here.talk.change(ChatSession, expires_at=PAST)
    assert await here.receive() == 1
    assert await said(here) == []
    await here.talk.change(Case, due_first_at=None)
    await here.talk.change(ChatSession, ended_at=PAST)
    assert await here.receive() == 1
    assert await said(here) == []


@pytest.mark.parametrize("why", ["hub", "empty", "taken", "bot"])
async def test_when_nothing_is_said(here: Desk, why: str) -> None:
    if why == "bot":
        bot = await here.bot()
        await here.talk.change(ConsultChannel, greeting="안녕하세요")
        assert bot.id
    else:
        automatic = "hub" if why == "hub" else "naru"
        await here.channel(automatic=automatic, greeting="  " if why == "empty" else "안녕하세요")
    await here.talk.hear()
    if why == "taken":
        await here.take(await here.person())
    await here.receive()
    assert await said(here) == []


async def test_a_resolved_case_is_not_spoken_into(here: Desk) -> None:
    channel = await here.channel(greeting="안녕하세요")
    await here.talk.hear()
    case = await here.resolve()
    async with here.talk.runtime.database.write() as tx:
        thread = (await here.talk.all(ChatMessage))[0].thread_id
        assert case.thread_id == thread
        held = await threads.lock(tx, case.workspace_id, thread)
        assert await automatic.say(tx, here.talk.runtime.sealer, held, case, channel) is None
