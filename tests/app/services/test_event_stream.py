"""The bytes of a stream: where it begins, what it says, and every way it ends."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

import pytest

from app.errors import Unauthorized
from app.services import event_stream
from app.services.callers import Caller
from app.services.event_stream import EventStream, Reading, frame, start, stream
from app.services.feed import Feed
from app.services.happenings import Happening
from app.services.onlookers import Word
from app.services.runtime import Runtime
from tests.app.services.test_feed import Place, happen, settle

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
async def place(runtime: Runtime) -> Place:
    return await settle(runtime)


@pytest.fixture
async def feed(runtime: Runtime) -> AsyncIterator[Feed]:
    made = Feed(runtime)
    await made.open()
    yield made
    await made.close()


def render(happening: Happening, caller: Caller) -> bytes | None:
    return frame(happening.kind, happening.heard_by(caller), happening.seq)


def reading(place: Place, after: int | None = None, until_s: float | None = None) -> Reading:
    caller = place.caller()

    async def check() -> Caller:
        return caller

    until = None if until_s is None else time.monotonic() + until_s
    return Reading(caller, after, render, check, until)


async def take(feed: Feed, wanted: Reading, upto: Callable[[bytes], bool]) -> bytes:
    """Read until something is there, or to the end."""
    got = b""
    async with asyncio.timeout(20), aclosing(stream(feed, wanted)) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            got += chunk
            if upto(got):
                break
    return got


def numbers(got: bytes) -> list[int]:
    return [int(n) for n in re.findall(rb"id: (\d+)\nevent: chat", got)]


async def test_it_begins_now_or_where_it_was_cut(place: Place, feed: Feed) -> None:
    database, ws = place.runtime.database, place.workspace_id
    await happen(database, ws, place.thread, 3)  # after the one of the setting: 2, 3, 4
    from_now = await take(feed, reading(place, until_s=0), lambda _: False)
    assert from_now.startswith(b"retry: 1000\nid: 4\nevent: hello\n")
    assert numbers(from_now) == []
    assert numbers(await take(feed, reading(place, 2, until_s=0), lambda _: False)) == [3, 4]
    live = asyncio.create_task(take(feed, reading(place, 3), lambda got: len(numbers(got)) == 3))
    await asyncio.sleep(0.05)
    await happen(database, ws, place.thread, 2)
    assert numbers(await live) == [4, 5, 6]


@pytest.mark.parametrize(
    ("last", "after", "begins"), [("7", 3, 7), (None, 3, 3), ("x", 3, 3), ("²", None, None)]
)
def test_the_browser_s_number_goes_first(last: str, after: int | None, begins: int | None) -> None:
    assert start(last, after) == begins


async def test_a_number_of_another_history_is_a_gap(place: Place, feed: Feed) -> None:
    got = await take(feed, reading(place, 900, until_s=0), lambda _: False)
    assert b'event: gap\ndata: {"after":900,"sequence":1}' in got


async def test_it_ends_with_the_process_at_once(place: Place, feed: Feed) -> None:
    task = asyncio.create_task(take(feed, reading(place), lambda _: False))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    feed.shut()
    await task
    assert time.monotonic() - began < 10
    assert feed._streams.total() == 0


async def test_a_revoked_key_ends_it(
    place: Place, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "CHECK_S", 0.05)

    async def refuse() -> Caller:
        raise Unauthorized("bad_api_key", "no longer")

    got = await take(feed, replace(reading(place), check=refuse), lambda _: False)
    assert got.endswith(b'event: end\ndata: {"code":"bad_api_key"}\n\n')


async def test_a_comment_keeps_the_line_and_the_place(
    place: Place, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events it may not hear move it on all the same."""
    monkeypatch.setattr(event_stream, "BEAT_S", 0.0)
    async with place.runtime.database.write() as tx:
        tx.emit(place.workspace_id, "attempt.accepted", place.thread)
    got = await take(feed, reading(place, 1), lambda got: b": still here" in got)
    assert got.endswith(b": still here\nid: 2\n\n")


async def test_presence_is_told_without_a_number(place: Place, feed: Feed) -> None:
    wanted = replace(reading(place), presence=True)
    task = asyncio.create_task(take(feed, wanted, lambda got: b"presence" in got))
    await asyncio.sleep(0.05)
    me = place.caller()
    word = Word(place.workspace_id, "sandbox", place.thread, me.key_id, "김나루", "reply")
    await feed.presence.say(word)
    got = await task
    who = f'[{{"id":"{me.key_id}","name":"김나루","what":"reply"}}]'
    told = f'{{"threads":{{"{place.thread}":{who}}}}}'
    assert got.endswith(b"\n\nevent: presence\ndata: " + told.encode() + b"\n\n")


async def test_who_does_not_read_is_cut_and_nobody_waits(
    place: Place, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "SLOW_S", 0.05)
    full = asyncio.Event()

    async def send(message: object) -> None:
        if isinstance(message, dict) and message.get("body"):
            await full.wait()

    slow = asyncio.create_task(EventStream(feed, reading(place)).stream_response(send))
    other = asyncio.create_task(take(feed, reading(place, 1), lambda got: numbers(got) == [2]))
    await happen(place.runtime.database, place.workspace_id, place.thread)
    await other
    with pytest.raises(TimeoutError):
        await slow
    assert feed._streams.total() == 0


async def test_who_leaves_gives_their_place_back(place: Place, feed: Feed) -> None:
    gone = asyncio.Event()

    async def receive() -> dict[str, str]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        return

    call: Callable[..., Awaitable[None]] = EventStream(feed, reading(place))
    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    task = asyncio.ensure_future(call(scope, receive, send))
    await asyncio.sleep(0.05)
    assert feed._streams.total() == 1
    gone.set()
    await task
    assert (feed._streams.total(), feed._reels) == (0, {})
