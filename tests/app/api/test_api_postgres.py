"""The same services and routes on PostgreSQL: locks, conflicts and lists in its own words."""

from pathlib import Path

import httpx
import orjson
import pytest
from sqlmodel import select

from app.config import Settings
from app.db import schema
from app.db.models import InboundEvent, ReceiptInbox
from app.errors import Refused
from app.main import create_app
from app.services import accounts, workspaces
from app.services.credentials import NewAccount
from app.services.runtime import Runtime, open_runtime
from scheduler.review import review_due
from tests import stores
from tests.app.api.shop import HUB, NHN, NOTICE, Shop, bearer, open_shop, registrations


def desk(request: httpx.Request) -> httpx.Response:
    """NHN's template desk, which approves everything."""
    header = {"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": True}
    return httpx.Response(200, json={"header": header, "templates": {"status": "TSC03"}})


async def test_a_walk_on_postgresql(postgres: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=postgres)
    async with open_runtime(settings) as runtime:
        await stores.migrate(runtime.database)
        shop = await open_shop(runtime)
        app = create_app(settings)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://naru") as client,
        ):
            await templates_walk(client, runtime, shop)
            await callbacks_walk(client, runtime, shop)
            ready = await client.get("/health/ready")
            assert ready.json()["schema_revision"] == schema.head()
        await names_are_taken_once(runtime, shop)


async def templates_walk(client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> None:
    headers = bearer(shop.keys["live"])
    for status in (201, 200):
        made = await client.post("/v1/templates", json=NOTICE, headers=headers)
        assert made.status_code == status
    async with httpx.AsyncClient(transport=httpx.MockTransport(desk)) as outside:
        assert await review_due(runtime, outside) == 2
    assert {row.inspection for row in await registrations(runtime, shop)} == {"registered"}
    page = await client.get("/v1/templates", params={"limit": "1"}, headers=headers)
    assert [item["code"] for item in page.json()["items"]] == [NOTICE["code"]]
    assert page.json()["next"] is None
    listed = await client.get("/v1/senders", headers=bearer(shop.keys["test"]))
    assert len(listed.json()["items"]) == 3


async def callbacks_walk(client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> None:
    said = {
        "user_key": "u",
        "sender_key": "key-shop-chat",
        "serial_number": "s",
        "content": "네",
    }
    for name, where, body in (
        ("sandbox", "nhn", b"{}"),
        ("chat", "consult", orjson.dumps(said)),
    ):
        path = f"/callbacks/{where}/{shop.accounts[name].id}/{shop.secrets[name]}/message"
        for _ in range(2):
            assert (await client.post(path, content=body)).status_code == 200
    async with runtime.database.read() as session:
        for table in (ReceiptInbox, InboundEvent):
            assert len(list(await session.exec(select(table)))) == 1


async def names_are_taken_once(runtime: Runtime, shop: Shop) -> None:
    new = NewAccount(name="live", adapter="nhn", mode="live", credentials=NHN)
    with pytest.raises(Refused):
        async with runtime.database.write() as tx:
            await accounts.add(tx, runtime, shop.workspace_id, new)
    with pytest.raises(Refused):
        async with runtime.database.write() as tx:
            await workspaces.create(tx, "shop")
    hub = NewAccount(name="hub", adapter="consult", mode="live", credentials=HUB)
    async with runtime.database.write() as tx:
        await accounts.add(tx, runtime, shop.workspace_id, hub)
