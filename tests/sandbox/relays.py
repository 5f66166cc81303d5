"""A relay's account and a client of its paths alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from sandbox import relay, relay_templates
from sandbox.accounts import Channel, RelayKeys, put_relay
from sandbox.relay_wire import Refusal, tell_refusal
from sandbox.store import Store

SENDER = "0220410100"
CHANNEL = "c" * 40
AUTH = {"Authorization": "Bearer k1"}


@asynccontextmanager
async def open_relay(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.store = store
    app.include_router(relay.router)
    app.include_router(relay_templates.router)
    app.add_exception_handler(Refusal, tell_refusal)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as made:
        yield made


def account(store: Store, kind: str = "blind", url: str = "") -> None:
    keys = RelayKeys("k1", "s1", kind, 600, url)
    put_relay(store, keys, [Channel(CHANNEL)], [SENDER])


async def ask(
    client: httpx.AsyncClient, method: str, path: str, body: Any = None, **query: str
) -> tuple[int, dict[str, Any]]:
    """Status and body of one call."""
    answer = await client.request(method, f"/relay{path}", json=body, params=query, headers=AUTH)
    return answer.status_code, answer.json()
