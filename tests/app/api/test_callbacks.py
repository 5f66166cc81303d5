"""Callbacks over HTTP: only the provider gets in, everything is kept once and as it came."""

import hashlib
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from fastapi import FastAPI
from sqlmodel import col, select, update

from app.db.models import InboundEvent, ProviderAccount, ReceiptInbox
from app.services import callbacks
from app.services.runtime import Runtime
from tests.app.api.shop import NHN, Shop

RESULT = orjson.dumps({"event": "MESSAGE_RESULT_UPDATE", "hooks": [{"planted": "01012345678"}]})
CHAT: dict[str, Any] = {
    "sender_key": "key-shop-chat",
    "user_key": "u1",
    "time": "1767225600000",
    "serial_number": "s1",
    "type": "text",
    "content": "안녕하세요",
}


def path(shop: Shop, name: str = "sandbox", provider: str = "nhn", kind: str = "") -> str:
    base = f"/callbacks/{provider}/{shop.accounts[name].id}/{shop.secrets[name]}"
    return f"{base}/{kind}" if kind else base


async def rows(runtime: Runtime, table: type[Any]) -> list[Any]:
    async with runtime.database.read() as session:
        return list(await session.exec(select(table)))


async def test_a_result_is_kept_as_it_came_and_once(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    """P11, P16: a repeat, or a replay, is one row."""
    headers = {"X-Toast-Webhook-Signature": "s"}
    for _ in range(3):
        answer = await client.post(path(shop), content=RESULT, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {})
    (row,) = await rows(runtime, ReceiptInbox)
    assert (row.kind, row.account_id) == ("", shop.accounts["sandbox"].id)
    assert row.body_hash == hashlib.sha256(RESULT).digest()
    assert row.due_at is not None
    assert b"planted" not in row.sealed
    callback = callbacks.reopen(runtime.sealer, row)
    assert callback.body == RESULT
    assert callback.headers["x-toast-webhook-signature"] == "s"
    assert await rows(runtime, InboundEvent) == []


async def test_the_same_body_of_another_kind_or_account_is_kept_too(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    for where in (path(shop), path(shop, kind="sms"), path(shop, "live")):
        assert (await client.post(where, content=RESULT)).status_code == 200
    kinds = sorted((row.account_id, row.kind) for row in await rows(runtime, ReceiptInbox))
    sandbox, live = (shop.accounts[name].id for name in ("sandbox", "live"))
    assert kinds == [(sandbox, ""), (sandbox, "sms"), (live, "")]


async def test_a_chat_event_is_known_by_the_provider_s_own_identity(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    where = path(shop, "chat", "consult", "message")
    for indent in (0, orjson.OPT_INDENT_2):
        answer = await client.post(where, content=orjson.dumps(CHAT, option=indent))
        assert answer.status_code == 200
    (row,) = await rows(runtime, InboundEvent)
    assert (row.kind, row.workspace_id) == ("message", shop.workspace_id)
    assert (row.due_at, row.tries) == (None, 1)  # applied
    assert orjson.loads(callbacks.reopen(runtime.sealer, row).body) == CHAT
    assert await rows(runtime, ReceiptInbox) == []


async def test_every_wrong_address_gets_the_same_answer(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    """P16: 404, and nobody learns which part was wrong."""
    account, secret = shop.accounts["sandbox"].id, shop.secrets["sandbox"]
    answers = [
        await client.post(wrong, content=RESULT)
        for wrong in (
            f"/callbacks/nhn/{account}/{'0' * 32}",
            f"/callbacks/nhn/{uuid4()}/{secret}",
            f"/callbacks/nhn/{shop.accounts['live'].id}/{secret}",
            f"/callbacks/consult/{account}/{secret}",
            f"/callbacks/nhn/first/{secret}",
            f"/callbacks/nhn/{account}/%20",
            f"/callbacks/nhn/{account}/{secret}/%00",
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert await rows(runtime, ReceiptInbox) == []


@pytest.mark.parametrize("signature", ["", "wrong", "café"])
async def test_a_wrong_signature_is_refused(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop, signature: str
) -> None:
    """P16: 401, and nothing is kept."""
    account = shop.accounts["sandbox"]
    given = {**NHN, "webhook_signature": "right", "callback_secret": shop.secrets["sandbox"]}
    sealed = runtime.sealer.seal("provider_account", shop.workspace_id, account.id, given)
    assert (await client.post(path(shop), content=RESULT)).status_code == 200
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(ProviderAccount)
            .where(col(ProviderAccount.id) == account.id)
            .values(credentials_sealed=sealed)
        )
    headers = {b"X-Toast-Webhook-Signature": signature.encode()}
    refused = await client.post(path(shop), content=RESULT + b" ", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "bad_callback")
    headers = {b"X-Toast-Webhook-Signature": b"right"}
    taken = await client.post(path(shop), content=RESULT + b" ", headers=headers)
    assert taken.status_code == 200
    assert len(await rows(runtime, ReceiptInbox)) == 2


@pytest.mark.parametrize(
    ("kind", "body"), [("message", b"{"), ("message", b"{}"), ("strange", orjson.dumps(CHAT))]
)
async def test_what_is_not_of_the_hub_s_form_is_refused(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop, kind: str, body: bytes
) -> None:
    answer = await client.post(path(shop, "chat", "consult", kind), content=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_callback")
    assert await rows(runtime, InboundEvent) == []


async def test_a_large_body_is_not_read(client: httpx.AsyncClient, shop: Shop) -> None:
    answer = await client.post(path(shop), content=b"x" * 1_000_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_the_scheduler_is_told(app: FastAPI, client: httpx.AsyncClient, shop: Shop) -> None:
    hints = app.state.runtime.database.hints
    await client.post(path(shop), content=RESULT)
    await hints.wait()  # returns only after a hint
