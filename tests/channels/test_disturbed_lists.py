"""A spoiled list proves nothing: asked through the sandbox, no adapter takes it for absence."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from channels.contract import Tried
from channels.management import ProviderRefused, ProviderSilent
from channels.registry import build
from channels.vocabulary import Lookup
from sandbox.accounts import Channel, NhnKeys, RelayKeys, put_nhn, put_relay
from sandbox.chaos.rules import Rule
from sandbox.main import create_app
from sandbox.nhn.intake import Batch, Draft, take
from sandbox.store import Store
from tests.sandbox import solapi_shop

REF, HANA = "AGJQTEST", "01000001001"
GIVEN: dict[str, dict[str, str]] = {
    "nhn": {"app_key": "AK1", "secret_key": "k", "sms_app_key": "SK1", "sms_secret_key": "s"},
    "relay": {"key": "k1", "signing_secret": "s1", "idempotency": "look_up"},
    "solapi": {"api_key": solapi_shop.KEY, "api_secret": solapi_shop.SECRET},
}
SPOILED: list[dict[str, Any]] = [
    *({"effect": "garbage", "body": body} for body in ("html", "cut_json", "charset")),
    *({"effect": "garbage", "body": body} for body in ("null", "list")),
    {"effect": "garbage", "accepted": False, "body": "cut_json"},
    {"effect": "http_status", "status": 500, "accepted": True},
    {"effect": "http_status", "status": 404},
    {"effect": "throttle"},
    {"effect": "rate_limit", "per_s": 0.001},
    {"effect": "error_code", "code": "-9999"},
]


@asynccontextmanager
async def asked(provider: str) -> AsyncIterator[tuple[Store, Any, Tried]]:
    """A sandbox that took one message, the provider's adapter, and what it may ask about."""
    app = create_app()
    store: Store = app.state.store
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(transport=transport) as client:
            adapter = build(provider, GIVEN[provider], client, f"http://sandbox.test/{provider}")
            sent_at = datetime.now(UTC) - timedelta(seconds=1)
            await hand_over(store, client, provider)
            yield store, adapter, Tried(REF, "alimtalk", REF, sent_at, to=HANA, text="안녕")
    finally:
        store.close()


async def hand_over(store: Store, client: httpx.AsyncClient, provider: str) -> None:
    if provider == "solapi":
        solapi_shop.settle_in(store)
        shop = solapi_shop.Caller(client, store)
        client.base_url = httpx.URL("http://sandbox.test")
        await shop.send(solapi_shop.notice(customFields={"ref": REF}))
        return
    put_nhn(store, NhnKeys("AK1", "k", "SK1", "s"), [Channel("c")], [])
    put_relay(store, RelayKeys("k1", "s1", "look_up"), [Channel("c")], [])
    (relay,) = store.all("SELECT id FROM relay_account")
    account = "AK1" if provider == "nhn" else str(relay["id"])
    batch = Batch(account, "chat", "alimtalk", "c", "R1", sender_ref=REF, provider=provider)
    take(store, batch, [Draft(1, HANA, "안녕", ref=REF)], 0)


@pytest.mark.parametrize("provider", ["nhn", "relay", "solapi"])
async def test_neither_absence_nor_an_empty_page(provider: str) -> None:
    async with asked(provider) as (store, adapter, tried):
        now = datetime.now(UTC) + timedelta(minutes=2)
        (found,) = await adapter.look_up([tried], now)
        assert found.state is Lookup.ACCEPTED
        for said in SPOILED:
            store.chaos.arm([Rule.model_validate({**said, "call": "list"})], 1)
            if said["effect"] == "rate_limit":  # the first one still fits
                await adapter.look_up([tried], now)
            (found,) = await adapter.look_up([tried], now)
            assert found.state is Lookup.UNCLEAR, said
            with pytest.raises((ProviderRefused, ProviderSilent)):
                await adapter.poll(now - timedelta(hours=1), now, None)
            assert store.chaos.armed[0].acted >= 2, said
