"""Webhooks over HTTP: added, tried, rotated, removed; sent by the scheduler's part."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.services.runtime import Runtime
from scheduler.webhooks import Hooks
from tests.app.api.shop import Shop, bearer
from tests.consumer import Consumer, serving
from tests.hooks import Clock, guard, run, verify

URL = "https://93.184.215.14/hook"


@pytest.fixture
async def consumer() -> AsyncIterator[Consumer]:
    async with serving(Consumer()) as made:
        yield made


@pytest.fixture
def headers(shop: Shop) -> dict[str, str]:
    return bearer(shop.keys["live"])


async def add(client: httpx.AsyncClient, headers: dict[str, str], **more: Any) -> dict[str, Any]:
    answer = await client.post("/v1/webhooks", json={"url": URL} | more, headers=headers)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_secret_is_shown_once(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    made = await add(client, headers, kinds=["message.status"], description="orders")
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    shown = (await client.get(f"/v1/webhooks/{made['id']}", headers=headers)).json()
    assert shown == made
    assert (shown["url"], shown["state"], shown["kinds"]) == (URL, "active", ["message.status"])
    listed = await client.get("/v1/webhooks", headers=headers)
    assert listed.json()["items"] == [made]
    assert secret not in listed.text
    turned = await client.post(f"/v1/webhooks/{made['id']}/rotate", headers=headers)
    assert turned.json()["secret"] != secret


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "https://169.254.169.254/latest/meta-data"}, "no_public_address"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "no_public_address"),
        ({"url": "http://93.184.215.14/"}, "bad_url"),
        ({"url": "https://u:p@93.184.215.14/"}, "bad_url"),
        ({"url": URL, "kinds": ["nothing.like.it"]}, "unknown_kind"),
        ({"url": URL, "secret": "mine"}, "unknown_field"),
        ({}, "invalid_request"),
    ],
)
async def test_refusals_are_problems(
    client: httpx.AsyncClient, headers: dict[str, str], body: dict[str, Any], code: str
) -> None:
    answer = await client.post("/v1/webhooks", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get("/v1/webhooks", headers=headers)).json()["items"] == []


async def test_a_test_event_goes_out_and_can_be_repeated(
    runtime: Runtime,
    app_settings: Any,
    client: httpx.AsyncClient,
    headers: dict[str, str],
    consumer: Consumer,
    app: Any,
) -> None:
    async with guard() as open_guard:
        app.state.guard = open_guard
        made = await add(client, headers, url=consumer.url())
        path = f"/v1/webhooks/{made['id']}"
        sent = (await client.post(f"{path}/test", headers=headers)).json()
        hooks = Hooks(runtime, open_guard, Clock())
        await run(hooks)
        payload = verify(made["secret"], consumer.heard[0])
        assert payload["type"] == "webhook.test"
        log = (await client.get(f"{path}/deliveries", headers=headers)).json()
        assert [(one["id"], one["state"], one["http_status"]) for one in log["items"]] == [
            (sent["id"], "delivered", 200)
        ]
        again = await client.post(f"{path}/deliveries/{sent['id']}/replay", headers=headers)
        assert (again.status_code, again.json()["state"]) == (202, "waiting")
        await run(hooks)
        assert consumer.ids == [sent["id"]] * 2
        since = {"since": made["created_at"], "delivered": True}
        answer = await client.post(f"{path}/replay", json=since, headers=headers)
        assert (answer.status_code, answer.json()["count"]) == (202, 1)
    gone = await client.delete(path, headers=headers)
    assert gone.json() == {"id": made["id"], "simulated": False}
    assert (await client.get(path, headers=headers)).status_code == 404


async def test_the_log_has_pages(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    made = await add(client, headers)
    path = f"/v1/webhooks/{made['id']}"
    ids = [(await client.post(f"{path}/test", headers=headers)).json()["id"] for _ in range(5)]
    found: list[str] = []
    following: str | None = ""
    while following is not None:
        params = {"limit": "2"} | ({"cursor": following} if following else {})
        page = await client.get(f"{path}/deliveries", params=params, headers=headers)
        found += [one["id"] for one in page.json()["items"]]
        following = page.json()["next"]
    assert found == ids[::-1]
