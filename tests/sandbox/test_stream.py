"""Server-sent events: data, ids, resume, the end."""

import asyncio

import orjson

from sandbox.phone import say
from sandbox.stream import events
from tests.sandbox.server import Running
from tests.sandbox.shop import HANA, KEY


async def next_event(lines: object) -> dict[str, str]:
    """The next event as field → value; the first one carries only retry and id."""
    found: dict[str, str] = {}
    async for line in lines:  # type: ignore[attr-defined]
        if not line:
            return found
        name, _, value = line.partition(": ")
        found[name] = value
    return found


async def test_a_change_is_told_and_resumed(running: Running) -> None:
    async with running.client.stream("GET", "/stream") as stream:
        lines = stream.aiter_lines()
        start = (await next_event(lines))["id"]
        say(running.store, HANA, KEY, "안녕하세요")
        told = await next_event(lines)
    assert orjson.loads(told["data"]) == {"phones": [HANA], "all": False}
    headers = {"Last-Event-ID": start}
    async with running.client.stream("GET", "/stream", headers=headers) as stream:
        lines = stream.aiter_lines()
        await next_event(lines)
        assert await next_event(lines) == told


async def test_it_ends_with_the_process(running: Running) -> None:
    changes = running.store.changes
    feed = events(changes, changes.seq)
    await anext(feed)
    asyncio.get_running_loop().call_later(0.01, changes.close)
    async with asyncio.timeout(5):
        assert [chunk async for chunk in feed if chunk.startswith(b"id:")] == []
