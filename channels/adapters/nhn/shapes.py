"""Reading NHN's JSON: every answer may lack anything, and nothing here raises."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

KST = timezone(timedelta(hours=9))  # Korea has no summer time


@dataclass(frozen=True, slots=True)
class Header:
    """The envelope of every answer; ``ok`` only when code and flag agree."""

    code: int
    text: str
    ok: bool


def header(body: Any) -> Header | None:
    """None when the body is not NHN's envelope, or contradicts itself."""
    found = at(body, "header")
    code = number(at(found, "resultCode"))
    if code is None:
        return None
    successful = at(found, "isSuccessful")
    if code == 0 and successful is False:
        return None
    return Header(code, words(at(found, "resultMessage")), code == 0)


def at(body: Any, *path: str) -> Any:
    """The value at the end of a path of keys; None when any is missing."""
    for key in path:
        if not isinstance(body, Mapping):
            return None
        body = body.get(key)
    return body


def rows(value: Any) -> list[Mapping[str, Any]] | None:
    """A list of objects; the guides also print a lone object where a list arrives."""
    if isinstance(value, Mapping):
        return [value]
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        return None
    return value


def words(value: Any) -> str:
    """Text as it came; a number as its digits; anything else is nothing."""
    if isinstance(value, str):
        return value
    return str(value) if number(value) is not None else ""


def number(value: Any) -> int | None:
    """An integer, also one written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and len(value) <= 12 and value.isascii():
        digits = value.removeprefix("-")
        return int(value) if digits.isdigit() else None
    return None


def provider_id(row: Mapping[str, Any], request_id: str = "") -> str:
    """NHN's own name of one message, "requestId:recipientSeq"; "" when either is missing."""
    request = words(row.get("requestId")) or request_id
    sequence = number(row.get("recipientSeq"))
    return f"{request}:{sequence}" if request and sequence is not None else ""


def reference(row: Mapping[str, Any]) -> str:
    """Our reference, also under the misspelt name of the SMS webhook's sample."""
    return words(row.get("recipientGroupingKey")) or words(row.get("recipientGropuingKey"))


def moment(value: Any) -> datetime | None:
    """ "2026-11-22 10:15:02.0", with "T" or an offset too; without one it is Korean time."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=KST)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def minute(when: datetime) -> str:
    """``yyyy-MM-dd HH:mm`` in Korean time, cut off."""
    return when.astimezone(KST).strftime("%Y-%m-%d %H:%M")


def second(when: datetime) -> str:
    """``yyyy-MM-dd HH:mm:ss`` in Korean time, cut off."""
    return when.astimezone(KST).strftime("%Y-%m-%d %H:%M:%S")
