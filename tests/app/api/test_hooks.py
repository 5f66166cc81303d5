"""A voice menu sends a notice once per call, and only one that can be answered."""

from typing import Any

import httpx
import pytest
from sqlmodel import select

from app.db.models import Message, ReplyToken
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, bearer

PATH = "/v1/hooks/ars"
BUTTON = {"kind": "BC", "name": "상담하기"}
CALL: dict[str, Any] = {
    "to": "010-0000-1001",
    "template": "call_to_chat",
    "variables": {"이름": "김나루", "상품": "들기름"},
    "menu": "배송 문의",
    "call_id": "call-1",
}


@pytest.fixture
async def headers(runtime: Runtime, client: httpx.AsyncClient, shop: Shop) -> dict[str, str]:
    """A live key of a shop whose templates are approved."""
    found = bearer(shop.keys["live"])
    for more in ({"code": "call_to_chat", "buttons": [BUTTON]}, {"code": "no_button"}):
        made = await client.post("/v1/templates", json=NOTICE | more, headers=found)
        assert made.status_code == 201, made.text
    plan = {"code": "sms_only", "buttons": [BUTTON], "plan": [{"channel": "sms"}], "sms": "가"}
    await client.post("/v1/templates", json=NOTICE | plan, headers=found)
    await approve(runtime, shop)
    return found


async def messages(runtime: Runtime) -> list[Message]:
    async with runtime.database.read() as session:
        return list(await session.exec(select(Message)))


async def test_a_call_sends_one_notice_that_remembers_its_menu(
    runtime: Runtime, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    first = await client.post(PATH, json=CALL, headers=headers)
    assert first.status_code == 202, first.text
    again = await client.post(PATH, json=CALL, headers=headers)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    (message,) = await messages(runtime)
    assert str(message.id) == first.json()["id"]
    assert (message.menu, message.reference, message.priority) == ("배송 문의", "call-1", 1)
    async with runtime.database.read() as session:
        (token,) = await session.exec(select(ReplyToken))
    assert token.message_id == message.id


async def test_a_call_id_stands_for_one_choice_only(
    runtime: Runtime, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await client.post(PATH, json=CALL, headers=headers)
    other = await client.post(PATH, json=CALL | {"menu": "환불 문의"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await messages(runtime)) == 1


REFUSED: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"template": "no_button"}, "no_consultation_button", "template"),
    ({"template": "sms_only"}, "no_consultation_button", "template"),
    ({"template": "nowhere"}, "unknown_template", "template"),
    ({"menu": ""}, "invalid_request", "menu"),
    ({"menu": "가" * 41}, "invalid_request", "menu"),
    ({"call_id": "한글"}, "invalid_request", "call_id"),
    ({"to": "1"}, "bad_number", "to"),
    ({"variables": {"이름": "가"}}, "missing_variable", "variables.상품"),
)


async def test_refusals_name_the_field(
    runtime: Runtime, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    for more, code, field in REFUSED:
        told = await client.post(PATH, json=CALL | more, headers=headers)
        assert (told.status_code, told.json()["code"], told.json()["field"]) == (422, code, field)
    assert await messages(runtime) == []


async def test_what_was_accepted_once_stays_accepted(
    runtime: Runtime, client: httpx.AsyncClient, headers: dict[str, str], shop: Shop
) -> None:
    first = await client.post(PATH, json=CALL, headers=headers)
    stopped = await client.post("/v1/templates/call_to_chat/stop", json={}, headers=headers)
    assert stopped.status_code in (200, 409)
    again = await client.post(PATH, json=CALL, headers=headers)
    assert again.json()["id"] == first.json()["id"]
