"""Callbacks of the hub through the real adapter: each applied once, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import col

from app.db.models import Case, ChatMessage, ChatSession, InboundEvent, Sender, Thread
from app.services.incoming import PATIENT_TRIES
from scheduler import inbound
from scheduler.inbound import MOST_TRIES, apply_due, end_overdue
from tests.app.services.talks import PAST, SENDER_KEY, Talk, talking

LATER = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


async def test_the_same_callback_twenty_times_at_once_is_one_message(talk: Talk) -> None:
    body = talk.body(type="text", content="안녕하세요")
    await asyncio.gather(*(talk.store("message", body) for _ in range(20)))
    applied = await asyncio.gather(*(talk.apply() for _ in range(5)))
    assert sum(applied) == 1
    line = await talk.only(ChatMessage)
    assert (line.seq, line.kind, line.author_kind, talk.text(line)) == (
        1, "text", "customer", "안녕하세요",
    )  # fmt: skip
    thread = await talk.only(Thread)
    assert (thread.last_seq, thread.unread) == (1, 1)
    assert len(await talk.events("chat.message_received")) == 1


async def test_messages_are_applied_in_their_order(talk: Talk) -> None:
    for n in range(7):
        await talk.say(f"{n}")
    assert await talk.apply() == 7
    assert [(line.seq, talk.text(line)) for line in await talk.lines()] == [
        (n + 1, f"{n}") for n in range(7)
    ]


async def test_a_customers_lines_keep_their_order_when_a_worker_dies_with_the_first(
    talk: Talk,
) -> None:
    """What it had counted waits; the customer's next line waits with it, nobody else's does."""
    await talk.say("하나")
    assert await inbound._claim(talk.runtime, talk.adapters, careful=True)  # and it is gone
    await talk.say("둘")
    await talk.say("남의 말", user_key="another")
    assert await talk.apply() == 1
    assert [talk.text(line) for line in await talk.lines()] == ["남의 말"]
    await talk.retry_now()
    assert await talk.apply() == 2
    rows = sorted(await talk.all(ChatMessage), key=lambda line: (line.thread_id, line.seq))
    assert [talk.text(line) for line in rows if talk.text(line) != "남의 말"] == ["하나", "둘"]


async def test_what_names_another_channel_holds_up_nobody(talk: Talk) -> None:
    """The same customer's key on a channel nobody registered is not this customer."""
    await talk.say("어디로?", sender_key="f" * 40)
    await talk.say("하나")
    assert await talk.apply() == 1
    assert [talk.text(line) for line in await talk.lines()] == ["하나"]


async def test_what_fails_again_and_again_is_not_waited_for(talk: Talk) -> None:
    await talk.say("하나")
    await talk.change(InboundEvent, tries=PATIENT_TRIES, due_at=LATER)
    await talk.say("둘")
    assert await talk.apply() == 0
    await talk.change(InboundEvent, col(InboundEvent.due_at) == LATER, tries=PATIENT_TRIES + 1)
    assert await talk.apply() == 1
    assert [talk.text(line) for line in await talk.lines()] == ["둘"]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"user_key":1,"sender_key":[]}', b"\xff\xfe", b"[" * 5_000],
)
async def test_a_poison_is_parked_and_blocks_nobody(talk: Talk, body: bytes) -> None:
    await talk.store("message", body)
    await talk.change(InboundEvent, received_at=PAST)  # it stands before everybody else
    await talk.say()
    assert await talk.apply() == 1
    for _ in range(MOST_TRIES - 1):
        assert await talk.events("inbound.parked") == []
        await talk.retry_now()
        assert await talk.apply() == 0
    poison = (await talk.all(InboundEvent))[0]
    assert (poison.due_at, poison.tries) == (None, MOST_TRIES)
    assert poison.error
    ((subject, data),) = await talk.events("inbound.parked")
    assert (subject, data["tries"]) == (poison.id, MOST_TRIES)


async def test_a_failed_event_waits_before_its_next_try(talk: Talk) -> None:
    await talk.store("message", b"{}")
    await talk.apply()
    row = await talk.only(InboundEvent)
    assert row.due_at is not None
    assert row.due_at > datetime.now(UTC) + timedelta(seconds=3)
    assert (row.tries, row.error) == (1, "BadCallback")


async def test_an_event_that_kills_the_process_ends_parked_too(talk: Talk) -> None:
    """The try is counted before it is made: a death leaves it due later, and then aside."""
    await talk.say()
    await talk.change(InboundEvent, tries=MOST_TRIES, due_at=PAST)
    assert await talk.apply() == 0
    assert (await talk.only(InboundEvent)).due_at is None
    assert len(await talk.events("inbound.parked")) == 1


async def test_what_has_just_come_is_one_commit_and_what_is_older_two(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh one that dies leaves no trace, so it is not fresh for long."""
    commits: list[int] = []
    engine = talk.runtime.database._writer.sync_engine
    event.listen(engine, "commit", lambda _: commits.append(1))
    for fresh, expected in ((timedelta(seconds=5), 1), (timedelta(0), 2)):
        monkeypatch.setattr(inbound, "FRESH", fresh)
        await talk.say()
        commits.clear()
        assert await talk.apply() == 1
        assert len(commits) - 1 == expected  # and one that finds nothing more
    assert [row.tries for row in await talk.all(InboundEvent)] == [1, 1]


async def test_a_channel_nobody_registered_is_told_and_waits(talk: Talk) -> None:
    await talk.change(Sender, value="b" * 40)
    await talk.say()
    assert await talk.apply() == 0
    assert "unknown_sender" in (await talk.only(InboundEvent)).error
    await talk.change(Sender, value=SENDER_KEY)
    await talk.retry_now()
    assert await talk.apply() == 1
    assert (await talk.only(InboundEvent)).error == ""


async def test_an_account_without_an_adapter_costs_no_try(talk: Talk) -> None:
    await talk.say()
    for _ in range(MOST_TRIES + 1):
        assert await apply_due(talk.runtime, talk.nobody) == 0
        await talk.retry_now()
    assert (await talk.only(InboundEvent)).tries == 0
    assert await talk.apply() == 1


async def test_a_worker_that_slept_does_not_apply_what_another_has(talk: Talk) -> None:
    """It holds a claim, the claim runs out, another applies the event: then it wakes up."""
    await talk.say()
    first = await inbound._claim(talk.runtime, talk.adapters, careful=True)
    assert isinstance(first, tuple)
    await talk.retry_now()
    assert await talk.apply() == 1
    assert await inbound._apply(talk.runtime, talk.adapters, *first) is False
    assert len(await talk.all(ChatMessage)) == 1


async def test_a_session_ends_thirty_days_after_the_last_message(talk: Talk) -> None:
    await talk.hear()
    session = await talk.only(ChatSession)
    event = await talk.only(InboundEvent)
    assert session.expires_at == event.received_at + timedelta(days=30)
    assert await end_overdue(talk.runtime) == 0
    await talk.change(ChatSession, opened_at=PAST, expires_at=PAST + timedelta(days=30))
    assert await end_overdue(talk.runtime) == 1
    session = await talk.only(ChatSession)
    assert (session.end_reason, session.ended_at) == ("timeout", session.expires_at)
    assert (await talk.only(Case)).state == "resolved"
    assert await end_overdue(talk.runtime) == 0


async def test_a_path_nobody_knows_waits_and_hurts_nobody(talk: Talk) -> None:
    await talk.store("message", talk.body(type="text", content="1"))
    await talk.store("unheard_of", talk.body(type="text", content="2"))
    assert await talk.apply() == 1
    waiting = [e.kind for e in await talk.all(InboundEvent) if e.due_at is not None]
    assert waiting == ["unheard_of"]
