"""The application over a store of its own, and a client that speaks to it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from app.config import Settings
from app.services.runtime import Runtime
from tests.app.api.shop import Shop, open_shop
from tests.applications import application


@pytest.fixture
async def app(app_settings: Settings, runtime: Runtime) -> AsyncIterator[FastAPI]:
    """The application, started; its store is the one of ``runtime``."""
    async with application(app_settings) as made:
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client; what fails inside is an answer, as it would be over a socket."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://naru") as made:
        yield made


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    """A workspace with accounts, senders and keys."""
    return await open_shop(runtime)
