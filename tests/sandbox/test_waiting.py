"""Waiting: it looks only at what is new, and ends with the process."""

import asyncio

from sandbox.arrivals import write_line
from sandbox.inbox import Wanted
from sandbox.store import Store
from sandbox.waiting import wait_for
from tests.sandbox.shop import HANA, KEY


def arrive(store: Store, text: str) -> None:
    with store.tx():
        write_line(store, (HANA, KEY, "say"), text)


async def test_what_was_looked_through_once_is_not_again(store: Store) -> None:
    for n in range(50):
        arrive(store, str(n))
    asked: list[str] = []
    store.db.set_trace_callback(asked.append)
    waiting = asyncio.create_task(wait_for(store, 0, 20, Wanted(app="sms")))
    await asyncio.sleep(0)
    arrive(store, "나")
    await asyncio.sleep(0.1)
    store.db.set_trace_callback(None)
    looks = [sql for sql in asked if "arrival DESC" in sql]
    assert [f"arrival > {last} " in sql for sql, last in zip(looks, (0, 50), strict=True)] == [
        True,
        True,
    ]
    store.changes.close()  # the process ends: nobody is kept waiting
    await asyncio.wait_for(waiting, 60)


async def test_it_returns_where_to_look_on(store: Store) -> None:
    arrive(store, "하나")
    assert await wait_for(store, 0, 0) == 0  # what is wanted stands after this place
    assert await wait_for(store, 0, 0, Wanted(app="sms")) == 1  # and here there is none


async def test_a_flood_wakes_it_once(store: Store) -> None:
    looked = 0

    def count(sql: str) -> None:
        nonlocal looked
        looked += "arrival DESC" in sql

    store.db.set_trace_callback(count)
    waiting = asyncio.create_task(wait_for(store, 0, 0.3, Wanted(number="01099999999")))
    for n in range(200):
        arrive(store, str(n))
        await asyncio.sleep(0)
    await waiting
    assert looked < 15
