"""Identifiers: UUIDv7 for rows, their base32 form for references, random tokens."""

import base64
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

REF_LENGTH = 26
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = "AEIMQUY4"  # 26 characters hold 130 bits, an id 128: the last two are zero


def new_id() -> UUID:
    """A fresh UUIDv7: unique, and in the order of its creation."""
    return uuid7()


def made_at(id_: UUID) -> datetime:
    """When a UUIDv7 was made, to the millisecond."""
    return EPOCH + timedelta(milliseconds=id_.int >> 80)


def first_id(at: datetime) -> UUID:
    """The smallest id anything made at that millisecond can have: bounds a range of ids."""
    return UUID(int=((at - EPOCH) // timedelta(milliseconds=1)) << 80)


def to_ref(id_: UUID) -> str:
    """The 26-character text form a provider gets as our reference (base32, no padding)."""
    return base64.b32encode(id_.bytes).decode("ascii").rstrip("=")


def from_ref(ref: str) -> UUID | None:
    """The id behind a reference, or None when it is not one of ours."""
    if len(ref) != REF_LENGTH or not ref.isascii() or ref[-1] not in LAST:
        return None
    try:
        return UUID(bytes=base64.b32decode(ref + "======"))
    except ValueError:
        return None


def new_token() -> str:
    """32 hex digits: fits Kakao's ``chat_extra`` pattern ``[A-Za-z0-9_]{1,50}``."""
    return secrets.token_hex(16)
