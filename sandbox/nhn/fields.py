"""Fields of a request body of Bizmessage, refused in its words."""

from collections.abc import Mapping
from typing import Any

from sandbox.nhn.wire import biz


def need_text(body: Mapping[str, Any], name: str, most: int) -> str:
    """A text of at most so many characters. Raises -2002, 4, -2001, -2000."""
    value = body.get(name)
    if value is None:
        raise biz(-2002, name)
    if not isinstance(value, str):
        raise biz(4, name)
    if not value.strip():
        raise biz(-2001, name)
    if len(value) > most:
        raise biz(-2000, name, most)
    return value


def read_text(body: Mapping[str, Any], name: str, most: int) -> str:
    """A text that may be left out: "" then. Raises 4, -2000."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise biz(4, name)
    if len(value) > most:
        raise biz(-2000, name, most)
    return value


def need_flag(body: Mapping[str, Any], name: str) -> bool:
    """A boolean. Raises -2002, 4."""
    value = body.get(name)
    if value is None:
        raise biz(-2002, name)
    if not isinstance(value, bool):
        raise biz(4, name)
    return value
