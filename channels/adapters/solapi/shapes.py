"""Reading SOLAPI's JSON: every answer may lack anything, and nothing here raises."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from channels.transport import Reply, Trouble

Row = Mapping[str, Any]

REFERENCE = "ref"  # the name of our reference among a message's customFields (≤ 30 characters)


def said(answer: Reply | Trouble) -> Any:
    """The JSON of an answer, also of one with status 401 or 403, whose code tells more."""
    if isinstance(answer, Trouble) or answer.status == 429 or answer.status >= 500:
        return None
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def error(body: Any) -> tuple[str, str] | None:
    """Code and text of a refusal; None for a body that is none."""
    code = words(at(body, "errorCode"))
    return (code, words(at(body, "errorMessage"))) if code else None


def at(body: Any, *path: str) -> Any:
    """What is at a path of names, or None."""
    for key in path:
        if not isinstance(body, Mapping):
            return None
        body = body.get(key)
    return body


def rows(value: Any) -> list[Row] | None:
    """A list of objects, or None."""
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        return None
    return value


def words(value: Any) -> str:
    """Text as it came; a number as its digits; anything else is nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def reference(row: Row) -> str:
    """Our reference, as it was kept with the message; "" where it has none."""
    return words(at(row, "customFields", REFERENCE))


def moment(value: Any) -> datetime | None:
    """ISO 8601 with its zone, or None."""
    try:
        read = datetime.fromisoformat(words(value))
        return read.astimezone(UTC) if read.tzinfo else None
    except (ValueError, OverflowError):
        return None


def iso(when: datetime) -> str:
    """A time as SOLAPI takes it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
