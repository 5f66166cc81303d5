"""Accounts over HTTP: nothing secret comes back."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.services import accounts
from app.services.runtime import Runtime
from tests.app.api.shop import NHN, Shop, bearer

NEW: dict[str, Any] = {
    "name": "second",
    "adapter": "nhn",
    "mode": "sandbox",
    "credentials": {name: f"planted-{value}" for name, value in NHN.items()},
    "prices": {"alimtalk": 6.5},
}


async def test_an_account_is_added_and_its_callback_address_shown_once(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    headers = bearer(shop.keys["live"])
    made = await client.post("/v1/accounts", json=NEW, headers=headers)
    assert made.status_code == 201
    body = made.json()
    assert (body["deadline_s"], body["settle_s"], body["prices"]) == (1.5, 3.0, {"alimtalk": 6.5})
    listed = await client.get("/v1/accounts", headers=headers)
    assert [a["name"] for a in listed.json()["items"]] == ["sandbox", "live", "chat", "second"]
    async with runtime.database.read() as session:
        stored = (await accounts.list_accounts(session, shop.workspace_id))[-1]
    assert body["callback_url"] == accounts.callback_url(runtime, stored)
    secret = body["callback_url"].rpartition("/")[2]
    assert secret not in listed.text
    for text in (made.text, listed.text):
        assert "planted" not in text
        assert "sealed" not in text
        assert "hash" not in text


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"adapter": "pigeon"}, 422, "unknown_provider", "adapter"),
        ({"credentials": {"app_key": "a"}}, 422, "missing_credential", "credentials.secret_key"),
        ({"settle_s": 2.0}, 422, "settle_too_short", "settle_s"),
        ({"name": "live"}, 409, "account_exists", "name"),
        ({"state": "active"}, 422, "unknown_field", "state"),
        ({"workspace_id": str(uuid4())}, 422, "unknown_field", "workspace_id"),
        ({"batch": 0}, 422, "invalid_request", "batch"),
        ({"rate_per_s": "NaN"}, 422, "invalid_request", "rate_per_s"),
    ],
)
async def test_what_cannot_be_added(
    client: httpx.AsyncClient,
    shop: Shop,
    change: dict[str, Any],
    status: int,
    code: str,
    field: str,
) -> None:
    headers = bearer(shop.keys["live"])
    answer = await client.post("/v1/accounts", json=NEW | change, headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (status, code, field)


async def test_a_test_key_stays_in_the_sandbox(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = bearer(shop.keys["test"])
    refused = await client.post("/v1/accounts", json=NEW | {"mode": "live"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "test_key_stays_in_sandbox")
    listed = (await client.get("/v1/accounts", headers=headers)).json()
    assert [a["name"] for a in listed["items"]] == ["sandbox", "chat"]
    assert listed["simulated"] is True
    path = f"/v1/accounts/{shop.accounts['live'].id}/check"
    hidden = await client.post(path, headers=headers)
    absent = await client.post(f"/v1/accounts/{uuid4()}/check", headers=headers)
    assert hidden.status_code == 404
    assert hidden.json() == absent.json()


async def test_a_check_tells_what_the_provider_said(client: httpx.AsyncClient, shop: Shop) -> None:
    """Nobody listens at the sandbox's port here: a problem, not an error."""
    path = f"/v1/accounts/{shop.accounts['sandbox'].id}/check"
    answer = await client.post(path, headers=bearer(shop.keys["test"]))
    assert answer.status_code == 200
    assert answer.json()["ok"] is False
    assert answer.json()["problems"]
    assert answer.json()["simulated"] is True


async def test_an_id_that_is_none_is_not_there(client: httpx.AsyncClient, shop: Shop) -> None:
    answer = await client.post("/v1/accounts/first/check", headers=bearer(shop.keys["live"]))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
