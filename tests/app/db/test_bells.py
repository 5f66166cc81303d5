"""Bells: whoever commits wakes every app process; words pass; a dead listener costs nothing."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.db.bells import LONGEST, SocketBells
from app.db.session import Database, Tx
from app.ids import new_id
from tests.app.db.conftest import Store


async def until(found: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "nobody rang"
        await asyncio.sleep(0.002)


@asynccontextmanager
async def three(store: Store) -> AsyncIterator[tuple[Database, list[str], list[str]]]:
    """A process that writes, and two that listen."""
    first: list[str] = []
    second: list[str] = []
    async with store.open() as writer, store.open() as one, store.open() as two:
        await one.bells.listen(first.append)
        await two.bells.listen(second.append)
        yield writer, first, second


async def test_a_commit_with_events_wakes_every_listener(store: Store) -> None:
    async with three(store) as (writer, first, second):
        async with writer.write() as tx:
            tx.emit(new_id(), "chat.message_received", new_id())
        await until(lambda: first and second)
        assert (set(first), set(second)) == ({""}, {""})


async def test_a_commit_without_events_wakes_nobody(store: Store) -> None:
    async with three(store) as (writer, first, _):
        async with writer.write() as tx:
            tx.count(new_id(), "2026-11-27", "x")
        await writer.bells.ring("the next is heard")
        await until(lambda: first)
        assert first == ["the next is heard"]


async def emit_and_fail(tx: Tx) -> None:
    tx.emit(new_id(), "chat.message_received", new_id())
    raise LookupError


async def test_a_transaction_that_failed_rings_nothing(store: Store) -> None:
    async with three(store) as (writer, first, _):
        with pytest.raises(LookupError):
            await writer.transact(emit_and_fail)
        await writer.bells.ring("x")
        await until(lambda: first)
        assert first == ["x"]


async def test_words_reach_all_and_the_speaker_once(store: Store) -> None:
    words = '{"thread":"1","name":"김나루"}'
    heard: list[str] = []
    async with three(store) as (writer, first, second):
        await writer.bells.listen(heard.append)
        await writer.bells.ring(words)
        await until(lambda: first and second)
        await asyncio.sleep(0.05)
        assert (heard, first, second) == ([words], [words], [words])


async def test_a_killed_listeners_socket_is_removed_by_the_next_ring(tmp_path: Path) -> None:
    dead, writer = SocketBells(tmp_path), SocketBells(tmp_path)
    await dead.listen(lambda _: None)
    assert dead._in
    asyncio.get_running_loop().remove_reader(dead._in)
    dead._in.close()  # as a kill does it: the name stays
    assert len(os.listdir(tmp_path / "bells")) == 1
    await writer.ring()
    assert os.listdir(tmp_path / "bells") == []
    await writer.ring()
    dead._in = None
    for one in (dead, writer):
        await one.close()


async def test_a_flood_neither_blocks_nor_fails(tmp_path: Path) -> None:
    heard: list[str] = []
    writer, listener = SocketBells(tmp_path), SocketBells(tmp_path)
    await listener.listen(heard.append)
    async with asyncio.timeout(60):
        for _ in range(5_000):
            await writer.ring()
        await writer.ring("x" * 2 * LONGEST)
    await until(lambda: heard)
    for one in (writer, listener):
        await one.close()


@pytest.mark.parametrize("folder", ["x" * 120, "missing/deeper"])
async def test_a_path_the_system_refuses_leaves_only_the_poll(tmp_path: Path, folder: str) -> None:
    heard: list[str] = []
    bells = SocketBells(tmp_path / folder)
    await bells.listen(heard.append)
    await bells.ring()
    assert heard == [""]  # this process all the same
    await bells.close()
