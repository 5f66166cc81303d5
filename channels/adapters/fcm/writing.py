"""One notification as the body of `messages:send`, or why it cannot be one.

Source: FCM v1 discovery file, revision 20261023 (Message, AndroidConfig, ApnsConfig); the size by
firebase.google.com, reference/fcm/rest/v1/ErrorCode (2026-11): 4,096 bytes of keys and values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.adapters.fcm.account import KEPT_S
from channels.contract import Outgoing
from channels.push import ADDRESS_KINDS, LARGEST_PAYLOAD
from channels.vocabulary import Reason

RESERVED = frozenset({"from", "message_type"})
RESERVED_STARTS = ("google.", "gcm.notification.")


@dataclass(frozen=True, slots=True)
class Unwritable:
    """Why a notification is not sent; nothing left."""

    reason: Reason
    code: str
    text: str


def form_of(message: Outgoing, now: datetime) -> Mapping[str, Any] | Unwritable:
    """The body, or why there is none."""
    wrong = _wrong(message, now)
    if wrong is not None:
        return wrong
    android, headers = {"priority": "HIGH"}, {"apns-priority": "10"}
    if message.expires_at is not None:
        until = min(message.expires_at, now + timedelta(seconds=KEPT_S))
        android["ttl"] = f"{int((until - now).total_seconds())}s"
        headers["apns-expiration"] = str(int(until.timestamp()))
    return {
        "message": {
            message.address_kind: message.to,
            "notification": _shown(message),
            "data": dict(message.data),
            "android": android,
            "apns": {"headers": headers},
        }
    }


def size_of(message: Outgoing) -> int:
    """Bytes of what is shown and what is handed over, keys and values."""
    pairs = (*_shown(message).items(), *message.data)
    return sum(len(part.encode("utf-8", "surrogatepass")) for pair in pairs for part in pair)


def _shown(message: Outgoing) -> dict[str, str]:
    title = {"title": message.title} if message.title else {}
    return title | {"body": message.text}


def _wrong(message: Outgoing, now: datetime) -> Unwritable | None:
    if message.expires_at is not None and message.expires_at <= now:
        text = "유효 시간이 지나 보내지 않음 (its time was over before it left)"
        return Unwritable(Reason.EXPIRED, "expired", text)
    if message.address_kind not in ADDRESS_KINDS:
        text = f"기기 주소의 종류를 알 수 없음 (an address of kind {message.address_kind!r})"
        return Unwritable(Reason.REQUEST_REFUSED, "address_kind", text)
    for key, _ in message.data:
        if key in RESERVED or key.startswith(RESERVED_STARTS):
            text = f"FCM이 쓰는 이름이라 data에 둘 수 없음: {key} (the data key is FCM's own)"
            return Unwritable(Reason.REQUEST_REFUSED, "reserved_key", text)
    if (size := size_of(message)) > LARGEST_PAYLOAD:
        text = (
            f"알림이 {size:,}바이트로 한도 {LARGEST_PAYLOAD:,}바이트를 넘음 "
            f"({size:,} bytes, at most {LARGEST_PAYLOAD:,})"
        )
        return Unwritable(Reason.TOO_LONG, "too_long", text)
    return None
