"""Wake-up hints: they arrive, and losing them never hurts."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from app.db.hints import Hints, PostgresHints, SocketHints
from app.db.notifier import Notifier


async def arrives(hints: Hints, seconds: float = 60.0) -> bool:
    """Whether a hint comes within that time."""
    try:
        await asyncio.wait_for(hints.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def test_a_datagram_wakes_the_listener_once(tmp_path: Path) -> None:
    app, scheduler = SocketHints(tmp_path), SocketHints(tmp_path)
    await scheduler.listen()
    for _ in range(5):
        await app.send()
    assert await arrives(scheduler)
    assert not await arrives(scheduler, 0.05)  # five became one
    await app.send()
    assert await arrives(scheduler)
    await app.close()
    await scheduler.close()
    assert os.listdir(tmp_path) == []


async def test_nobody_listens(tmp_path: Path) -> None:
    app = SocketHints(tmp_path)
    await app.send()
    await app.close()


async def test_a_dead_listeners_socket_is_taken_over(tmp_path: Path) -> None:
    first, second, app = SocketHints(tmp_path), SocketHints(tmp_path), SocketHints(tmp_path)
    await first.listen()  # as if it had been killed: the path stays
    await second.listen()
    await app.send()
    assert await arrives(second)
    for hints in (app, first, second):
        await hints.close()


async def test_a_flood_never_blocks_the_sender(tmp_path: Path) -> None:
    app, scheduler = SocketHints(tmp_path), SocketHints(tmp_path)
    await scheduler.listen()
    async with asyncio.timeout(60):
        for _ in range(5_000):  # far more than the socket's queue holds
            await app.send()
    assert await arrives(scheduler)
    await app.close()
    await scheduler.close()


@pytest.mark.parametrize("folder", ["x" * 120, "missing"])
async def test_a_path_the_system_refuses_leaves_only_the_poll(tmp_path: Path, folder: str) -> None:
    app, scheduler = SocketHints(tmp_path / folder), SocketHints(tmp_path / folder)
    await scheduler.listen()
    await app.send()
    assert not await arrives(scheduler, 0.05)
    await app.close()
    await scheduler.close()


async def test_a_process_hears_itself(tmp_path: Path) -> None:
    alone = SocketHints(tmp_path)
    await alone.send()
    assert await arrives(alone)
    await alone.close()


@asynccontextmanager
async def processes(url: str, count: int = 2) -> AsyncIterator[list[PostgresHints]]:
    """The hints of some processes, each with a connection of its own to send."""
    notifiers = [Notifier(url) for _ in range(count)]
    made = [PostgresHints(notifier) for notifier in notifiers]
    try:
        yield made
    finally:
        for hints in made:
            await hints.close()
        for notifier in notifiers:
            await notifier.close()


async def test_notify_reaches_another_process(postgres: str) -> None:
    async with processes(postgres) as (app, scheduler):
        await scheduler.listen()
        for _ in range(3):
            await app.send()
            assert await arrives(scheduler)


async def test_many_hints_become_few_notifications(postgres: str) -> None:
    heard: list[object] = []
    listener = await asyncpg.connect(postgres.replace("+asyncpg", ""))
    await listener.add_listener(PostgresHints.CHANNEL, lambda *said: heard.append(said))
    async with processes(postgres, 1) as (app,):
        for _ in range(200):
            await app.send()
            await asyncio.sleep(0)
        await asyncio.sleep(0.3)
    assert 1 <= len(heard) <= 20
    await listener.close()


async def terminate(url: str, like: str) -> None:
    """End the connections whose newest statement looks like this."""
    admin = await asyncpg.connect(url.replace("+asyncpg", ""))
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = current_database() AND query LIKE '{like}%'"
    )
    await admin.close()


async def test_a_lost_connection_is_made_again(postgres: str) -> None:
    async with processes(postgres) as (app, scheduler):
        await scheduler.listen()
        await app.send()
        assert await arrives(scheduler)
        await terminate(postgres, "NOTIFY")
        for _ in range(50):  # the first may fall into the gap
            await app.send()
            if await arrives(scheduler, 0.1):
                break
        else:
            pytest.fail("no hint came after the connection was lost")


async def test_a_listener_hears_again_after_its_connection_was_lost(postgres: str) -> None:
    async with processes(postgres) as (app, scheduler):
        await scheduler.listen()
        await terminate(postgres, "LISTEN")
        assert await arrives(scheduler)  # the loss itself: whoever waits looks after it
        await scheduler.listen()
        await app.send()
        assert await arrives(scheduler)


async def test_no_database_leaves_only_the_poll() -> None:
    async with processes("postgresql+asyncpg://nobody@127.0.0.1:1/none", 1) as (hints,):
        await hints.listen()
        await hints.send()
        await asyncio.sleep(0.05)
        await hints.send()
