"""What an app tells by itself: that a push came and was shown, was read, was acknowledged.

It posts to the address that came with the push (`naru_receipts`), with the token that came with it
(`naru_token`), by the same outbox as all webhooks: late, again and in vain, as the dial says.
"""

import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from sandbox.chaos.hooks import forged, stirred
from sandbox.inbox import Message
from sandbox.outbound import LAST_TRY
from sandbox.store import Store
from sandbox.talks import CannotDo, need_phone

FCM = "fcm"
ARRIVED = ("received", "shown")
READ, ACKNOWLEDGED = 0, 1  # as places among what was pressed on a push
WHATS = ("read", "acknowledged")


def tell_arrivals(store: Store, rows: Iterable[sqlite3.Row]) -> None:
    """These pushes are on their phones now. Inside a transaction."""
    for row in rows:
        data = orjson.loads(row["payload"]).get("data", {})
        _post(store, (row["account"], row["number"], row["id"]), data, ARRIVED)


def press(store: Store, number: str, message: Message | None, what: str) -> list[str]:
    """The person opens a push, or confirms it; returns what the app then tells, once each.

    Raises CannotDo: no_phone, no_message, no_button (404); off (409).
    """
    phone = need_phone(store, number)
    is_there = message is not None and message.number == number and message.arrival is not None
    if message is None or not is_there or message.app != "push":
        raise CannotDo("no_message", "이 전화기에 그런 알림이 없습니다", 404)
    if what == WHATS[ACKNOWLEDGED] and not asks(message):
        raise CannotDo("no_button", "확인을 바라는 알림이 아닙니다", 404)
    if not phone.on:
        raise CannotDo("off", "전원이 꺼져 있습니다")
    wanted = WHATS[: WHATS.index(what) + 1]  # who confirms it has read it
    told = [one for place, one in enumerate(wanted) if place not in message.pressed]
    if not told:
        return []
    pressed = sorted({*message.pressed, *(WHATS.index(one) for one in told)})
    with store.tx():
        store.run(
            "UPDATE message SET pressed = ? WHERE id = ?",
            (orjson.dumps(pressed).decode(), message.id),
        )
        _post(store, (message.account, number, message.id), message.data, told)
        store.changes.touch([number])
    return told


def asks(message: Message) -> bool:
    """Whether the sender waits for a confirmation."""
    return bool(message.data.get("naru_ask") == "acknowledge")


def _post(
    store: Store, whose: tuple[str, str, int], data: Mapping[str, Any], whats: Iterable[str]
) -> None:
    """whose: project, number and id of the message. Without an address nothing is told."""
    project, number, message_id = whose
    to, token = str(data.get("naru_receipts", "")), str(data.get("naru_token", ""))
    if not token or not to.startswith(("http://", "https://")):
        return
    now = store.now()
    at = datetime.fromtimestamp(now / 1000, UTC).isoformat()

    def put(body: bytes, lane: str, tries: int, wait_ms: int) -> None:
        store.run(
            "INSERT INTO outbox (kind, account, path, lane, body, tries, due_at, created_at)"
            " VALUES ('app', ?, ?, ?, ?, ?, ?, ?)",
            (project, to, lane, body, tries, now + wait_ms, now),
        )

    def written(token: str) -> bytes:
        return orjson.dumps(
            {"receipts": [{"token": token, "what": what, "at": at} for what in whats]}
        )

    whats = list(whats)
    for wait_ms, in_turn in stirred(store.chaos, project, number, FCM):
        put(written(token), f"app-{message_id}" if in_turn else "", 0, wait_ms)
    for wait_ms, how in forged(store.chaos, project, number, FCM):
        whole = written(secrets.token_hex(16))
        put(whole[: len(whole) // 2] if how == "result" else whole, "", LAST_TRY, wait_ms)
    store.mail_due.set()
