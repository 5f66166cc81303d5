"""The events of a workspace over HTTP."""

from typing import Any

import httpx
import orjson
import pytest

from app.db.models import WorkspaceCounter
from app.ids import new_id
from app.services.runtime import Runtime
from tests.app.api.shop import Shop, bearer, key_with


@pytest.fixture
async def told(runtime: Runtime, shop: Shop) -> int:
    """Five events of a template and one nobody hears; the number before them."""
    async with runtime.database.read() as session:
        counter = await session.get(WorkspaceCounter, shop.workspace_id)
    async with runtime.database.write() as tx:
        for n in range(5):
            tx.emit(shop.workspace_id, "template.changed", new_id(), version=n, modes=["sandbox"])
        tx.emit(shop.workspace_id, "attempt.accepted", new_id())
    return counter.last_event if counter else 0


async def test_pages_go_on_with_next(client: httpx.AsyncClient, shop: Shop, told: int) -> None:
    headers = bearer(shop.keys["test"])
    items: list[dict[str, Any]] = []
    body: dict[str, Any] = {"next": told, "more": True}
    while body["more"]:
        answer = await client.get(f"/v1/events?after={body['next']}&limit=2", headers=headers)
        body = answer.json()
        items += body["items"]
    assert [one["sequence"] - told for one in items] == [1, 2, 3, 4, 5]
    assert [one["data"]["version"] for one in items] == [0, 1, 2, 3, 4]
    assert (body["next"], body["gap"]) == (told + 6, False)
    ahead = (await client.get("/v1/events?after=999", headers=headers)).json()
    assert (ahead["items"], ahead["next"], ahead["gap"]) == ([], told + 6, True)


async def test_scopes_and_modes_decide(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop, told: int
) -> None:
    for kind, scope, count in (
        ("test", "templates:read", 5),
        ("test", "messages:read", 0),
        ("live", "templates:read", 0),  # it was told of the sandbox
    ):
        key = await key_with(runtime, shop, kind, scope)
        answer = await client.get(f"/v1/events?after={told}", headers=bearer(key))
        assert len(answer.json()["items"]) == count
        assert answer.json()["simulated"] is (kind == "test")


@pytest.mark.parametrize("kinds", ["template.nothing", "attempt.accepted", "x", ",", "chat.a b"])
async def test_kinds_that_are_never_told(client: httpx.AsyncClient, shop: Shop, kinds: str) -> None:
    headers = bearer(shop.keys["test"])
    for path in ("/v1/events", "/v1/events/stream"):
        answer = await client.get(path, params={"kinds": kinds}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_kind")


async def test_the_stream_says_the_same(client: httpx.AsyncClient, shop: Shop, told: int) -> None:
    headers = bearer(shop.keys["test"])
    page = (await client.get(f"/v1/events?after={told + 2}", headers=headers)).json()["items"]
    path = "/v1/events/stream?after=0&for_s=0&kinds=template.changed,case.state"
    answer = await client.get(path, headers=headers | {"Last-Event-ID": str(told + 2)})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    hello, *blocks = answer.text.strip().split("\n\n")
    assert hello.startswith(f"retry: 1000\nid: {told + 2}\nevent: hello\n")
    assert [block.split("\n")[:2] for block in blocks] == [
        [f"id: {one['sequence']}", "event: template.changed"] for one in page
    ]
    data = [orjson.loads(block.partition("\ndata: ")[2]) for block in blocks]
    assert [one["data"] for one in data] == [one["data"] for one in page]
    nothing = await client.get(path + "&kinds=case.state", headers=headers)
    assert "template.changed" not in nothing.text


async def test_too_many_streams_are_refused_before_the_first_byte(
    client: httpx.AsyncClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.feed.STREAMS", 0)
    answer = await client.get("/v1/events/stream", headers=bearer(shop.keys["test"]))
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_streams")
    assert answer.headers["retry-after"] == "5"
