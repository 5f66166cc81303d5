"""Templates at the relay: registered whole, seven actions, and messages compared with all parts."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.moves import act
from sandbox.reviews import Template, get_template
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.relays import CHANNEL, account, ask, open_relay

FORM: dict[str, Any] = {
    "sender": CHANNEL, "code": "T", "name": "출고", "content": "#{이름}님, 출발했습니다.",
    "message_type": "BA", "emphasis": "ITEM_LIST", "title": "", "subtitle": "", "extra": "",
    "category": "006001", "security": False, "header": "#{상점} 안내", "image": None,
    "highlight": {"title": "#{상품}", "description": "내일", "image": ""},
    "items": [
        {"title": "주문", "description": "#{주문}"}, {"title": "택배", "description": "#{a}"},
    ],
    "summary": {"title": "합계", "description": "#{금액}원"},
    "link": {"url_mobile": "https://s/#{주문}"},
    "buttons": [{"kind": "WL", "name": "보기", "url_mobile": "https://s/#{주문}"}],
    "quick_replies": [{"kind": "BK", "name": "문의"}],
}  # fmt: skip
MESSAGE: dict[str, Any] = {
    "ref": "r", "to": "01000001001", "sender": CHANNEL, "template": "T", "title": "",
    "text": "하나님, 출발했습니다.", "header": "한빛 안내",
    "highlight": {"title": "멸치", "description": "내일"},
    "items": [{"title": "주문", "description": "1"}, {"title": "택배", "description": "한진"}],
    "summary": {"title": "합계", "description": "100원"}, "link": {"url_mobile": "https://s/1"},
    "buttons": [{"kind": "WL", "name": "보기", "url_mobile": "https://s/1"}],
    "quick_replies": [{"kind": "BK", "name": "문의"}],
}  # fmt: skip


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    account(store)
    async with open_relay(store) as made:
        yield made


def found(store: Store) -> Template:
    template = get_template(store, CHANNEL, "T")
    assert template
    return template


async def add(client: httpx.AsyncClient, **change: Any) -> tuple[int, dict[str, Any]]:
    return await ask(client, "POST", "/templates", {**FORM, **change})


async def do(client: httpx.AsyncClient, action: str, **more: Any) -> tuple[int, dict[str, Any]]:
    body = {"sender": CHANNEL, "code": "T", "action": action, **more}
    return await ask(client, "POST", "/templates/actions", body)


async def send(client: httpx.AsyncClient, **change: Any) -> dict[str, Any]:
    body = {"key": "c", "route": "alimtalk", "messages": [{**MESSAGE, **change}]}
    status, answer = await ask(client, "POST", "/messages", body)
    assert status == 200
    row: dict[str, Any] = answer["results"][0]
    return row


async def test_registering_twice_does_nothing(client: httpx.AsyncClient, store: Store) -> None:
    status, state = await add(client)
    assert (status, state) == (
        200,
        {
            "code": "T",
            "inspection": "registered",
            "blocked": False,
            "stopped": False,
            "dormant": False,
            "comments": [],
        },
    )
    act(store, found(store), "approve")
    assert (await add(client, content="다른 글"))[1]["inspection"] == "approved"
    assert found(store).body["templateContent"] == FORM["content"]
    assert found(store).body["templateItem"]["summary"]["title"] == "합계"
    assert (await add(client, code="U"))[1]["code"] == "request_refused"  # the name is taken
    for change in ({"content": ""}, {"content": "본" * 1_301}, {"items": "글"}, {"code": None}):
        status, refused = await add(client, **change)
        assert (status, refused["code"]) == (400, "request_refused")
        assert next(iter(change)) in refused["text"]


PARTS: list[dict[str, Any]] = [
    {"text": "하나씨, 출발했습니다."},
    {"title": "제목"},
    {"header": ""},
    {"highlight": {"title": "멸치", "description": "모레"}},
    {"highlight": None},
    {"items": [{"title": "주문", "description": "1"}]},
    {"items": [{"title": "물건", "description": "1"}, {"title": "택배", "description": "한진"}]},
    {"summary": {"title": "합계", "description": "100"}},
    {"summary": None},
    {"link": {"url_mobile": "http://s/1"}},
    {"link": None},
    {"buttons": []},
    {"buttons": [{"kind": "WL", "name": "열기", "url_mobile": "https://s/1"}]},
    {"quick_replies": [{"kind": "BK", "name": "질문"}]},
    {"quick_replies": []},
]


async def test_every_part_of_a_message_is_compared(client: httpx.AsyncClient, store: Store) -> None:
    await add(client)
    assert (await send(client))["code"] == "template_state"
    act(store, found(store), "approve")
    assert (await send(client))["status"] == "accepted"
    for change in PARTS:
        assert (await send(client, **change))["code"] == "template_mismatch", change
    assert (await send(client, items="글"))["code"] == "request_refused"
    row = store.one("SELECT payload FROM message")
    assert row
    assert '"templateEmphasizeType":"ITEM_LIST"' in row["payload"]


async def test_a_talk_and_a_new_text(client: httpx.AsyncClient, store: Store, clock: Clock) -> None:
    await add(client)
    act(store, found(store), "inspect")
    act(store, found(store), "reject", "광고성 문구")
    status, state = await do(client, "comment", text="고쳤어요")
    assert (status, state["inspection"]) == (200, "in_review")
    assert (await do(client, "comment", text="고쳤어요"))[1] == state
    assert [(one["kind"], one["text"]) for one in state["comments"]] == [
        ("rejected", "광고성 문구"),
        ("question", "고쳤어요"),
    ]
    assert state["comments"][0]["at"] == "2026-11-18T11:06:40+00:00"
    act(store, found(store), "reject", "다시")
    assert len((await do(client, "comment", text="고쳤어요"))[1]["comments"]) == 4
    act(store, found(store), "reject", "아니요")
    new = {**FORM, "content": "#{이름}님, 새 글입니다."}
    status, state = await do(client, "edit", template=new)
    assert (status, state["inspection"]) == (200, "in_review")
    assert (await do(client, "edit", template=new))[0] == 200  # the same again does nothing more
    assert found(store).version == 2
    status, refused = await do(client, "edit", template=FORM)
    assert (status, refused["code"]) == (409, "template_state")
    assert "in_review" in refused["text"]


async def test_withdrawn_and_asked_again(client: httpx.AsyncClient, store: Store) -> None:
    await add(client)
    act(store, found(store), "inspect")
    assert (await do(client, "withdraw"))[1]["inspection"] == "registered"
    assert (await do(client, "withdraw"))[1]["code"] == "template_state"
    assert (await add(client, content="새 글"))[1]["inspection"] == "in_review"
    assert found(store).body["templateContent"] == "새 글"


async def test_stopped_resumed_released_deleted(client: httpx.AsyncClient, store: Store) -> None:
    await add(client)
    act(store, found(store), "approve")
    state = (await do(client, "stop"))[1]
    assert (state["inspection"], state["stopped"], state["blocked"]) == ("approved", True, False)
    assert "stopped" in (await send(client))["text"]
    assert (await do(client, "stop"))[0] == 409
    assert (await do(client, "resume"))[1]["stopped"] is False
    assert (await do(client, "release"))[0] == 409
    act(store, found(store), "dormant")
    act(store, found(store), "block")
    state = (await ask(client, "GET", "/templates", sender=CHANNEL, code="T"))[1]
    assert (state["dormant"], state["blocked"], state["stopped"]) == (True, True, False)
    assert (await do(client, "release"))[1]["dormant"] is False
    assert await do(client, "delete") == (200, {})
    assert (await do(client, "delete"))[0] == 404
    await add(client)
    act(store, found(store), "inspect")
    assert (await do(client, "delete"))[1]["code"] == "template_state"


async def test_what_no_state_allows(client: httpx.AsyncClient) -> None:
    await add(client)
    assert (await do(client, "publish"))[1]["code"] == "request_refused"
    assert (await do(client, "comment"))[1]["code"] == "request_refused"
    assert (await do(client, "comment", text="가" * 501))[0] == 400
    assert (await do(client, "edit"))[1]["code"] == "request_refused"
    assert (await do(client, "stop", sender="x"))[1]["code"] == "sender_state"
    assert (await do(client, "stop", code="x"))[1]["code"] == "template_state"
    assert (await add(client, sender="x"))[1]["code"] == "sender_state"
