"""What leaves the consultation hub: chat sessions and the webhooks about them, queued durably.

Paths and fields: HappyTalk "kakaotalk_webhook" pages (counsel_data_reception, 2026-11). The page of
`/message` gives no full schema: `type`, `content` (a text, of a photo an object with `url`) and
`contents` (of photos, a list of such objects) are what a public receiver of these webhooks reads;
`serial_number`, `session_id` and `time` on it are our choice, and that `content` is the first of
`contents`, as is the whole body of `/expired_session` (same identity keys).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson

from sandbox.arrivals import write_line
from sandbox.chaos.hooks import forged, stirred
from sandbox.store import Store

LAST_TRY = 1_000  # tries of a webhook that is not tried again
KST = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True)
class ChatSession:
    id: int
    number: str
    sender_key: str
    user_key: str


def consults(store: Store, sender_key: str) -> bool:
    """Whether an account of the consultation hub serves this channel."""
    return bool(
        store.number("SELECT client_id IS NOT NULL FROM sender WHERE sender_key = ?", (sender_key,))
    )


def customer_key(store: Store, number: str, sender_key: str) -> str:
    """The `user_key` of this person on this channel: 12 characters, made once."""
    store.run(
        "INSERT INTO customer (number, sender_key, user_key) VALUES (?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (number, sender_key, secrets.token_hex(6)),
    )
    row = store.one(
        "SELECT user_key FROM customer WHERE number = ? AND sender_key = ?", (number, sender_key)
    )
    return str(row["user_key"]) if row else ""


def open_session(store: Store, number: str, sender_key: str) -> ChatSession:
    """The open chat session of this person on this channel; opens one when there is none."""
    now = store.now()
    user_key = customer_key(store, number, sender_key)
    opened = store.run(
        "INSERT INTO chat_session (number, sender_key, user_key, opened_at, extended_at)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (number, sender_key, user_key, now, now),
    )
    if opened.rowcount == 1:
        write_line(store, (number, sender_key, "system"), "상담을 시작했습니다")
    session_id = store.number(
        "UPDATE chat_session SET extended_at = ?"
        " WHERE number = ? AND sender_key = ? AND ended_at IS NULL RETURNING id",
        (now, number, sender_key),
    )
    return ChatSession(session_id, number, sender_key, user_key)


def end_session(store: Store, number: str, sender_key: str, tell: bool) -> int | None:
    """End the open chat session and return its id; `tell` also queues `/expired_session`."""
    row = store.one(
        "UPDATE chat_session SET ended_at = ?"
        " WHERE number = ? AND sender_key = ? AND ended_at IS NULL RETURNING id, user_key",
        (store.now(), number, sender_key),
    )
    if row is None:
        return None
    write_line(store, (number, sender_key, "system"), "상담이 종료되었습니다")
    if tell:
        session = ChatSession(row["id"], number, sender_key, row["user_key"])
        _post(store, session, "/expired_session", {})
    return int(row["id"])


def new_serial() -> str:
    """A serial number of one line of a customer."""
    return secrets.token_hex(12)


def send_text(store: Store, session: ChatSession, text: str, serial: str, line: int) -> None:
    """Queue `/message`: the customer wrote the line of this id."""
    body = {"serial_number": serial, "type": "text", "content": text}
    _post(store, session, "/message", body, line)


def send_photos(
    store: Store, session: ChatSession, urls: Sequence[str], serial: str, line: int
) -> None:
    """Queue `/message`: the customer sent one or more photos, whole addresses of ours."""
    shown = [{"url": url} for url in urls]
    body = {"serial_number": serial, "type": "photo", "content": shown[0], "contents": shown}
    _post(store, session, "/message", body, line)


def send_body(
    store: Store, session: ChatSession, body: Mapping[str, Any], serial: str, line: int
) -> None:
    """Queue `/message` with this `type` and `content`: what the customer sent in this line."""
    _post(store, session, "/message", {"serial_number": serial, **body}, line)


def send_reference(store: Store, session: ChatSession, extra: str, bot_event: str | None) -> None:
    """Queue `/reference`: why the customer came. bot_event None: to a person, else to the bot."""
    row = store.one(
        "SELECT last_extra, last_extra_at FROM customer WHERE user_key = ?", (session.user_key,)
    )
    last: dict[str, Any] = {"bot": "false" if bot_event is None else "true"}
    if row and row["last_extra"] and not extra:
        last["extra"] = row["last_extra"]
    if bot_event:
        last["bot_event"] = bot_event
    if row and row["last_extra_at"]:
        last["created_at"] = _iso(row["last_extra_at"])
    reference = {"extra": extra, "text": extra} if extra else {}
    _post(store, session, "/reference", {"reference": reference, "last_reference": last})
    if extra:
        store.run(
            "UPDATE customer SET last_extra = ?, last_extra_at = ? WHERE user_key = ?",
            (extra, store.now(), session.user_key),
        )


def _iso(ms: int) -> str:
    """ISO without a zone, Seoul time."""
    at = datetime.fromtimestamp(ms / 1000, UTC).astimezone(KST)
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def _post(
    store: Store, session: ChatSession, path: str, body: dict[str, Any], line: int | None = None
) -> None:
    row = store.one("SELECT client_id FROM sender WHERE sender_key = ?", (session.sender_key,))
    if row is None or row["client_id"] is None:
        return
    now = store.now()
    full = {
        "user_key": session.user_key,
        "sender_key": session.sender_key,
        "session_id": str(session.id),
        "app_user_id": None,
        "time": now,
        **body,
    }
    packed = orjson.dumps(full)
    for wait_ms, in_turn in stirred(store.chaos, row["client_id"], session.number):
        lane = session.user_key if in_turn else ""
        store.run(
            "INSERT INTO outbox (kind, account, path, lane, body, line, due_at, created_at)"
            " VALUES ('consult', ?, ?, ?, ?, ?, ?, ?)",
            (row["client_id"], path, lane, packed, line, now + wait_ms, now),
        )
    for wait_ms, how in forged(store.chaos, row["client_id"], session.number):
        strange = {**full, "sender_key": secrets.token_hex(20)}
        said = orjson.dumps(strange) if how == "reference" else packed[: len(packed) // 2]
        store.run(  # it is expected to be refused, so it is tried once
            "INSERT INTO outbox (kind, account, path, lane, body, tries, due_at, created_at)"
            " VALUES ('consult', ?, ?, '', ?, ?, ?, ?)",
            (row["client_id"], path, said, LAST_TRY, now + wait_ms, now),
        )
    store.mail_due.set()
