"""The relay under `/relay`: its promises, its lists, its signed callbacks."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from sandbox.accounts import Channel, RelayKeys, put_relay
from sandbox.relay import Refusal, router, tell_refusal
from sandbox.store import Store
from tests.sandbox.conftest import Clock

SENDER = "0220410100"
AUTH = {"Authorization": "Bearer k1"}


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.store = store
    app.include_router(router)
    app.add_exception_handler(Refusal, tell_refusal)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as made:
        yield made


def account(store: Store, kind: str, url: str = "") -> None:
    keys = RelayKeys("k1", "s1", kind, 600, url)
    put_relay(store, keys, [Channel("c" * 40)], [SENDER])


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
