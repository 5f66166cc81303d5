"""The same promises on PostgreSQL, where two schedulers really work at the same time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.config import Settings
from app.guard import Guard
from app.services import webhook_deliveries, webhooks
from app.services.runtime import Runtime, open_runtime
from scheduler.webhooks import Hooks, forget
from tests import stores
from tests.consumer import OK, Consumer, status
from tests.hooks import Clock, open_shop, run


@pytest.fixture
async def runtime(tmp_path: Path, postgres: str) -> AsyncIterator[Runtime]:
    settings = Settings(data=tmp_path / "var", database_url=postgres)
    async with open_runtime(settings) as opened:
        await stores.migrate(opened.database)
        yield opened


async def test_two_schedulers_send_everything_once(
    runtime: Runtime, client: Guard, consumer: Consumer
) -> None:
    shop = await open_shop(runtime)
    endpoint = await shop.endpoint(consumer.url())
    message = await shop.message()
    clock = Clock()
    both = [Hooks(runtime, client, clock) for _ in range(2)]

    async def happen() -> None:
        for _ in range(20):
            await shop.happen(message, 5)

    await asyncio.gather(happen(), *(run(one) for one in both for _ in range(3)))
    await asyncio.gather(*(run(one) for one in both))
    await run(both[0])
    assert await shop.states(endpoint) == ["delivered"] * 100
    assert len(consumer.ids) == len(set(consumer.ids)) == 100


async def test_disabled_enabled_replayed_forgotten_removed(
    runtime: Runtime, hooks: Hooks, consumer: Consumer
) -> None:
    consumer.answer = lambda heard: status(410)
    shop = await open_shop(runtime)
    endpoint = await shop.endpoint(consumer.url())
    await shop.happen(await shop.message(), 3)
    await run(hooks)
    assert (await shop.fresh(endpoint)).reason == "gone"
    consumer.answer = lambda heard: OK
    async with runtime.database.write() as tx:
        await webhooks.enable(tx, shop.caller, endpoint.id)
    await run(hooks)
    assert set(await shop.states(endpoint)) == {"delivered"}
    async with runtime.database.write() as tx:
        since = endpoint.created_at
        count = await webhook_deliveries.replay_since(
            tx, shop.caller, endpoint.id, since, delivered=True
        )
    await run(hooks)
    await forget(runtime)
    rows = await shop.deliveries(endpoint)
    assert (count, {row.state for row in rows}) == (len(rows), {"delivered"})
    async with runtime.database.write() as tx:
        await webhooks.remove(tx, shop.caller, endpoint.id)
    assert await shop.deliveries(endpoint) == []
