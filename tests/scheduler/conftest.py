"""Webhooks of a shop, and somebody who hears them."""

from collections.abc import AsyncIterator

import pytest

from app.guard import Guard
from app.services.runtime import Runtime
from scheduler.webhooks import Hooks
from tests.consumer import Consumer, serving
from tests.hooks import Clock, Shop, guard, open_shop


@pytest.fixture
async def consumer() -> AsyncIterator[Consumer]:
    async with serving(Consumer()) as made:
        yield made


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await open_shop(runtime)


@pytest.fixture
async def client() -> AsyncIterator[Guard]:
    async with guard(total_s=120.0) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hooks(runtime: Runtime, client: Guard, clock: Clock) -> Hooks:
    return Hooks(runtime, client, clock)
