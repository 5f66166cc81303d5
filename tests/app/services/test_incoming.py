"""Callbacks applied where they come in: at once and once, or kept for the scheduler."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import select

from app.db.models import ChatMessage, ChatSession, InboundEvent, Sender, Thread
from app.services import inbound, incoming
from app.services.incoming import Changed
from app.services.runtime import open_runtime
from tests.app.services.talks import SENDER_KEY, Talk, talking
from tests.needs import fresh_database


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


async def texts(talk: Talk) -> list[str]:
    return [talk.text(line) for line in await talk.lines()]


async def say(talk: Talk, text: str) -> None:
    await talk.arrive("message", talk.body(type="text", content=text))


async def test_kept_and_applied_in_one_commit(talk: Talk) -> None:
    commits: list[int] = []
    engine = talk.runtime.database._writer.sync_engine
    event.listen(engine, "commit", lambda _: commits.append(1))
    await say(talk, "안녕하세요")
    assert len(commits) == 1
    kept = await talk.only(InboundEvent)
    line = await talk.only(ChatMessage)
    assert (kept.due_at, kept.tries, kept.error) == (None, 1, "")
    assert (talk.text(line), line.inbound_id, line.seq) == ("안녕하세요", kept.id, 1)
    assert await talk.apply() == 0


async def test_the_same_twenty_times_at_two_processes_is_one_line(talk: Talk) -> None:
    body = talk.body(type="text", content="한 번")
    async with open_runtime(talk.runtime.settings) as other:
        second = replace(talk, runtime=other)
        await asyncio.gather(
            *(one.arrive("message", body) for one in (talk, second) for _ in range(10))
        )
        assert await talk.apply() == 0
    assert await texts(talk) == ["한 번"]
    assert len(await talk.events("chat.message_received")) == 1
    assert (await talk.only(InboundEvent)).due_at is None


async def test_it_stands_in_line_behind_what_waits(talk: Talk) -> None:
    await talk.say("0")
    for n in (1, 2):
        await say(talk, f"{n}")
    assert await talk.lines() == []
    assert await talk.apply() == 3
    await say(talk, "3")
    assert await texts(talk) == ["0", "1", "2", "3"]


async def test_what_fails_is_kept_alone_and_its_tries_are_the_scheduler_s(talk: Talk) -> None:
    await talk.change(Sender, value="b" * 40)
    await say(talk, "누구세요")
    kept = await talk.only(InboundEvent)
    assert (kept.due_at, kept.tries) == (kept.received_at, 0)
    for table in (Thread, ChatSession, ChatMessage):
        assert await talk.all(table) == []
    assert await talk.apply() == 0
    assert "unknown_sender" in (await talk.only(InboundEvent)).error
    await talk.change(Sender, value=SENDER_KEY)
    await talk.retry_now()
    assert await talk.apply() == 1
    assert await texts(talk) == ["누구세요"]


async def test_a_failure_in_the_middle_leaves_no_trace(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything was written when it failed: the callback is kept, and nothing was told."""

    async def fails(*_: object) -> None:
        raise LookupError

    await say(talk, "0")
    monkeypatch.setattr(inbound, "_tie", fails)
    await say(talk, "1")
    assert await texts(talk) == ["0"]
    assert len(await talk.events("chat.message_received")) == 1
    monkeypatch.undo()
    assert await talk.apply() == 1
    assert await texts(talk) == ["0", "1"]
    assert [row.due_at for row in await talk.all(InboundEvent)] == [None, None]


async def test_a_flood_is_the_scheduler_s(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many within a second are applied here; nothing is lost, and the order stays."""
    monkeypatch.setattr(incoming, "MOST_PER_S", 3)
    monkeypatch.setattr(time, "monotonic", lambda: 1_000.0)
    for n in range(10):
        await say(talk, f"{n}")
    assert await texts(talk) == ["0", "1", "2"]
    assert await talk.apply() == 7
    assert await texts(talk) == [f"{n}" for n in range(10)]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b"\xff\xfe"])
async def test_what_cannot_be_read_is_kept(talk: Talk, body: bytes) -> None:
    await talk.arrive("message", body)
    kept = await talk.only(InboundEvent)
    assert (kept.due_at, kept.tries) == (kept.received_at, 0)


async def test_an_account_that_has_changed_is_verified_again(talk: Talk) -> None:
    before = talk.account
    secret = talk.runtime.sealer.key_hash("new")
    await talk.change(type(before), callback_hash=secret)
    with pytest.raises(Changed):
        await say(talk, "0")
    assert await talk.all(InboundEvent) == []
    talk.account = await talk.only(type(before))
    await say(talk, "1")
    assert await texts(talk) == ["1"]


async def test_a_thread_somebody_holds_is_not_waited_for(tmp_path: Path) -> None:
    """The provider hears 200 while somebody else works on the thread; the scheduler waits."""
    with fresh_database() as url:
        async with talking(tmp_path, database_url=url) as talk:
            await say(talk, "0")
            async with talk.runtime.database.write() as tx:
                await tx.session.exec(select(Thread).with_for_update())
                await say(talk, "1")
                kept = (await talk.all(InboundEvent))[1]
                assert (kept.due_at, kept.tries) == (kept.received_at, 0)
            assert await texts(talk) == ["0"]
            assert await talk.apply() == 1
            assert await texts(talk) == ["0", "1"]
