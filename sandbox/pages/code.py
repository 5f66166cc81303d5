"""A body as numbered lines: JSON broken where people would, marked where a field is unknown."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.documented import Place, Unknown
from sandbox.masks import Mask
from sandbox.meaning import parsed

MOST_LINES = 300
MOST_PLAIN_BYTES = 16 * 1024
WIDEST = 96  # what fits into a line is not broken
LONGEST_STRING = 1_000
INDENT = "  "


@dataclass(frozen=True, slots=True)
class Line:
    """unknown: the undocumented field that stands here, None on all other lines."""

    text: str
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """lines: the first ones. more: whether there are others."""

    lines: list[Line]
    more: bool


def code_of(raw: bytes, mask: Mask, unknown: list[Unknown] | None = None) -> Code:
    """Any body; what is no JSON is shown as it is."""
    value = parsed(raw)
    if isinstance(value, (dict, list)):
        marks = {place: one for one in unknown or [] for place in one.places}
        above = {place[:n] for place in marks for n in range(len(place))}
        drawn = _draw(value, (), "", (marks, above))
    else:
        drawn = ((None, line) for line in mask.body(raw, MOST_PLAIN_BYTES).splitlines())
        marks = {}
    found = list(islice(drawn, MOST_LINES + 1))
    lines = [
        Line(mask.text(text), marks.get(place) if place else None)
        for place, text in found[:MOST_LINES]
    ]
    return Code(lines, len(found) > MOST_LINES)


Marks = tuple[Mapping[Place, Unknown], set[Place]]


def _draw(value: Any, at: Place, lead: str, marks: Marks) -> Iterator[tuple[Place | None, str]]:
    """Place and text of each line; only the first line of a value has its place."""
    depth = INDENT * len(at)
    inner = isinstance(value, (dict, list)) and len(value) > 0
    if not inner or (at not in marks[1] and _fits(value)):
        yield at, depth + lead + _short(value)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield at, depth + lead + opening
    items = list(value.items() if isinstance(value, dict) else enumerate(value))
    for count, (key, one) in enumerate(items, 1):
        name = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(key, str) else ""
        comma = "," if count < len(items) else ""
        yield from _with_comma(_draw(one, (*at, key), name, marks), comma)
    yield None, depth + closing


def _with_comma(
    lines: Iterator[tuple[Place | None, str]], comma: str
) -> Iterator[tuple[Place | None, str]]:
    """A comma behind the last line."""
    last = next(lines)
    for line in lines:
        yield last
        last = line
    yield last[0], last[1] + comma


def _fits(value: Any) -> bool:
    """Whether a list or an object without others inside is short."""
    inside = value.values() if isinstance(value, dict) else value
    if len(value) > WIDEST // 4 or any(isinstance(one, (dict, list)) and one for one in inside):
        return False
    return len(_short(value)) <= WIDEST


def _short(value: Any) -> str:
    if isinstance(value, str) and len(value) > LONGEST_STRING:
        value = f"{value[:LONGEST_STRING]}… ({len(value):,})"
    return json.dumps(value, ensure_ascii=False)
