"""Asking the messenger about a chat: what is refused, what is told, and what holds at once."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.models import Case, ChatMessage, Thread
from app.errors import Invalid, Refused
from app.services import acts
from tests.app.services.talks import Talk, talking


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        await made.hear()
        yield made


async def test_an_end_is_a_line_that_waits(talk: Talk) -> None:
    asked = await talk.act(acts.end_session)
    again = await talk.act(acts.end_session)
    assert (asked.line.id, asked.line.seq) == (again.line.id, 2)
    assert (asked.line.kind, asked.line.author, asked.line.status) == ("event", "김나루", "queued")
    assert asked.line.note == "메신저에 요청하고 있어요"
    assert (await talk.only(Case)).state == "queued"  # nothing is over before the hub says so


@pytest.mark.parametrize("event", ["e" * 101, "a\nb"])
async def test_bot_events_have_a_limit(talk: Talk, event: str) -> None:
    with pytest.raises(Invalid) as refused:
        await talk.act(acts.end_session, event)
    assert (refused.value.code, refused.value.field) == ("bad_bot_event", "to_bot_event")


async def test_no_chat_no_end(talk: Talk) -> None:
    await talk.expire()
    await talk.apply()
    with pytest.raises(Refused) as refused:
        await talk.act(acts.end_session)
    assert refused.value.code == "no_chat_session"


async def test_a_block_holds_at_once_and_again_changes_nothing(talk: Talk) -> None:
    asked = await talk.act(acts.block)
    thread, case = await talk.only(Thread), await talk.only(Case)
    assert thread.blocked_at == asked.blocked_at is not None
    assert (case.state, case.resolve_reason, thread.unread) == ("resolved", "blocked", 0)
    assert (await talk.act(acts.block)).line is None
    lifted = await talk.act(acts.unblock)
    assert (lifted.blocked_at, (await talk.only(Thread)).blocked_at) == (None, None)
    assert (await talk.act(acts.unblock)).line is None
    assert len(await talk.all(ChatMessage)) == 3
    for kind in ("chat.customer_blocked", "chat.customer_unblocked"):
        assert [subject for subject, _ in await talk.events(kind)] == [thread.id]


async def test_a_block_needs_no_open_chat(talk: Talk) -> None:
    await talk.expire()
    await talk.apply()
    assert (await talk.act(acts.block)).blocked_at is not None
