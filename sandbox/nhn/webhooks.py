"""Result webhooks of both products, queued in batches: MESSAGE_RESULT_UPDATE."""

import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import orjson

from sandbox.nhn.wire import seoul
from sandbox.store import Store

MOST_HOOKS = 500
PRODUCTS = {"alimtalk": "KakaoTalk Bizmessage", "sms": "Sms"}
# senderType of a long text is not printed in the guide; named after the one for SMS
SENDER_TYPES = {"sms": "NORMAL_SMS", "lms": "NORMAL_LMS"}


def queue_results(
    store: Store, results: Iterable[tuple[sqlite3.Row, str]], wait_ms: int = 0
) -> None:
    """Queue the results (message row, delivery code) of accounts that gave an address.

    Rows need the columns of `message`. Inside a transaction. Nothing while webhooks are off.
    They leave after `wait_ms`.
    """
    if not store.settings.webhooks:
        return
    accounts = {
        row["app_key"]: row
        for row in store.all("SELECT * FROM nhn_account WHERE webhook_url <> ''")
    }
    hooks: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row, code in results:
        if row["provider"] == "nhn" and row["account"] in accounts:
            alimtalk = row["kind"] == "alimtalk"
            hook = _alimtalk_hook(store, row, code) if alimtalk else _sms_hook(store, row, code)
            hooks[row["account"], "alimtalk" if alimtalk else "sms"].append(hook)
    for (account, product), found in hooks.items():
        key = accounts[account]["app_key" if product == "alimtalk" else "sms_app_key"]
        for batch in _batches(found):
            body = _body(store, product, key, batch)
            _queue(store, account, product, body, wait_ms)


def _batches(hooks: Sequence[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    rest = iter(hooks)
    while batch := list(islice(rest, MOST_HOOKS)):
        yield batch


def _body(store: Store, product: str, key: str, hooks: list[dict[str, Any]]) -> bytes:
    return orjson.dumps(
        {
            "hooksId": seoul(store.now(), "%Y%m%d%H%M%S") + secrets.token_hex(6),
            "webhookConfigId": "sandbox",
            "productName": PRODUCTS[product],
            "appKey": key,
            "event": "MESSAGE_RESULT_UPDATE",
            "hooks": hooks,
        }
    )


def _queue(store: Store, account: str, product: str, body: bytes, wait_ms: int) -> None:
    now = store.now()
    store.run(
        "INSERT INTO outbox (kind, account, path, lane, body, due_at, created_at)"
        " VALUES (?, ?, '', '', ?, ?, ?)",
        (product, account, body, now + wait_ms, now),
    )
    store.mail_due.set()


def _shared(row: sqlite3.Row, code: str) -> dict[str, Any]:
    return {
        "hookId": secrets.token_hex(12),
        "requestId": row["request_id"],
        "recipientSeq": row["recipient_seq"],
        "recipientNo": row["number"],
        "resultCode": code,
        "senderGroupingKey": row["sender_ref"] or None,
        "recipientGroupingKey": row["ref"] or None,
    }


def _alimtalk_hook(store: Store, row: sqlite3.Row, code: str) -> dict[str, Any]:
    path = f"/alimtalk/v2.3/appkeys/{row['account']}/messages"
    href = f"https://kakaotalk-bizmessage.api.nhncloudservice.com{path}"
    return {
        **_shared(row, code),
        "kakaoMessageType": "ALIMTALK_NORMAL",
        "requestDate": seoul(row["request_at"]),
        "createDate": seoul(row["created_at"]),
        "receiveDate": seoul(store.now()),
        "isAddedChannel": None,
        "_links": {"self": {"href": f"{href}/{row['request_id']}/{row['recipient_seq']}"}},
    }


def _sms_hook(store: Store, row: sqlite3.Row, code: str) -> dict[str, Any]:
    form = "%Y-%m-%dT%H:%M:%S"
    path = "sms" if row["kind"] == "sms" else "mms"
    href = f"https://sms.api.nhncloudservice.com/sms/v3.0/sender/{path}/{row['request_id']}"
    return {
        **_shared(row, code),
        "senderType": SENDER_TYPES[row["kind"]],
        "requestDate": seoul(row["request_at"], form),
        "receiveDate": seoul(store.now(), form),
        "sendNo": row["sender"],
        "messageStatus": "COMPLETED" if code == "1000" else "FAILED",
        "messageCount": 1,
        "_links": {"self": {"href": f"{href}?recipientSeq={row['recipient_seq']}"}},
    }
