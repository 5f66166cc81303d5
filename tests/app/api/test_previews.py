"""Previews over HTTP: they say what accept says, show everything, and leave no trace."""

import asyncio
import socket
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlmodel import SQLModel, col

from app.db.models import ProviderAccount, TemplateRegistration
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, bearer, key_with

VALUES = {"이름": "김하나", "상품": "멸치"}
TO = "010-0000-1001"


@pytest.fixture
async def ready(client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> Shop:
    made = await client.post("/v1/templates", json=NOTICE, headers=bearer(shop.keys["test"]))
    assert made.status_code == 201, made.text
    await approve(runtime, shop)
    async with runtime.database.write() as tx:
        prices = {"alimtalk": 6.5, "sms": 9, "lms": 27}
        await tx.session.exec(update(ProviderAccount).values(prices=prices))
    return shop


async def ask(
    client: httpx.AsyncClient, shop: Shop, path: str = "preview", **body: Any
) -> httpx.Response:
    headers = bearer(body.pop("key", shop.keys["test"]))
    return await client.post(f"/v1/messages/{path}", json=body, headers=headers)


async def shown(client: httpx.AsyncClient, shop: Shop, **body: Any) -> dict[str, Any]:
    answer = await ask(client, shop, **body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def rows(runtime: Runtime) -> dict[str, int]:
    """How many rows every table has."""
    async with runtime.database.read() as session:
        return {
            name: await session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in SQLModel.metadata.tables.items()
        }


async def test_every_step_is_shown_counted_and_priced(
    client: httpx.AsyncClient, ready: Shop
) -> None:
    told = await shown(client, ready, template=NOTICE["code"], to=TO, variables=VALUES)
    text = "김하나님, 주문하신 멸치의 배송이 시작되었습니다."
    assert (told["source"], told["sendable"], told["problem"]) == ("approved", True, None)
    assert told["simulated"] is True
    first, second = told["steps"]
    assert (first["route"], first["to"], first["text"]) == ("alimtalk", "recipient", text)
    assert first["counts"] == {"characters": {"count": len(text), "limit": 1000}, "bytes": None}
    assert (first["account"], first["price"]) == ("sandbox", 6.5)
    assert (first["until"], first["until_reachable"]) == ("delivered", True)
    assert first["bubble"]["buttons"] == [
        {
            "kind": "DS",
            "name": "배송 조회",
            "does": "본문에 적힌 택배사와 송장번호로 배송 조회를 열어요.",
        }
    ]
    assert (second["route"], second["text"], second["price"]) == ("sms", text, 9)
    assert second["counts"]["bytes"] == {"count": len(text.encode("cp949")), "limit": 90}
    assert (second["title"], second["bubble"]) == ("", None)


async def test_it_leaves_no_trace(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: Any) -> None:
        pytest.fail("it wanted to connect to somebody")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", connect)
    before = await rows(runtime)
    assert before["template_version"] == 1
    await shown(client, ready, template=NOTICE["code"], to=TO, variables=VALUES)
    await shown(client, ready, template_body=NOTICE, variables={})
    people = [{"to": TO, "variables": VALUES}] * 3
    answer = await ask(client, ready, "batch/preview", template=NOTICE["code"], messages=people)
    assert answer.status_code == 200, answer.text
    assert await rows(runtime) == before


WRONG: list[dict[str, Any]] = [
    {"to": "hello"},
    {"template": "nothing"},
    {"plan": [{"channel": "fly"}]},
    {"plan": [{"channel": "sms", "to": "boss"}]},
    {"contacts": {"boss": TO}},
    {"send_at": "2020-01-01T00:00:00Z"},
    {"send_window": {"from": "09:00"}},
    {"variables": {"이름": "김"}},
    {"variables": VALUES | {"이름": "가" * 1_300}},
    {"variables": VALUES | {"이름": "😀"}},
    {"variables": VALUES | {"이름": "\x07"}},
    {"plan": [{"channel": "push"}]},
    {"plan": [{"channel": "sms", "until": "read"}]},
    {"plan": [{"channel": "alimtalk", "until": "acknowledged"}, {"channel": "sms"}]},
]


async def test_what_accept_refuses_is_told_in_the_same_words(
    client: httpx.AsyncClient, ready: Shop
) -> None:
    headers = bearer(ready.keys["test"])
    for wrong in WRONG:
        body = {"template": NOTICE["code"], "to": TO, "variables": VALUES} | wrong
        refusal = await client.post("/v1/messages", json=body, headers=headers)
        assert refusal.status_code in (409, 422), wrong
        said, told = refusal.json(), (await ask(client, ready, **body)).json()
        if "steps" in told:
            assert told["sendable"] is False
            told = told["problem"]
        kept = ("code", "field", "detail")
        assert [told[name] for name in kept] == [said[name] for name in kept], wrong


async def test_a_text_too_long_for_one_channel_leaves_the_other_shown(
    client: httpx.AsyncClient, ready: Shop
) -> None:
    body = NOTICE | {"content": "#{이름}", "sms": "#{이름}#{이름}#{이름}"}
    told = await shown(client, ready, template_body=body, variables={"이름": "가" * 400})
    alimtalk, sms = told["steps"]
    assert alimtalk["text"] == "가" * 400
    assert (sms["route"], sms["text"], sms["problem"]["code"]) == (None, "", "too_long")
    assert sms["problem"]["data"] == {"count": 2_400, "limit": 2_000, "unit": "bytes"}


async def test_a_stored_template_is_shown_before_its_approval(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop
) -> None:
    async with runtime.database.write() as tx:
        waits = update(TemplateRegistration).values(inspection="in_review")
        await tx.session.exec(waits)
    told = await shown(client, ready, template=NOTICE["code"], variables=VALUES)
    assert (told["source"], told["sendable"]) == ("stored", False)
    assert told["problem"]["code"] == "template_not_approved"
    alimtalk, sms = told["steps"]
    assert (alimtalk["account"], alimtalk["price"]) == (None, None)
    assert alimtalk["problem"]["code"] == "template_not_approved"
    assert alimtalk["bubble"]["text"].startswith("김하나님")
    assert (sms["account"], sms["problem"]) == ("sandbox", None)


async def test_a_wording_that_is_not_stored_can_be_shown(
    client: httpx.AsyncClient, ready: Shop
) -> None:
    body = {
        "code": "draft",
        "name": "새 안내",
        "content": "#{이름}님, 안내",
        "message_type": "AD",
        "buttons": [{"kind": "AC", "name": "채널 추가"}],
        "sms": "₩#{이름}" + "가" * 60,
    }
    headers = bearer(ready.keys["test"])
    answer = await client.post(
        "/v1/messages/preview?lang=en",
        json={"template_body": body, "variables": {"이름": "김"}},
        headers=headers,
    )
    told = answer.json()
    assert (told["template"], told["source"], told["sendable"]) == ("draft", "given", False)
    bubble = told["steps"][0]["bubble"]
    assert bubble["ad_line"].endswith("카카오톡으로 받기")
    assert len(bubble["ad_line"]) == 36
    assert bubble["buttons"][0]["does"].startswith("Adds the channel")
    assert told["steps"][0]["counts"]["characters"]["limit"] == 960
    lms = told["steps"][1]
    assert (lms["route"], lms["title"], lms["price"]) == ("lms", "새 안내", 27)
    assert (lms["text"][:2], lms["replaced"]) == ("원김", ["₩"])


async def test_what_reviewers_would_mind_is_told_with_what_to_do(
    client: httpx.AsyncClient, ready: Shop
) -> None:
    told = await shown(client, ready, template=NOTICE["code"], variables=VALUES)
    assert told["sendable"] is True  # warnings forbid nothing
    found = {one["rule"]: one for one in told["findings"]}
    assert found.keys() == {"no_courier", "no_invoice", "no_sender", "starts_with_variable"}
    assert {one["severity"] for one in found.values()} == {"warning"}
    assert all(one["fix_ko"] for one in found.values())


async def test_a_wrong_wording_is_refused_with_all_findings(
    client: httpx.AsyncClient, ready: Shop
) -> None:
    body = NOTICE | {"content": "#{", "buttons": [{"kind": "XX", "name": "x"}]}
    answer = await ask(client, ready, template_body=body)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "template_invalid")
    assert told["field"].startswith("template_body.")
    fields = {found["field"] for found in told["data"]["findings"]}
    assert fields >= {"content", "buttons[0].kind"}


async def test_one_template_is_needed(client: httpx.AsyncClient, ready: Shop) -> None:
    for given in ({}, {"template": NOTICE["code"], "template_body": NOTICE}):
        answer = await ask(client, ready, **given)
        assert (answer.status_code, answer.json()["code"]) == (422, "which_template")


async def test_a_team_key_looks_at_its_own_people_only(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop
) -> None:
    key = await key_with(runtime, ready, "team", "messages:write")
    body = {"template": NOTICE["code"], "variables": VALUES, "key": key}
    answer = await ask(client, ready, to=TO, **body)
    assert (answer.status_code, answer.json()["code"]) == (403, "recipient_not_in_team")
    assert (await ask(client, ready, **body)).status_code == 200


async def test_a_batch_is_counted_by_route_and_everyone_refused_is_named(
    client: httpx.AsyncClient, ready: Shop
) -> None:
    people: list[dict[str, Any]] = [{"to": TO, "variables": VALUES} for _ in range(250)]
    people[3] = {"to": "hello", "variables": VALUES}
    people[7] = {"to": TO, "variables": VALUES | {"상품": "가" * 1_000}}
    people[9] = {"to": TO, "variables": {"이름": "김"}}
    for one in people[100:140]:
        one["variables"] = VALUES | {
            "상품": "들기름과 참기름을 함께 담은 나루상점의 겨울 선물 세트"
        }
    answer = await ask(client, ready, "batch/preview", template=NOTICE["code"], messages=people)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["messages"], told["refused"]) == (250, 3)
    first, second = told["steps"]
    assert first["routes"] == {"alimtalk": 247}
    assert second["routes"] == {"sms": 207, "lms": 40}
    assert (first["cost"], second["cost"]) == (247 * 6.5, 207 * 9 + 40 * 27)
    assert told["first_step_cost"] == 1_605.5
    assert told["highest_cost"] == 1_605.5 + 2_943
    assert [(r["index"], r["code"], r["field"]) for r in told["refusals"]] == [
        (3, "bad_number", "to"),
        (7, "too_long", "text"),
        (9, "missing_variable", "variables.상품"),
    ]
    assert {n: told["refusals"][1][n] for n in ("count", "limit", "unit")} == {
        "count": 1_025, "limit": 1_000, "unit": "characters"
    }  # fmt: skip
    headers = bearer(ready.keys["test"])
    body = {"template": NOTICE["code"], "messages": people}
    refusal = await client.post("/v1/messages/batch", json=body, headers=headers)
    kept = ("index", "code", "field", "detail")
    assert refusal.json()["data"]["messages"] == [
        {name: one[name] for name in kept} for one in told["refusals"]
    ]


async def test_a_batch_without_a_price_list_costs_nobody_knows_what(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop
) -> None:
    async with runtime.database.write() as tx:
        paid = col(ProviderAccount.id) == ready.accounts["sandbox"].id
        await tx.session.exec(update(ProviderAccount).where(paid).values(prices={"alimtalk": 7}))
    people = [{"to": TO, "variables": VALUES}]
    told = (
        await ask(client, ready, "batch/preview", template=NOTICE["code"], messages=people)
    ).json()
    assert [step["cost"] for step in told["steps"]] == [7, None]
    assert (told["first_step_cost"], told["highest_cost"]) == (7, None)


async def test_what_is_wrong_for_all_of_a_batch_is_refused(
    client: httpx.AsyncClient, ready: Shop
) -> None:
    for wrong, code in (
        ({"template": "nothing"}, "unknown_template"),
        ({"plan": [{"channel": "push"}]}, "no_sandbox_account"),
        ({"send_at": "2020-01-01T00:00:00Z"}, "send_at_past"),
        ({"contacts": {"boss": TO}}, "unused_contact"),
    ):
        body = {"template": NOTICE["code"], "messages": [{"to": TO, "variables": VALUES}]} | wrong
        answer = await ask(client, ready, "batch/preview", **body)
        assert (answer.status_code in (409, 422), answer.json()["code"]) == (True, code)
