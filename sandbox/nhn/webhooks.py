"""Webhooks of both products, queued; results in batches: MESSAGE_RESULT_UPDATE."""

import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import orjson

from sandbox.nhn.wire import new_request_id, seoul
from sandbox.store import FORGED, Store

MOST_HOOKS = 500
RESULT = "MESSAGE_RESULT_UPDATE"
ID_BYTES = 12
PRODUCTS = {"alimtalk": "KakaoTalk Bizmessage", "sms": "Sms"}
# senderType is printed for an SMS only; the others are named after it
SENDER_TYPES = {"sms": "NORMAL_SMS", "lms": "NORMAL_LMS", "mms": "NORMAL_MMS"}


def queue_results(
    store: Store,
    results: Iterable[tuple[sqlite3.Row, str]],
    wait_ms: int = 0,
    forged: str = "",
) -> None:
    """Queue the results (message row, delivery code) of accounts that gave an address.

    Rows need the columns of `message`. Inside a transaction. Nothing while webhooks are off.
    They leave after `wait_ms`. forged: "reference" speaks of messages nobody sent, "signature"
    shows another signature, of accounts that have one.
    """
    if not store.settings.webhooks:
        return
    accounts = {
        row["app_key"]: row
        for row in store.all("SELECT * FROM nhn_account WHERE webhook_url <> ''")
        if forged != "signature" or row["webhook_signature"]
    }
    found: dict[tuple[str, str], list[tuple[sqlite3.Row, str]]] = defaultdict(list)
    for row, code in results:
        if row["provider"] == "nhn" and row["account"] in accounts:
            product = "alimtalk" if row["kind"] == "alimtalk" else "sms"
            found[row["account"], product].append((row, code))
    for (account, product), pairs in found.items():
        key = accounts[account]["app_key" if product == "alimtalk" else "sms_app_key"]
        for batch in _batches(pairs):
            hooks = _hooks(store, product, batch)
            if forged == "reference":
                hooks = [hook | _unknown(store) for hook in hooks]
            body = _body(store, product, (key, RESULT), hooks)
            path = FORGED if forged == "signature" else ""
            _queue(store, (product, account, path), body, wait_ms)


def _unknown(store: Store) -> dict[str, str]:
    """References of a message that nobody sent."""
    reference = secrets.token_hex(13)
    return {"requestId": new_request_id(store.now()), "recipientGroupingKey": reference}


def queue_hooks(store: Store, app_key: str, event: str, hooks: list[dict[str, Any]]) -> None:
    """Queue hooks of another event of Bizmessage, when this account gave an address."""
    row = store.one("SELECT webhook_url FROM nhn_account WHERE app_key = ?", (app_key,))
    if store.settings.webhooks and row is not None and row["webhook_url"]:
        body = _body(store, "alimtalk", (app_key, event), hooks)
        _queue(store, ("alimtalk", app_key, ""), body, 0)


def _batches(
    pairs: Sequence[tuple[sqlite3.Row, str]],
) -> Iterable[list[tuple[sqlite3.Row, str]]]:
    rest = iter(pairs)
    while batch := list(islice(rest, MOST_HOOKS)):
        yield batch


def _hooks(
    store: Store, product: str, pairs: Sequence[tuple[sqlite3.Row, str]]
) -> list[dict[str, Any]]:
    """As the product writes them. Their ids are cut from one drawing, which is much cheaper."""
    hook = _alimtalk_hook if product == "alimtalk" else _sms_hook
    now, drawn = store.now(), secrets.token_hex(ID_BYTES * len(pairs))
    size = 2 * ID_BYTES
    return [
        {"hookId": drawn[n * size : (n + 1) * size], **hook(row, code, now)}
        for n, (row, code) in enumerate(pairs)
    ]


def _body(
    store: Store, product: str, source: tuple[str, str], hooks: list[dict[str, Any]]
) -> bytes:
    """source: app key and event."""
    key, event = source
    return orjson.dumps(
        {
            "hooksId": seoul(store.now(), "%Y%m%d%H%M%S") + secrets.token_hex(6),
            "webhookConfigId": "sandbox",
            "productName": PRODUCTS[product],
            "appKey": key,
            "event": event,
            "hooks": hooks,
        }
    )


def _queue(store: Store, to: tuple[str, str, str], body: bytes, wait_ms: int) -> None:
    """to: product, account, and FORGED or ""."""
    now = store.now()
    store.run(
        "INSERT INTO outbox (kind, account, path, lane, body, due_at, created_at)"
        " VALUES (?, ?, ?, '', ?, ?, ?)",
        (*to, body, now + wait_ms, now),
    )
    store.mail_due.set()


def _shared(row: sqlite3.Row, code: str) -> dict[str, Any]:
    return {
        "requestId": row["request_id"],
        "recipientSeq": row["recipient_seq"],
        "recipientNo": row["number"],
        "resultCode": code,
        "senderGroupingKey": row["sender_ref"] or None,
        "recipientGroupingKey": row["ref"] or None,
    }


def _alimtalk_hook(row: sqlite3.Row, code: str, now: int) -> dict[str, Any]:
    lane = "auth/" if row["auth"] else ""
    path = f"/alimtalk/v2.3/appkeys/{row['account']}/{lane}messages"
    href = f"https://kakaotalk-bizmessage.api.nhncloudservice.com{path}"
    return {
        **_shared(row, code),
        "kakaoMessageType": "ALIMTALK_AUTH" if row["auth"] else "ALIMTALK_NORMAL",
        "requestDate": seoul(row["request_at"]),
        "createDate": seoul(row["created_at"]),
        "receiveDate": seoul(now),
        "isAddedChannel": None,
        "_links": {"self": {"href": f"{href}/{row['request_id']}/{row['recipient_seq']}"}},
    }


def _sms_hook(row: sqlite3.Row, code: str, now: int) -> dict[str, Any]:
    form = "%Y-%m-%dT%H:%M:%S"
    path = ("auth/sms" if row["auth"] else "sms") if row["kind"] == "sms" else "mms"
    href = f"https://sms.api.nhncloudservice.com/sms/v3.0/sender/{path}/{row['request_id']}"
    return {
        **_shared(row, code),
        "senderType": "AUTH_SMS" if row["auth"] else SENDER_TYPES[row["kind"]],
        "requestDate": seoul(row["request_at"], form),
        "receiveDate": seoul(now, form),
        "sendNo": row["sender"],
        "messageStatus": "COMPLETED" if code == "1000" else "FAILED",
        "messageCount": 1,
        "_links": {"self": {"href": f"{href}?recipientSeq={row['recipient_seq']}"}},
    }
