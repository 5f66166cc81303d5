"""Bots over HTTP: made, shown without secrets, changed, tried."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tests.app.api.shop import Shop, bearer
from tests.app.services.botting import MENU, answer, http
from tests.consumer import Consumer, serving
from tests.hooks import guard, verify

BASE = "/v1/consultations/bots"


@pytest.fixture
def headers(shop: Shop) -> dict[str, str]:
    return bearer(shop.keys["live"])


async def add(client: httpx.AsyncClient, headers: dict[str, str], **body: Any) -> dict[str, Any]:
    made = await client.post(BASE, json={"name": "나루봇"} | body, headers=headers)
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    return told


async def test_a_rule_bot_from_file_to_conversation(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    made = await add(client, headers, rules=MENU)
    secret = made.pop("secret")
    listed = await client.get(BASE, headers=headers)
    assert listed.json()["items"] == [{k: v for k, v in made.items() if k != "simulated"}]
    assert secret not in listed.text
    path = f"{BASE}/{made['id']}"
    assert (await client.get(path, headers=headers)).json() == made
    first = (await client.post(f"{path}/try", json={}, headers=headers)).json()
    body = {"utterance": "2", "state": first["state"]}
    second = (await client.post(f"{path}/try", json=body, headers=headers)).json()
    assert second["says"][0]["links"] == [
        {"name": "신청하기", "url": "https://shop.example/refund"}
    ]
    off = await client.put(path, json={"state": "off"}, headers=headers)
    assert (off.status_code, off.json()["state"], off.json()["rules"]) == (200, "off", MENU)


async def test_a_skill_is_really_asked(
    app: FastAPI, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    server = Consumer(answer=lambda heard: http(answer("네", data={"hand_off": True})))
    async with serving(server), guard() as open_guard:
        app.state.guard = open_guard
        made = await add(client, headers, url=server.url())
        body = {"utterance": "언제 와요", "variables": {"고객명": "김나루"}}
        tried = await client.post(f"{BASE}/{made['id']}/try", json=body, headers=headers)
    assert tried.json() | {"state": {}} == {
        "simulated": False,
        "says": [{"text": "네", "links": []}],
        "hand_off": "bot_asked",
        "promised": False,
        "notes": [],
        "error": "",
        "state": {},
    }
    assert verify(made["secret"], server.heard[0])["userRequest"]["utterance"] == "언제 와요"


REFUSED: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"rules": "x"}, 422, "bad_rules"),
    ({"rules": MENU, "url": "https://93.184.215.14/"}, 422, "bad_bot"),
    ({}, 422, "bad_bot"),
    ({"url": "https://10.0.0.1/"}, 422, "no_public_address"),
    ({"rules": MENU, "name": "있음"}, 409, "bot_name_taken"),
    ({"rules": MENU, "kind": "rules"}, 422, "unknown_field"),
    ({"rules": "가" * 70_000}, 422, "invalid_request"),
)


async def test_refusals_are_problems(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    await add(client, headers, name="있음", rules=MENU)
    for body, status, code in REFUSED:
        told = await client.post(BASE, json={"name": "나루봇"} | body, headers=headers)
        assert (told.status_code, told.json()["code"]) == (status, code)


async def test_a_fault_is_told_with_its_line(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    body = {"name": "나루봇", "rules": '[menus.start]\ntext = "#{x}"'}
    told = (await client.post(BASE, json=body, headers=headers)).json()
    (one,) = told["data"]["findings"]
    assert (one["line"], one["field"], one["rule"]) == (2, "menus.start.text", "no_without")
    assert one["fix_ko"]


async def test_a_bot_whose_key_is_gone_says_so(
    runtime: Any, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    made = await add(client, headers, rules=MENU)
    async with runtime.database.write() as tx:
        await tx.conn.execute(text("UPDATE bot SET sealed = x'00'"))
    told = await client.get(f"{BASE}/{made['id']}", headers=headers)
    assert (told.status_code, told.json()["code"]) == (503, "bot_unusable")
    told = await client.post(f"{BASE}/{made['id']}/try", json={}, headers=headers)
    assert (told.status_code, told.json()["code"]) == (503, "bot_unusable")
