"""A repeat hears the first answer, though by now the request could not be accepted any more.

The first answer may never have been heard (K02). Refusing the repeat would say that nothing was
accepted, and the caller's next request would be a second copy.
"""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func
from sqlmodel import select

from app.api import batches, messages
from app.db.models import Message
from app.db.models.fields import now
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, bearer

PERSON = {"to": "010-1234-5678", "variables": {"이름": "김하나", "상품": "멸치"}}
PATHS: dict[str, dict[str, Any]] = {
    "/v1/messages": PERSON,
    "/v1/messages/batch": {"messages": [PERSON]},
}


@pytest.fixture
async def ready(client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> Shop:
    made = await client.post("/v1/templates", json=NOTICE, headers=bearer(shop.keys["test"]))
    assert made.status_code == 201, made.text
    await approve(runtime, shop)
    return shop


async def post(
    client: httpx.AsyncClient, shop: Shop, path: str, body: dict[str, Any]
) -> httpx.Response:
    headers = {**bearer(shop.keys["test"]), "Idempotency-Key": "order-7"}
    return await client.post(path, json=body, headers=headers)


async def stored(runtime: Runtime) -> int:
    async with runtime.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(Message)) or 0)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("when", ["send_at", "expires_at"])
async def test_after_its_time(
    client: httpx.AsyncClient,
    ready: Shop,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    when: str,
) -> None:
    at = (now() + timedelta(minutes=10)).isoformat()
    body = {"template": NOTICE["code"], when: at, **PATHS[path]}
    first = await post(client, ready, path, body)
    assert first.status_code == 202, first.text
    for module in (messages, batches):
        monkeypatch.setattr(module, "clock", lambda: now() + timedelta(hours=1))
    again = await post(client, ready, path, body)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await stored(runtime) == 1
    other = await post(client, ready, path, {**body, "priority": "high"})
    assert (other.status_code, other.json()["code"]) == (422, f"{when}_past")


async def test_a_resend_after_the_message_moved_on(
    client: httpx.AsyncClient, ready: Shop, runtime: Runtime
) -> None:
    body = {"template": NOTICE["code"], **PERSON}
    first = await post(client, ready, "/v1/messages", body)
    path = f"/v1/messages/{first.json()['id']}/resend"
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE message SET status = 'unknown'")
    resent = await post(client, ready, path, {"both_may_arrive": True})
    assert resent.status_code == 202, resent.text
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE message SET status = 'sent' WHERE resend_of IS NULL")
    again = await post(client, ready, path, {"both_may_arrive": True})
    assert (again.status_code, again.json()) == (202, resent.json())
    assert await stored(runtime) == 2


async def test_a_request_that_was_never_accepted_is_refused(
    client: httpx.AsyncClient, ready: Shop, runtime: Runtime
) -> None:
    past = (now() - timedelta(hours=1)).isoformat()
    for path, body in PATHS.items():
        for _ in range(2):
            answer = await post(client, ready, path, {"template": "x", "send_at": past, **body})
            assert answer.status_code == 422, answer.text
    assert await stored(runtime) == 0
