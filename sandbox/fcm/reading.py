"""Reading a body as Google's own JSON reader does: unknown names and wrong kinds, in its words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from sandbox.fcm.shapes import (
    BOOL,
    DURATION,
    MAP,
    SEND,
    STRING,
    STRUCT,
    WHOLE,
    Enum,
    Kind,
    Many,
    Shape,
)
from sandbox.fcm.wire import Violation, malformed

_SNAKE = re.compile(r"_([a-z0-9])")
_DURATION = re.compile(r"-?\d{1,12}(?:\.\d{1,9})?s")
_WHOLE = re.compile(r"-?\d{1,10}")
_DURATION_NAME = "type.googleapis.com/google.protobuf.Duration"
_STRUCT_NAME = "type.googleapis.com/google.protobuf.Struct"


def read_send(raw: bytes) -> Mapping[str, Any]:
    """The body with every name as Google writes it. Raises Refused 400, with all that is wrong."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        text = "Invalid JSON payload received. Unexpected token."
        raise malformed([("", text)])
    found: list[Violation] = []
    read = _message(SEND, body, "", found)
    if found:
        raise malformed(found)
    return read


def seconds_of(duration: str) -> float:
    return float(duration.removesuffix("s"))


def _message(
    shape: Shape, body: Mapping[str, Any], at: str, wrong: list[Violation]
) -> Mapping[str, Any]:
    read: dict[str, Any] = {}
    for name, value in body.items():
        plain = _SNAKE.sub(lambda m: m[1].upper(), name)
        place = f"{at}.{plain}" if at else plain
        if plain not in shape:
            where = f" at '{at}'" if at else ""
            said = f'Unknown name "{name}"{where}: Cannot find field.'
            wrong.append((at, f"Invalid JSON payload received. {said}"))
        elif value is not None:
            read[plain] = _value(shape[plain], value, place, wrong)
    return read


def _value(kind: Kind, value: Any, at: str, wrong: list[Violation]) -> Any:
    if isinstance(kind, Many):
        if not isinstance(value, list):
            return _odd(at, "list", value, wrong)
        return [_value(kind.of, one, f"{at}[{n}]", wrong) for n, one in enumerate(value)]
    if isinstance(kind, Enum):
        if isinstance(value, str) and value.upper() in kind.values:
            return value.upper()
        return _odd(at, kind.name, value, wrong)
    if isinstance(kind, str):
        return _plain(kind, value, at, wrong)
    if not isinstance(value, dict):
        return _odd(at, "object", value, wrong)
    return _message(kind, value, at, wrong)


def _plain(kind: str, value: Any, at: str, wrong: list[Violation]) -> Any:
    if kind == MAP:
        return dict(_pairs(value, at, wrong))
    if kind == STRUCT:
        return value if isinstance(value, dict) else _odd(at, _STRUCT_NAME, value, wrong)
    if kind == DURATION:
        fits = isinstance(value, str) and _DURATION.fullmatch(value)
        return value if fits else _odd(at, _DURATION_NAME, value, wrong)
    if kind == STRING:
        return value if isinstance(value, str) else _odd(at, kind, value, wrong)
    if kind == BOOL:
        return value if isinstance(value, bool) else _odd(at, kind, value, wrong)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == WHOLE and number:
        number = value == int(value)
    if number or (kind == WHOLE and isinstance(value, str) and _WHOLE.fullmatch(value)):
        return value
    return _odd(at, kind, value, wrong)


def _pairs(value: Any, at: str, wrong: list[Violation]) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        _odd(at, "map", value, wrong)
        return
    for n, (name, one) in enumerate(value.items()):
        if isinstance(one, str):
            yield name, one
        else:
            _odd(f"{at}[{n}].value", STRING, one, wrong)


def _odd(at: str, kind: str, value: Any, wrong: list[Violation]) -> None:
    said = orjson.dumps(value).decode()[:200]
    wrong.append((at, f"Invalid value at '{at}' ({kind}), {said}"))
