"""Around every request: numbers, sizes, headers, and a log without paths."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import structlog

from app.config import Settings
from app.main import create_app
from app.services.runtime import Runtime
from tests.app.api.shop import Shop, bearer

ADDRESSES = [
    "/health/live",
    "/v1/templates",
    "/nothing",
    "/docs",
    "/openapi.json",
    "/static-offline-docs/swagger-ui.css",
]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_answer_is_numbered_and_safe(client: httpx.AsyncClient, address: str) -> None:
    first, second = await client.get(address), await client.get(address)
    numbers = {answer.headers["X-Request-Id"] for answer in (first, second)}
    assert len(numbers) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", number) for number in numbers)
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    policy = first.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    if address != "/docs":
        assert "script-src" not in policy
    assert "http:" not in policy


@pytest.fixture
async def small(app_settings: Settings, runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """An application that reads at most 100 bytes."""
    app = create_app(app_settings.model_copy(update={"max_body": 100}))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://naru") as client,
    ):
        yield client


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size):
        yield b" "


@pytest.mark.parametrize("told", [True, False])
async def test_a_large_body_is_refused_whether_it_says_its_length_or_not(
    small: httpx.AsyncClient, shop: Shop, told: bool
) -> None:
    headers = bearer(shop.keys["test"]) | {"Content-Type": "application/json"}
    content: bytes | AsyncIterator[bytes] = b" " * 101 if told else chunks(101)
    answer = await small.post("/v1/templates", content=content, headers=headers)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "body_too_large"
    assert answer.json()["data"] == {"limit": 100}
    assert answer.headers["X-Request-Id"]


async def test_a_body_of_the_limit_is_read(small: httpx.AsyncClient, shop: Shop) -> None:
    headers = bearer(shop.keys["test"]) | {"Content-Type": "application/json"}
    for content in (b" " * 98 + b"{}", chunks(98)):
        answer = await small.post("/v1/templates", content=content, headers=headers)
        assert answer.status_code in (400, 422)


async def test_the_log_names_the_route_and_nothing_else(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    key, secret = shop.keys["test"], shop.secrets["sandbox"]
    with structlog.testing.capture_logs() as lines:
        await client.get("/v1/templates/planted?name=planted", headers=bearer(key))
        await client.post(f"/callbacks/nhn/{shop.accounts['sandbox'].id}/{secret}", content=b"{}")
        await client.get("/planted/path")
        await client.get("/health/live")
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"], line["log_level"]) for line in requests] == [
        ("/v1/templates/{code}", 404, "info"),
        ("/callbacks/{provider}/{account}/{secret}", 200, "info"),
        ("-", 404, "info"),
        ("/health/live", 200, "debug"),
    ]
    assert all(line["ms"] >= 0 and line["request_id"] for line in requests)
    for planted in ("planted", key.partition(".")[2], secret):
        assert planted not in repr(lines)


@pytest.mark.parametrize("told", [True, False])
async def test_a_list_has_a_limit_of_its_own(
    app_settings: Settings, runtime: Runtime, shop: Shop, told: bool
) -> None:
    """No other route takes more because of it, and none of its kind takes more than that."""
    app = create_app(app_settings.model_copy(update={"max_body": 100, "max_upload": 300}))
    path = "/v1/campaigns/01a20733-8e47-7305-b40f-3fde26dc1001"
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://naru",
            headers=bearer(shop.keys["test"]),
        ) as client,
    ):

        async def status(method: str, path: str, size: int) -> int:
            body = b" " * size if told else chunks(size)
            return (await client.request(method, path, content=body)).status_code

        assert await status("PUT", f"{path}/rows", 200) == 404
        if told:
            assert await status("PUT", f"{path}/rows", 301) == 413
        assert await status("POST", f"{path}/start", 101) == 413
        assert await status("PUT", f"{path}/rows/more", 101) in (404, 413)
