"""A notice instead of an answer: only when the chat is closed, to a number we learnt, once."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.config import Settings
from app.db.models import Message, Thread
from app.main import create_app
from app.services import notice_instead, threads
from app.services.runtime import open_runtime
from app.services.ties import know_number
from tests.app.api.shop import NOTICE, Shop, approve, bearer, open_shop

NUMBER = "01000001001"
TALK = NOTICE | {"code": "ask_us", "buttons": [{"kind": "BC", "name": "상담하기"}]}
BODY = {
    "template": "ask_us",
    "variables": {"이름": "김하나", "상품": "신발"},
    "agent": "김나루",
}


@dataclass
class Desk:
    """A shop with an approved notice and one thread whose chat is closed."""

    client: httpx.AsyncClient
    shop: Shop
    runtime: Any
    thread: Thread

    async def ask(self, key: str | None = None, kind: str = "test", **more: Any) -> httpx.Response:
        headers = bearer(self.shop.keys[kind]) | ({"Idempotency-Key": key} if key else {})
        path = f"/v1/consultations/{self.thread.id}/notice"
        return await self.client.post(path, json=BODY | more, headers=headers)

    async def change(self, **values: Any) -> None:
        async with self.runtime.database.write() as tx:
            thread = await tx.session.get_one(Thread, self.thread.id)
            for name, value in values.items():
                setattr(thread, name, value)

    async def lines(self) -> list[Any]:
        path = f"/v1/consultations/{self.thread.id}/messages"
        got = await self.client.get(path, headers=bearer(self.shop.keys["test"]))
        found: list[Any] = got.json()["items"]
        return found


@pytest.fixture
async def desk(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    settings = Settings(data=tmp_path, database_url="")
    app = create_app(settings)
    async with open_runtime(settings) as runtime, app.router.lifespan_context(app):
        shop = await open_shop(runtime)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://naru") as client:
            for notice in (TALK, NOTICE):
                await client.post("/v1/templates", json=notice, headers=bearer(shop.keys["live"]))
            await approve(runtime, shop)
            async with runtime.database.write() as tx:
                sender = shop.senders["chat chat"]
                thread = await threads.find_or_open(
                    tx, runtime.sealer, sender, "customer-key", tx.now
                )
                know_number(runtime.sealer, thread, NUMBER)
            yield Desk(client, shop, runtime, thread)


async def test_it_is_an_ordinary_message_and_an_event_of_the_thread(desk: Desk) -> None:
    got = await desk.ask("k1")
    assert got.status_code == 202, got.text
    told = got.json()
    assert (told["status"], told["simulated"]) == ("queued", True)
    async with desk.runtime.database.read() as session:
        message = await session.get_one(Message, UUID(told["message_id"]))
    assert (message.mode, message.number_hash) == (
        "sandbox",
        desk.runtime.sealer.number_hash(desk.shop.workspace_id, NUMBER),
    )
    (line,) = await desk.lines()
    assert (line["kind"], line["text"], line["author"]) == (
        "event",
        notice_instead.TEXT,
        "김나루",
    )
    assert line["content"] == {"notice_id": told["message_id"]}
    again = await desk.ask("k1")
    assert again.json()["message_id"] == told["message_id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(await desk.lines()) == 1


async def test_a_death_before_the_line_is_mended_by_the_repeat(desk: Desk) -> None:
    """Accepted, then the process died: the same message under the same key is what is stored."""
    body = {name: BODY[name] for name in ("template", "variables")} | {"to": NUMBER}
    headers = bearer(desk.shop.keys["test"]) | {"Idempotency-Key": "k1"}
    first = await desk.client.post("/v1/messages", json=body, headers=headers)
    assert await desk.lines() == []
    for _ in range(2):
        got = await desk.ask("k1")
        assert got.json()["message_id"] == first.json()["id"]
        assert got.headers["Idempotent-Replayed"] == "true"
    assert [one["content"]["notice_id"] for one in await desk.lines()] == [first.json()["id"]]


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"template": "order_shipped"}, 422, "no_consult_button"),
        ({"variables": {}}, 422, "missing_variable"),
        ({"agent": " "}, 422, "bad_agent"),
        ({"template": "nothing"}, 422, "unknown_template"),
    ],
)
async def test_what_cannot_be_sent_is_said(
    desk: Desk, more: dict[str, Any], status: int, code: str
) -> None:
    got = await desk.ask(**more)
    assert (got.status_code, got.json()["code"]) == (status, code)
    assert await desk.lines() == []


async def test_an_unknown_number_is_refused_clearly(desk: Desk) -> None:
    sealed = desk.runtime.sealer.seal(
        "consult_thread", desk.thread.workspace_id, desk.thread.id, {"user_key": "customer-key"}
    )
    await desk.change(sealed=sealed, number_hash=None)
    got = await desk.ask()
    assert (got.status_code, got.json()["code"]) == (409, "number_unknown")


async def test_blocked_customers_and_other_modes(desk: Desk) -> None:
    got = await desk.ask(kind="live")
    assert (got.status_code, got.json()["code"]) == (409, "other_mode")
    await desk.change(blocked_at=desk.thread.created_at)
    got = await desk.ask()
    assert (got.status_code, got.json()["code"]) == (409, "customer_blocked")


async def test_an_open_chat_is_answered_instead(desk: Desk) -> None:
    async with desk.runtime.database.write() as tx:
        thread = await tx.session.get_one(Thread, desk.thread.id)
        await threads.permit(tx, thread, tx.now, "1")
    got = await desk.ask()
    assert (got.status_code, got.json()["code"]) == (409, "chat_open")
