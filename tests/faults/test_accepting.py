"""The application dies while it accepts, or right after a 200: what the caller was told is true."""

import asyncio
import signal
from typing import Any

import httpx
import orjson
import pytest
from sqlmodel import select

from app.config import Settings
from app.db.models import IdempotencyKey, Message, ReceiptInbox
from app.services.runtime import Runtime
from tests.app.api.shop import Shop, bearer
from tests.faults.shop import BODY, count
from tests.faults.witness import start

pytestmark = pytest.mark.long  # kills of real processes take their time

KEY = ("Idempotency-Key", "order-7")


async def post_and_die(
    settings: Settings, moment: str, key: str, path: str, body: Any, *headers: str
) -> list[Any]:
    """What the caller of a dying application heard: nothing, or status and text."""
    command = ("post", moment, key, path, orjson.dumps(body).decode(), *headers)
    process = await start(settings, *command, out=asyncio.subprocess.PIPE)
    heard, _ = await process.communicate()
    assert process.returncode == -signal.SIGKILL
    said = [line for line in heard.splitlines() if line.startswith(b"[")]  # beside the log
    return list(orjson.loads(said[-1])) if said else []


@pytest.mark.parametrize(
    ("moment", "stored", "replayed"), [("before commit", 0, None), ("after commit", 1, "true")]
)
async def test_killed_while_it_accepts(
    runtime: Runtime,
    shop: Shop,
    client: httpx.AsyncClient,
    moment: str,
    stored: int,
    replayed: str | None,
) -> None:
    """K01, K02: no 202 was heard; a repeat with the same key makes one message, or finds it."""
    key = shop.keys["test"]
    assert await post_and_die(runtime.settings, moment, key, "/v1/messages", BODY, *KEY) == []
    assert [await count(runtime, t) for t in (Message, IdempotencyKey)] == [stored, stored]
    again = await client.post("/v1/messages", json=BODY, headers={**bearer(key), KEY[0]: KEY[1]})
    assert (again.status_code, again.headers.get("Idempotent-Replayed")) == (202, replayed)
    assert await count(runtime, Message) == 1
    shown = await client.get(f"/v1/messages/{again.json()['id']}", headers=bearer(key))
    assert shown.json()["status"] == "queued"


async def test_killed_right_after_the_200_of_a_receipt(runtime: Runtime, shop: Shop) -> None:
    """K11: a provider that heard 200 never has to say it again."""
    path = f"/callbacks/nhn/{shop.accounts['sandbox'].id}/{shop.secrets['sandbox']}"
    body = {"event": "MESSAGE_RESULT_UPDATE", "hooks": []}
    heard = await post_and_die(runtime.settings, "after the answer", "", path, body)
    assert heard == [200, "{}"]
    async with runtime.database.read() as session:
        row = (await session.exec(select(ReceiptInbox))).one()
    assert row.due_at is not None, "the scheduler finds it"
