"""The calls of FCM, with their fields, in both of the spellings Google reads."""

import re

from sandbox.documented import Form, Text, Tree
from sandbox.fcm.shapes import SEND, Enum, Kind, Many, Shape


def _tree(shape: Shape) -> Tree:
    found: dict[str, Tree | None] = {}
    for name, kind in shape.items():
        inner = _inside(kind)
        found[name] = found[_snake(name)] = inner
    return found


def _inside(kind: Kind) -> Tree | None:
    if isinstance(kind, Many):
        return _inside(kind.of)
    return None if isinstance(kind, str | Enum) else _tree(kind)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", lambda m: f"_{m[1].lower()}", name)


FORMS = {
    "POST /token": Form(Text("접근 토큰 받기", "an access token")),
    "POST /v1/projects/*/messages:send": Form(Text("푸시 보내기", "send a push"), _tree(SEND)),
}
