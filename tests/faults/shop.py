"""A shop whose template is approved, and a client of one more process of its installation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import func
from sqlmodel import select

from app.config import Settings
from app.services import templates
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, open_shop
from tests.applications import application

BODY: dict[str, Any] = {
    "template": "order_shipped",
    "to": "010-1234-5678",
    "variables": {"이름": "김하나", "상품": "멸치"},
}


async def approved_shop(runtime: Runtime) -> Shop:
    """A workspace that may send."""
    made = await open_shop(runtime)
    async with runtime.database.write() as tx:
        await templates.create(tx, made.workspace_id, NOTICE)
    await approve(runtime, made)
    return made


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """The application, started, and a client; what fails inside is an answer."""
    async with application(settings) as app:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://naru") as client:
            yield app, client


async def count(runtime: Runtime, table: type) -> int:
    """How many rows a table has."""
    async with runtime.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)
