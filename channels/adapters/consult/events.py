"""What the hub tells of a customer: messages, why they came, that the chat session ended.

The page of `/message` gives no full schema: `type` text, photo and video, `content` and `contents`
are what a public receiver of these webhooks reads. Other types are kept as they came.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from channels.contract import BadCallback, Callback, Inbound
from channels.vocabulary import InboundKind

LONGEST_KEY = 40  # sender_key is text(40), user_key text(20)


def inbound_of(callback: Callback) -> Inbound:
    """The one event of a callback. Raises BadCallback."""
    kind, event = event_of(callback)
    return Inbound(
        kind,
        sender=event["sender_key"],
        user_key=event["user_key"],
        dedupe_key=_dedupe_key(kind, event),
        session_id=words(event.get("session_id")),
        content_type=words(event.get("type")),
        text=words(event.get("content")) if event.get("type") in (None, "text") else "",
        token=_extra(event.get("reference")) or words(event.get("extra")),
        last_token=_extra(event.get("last_reference")),
        serial=words(event.get("serial_number")),
        at=_moment(event.get("time")),
        content=event,
    )


def event_of(callback: Callback) -> tuple[InboundKind, dict[str, Any]]:
    """Its kind and body. Raises BadCallback when it is no event of a hub."""
    try:
        kind = InboundKind(callback.kind)
        event = orjson.loads(callback.body)
    except ValueError as error:
        raise BadCallback("no event of a consultation hub") from error
    if not isinstance(event, dict) or not _is_key(event.get("sender_key")):
        raise BadCallback("no sender_key")
    if not _is_key(event.get("user_key")):
        raise BadCallback("no user_key")
    return kind, event


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_KEY and value.isprintable()


def _extra(reference: Any) -> str:
    return words(reference.get("extra")) if isinstance(reference, Mapping) else ""


def words(value: Any) -> str:
    """Text, or a whole number as its digits: hubs write codes and ids both ways."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _moment(value: Any) -> datetime | None:
    """Milliseconds since 1970."""
    digits = words(int(value) if isinstance(value, float) and value.is_integer() else value)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        return None
    try:
        return datetime.fromtimestamp(int(digits) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _dedupe_key(kind: InboundKind, event: Mapping[str, Any]) -> str:
    """The same for the same event delivered twice; its first word says what it rests on.

    ``serial``: the hub's own number. ``event``: a body with its time. ``body``: a body that
    carries neither, so that two equal texts of one customer look alike; it is trustworthy only
    for a short while after the first.
    """
    who = (kind, event["sender_key"], event["user_key"])
    serial = words(event.get("serial_number"))
    if serial:
        return f"serial:{_digest(*who, serial)}"
    timed = "event" if _moment(event.get("time")) else "body"
    try:
        canonical = orjson.dumps(event, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError as error:  # nested deeper than anything a hub would send
        raise BadCallback("nested too deeply") from error
    return f"{timed}:{_digest(*who, words(event.get('session_id')), canonical)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
