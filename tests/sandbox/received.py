"""Phones with something on them, and a client for their pages."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from sandbox.arrivals import Line, appear
from sandbox.main import create_app
from sandbox.phones import make_phones
from sandbox.store import Store

KEY = "a" * 40
HANA = "01000001001"
NAME = "한빛상회"


@dataclass(frozen=True)
class Pages:
    client: httpx.AsyncClient
    store: Store


@asynccontextmanager
async def open_pages() -> AsyncIterator[Pages]:
    """The sandbox without its workers, one channel that consults, and a browser without scripts."""
    app = create_app()
    store: Store = app.state.store
    add_channel(store)
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://phones.test") as client:
            yield Pages(client, store)
    finally:
        store.close()


def add_channel(store: Store) -> None:
    store.run("INSERT INTO consult_account (client_id, client_secret) VALUES ('c', 's')")
    store.run(
        "INSERT INTO sender (sender_key, channel_id, name, client_id) VALUES (?, '@h', ?, 'c')",
        (KEY, NAME),
    )


def receive(
    store: Store,
    text: str,
    number: str = HANA,
    app: str = "chat",
    sender: str = KEY,
    parts: Mapping[str, Any] | None = None,
    title: str = "",
) -> int:
    """A message that stands on a phone; returns its id."""
    kind = "alimtalk" if app == "chat" else "lms" if title else "sms"
    with store.tx():
        make_phones(store, [number])
        cursor = store.run(
            "INSERT INTO message (number, app, sender, kind, title, text, payload, provider,"
            " account, ref, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'nhn', 'k', 'r-1', ?)",
            (
                number,
                app,
                sender,
                kind,
                title,
                text,
                orjson.dumps(dict(parts or {})).decode(),
                store.now(),
            ),
        )
        message_id = cursor.lastrowid or 0
        appear(store, [Line(message_id, number, app, sender)])
    return message_id
