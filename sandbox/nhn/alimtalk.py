"""Alimtalk v2.3: POST /raw-messages and /messages."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.chaos.sending import pass_through
from sandbox.nhn.accounts import Account, alimtalk_account, need_sender, store_of
from sandbox.nhn.checks import check_filled, check_full
from sandbox.nhn.intake import Batch, Draft, is_repeated, respond, sending_of, take
from sandbox.nhn.wire import ALIMTALK, MINUTE, Refused, answer, biz, new_request_id, parse_time
from sandbox.nhn.wire import read_json as read
from sandbox.store import Store

MOST_RECIPIENTS = 1_000
FARTHEST_MS = 60 * 24 * 3600 * 1000
Json = Mapping[str, Any]
Check = Callable[[Json, int, Json], Draft | int]

router = APIRouter(prefix="/nhn/alimtalk/v2.3/appkeys/{app_key}")


@router.post("/raw-messages")
async def send_full(request: Request, app_key: str) -> Response:
    return await _send(request, app_key, check_full)


@router.post("/messages")
async def send_filled(request: Request, app_key: str) -> Response:
    return await _send(request, app_key, check_filled)


async def _send(request: Request, app_key: str, check: Check) -> Response:
    store, account = store_of(request), alimtalk_account(request, app_key)
    body = await read(request, biz(-9996), biz(-3002))
    sending = sending_of(account.app_key, "alimtalk", body)
    return await pass_through(store.chaos, sending, lambda: _take(request, account, body, check))


async def _take(request: Request, account: Account, body: Json, check: Check) -> Response:
    store = store_of(request)
    if store.settings.accept_delay_s:
        await asyncio.sleep(store.settings.accept_delay_s)
    key = request.headers.get("x-nc-api-idempotency-key", "")
    if is_repeated(store, account.app_key, key):
        raise biz(-1005)
    sender_key = _text(body, "senderKey", 40)
    template = _template(store, account, sender_key, _text(body, "templateCode", 20))
    recipients = _recipients(body)
    batch = Batch(
        account=account.app_key,
        app="chat",
        kind="alimtalk",
        sender=sender_key,
        request_id=new_request_id(store.now()),
        sender_ref=_text(body, "senderGroupingKey", 100, needed=False),
        template_code=_text(body, "templateCode", 20),
        request_at=_reserved_at(store, body),
        idempotency_key=key,
    )
    checked = [check(template, seq, one) for seq, one in enumerate(recipients, 1)]
    drafts = [one for one in checked if isinstance(one, Draft)]
    lost = take(store, batch, drafts, len(checked) - len(drafts))
    return await respond(request, store, _answer(batch, recipients, checked), lost)


def _answer(batch: Batch, recipients: list[Json], checked: list[Draft | int]) -> Response:
    results = [
        _result(seq, one, found)
        for seq, (one, found) in enumerate(zip(recipients, checked, strict=True), 1)
    ]
    message = {
        "requestId": batch.request_id,
        "senderGroupingKey": batch.sender_ref or None,
        "sendResults": results,
    }
    if all(result["resultCode"] for result in results):
        return answer({"message": message}, -1031, ALIMTALK[-1031])
    return answer({"message": message})


def _result(seq: int, recipient: Json, found: Draft | int) -> dict[str, Any]:
    code = 0 if isinstance(found, Draft) else found
    return {
        "recipientSeq": seq,
        "recipientNo": recipient.get("recipientNo"),
        "resultCode": code,
        "resultMessage": ALIMTALK[code].format("content", ""),
        "recipientGroupingKey": recipient.get("recipientGroupingKey"),
    }


def _template(store: Store, account: Account, sender_key: str, code: str) -> dict[str, Any]:
    """The registered body of an approved template. Raises -2017, -1027, -3003, -3005."""
    if need_sender(store, account, sender_key)["blocked"]:
        raise biz(-1027)
    row = store.one("SELECT * FROM template WHERE sender_key = ? AND code = ?", (sender_key, code))
    if row is None:
        raise biz(-3003)
    if row["status"] != "TSC03" or row["block"] or row["dormant"]:
        raise biz(-3005)
    body: dict[str, Any] = orjson.loads(row["body"])
    return body


def _recipients(body: Json) -> list[Json]:
    recipients = body.get("recipientList")
    if recipients is None:
        raise biz(-2002, "recipientList")
    if not isinstance(recipients, list) or not all(isinstance(one, dict) for one in recipients):
        raise biz(4, "recipientList")
    if not recipients:
        raise biz(-2001, "recipientList")
    if len(recipients) > MOST_RECIPIENTS:
        raise biz(-2000, "recipientList", MOST_RECIPIENTS)
    for one in recipients:
        _text(one, "recipientGroupingKey", 100, needed=False)
        if (one.get("resendParameter") or {}).get("isResend"):
            raise biz(-2502)
    return recipients


def _text(body: Json, field: str, most: int, needed: bool = True) -> str:
    """A text field. Raises -2002, -2001, -2000 or 4."""
    value = body.get(field)
    if value is None and not needed:
        return ""
    refusal: Refused | None = None
    if value is None:
        refusal = biz(-2002, field)
    elif not isinstance(value, str):
        refusal = biz(4, field)
    elif needed and not value.strip():
        refusal = biz(-2001, field)
    elif len(value) > most:
        refusal = biz(-2000, field, most)
    if refusal:
        raise refusal
    return str(value)


def _reserved_at(store: Store, body: Json) -> int:
    """Milliseconds of `requestDate`, 0 without one. Raises -2025, -2026, -2027."""
    text = body.get("requestDate")
    if text is None:
        return 0
    at = parse_time(str(text), MINUTE)
    if at is None:
        raise biz(-2027)
    if at < store.now() - 60_000:
        raise biz(-2025)
    if at > store.now() + FARTHEST_MS:
        raise biz(-2026)
    return at
