"""Statistics over HTTP: a day's sums, by mode."""

from typing import Any

import httpx
import pytest

from app.db.models.fields import now as clock
from app.services.clock import korean_day
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, bearer

NOTHING_ENDED = {"delivered": 0, "failed": 0, "open": 2, "delivery_rate": None}


@pytest.fixture
async def today(runtime: Runtime, shop: Shop, client: httpx.AsyncClient) -> str:
    """Two messages of a test key were accepted today."""
    headers = bearer(shop.keys["test"])
    await client.post("/v1/templates", json=NOTICE, headers=headers)
    await approve(runtime, shop)
    body = {"template": "order_shipped", "variables": {"이름": "가", "상품": "나"}}
    for n in range(2):
        sent = await client.post(
            "/v1/messages", json=body | {"to": f"010-0000-100{n}"}, headers=headers
        )
        assert sent.status_code == 202
    return korean_day(clock())


async def ask(client: httpx.AsyncClient, key: str, **params: str) -> Any:
    return (await client.get("/v1/stats", params=params, headers=bearer(key))).json()


async def test_today_s_sums(today: str, shop: Shop, client: httpx.AsyncClient) -> None:
    told = await ask(client, shop.keys["test"], **{"from": today, "to": today})
    assert (told["from"], told["to"], told["simulated"]) == (today, today, True)
    (day,) = told["days"]
    assert day.pop("day") == today
    assert day == told["total"]
    assert day["accepted"] == 2
    assert {name: day[name] for name in NOTHING_ENDED} == NOTHING_ENDED
    whole = await ask(client, shop.keys["test"], by="total", **{"from": "2026-01-01", "to": today})
    assert (whole["days"], whole["total"]) == (None, told["total"])


async def test_live_and_sandbox_do_not_mix(
    today: str, shop: Shop, client: httpx.AsyncClient
) -> None:
    told = await ask(client, shop.keys["live"], **{"from": today, "to": today})
    assert (told["total"]["accepted"], told["simulated"]) == (0, False)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"from": "2026-11-02", "to": "2026-11-01"}, "bad_range"),
        ({"from": "2024-01-01", "to": "2026-01-01"}, "range_too_long"),
        ({"from": "yesterday", "to": "2026-01-01"}, "bad_request"),
        ({}, "bad_request"),
    ],
)
async def test_ranges(
    shop: Shop, client: httpx.AsyncClient, params: dict[str, str], code: str
) -> None:
    told = await ask(client, shop.keys["live"], **params)
    assert told["status"] == 422
    if code != "bad_request":
        assert told["code"] == code
