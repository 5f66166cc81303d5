"""The relay under `/relay`: its promises, its lists, its signed callbacks."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.relay import PAGE
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.relays import AUTH, SENDER, account, open_relay


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with open_relay(store) as made:
        yield made


async def send(client: httpx.AsyncClient, *refs: str, **more: str) -> dict[str, dict[str, Any]]:
    rows = [
        {"ref": ref, "to": "01000001001", "sender": SENDER, "text": "안녕하세요", **more}
        for ref in refs
    ]
    body = {"key": "c", "route": "sms", "messages": rows}
    answer = await client.post("/relay/messages", json=body, headers=AUTH)
    assert answer.status_code == 200, answer.text
    return {row["ref"]: row for row in answer.json()["results"]}


async def test_a_repeat_is_recognised_for_a_time(
    client: httpx.AsyncClient, store: Store, clock: Clock
) -> None:
    account(store, "dedupe")
    assert (await send(client, "a"))["a"]["status"] == "accepted"
    clock.pass_s(599)
    assert (await send(client, "a", sender="0"))["a"]["code"] == "duplicate"
    clock.pass_s(2)
    assert (await send(client, "a"))["a"]["status"] == "accepted"
    assert (await send(client, "b", sender="0"))["b"]["code"] == "sender_state"
    assert (await send(client, "b"))["b"]["status"] == "accepted"


async def test_what_can_be_asked(client: httpx.AsyncClient, store: Store) -> None:
    window = {
        "route": "sms", "to": "01000001001",
        "since": "2026-01-01T00:00:00+00:00", "until": "2027-01-01T00:00:00+00:00",
    }  # fmt: skip
    for kind, params, refs in (
        ("look_up", {"ref": "a"}, ["a"]),
        ("window_look_up", window, [None, None]),
    ):
        account(store, kind)
        await send(client, f"a{'' if kind == 'look_up' else 2}")
        answer = await client.get("/relay/messages", params=params, headers=AUTH)
        body = answer.json()
        assert body["complete"] is True
        assert [row.get("ref") for row in body["messages"]] == refs
    account(store, "blind")
    assert (await client.get("/relay/messages", headers=AUTH)).status_code == 404
    assert (await client.get("/relay/messages")).status_code == 401


async def listing(client: httpx.AsyncClient, **params: str) -> dict[str, Any]:
    span = {"since": "2026-01-01T00:00:00+00:00", "until": "2027-01-01T00:00:00+00:00"}
    answer = await client.get("/relay/messages", params={**span, **params}, headers=AUTH)
    body: dict[str, Any] = answer.json()
    return body


async def test_everything_of_a_span_of_time_page_by_page(
    client: httpx.AsyncClient, store: Store, clock: Clock
) -> None:
    account(store, "dedupe")
    refs = [f"r{n:03d}" for n in range(PAGE + 1)]
    await send(client, *refs)
    clock.pass_s(5)
    await send(client, "late")
    for kind in ("dedupe", "look_up", "window_look_up"):
        account(store, kind)
        first = await listing(client)
        second = await listing(client, cursor=first["cursor"])
        rows = first["messages"] + second["messages"]
        assert (first["complete"], second["complete"], second["cursor"]) == (True, True, None)
        shown = [row.get("ref") for row in rows]
        assert shown == ([None] * len(rows) if kind == "window_look_up" else [*refs, "late"])
        at = rows[-1]["taken_at"]
        assert (await listing(client, since=at, until=at))["messages"] == [rows[-1]]
        assert (rows[-1]["status"], at > rows[0]["taken_at"]) == ("accepted", True)


async def test_a_list_of_what_is_no_list(client: httpx.AsyncClient, store: Store) -> None:
    account(store, "look_up")
    assert (await listing(client, cursor="x"))["code"] == "request_refused"
    assert (await listing(client, since="soon"))["code"] == "request_refused"
    account(store, "blind")
    assert (await listing(client))["text"] == "this relay keeps no list"


async def test_what_is_fresh_is_not_listed_yet(
    client: httpx.AsyncClient, store: Store, clock: Clock
) -> None:
    account(store, "look_up")
    store.change_settings({"list_lag_s": 3})
    await send(client, "a")
    assert (await listing(client))["messages"] == []
    clock.pass_s(3)
    assert len((await listing(client))["messages"]) == 1


@pytest.mark.parametrize("rows", [["x"], [None], "x", [], {}])
async def test_messages_of_no_shape(client: httpx.AsyncClient, store: Store, rows: Any) -> None:
    account(store, "look_up")
    body = {"route": "sms", "messages": rows}
    answer = await client.post("/relay/messages", json=body, headers=AUTH)
    assert (answer.status_code, answer.json()["code"]) == (400, "request_refused")


@pytest.mark.parametrize(
    "change", [{"template": [1]}, {"title": 1}, {"buttons": "x"}, {"text": 1}, {"to": []}]
)
async def test_a_message_of_no_shape(
    client: httpx.AsyncClient, store: Store, change: dict[str, Any]
) -> None:
    account(store, "look_up")
    row = {"ref": "a", "to": "01000001001", "sender": SENDER, "text": "글", **change}
    body = {"route": "sms", "messages": [row]}
    answer = await client.post("/relay/messages", json=body, headers=AUTH)
    assert answer.json()["results"][0]["code"] == "request_refused"
