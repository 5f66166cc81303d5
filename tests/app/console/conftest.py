"""The application with its console, a shop, and people of every role."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from app.config import Settings
from app.services.runtime import Runtime
from tests.app.api.shop import Shop, open_shop
from tests.app.console.sent import kept, world  # noqa: F401 - fixtures
from tests.app.console.visitors import Visitor, browser, logged_in, somebody
from tests.applications import application


@pytest.fixture
async def app(app_settings: Settings, runtime: Runtime) -> AsyncIterator[FastAPI]:
    """The application, started; its store is the one of ``runtime``."""
    async with application(app_settings) as made:
        yield made


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    """A workspace with accounts, senders and keys."""
    return await open_shop(runtime)


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has not logged in."""
    async with browser(app) as client:
        yield client


@pytest.fixture
async def owner(app: FastAPI, runtime: Runtime, shop: Shop) -> AsyncIterator[Visitor]:
    """The owner's browser; it looks at the sandbox, as the shop's keys of kind test do."""
    person = await somebody(runtime, shop.workspace_id, "owner", email="owner@naru.test")
    visitor = await logged_in(app, runtime, person, "sandbox")
    async with visitor.client:
        yield visitor


@pytest.fixture
async def agent(app: FastAPI, runtime: Runtime, shop: Shop) -> AsyncIterator[Visitor]:
    """An agent's browser."""
    person = await somebody(runtime, shop.workspace_id, "agent", name="이상담")
    visitor = await logged_in(app, runtime, person, "sandbox")
    async with visitor.client:
        yield visitor


@pytest.fixture
async def viewer(app: FastAPI, runtime: Runtime, shop: Shop) -> AsyncIterator[Visitor]:
    """A viewer's browser."""
    person = await somebody(runtime, shop.workspace_id, "viewer", name="박보기")
    visitor = await logged_in(app, runtime, person, "sandbox")
    async with visitor.client:
        yield visitor
