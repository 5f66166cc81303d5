"""Unread counts fall when somebody looked, and nothing is written when nothing changes."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.models import Event, Thread
from app.errors import NotFound
from app.ids import new_id
from app.services import seen
from app.services.callers import SCOPES, Caller
from tests.app.services.talks import Talk, talking


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        for n in range(3):
            await made.hear(f"{n}")
        yield made


async def mark(talk: Talk, seq: int) -> int:
    thread = await talk.only(Thread)
    left = await seen.mark(talk.runtime, talk.caller(), thread.id, seq)
    assert (await talk.only(Thread)).unread == left
    return left


async def test_what_was_seen_is_no_longer_unread(talk: Talk) -> None:
    assert (await talk.only(Thread)).unread == 3
    assert await mark(talk, 0) == 3
    assert await mark(talk, 2) == 1
    assert await mark(talk, 1) == 1  # an older call that came late
    assert await mark(talk, 99) == 0
    assert await mark(talk, 0) == 0
    await talk.hear("또")
    assert await mark(talk, 2) == 1
    assert await mark(talk, 4) == 0
    told = [data["unread"] for _, data in await talk.events("chat.seen")]
    assert told == [1, 0, 0]


async def test_looking_again_writes_nothing(talk: Talk) -> None:
    await mark(talk, 3)
    before = len(await talk.all(Event))
    for _ in range(5):
        await mark(talk, 3)
    assert len(await talk.all(Event)) == before


async def test_our_own_lines_are_never_unread(talk: Talk) -> None:
    await talk.post()
    assert (await talk.only(Thread)).unread == 0
    await talk.hear("또")
    assert await mark(talk, 4) == 1


async def test_a_stranger_finds_no_thread(talk: Talk) -> None:
    thread = await talk.only(Thread)
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    with pytest.raises(NotFound):
        await seen.mark(talk.runtime, stranger, thread.id, 3)
