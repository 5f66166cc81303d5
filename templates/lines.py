"""In which line of a TOML file each field begins; simple, and only for showing it to a person."""

import re
from collections import Counter
from dataclasses import dataclass

_TABLE = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_.-]+)\s*=\s*(\"{3}|'{3})?(.*)""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A line from 1. ``first``: the line its text begins in, where it is a block of lines as is."""

    line: int
    first: int | None = None


class Lines:
    """The lines of one file; a text that is no TOML gives what looks like keys."""

    def __init__(self, text: str) -> None:
        self._places = _places(text.split("\n"))

    def exactly(self, field: str) -> int | None:
        """The line of a field itself, not of what holds it."""
        place = self._places.get(field)
        return place.line if place else None

    def of(self, field: str, before: str = "") -> int | None:
        """The line of a field, else of what holds it; ``before``: its text before the place."""
        if place := self._places.get(field):
            if place.first is not None:
                return place.first + before.count("\n")
            return place.line
        holder = field.rpartition(".")[0] if "." in field else field.partition("[")[0]
        return self.of(holder) if holder and holder != field else None


def _places(lines: list[str]) -> dict[str, Place]:
    places: dict[str, Place] = {}
    count: Counter[str] = Counter()
    prefix, closing = "", ""
    for number, line in enumerate(lines, 1):
        if closing:  # within a block of lines nothing is a key
            closing = "" if closing in line else closing
        elif table := _TABLE.match(line):
            prefix = _bare(table[2])
            if table[1] == "[[":
                count[prefix] += 1
                prefix = f"{prefix}[{count[prefix] - 1}]"
            places.setdefault(prefix, Place(number))
        elif key := _KEY.match(line):
            path = f"{prefix}.{_bare(key[1])}" if prefix else _bare(key[1])
            quotes, rest = key[2] or "", key[3]
            is_open = bool(quotes) and quotes not in rest
            closing = quotes if is_open else ""
            places.setdefault(path, Place(number, _first(number, rest) if is_open else None))
    return places


def _first(number: int, rest: str) -> int:
    """TOML leaves out a line end right behind the opening quotes."""
    return number + 1 if not rest.strip() else number


def _bare(key: str) -> str:
    return key.strip().strip("\"'")
