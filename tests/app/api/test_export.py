"""Export over HTTP: headers, refusals, and a download that breaks off where everybody sees it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.db.models.fields import now as clock
from app.main import create_app
from app.services import export
from app.services.clock import korean_day
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, bearer, key_with
from tests.sandbox.server import serve_app


@pytest.fixture
async def today(runtime: Runtime, shop: Shop, client: httpx.AsyncClient) -> dict[str, str]:
    """Some messages were accepted today."""
    headers = bearer(shop.keys["test"])
    await client.post("/v1/templates", json=NOTICE, headers=headers)
    await approve(runtime, shop)
    body = {"template": "order_shipped", "variables": {"이름": "가", "상품": "나"}}
    for n in range(3):
        told = {"to": f"010-0000-100{n}", "reference": f"-{n}"}
        await client.post("/v1/messages", json=body | told, headers=headers)
    day = korean_day(clock())
    return {"from": day, "to": day}


async def test_a_file(today: dict[str, str], shop: Shop, client: httpx.AsyncClient) -> None:
    asked = today | {"bom": "true", "numbers": "full"}
    answer = await client.get(
        "/v1/messages/export", params=asked, headers=bearer(shop.keys["test"])
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    lines = answer.content.decode().splitlines()
    assert lines[0].startswith("\ufeffid,")
    assert ["'-0" in lines[1], "01000001000" in lines[1]] == [True, True]
    assert len(lines) == 4


async def test_whole_numbers_need_more(
    runtime: Runtime, today: dict[str, str], shop: Shop, client: httpx.AsyncClient
) -> None:
    headers = bearer(await key_with(runtime, shop, "test", "messages:read"))
    refused = await client.get(
        "/v1/messages/export", params=today | {"numbers": "full"}, headers=headers
    )
    assert (refused.status_code, refused.json()["data"]["scope"]) == (403, "admin")
    masked = await client.get("/v1/messages/export", params=today, headers=headers)
    assert "010-****-1000" in masked.text


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"from": "2026-01-01", "to": "2026-02-01"}, "range_too_long"),
        ({"from": "2026-01-02", "to": "2026-01-01"}, "bad_range"),
        ({"from": "x", "to": "2026-01-01"}, "bad_time"),
        ({"from": "2026-01-01", "to": "2026-01-02", "status": "gone"}, "invalid_request"),
    ],
)
async def test_refusals(
    shop: Shop, client: httpx.AsyncClient, asked: dict[str, str], code: str
) -> None:
    answer = await client.get(
        "/v1/messages/export", params=asked, headers=bearer(shop.keys["live"])
    )
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_broken_download_is_seen(
    app: FastAPI, today: dict[str, str], shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a real socket: the store fails in the middle, the body never ends well."""

    async def breaks(*_: Any) -> AsyncIterator[list[dict[str, Any]]]:
        yield [dict.fromkeys(export.COLUMNS)]
        raise OSError("the store is gone")

    monkeypatch.setattr(export, "pages", breaks)
    async with (
        serve_app(create_app(app.state.settings)) as url,
        httpx.AsyncClient(base_url=url, headers=bearer(shop.keys["test"])) as real,
    ):
        with pytest.raises(httpx.RemoteProtocolError):
            await real.get("/v1/messages/export", params=today)
