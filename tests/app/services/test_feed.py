"""The tail: in order, without gaps or doubles, from any number, for whoever may hear it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from app.db.models import Event, WorkspaceCounter
from app.db.session import Database
from app.errors import TooMany
from app.ids import new_id
from app.services import feed as feed_module
from app.services import happenings, threads
from app.services.callers import SCOPES, Caller
from app.services.feed import Feed, News, Reel
from app.services.runtime import Runtime
from tests.app.services.talks import settle_in


@dataclass(frozen=True)
class Place:
    """A workspace with one thread of a sandbox account."""

    runtime: Runtime
    workspace_id: UUID
    thread: UUID

    def caller(self, kind: str = "test") -> Caller:
        return Caller(self.workspace_id, new_id(), kind, frozenset(SCOPES))


async def settle(runtime: Runtime) -> Place:
    workspace, _, sender = await settle_in(runtime)
    async with runtime.database.write() as tx:
        thread = await threads.find_or_open(tx, runtime.sealer, sender, "customer", tx.now)
        tx.emit(workspace.id, "chat.session_opened", thread.id)
    return Place(runtime, workspace.id, thread.id)


@pytest.fixture
async def place(runtime: Runtime) -> Place:
    return await settle(runtime)


@asynccontextmanager
async def tailing(runtime: Runtime) -> AsyncIterator[Feed]:
    feed = Feed(runtime)
    await feed.open()
    try:
        yield feed
    finally:
        await feed.close()


async def happen(database: Database, workspace_id: UUID, subject: UUID, count: int = 1) -> None:
    async with database.write() as tx:
        for n in range(count):
            tx.emit(workspace_id, "chat.message_state", subject, seq=n)


async def hear(feed: Feed, caller: Caller, after: int, upto: int) -> tuple[list[int], list[News]]:
    """Follow to a number: what was heard, and every piece of news."""
    heard: list[int] = []
    all_news: list[News] = []
    async with asyncio.timeout(20), feed.place(caller) as reel:
        while after < upto:
            news = await feed.next(reel, caller, after, 1.0)
            after = news.last
            heard += [one.seq for one in news.happenings if one.heard_by(caller)]
            all_news.append(news)
    return heard, all_news


async def test_each_follower_gets_each_event_once_and_in_order(place: Place) -> None:
    """Two processes commit at once; some come late, some follow from the start, one is ahead."""
    runtime, caller, thread = place.runtime, place.caller(), place.thread
    other = Database(runtime.settings.database, runtime.settings.data)  # the scheduler's

    async def commit(database: Database) -> None:
        for n in range(20):
            await happen(database, caller.workspace_id, thread, 1 + n % 3)

    async with tailing(runtime) as feed:
        began = await feed.newest(caller.workspace_id)
        last = began + 2 * sum(1 + n % 3 for n in range(20))
        followers = [asyncio.create_task(hear(feed, caller, at, last)) for at in (0, began, began)]
        await asyncio.gather(commit(runtime.database), commit(other))
        late = await hear(feed, caller, began, last)
        found = [await follower for follower in followers]
    assert late[0] == list(range(began + 1, last + 1))
    assert found[1][0] == found[2][0] == late[0]
    assert found[0][0][-len(late[0]) :] == late[0]
    assert not any(news.gap for _, all_news in found for news in all_news)
    await other.close()


async def test_the_scheduler_s_commit_wakes_it_long_before_the_poll(place: Place) -> None:
    settings = place.runtime.settings.model_copy(update={"poll_s": 30.0})
    slow = replace(place.runtime, settings=settings)
    caller, thread = place.caller(), place.thread
    other = Database(settings.database, settings.data)
    async with tailing(slow) as feed, feed.place(caller) as reel:
        for _ in range(3):
            at, began = reel.end, time.monotonic()
            await happen(other, caller.workspace_id, thread)
            news = await feed.next(reel, caller, at, 28.0)
            assert [one.seq for one in news.happenings] == [at + 1]
            assert time.monotonic() - began < 25
    await other.close()


async def test_what_this_process_told_is_not_read_again(place: Place) -> None:
    """It goes onto the reel as it was committed; behind what others told it is read in order."""
    caller, thread = place.caller(), place.thread
    happenings.remember((thread,), "sandbox")
    settings = place.runtime.settings.model_copy(update={"poll_s": 30.0})
    other = Database(settings.database, settings.data)
    async with (
        tailing(replace(place.runtime, settings=settings)) as feed,
        feed.place(caller) as reel,
    ):
        for _ in range(3_000):  # until the tail has nothing to do
            if not (feed._rung.is_set() or feed._is_reading):
                break
            await asyncio.sleep(0.01)
        at, reads = reel.end, 0
        read = happenings.read

        async def counted(*given: Any) -> happenings.Page:
            nonlocal reads
            reads += 1
            return await read(*given)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(happenings, "read", counted)
            await happen(place.runtime.database, caller.workspace_id, thread)
            assert ([one.seq for one in reel.after(at)], reads) == ([at + 1], 0)
            feed._is_reading = True  # the tail is in the middle of it
            await happen(place.runtime.database, caller.workspace_id, thread)
            assert reel.end == at + 1
            feed._is_reading = False
        await happen(other, caller.workspace_id, thread)
        await happen(place.runtime.database, caller.workspace_id, thread)
        while reel.end < at + 4:
            await feed.next(reel, caller, reel.end, 28.0)
        told = reel.after(at)
        assert [one.seq for one in told] == [at + 1, at + 2, at + 3, at + 4]
        assert told == list((await feed.page(caller.workspace_id, at, 10)).happenings)
    await other.close()


async def test_without_a_bell_the_poll_finds_it(place: Place) -> None:
    caller, thread = place.caller(), place.thread
    deaf = Database(place.runtime.settings.database, place.runtime.settings.data)

    async def nothing(words: str = "", *, own: bool = True) -> None:
        return

    deaf.bells.ring = nothing  # type: ignore[method-assign]
    async with tailing(place.runtime) as feed, feed.place(caller) as reel:
        at = reel.end
        await happen(deaf, caller.workspace_id, thread)
        news = await feed.next(reel, caller, at, 28.0)
        assert [one.seq for one in news.happenings] == [at + 1]
    await deaf.close()


async def test_behind_the_reel_it_reads_the_table(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow follower costs nothing: it holds a number."""
    monkeypatch.setattr(feed_module, "KEPT", 5)
    monkeypatch.setattr(feed_module, "PAGE", 7)
    caller, thread = place.caller(), place.thread
    async with tailing(place.runtime) as feed, feed.place(caller) as reel:
        at = reel.end
        await happen(place.runtime.database, caller.workspace_id, thread, 40)
        await feed.next(reel, caller, at, 5.0)
        while reel.end < at + 40:
            await feed.next(reel, caller, reel.end, 5.0)
        assert len(reel.kept) == 5
        assert (await hear(feed, caller, at, at + 40))[0] == list(range(at + 1, at + 41))


async def test_what_is_gone_is_a_gap_and_what_is_not_is_none(place: Place) -> None:
    caller, thread = place.caller(), place.thread
    await happen(place.runtime.database, caller.workspace_id, thread, 10)
    async with tailing(place.runtime) as feed:
        last = await feed.newest(caller.workspace_id)
        async with place.runtime.database.write() as tx:
            await tx.session.exec(delete(Event).where(col(Event.seq) <= last - 4))
        page = await feed.page(caller.workspace_id, 1, 100)
        assert (page.gap, page.last, len(page.happenings)) == (True, last, 4)
        page = await feed.page(caller.workspace_id, last - 4, 100)
        assert (page.gap, page.more, len(page.happenings)) == (False, False, 4)
        assert (await feed.page(caller.workspace_id, last - 4, 2)).more
        assert not (await feed.page(caller.workspace_id, 0, 100)).gap  # it saw nothing before
        async with place.runtime.database.write() as tx:
            await tx.session.exec(delete(Event))
        assert (await feed.page(caller.workspace_id, last - 1, 100)).gap
        assert not (await feed.page(caller.workspace_id, last, 100)).gap


async def test_after_a_restore_the_numbers_go_back(place: Place) -> None:
    """Who is ahead of the database hears of a gap, also one who was connected."""
    caller, thread = place.caller(), place.thread
    await happen(place.runtime.database, caller.workspace_id, thread, 10)
    async with tailing(place.runtime) as feed, feed.place(caller) as reel:
        at = reel.end
        async with place.runtime.database.write() as tx:
            await tx.session.exec(delete(Event).where(col(Event.seq) > 3))
            await tx.session.exec(update(WorkspaceCounter).values(last_event=3))
        async with asyncio.timeout(60):
            while not (news := await feed.next(reel, caller, at, 0.5)).gap:
                pass
        assert news.last == 3


async def test_it_tells_nothing_of_another_workspace(place: Place) -> None:
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    async with tailing(place.runtime) as feed:
        page = await feed.page(stranger.workspace_id, 0, 100)
        assert (page.happenings, page.last) == ((), 0)
        # an event of theirs that names our thread
        await happen(place.runtime.database, stranger.workspace_id, place.thread)
        page = await feed.page(stranger.workspace_id, 0, 100)
        assert [one for one in page.happenings if one.heard_by(stranger)] == []


async def test_a_key_holds_so_many_streams(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "STREAMS", 2)
    one, two = place.caller("test"), place.caller("live")
    async with tailing(place.runtime) as feed:
        async with feed.place(one), feed.place(one):
            with pytest.raises(TooMany) as refused:
                feed.need_room(one)
            assert (refused.value.code, refused.value.retry_after_s) == ("too_many_streams", 5)
            feed.need_room(two)
        feed.need_room(one)
        assert feed._reels == {}


def test_a_reel_gives_what_is_after() -> None:
    reel = Reel(5, 5)
    assert reel.after(5) == []
