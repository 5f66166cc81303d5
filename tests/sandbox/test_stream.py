"""Server-sent events: data, ids, resume, the end."""

import asyncio

import orjson

from sandbox.phone import befriend
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
        befriend(running.store, HANA, KEY)
        told = await next_event(lines)
    change = orjson.loads(told["data"])
    assert (change["phones"], change["all"]) == ([HANA], False)
    assert change.keys() == {"phones", "all", "desk"}
    headers = {"Last-Event-ID": start}
    async with running.client.stream("GET", "/stream", headers=headers) as stream:
        lines = stream.aiter_lines()
        await next_event(lines)
        again = orjson.loads((await next_event(lines))["data"])
    assert (again["phones"], again["all"]) == ([HANA], False)


async def test_a_call_tells_the_desk_and_names_no_phone(quiet: Running) -> None:
    changes = quiet.store.changes
    feed = events(changes, changes.seq)
    await anext(feed)
    await quiet.client.get("/nhn/nothing")
    told = (await anext(feed)).decode().partition("data: ")[2]
    assert orjson.loads(told) == {"phones": [], "all": False, "desk": True}


async def test_it_ends_with_the_process(running: Running) -> None:
    changes = running.store.changes
    feed = events(changes, changes.seq)
    await anext(feed)
    asyncio.get_running_loop().call_later(0.01, changes.close)
    async with asyncio.timeout(60):
        assert [chunk async for chunk in feed if chunk.startswith(b"id:")] == []
