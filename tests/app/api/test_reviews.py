"""Reviews over HTTP."""

from typing import Any

import httpx
import pytest
from sqlmodel import update

from app.db.models import TemplateRegistration
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, bearer, registrations

PATH = "/v1/templates/order_shipped"


async def stands(runtime: Runtime, **axes: Any) -> None:
    async with runtime.database.write() as tx:
        await tx.session.exec(update(TemplateRegistration).values({"action": "", **axes}))


@pytest.fixture
async def headers(client: httpx.AsyncClient, shop: Shop) -> dict[str, str]:
    """A test key's; its template is at the sandbox's NHN only."""
    mine = bearer(shop.keys["test"])
    made = await client.post("/v1/templates", json=NOTICE, headers=mine)
    assert made.status_code == 201
    return mine


async def test_a_comment_waits_and_is_shown(
    client: httpx.AsyncClient, runtime: Runtime, headers: dict[str, str]
) -> None:
    comments = [{"text": "광고 문구", "kind": "rejected", "author": "검수자", "at": None}]
    await stands(runtime, inspection="rejected", comments=comments)
    said = {"text": "지웠습니다", "account": "sandbox"}
    answer = await client.post(f"{PATH}/comments", json=said, headers=headers)
    assert answer.status_code == 200
    (shown,) = answer.json()["registrations"]
    assert (shown["waiting"], shown["state"], shown["comments"]) == (
        "comment",
        "rejected",
        comments,
    )
    assert shown["offers"] == ["comment", "delete", "edit"]


async def test_bad_comments(client: httpx.AsyncClient, shop: Shop) -> None:
    for body in ({}, {"text": ""}, {"text": "가" * 501}, {"x": 1}):
        answer = await client.post(f"{PATH}/comments", json=body, headers=bearer(shop.keys["test"]))
        assert (answer.status_code, answer.json()["field"]) == (422, "text")


async def test_what_the_provider_lacks_is_a_problem_with_a_way_out(
    client: httpx.AsyncClient, runtime: Runtime, headers: dict[str, str]
) -> None:
    await stands(runtime, inspection="in_review")
    answer = await client.post(f"{PATH}/withdraw", headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "not_offered_by_provider")
    assert problem["data"]["providers"] == {"nhn": ["comment", "delete", "edit"]}
    assert "NHN Cloud" in problem["detail"]
    await stands(runtime, inspection="approved", dormant=True)
    answer = await client.post(f"{PATH}/release", headers=headers)
    assert answer.json()["code"] == "not_offered_by_provider"


async def test_stopped_refuses_at_once_and_resumed_takes_again(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop, headers: dict[str, str]
) -> None:
    await approve(runtime, shop)
    stopped = (await client.post(f"{PATH}/stop", headers=headers)).json()
    assert stopped["stopped_at"] is not None
    assert stopped["in_use"] == {}
    body = {
        "template": "order_shipped",
        "to": "010-0000-1001",
        "variables": {"이름": "가", "상품": "나"},
    }
    refused = await client.post("/v1/messages", json=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "template_stopped")
    assert "/resume" in refused.json()["detail"]
    resumed = (await client.post(f"{PATH}/resume", json={}, headers=headers)).json()
    assert (resumed["stopped_at"], resumed["in_use"]) == (None, {"sandbox": 1})
    taken = await client.post("/v1/messages", json=body, headers=headers)
    assert taken.status_code == 202


async def test_a_test_key_reaches_sandbox_registrations_only(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop, headers: dict[str, str]
) -> None:
    live = bearer(shop.keys["live"])
    await client.post("/v1/templates", json=NOTICE, headers=live)
    await stands(runtime, inspection="rejected")
    await client.post(f"{PATH}/comments", json={"text": "네"}, headers=headers)
    asked = {row.account_id: row.action for row in await registrations(runtime, shop)}
    assert asked == {shop.accounts["sandbox"].id: "comment", shop.accounts["live"].id: ""}
    other = {"text": "네", "account": "live"}
    answer = await client.post(f"{PATH}/comments", json=other, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_account")
    for verb in ("stop", "resume"):
        answer = await client.post(f"{PATH}/{verb}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "live_template")
    assert (await client.post(f"{PATH}/stop", headers=live)).status_code == 200


async def test_submit_with_a_comment_and_sync(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    mine = bearer(shop.keys["test"])
    made = await client.post("/v1/templates?submit=false", json=NOTICE, headers=mine)
    assert (made.json()["submitted"], made.json()["registrations"]) == (False, [])
    said = {"comment": "주문한 고객에게만 보냅니다."}
    answer = (await client.post(f"{PATH}/submit", json=said, headers=mine)).json()
    assert answer["submitted"] is True
    (row,) = await registrations(runtime, shop)
    assert (row.action, row.action_text) == ("submit", said["comment"])
    await stands(runtime, inspection="approved", due_at=None)
    assert (await client.post(f"{PATH}/sync", headers=mine)).status_code == 200
    (row,) = await registrations(runtime, shop)
    assert row.due_at is not None
