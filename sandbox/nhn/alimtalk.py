"""Alimtalk v2.3: POST /raw-messages and /messages, and both for authentication messages."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.chaos.sending import pass_through
from sandbox.nhn.accounts import Account, alimtalk_account, need_sender, store_of
from sandbox.nhn.checks import check_filled, check_full
from sandbox.nhn.fallback import planned
from sandbox.nhn.fields import need_text, read_text
from sandbox.nhn.intake import Batch, Draft, is_repeated, respond, sending_of, take
from sandbox.nhn.wire import MINUTE, answer, biz, new_request_id, parse_time
from sandbox.nhn.wire import read_json as read
from sandbox.nhn.words import ALIMTALK
from sandbox.reviews import get_template
from sandbox.store import Store

MOST_RECIPIENTS, LONGEST_AUTHOR = 1_000, 100
AUTH_WORDS = ("auth", "password", "verif", "にんしょう", "認証", "비밀번호", "인증")
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


@router.post("/auth/raw-messages")
async def send_full_auth(request: Request, app_key: str) -> Response:
    return await _send(request, app_key, _with_auth_word(check_full), auth=True)


@router.post("/auth/messages")
async def send_filled_auth(request: Request, app_key: str) -> Response:
    return await _send(request, app_key, _with_auth_word(check_filled), auth=True)


def _with_auth_word(check: Check) -> Check:
    """The same check, after which the text must say that it is about authentication (-8006)."""

    def checked(template: Json, seq: int, one: Json) -> Draft | int:
        found = check(template, seq, one)
        if isinstance(found, Draft) and not any(word in found.text.lower() for word in AUTH_WORDS):
            return -8006
        return found

    return checked


async def _send(request: Request, app_key: str, check: Check, auth: bool = False) -> Response:
    store, account = store_of(request), alimtalk_account(request, app_key)
    body = await read(request, biz(-9996), biz(-3002))
    sending = sending_of(request, account.app_key, "alimtalk", body)
    return await pass_through(
        store.chaos, sending, lambda: _take(request, account, body, (check, auth))
    )


async def _take(
    request: Request, account: Account, body: Json, how: tuple[Check, bool]
) -> Response:
    check, auth = how
    store = store_of(request)
    if store.settings.accept_delay_s:
        await asyncio.sleep(store.settings.accept_delay_s)
    key = request.headers.get("x-nc-api-idempotency-key", "")
    if is_repeated(store, account.app_key, key):
        raise biz(-1005)
    sender_key, code = need_text(body, "senderKey", 40), need_text(body, "templateCode", 20)
    sender = _sender(store, account, sender_key)
    template = _template(store, sender_key, code)
    recipients = _recipients(body)
    batch = Batch(
        account=account.app_key,
        app="chat",
        kind="alimtalk",
        sender=sender_key,
        request_id=new_request_id(store.now()),
        sender_ref=read_text(body, "senderGroupingKey", 100),
        template_code=code,
        request_at=_reserved_at(store, body),
        idempotency_key=key,
        auth=auth,
        author=_author(body),
        stats_id=read_text(body, "statsId", 8),
    )
    checked = [check(template, seq, one) for seq, one in enumerate(recipients, 1)]
    drafts = [
        replace(found, resend=planned(store, sender, one, found))
        for one, found in zip(recipients, checked, strict=True)
        if isinstance(found, Draft)
    ]
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


def _author(body: Json) -> str:
    """Raises 4, -8004."""
    author = body.get("createUser") or ""
    if not isinstance(author, str):
        raise biz(4, "createUser")
    if len(author) > LONGEST_AUTHOR:
        raise biz(-8004)
    return author


def _sender(store: Store, account: Account, sender_key: str) -> sqlite3.Row:
    """Raises -2017, -1027."""
    sender = need_sender(store, account, sender_key)
    if sender["blocked"]:
        raise biz(-1027)
    return sender


def _template(store: Store, sender_key: str, code: str) -> dict[str, Any]:
    """The registered body of an approved template. Raises -3003, -3005."""
    template = get_template(store, sender_key, code)
    if template is None:
        raise biz(-3003)
    if not template.can_send:
        raise biz(-3005)
    return template.body


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
        read_text(one, "recipientGroupingKey", 100)
    return recipients


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
