"""Receipts without a message over HTTP: what is shown, to whom, and applying them again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from app.config import Settings
from app.ids import new_id, to_ref
from app.services import accounts
from app.services.runtime import Runtime, open_runtime
from channels import outlet
from scheduler.dispatch import Lane
from scheduler.results import apply_inbox
from tests import stores
from tests.app.api.shop import NOTICE, Shop, approve, bearer, key_with, open_shop
from tests.applications import application

PATH = "/v1/receipts/unmatched"
NUMBER = "01012345678"


@pytest.fixture(params=["sqlite", "postgres"])
async def runtime(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Runtime]:
    """Every test here on both databases."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres")
    settings = Settings(data=tmp_path / "var", database_url=url)
    async with open_runtime(settings) as opened:
        await stores.migrate(opened.database)
        yield opened


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        application(runtime.settings) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://naru") as made,
    ):
        yield made


def hook(ref: str, code: str = "3019", **more: str) -> dict[str, Any]:
    return {
        "hookId": f"h-{ref}",
        "kakaoMessageType": "ALIMTALK_NORMAL",
        "requestId": "20261122101500aB3dE5fG7h0",
        "recipientSeq": 1,
        "recipientNo": NUMBER,
        "resultCode": code,
        "recipientGroupingKey": ref,
        **more,
    }


async def call_back(client: httpx.AsyncClient, shop: Shop, *hooks: dict[str, Any]) -> None:
    path = f"/callbacks/nhn/{shop.accounts['sandbox'].id}/{shop.secrets['sandbox']}"
    body = orjson.dumps({"event": "MESSAGE_RESULT_UPDATE", "hooks": list(hooks)})
    assert (await client.post(path, content=body)).status_code == 200


async def run_scheduler(runtime: Runtime, shop: Shop) -> None:
    """Its part: what is due in the inbox is applied."""
    account = shop.accounts["sandbox"]
    async with outlet.connect() as outside:
        adapter = accounts.adapter_of(runtime, account, outside)
        await apply_inbox(runtime, {account.id: Lane(runtime, account, adapter, new_id())})


async def listed(client: httpx.AsyncClient, key: str, **query: str) -> list[dict[str, Any]]:
    answer = await client.get(PATH, params=query, headers=bearer(key))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def attempt_of(client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> str:
    """A message of the shop; the reference of its attempt."""
    headers = bearer(shop.keys["test"])
    made = await client.post("/v1/templates", json=NOTICE, headers=headers)
    assert made.status_code in (200, 201)
    await approve(runtime, shop)
    body = {"template": NOTICE["code"], "to": NUMBER, "variables": {"이름": "가", "상품": "나"}}
    sent = await client.post("/v1/messages", json=body, headers=headers)
    shown = await client.get(f"/v1/messages/{sent.json()['id']}", headers=headers)
    return to_ref(UUID(shown.json()["attempts"][0]["id"]))


async def test_it_says_what_the_provider_said(runtime: Runtime, client: httpx.AsyncClient) -> None:
    shop = await open_shop(runtime)
    ours = await attempt_of(client, runtime, shop)
    nobody = to_ref(new_id())
    words = {"resultCodeName": f"{NUMBER} 은 카카오톡을 쓰지 않음"}
    await call_back(client, shop, hook(ours), hook(nobody, **words))
    await run_scheduler(runtime, shop)
    (item,) = await listed(client, shop.keys["test"])
    assert (item["account"], item["unmatched"], item["tries"]) == ("sandbox", 1, 1)
    assert (item["error"], item["raw"], item["simulated"]) == ("", None, True)
    (said,) = item["receipts"]
    assert said["reference"] == nobody
    assert said["provider_id"] == "20261122101500aB3dE5fG7h0:1"
    assert (said["result"], said["reason"], said["code"]) == (
        "undelivered", "not_reachable", "3019",
    )  # fmt: skip
    assert "KakaoTalk" in said["explanation"]["en"]
    assert NUMBER not in str(item)
    assert "5678" in said["text"]


async def test_the_raw_body_is_the_administrator_s(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    shop = await open_shop(runtime)
    await call_back(client, shop, hook("x"))
    await run_scheduler(runtime, shop)
    reader = await key_with(runtime, shop, "test", "messages:read", "messages:write")
    answer = await client.get(PATH, params={"raw": "true"}, headers=bearer(reader))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert answer.json()["data"]["scope"] == "admin"
    assert [item["raw"] for item in await listed(client, reader)] == [None]
    (item,) = await listed(client, shop.keys["test"], raw="true")
    assert orjson.loads(item["raw"])["hooks"] == [hook("x")]
    admin = await key_with(runtime, shop, "test", "admin")
    refused = await client.get(PATH, params={"raw": "true"}, headers=bearer(admin))
    assert refused.status_code == 403, "it needs both scopes"


async def test_a_forged_reference_shows_nothing_of_another_workspace(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """Somebody who knows a reference learns nothing from it, and changes nothing by it."""
    victim, forger = await open_shop(runtime, "victim"), await open_shop(runtime, "forger")
    theirs = await attempt_of(client, runtime, victim)
    nobody = to_ref(new_id())
    await call_back(client, forger, hook(theirs), hook(nobody))
    await run_scheduler(runtime, forger)
    (item,) = await listed(client, forger.keys["test"], raw="true")
    known, unknown = (
        {k: v for k, v in one.items() if k != "reference"} for one in item["receipts"]
    )
    assert known == unknown, "an existing reference looks like an invented one"
    assert item["unmatched"] == 2
    assert str(victim.accounts["sandbox"].id) not in str(item)
    assert await listed(client, victim.keys["test"]) == []
    assert await listed(client, forger.keys["live"]) == [], "a live key sees no rehearsal"


async def test_it_is_applied_again_on_request(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """The attempt was another account's when the receipt came; now it is there."""
    shop = await open_shop(runtime)
    ref = await attempt_of(client, runtime, shop)
    await call_back(client, shop, hook(ref, "1000"))
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET account_id = sender_id")
    await run_scheduler(runtime, shop)
    (item,) = await listed(client, shop.keys["test"])
    async with runtime.database.write() as tx:
        account = "SELECT account_id FROM receipt_inbox"
        sets = f"status = 'accepted', sent_at = 1, account_id = ({account})"
        await tx.conn.exec_driver_sql(f"UPDATE attempt SET {sets}")
        await tx.conn.exec_driver_sql("UPDATE receipt_inbox SET due_at = NULL, tries = 10")
    (before,) = await listed(client, shop.keys["test"])
    assert (before["next_try_at"], before["receipts"]) == (None, [])
    path, headers = f"{PATH}/{item['id']}/retry", bearer(shop.keys["test"])
    again = await client.post(path, headers=headers)
    assert (again.status_code, again.json()["id"]) == (202, item["id"])
    await run_scheduler(runtime, shop)
    assert await listed(client, shop.keys["test"]) == []
    gone = await client.post(path, headers=headers)
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown_receipt")
    messages = (await client.get("/v1/messages", headers=headers)).json()["items"]
    assert [one["status"] for one in messages] == ["delivered"]


async def test_what_cannot_be_read_is_named_and_paged(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    shop = await open_shop(runtime)
    for n in range(3):
        await call_back(client, shop, {"kakaoMessageType": "ALIMTALK_NORMAL", "n": n})
    await run_scheduler(runtime, shop)
    key = shop.keys["test"]
    everything = await listed(client, key)
    assert [item["error"] for item in everything] == ["BadCallback"] * 3
    assert [item["receipts"] for item in everything] == [[]] * 3
    ids, cursor = [], None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(PATH, params=params, headers=bearer(key))).json()
        ids += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert ids == [item["id"] for item in everything]
