"""The shop's customers, for every test of the inbox."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.services.runtime import Runtime
from tests.app.api.shop import Shop
from tests.app.console.inbox.chats import Chats, chats_of


@pytest.fixture
async def chats(runtime: Runtime, shop: Shop) -> AsyncIterator[Chats]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield chats_of(runtime, shop, client)
