"""Reads untrusted mappings (TOML, JSON) field by field, collecting findings instead of stopping."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import islice
from typing import TypeVar

from templates.findings import Finding, finding
from templates.text import canonical, control_characters

Choice = TypeVar("Choice", bound=StrEnum)
MOST_SHOWN = 100  # characters of a name that a finding repeats; unknown names of one table


def shown(name: str) -> str:
    """A name from outside as a path may hold it: short, and without what no JSON can carry."""
    name = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return name if len(name) <= MOST_SHOWN else name[:MOST_SHOWN] + "…"


class Reader:
    """One mapping at ``path``; a field that is absent, null or wrong reads as its default.

    Texts come back canonical (NFC, ``\\n``). Findings of nested readers land in the same list.
    """

    def __init__(self, data: object, path: str = "", findings: list[Finding] | None = None) -> None:
        self.path = path
        self.findings: list[Finding] = [] if findings is None else findings
        self.data: Mapping[object, object] = data if isinstance(data, Mapping) else {}
        if not isinstance(data, Mapping):
            self.findings.append(finding(path, "wrong_type", "table (object)"))

    def at(self, field: str) -> str:
        """The full path of ``field``."""
        return f"{self.path}.{shown(field)}" if self.path else shown(field)

    def add(
        self,
        field: str,
        rule: str,
        detail: str = "",
        *,
        limit: int | None = None,
        count: int | None = None,
        at: tuple[int, int] | None = None,
    ) -> None:
        """Note a finding about ``field``, at a place of its text where that is known."""
        path = self.at(field)
        self.findings.append(finding(path, rule, detail, limit=limit, count=count, at=at))

    def no_variables(self, field: str, text: str) -> None:
        """Note a variable where none may be."""
        if (start := text.find("#{")) >= 0:
            self.add(field, "variable_not_allowed", at=(start, start + 2))

    def only(self, fields: Iterable[str]) -> None:
        """Note the fields that are not among ``fields``: every one, up to a hundred."""
        known = set(fields)
        for name in islice((name for name in self.data if name not in known), MOST_SHOWN):
            self.add(str(name), "unknown_field")

    def text(
        self, field: str, limit: int | None = None, *, required: bool = False, lines: bool = False
    ) -> str:
        """A text of at most ``limit`` characters, on one line unless ``lines``; default ``""``."""
        value = self.data.get(field)
        if value is not None and not isinstance(value, str):
            self.add(field, "wrong_type", "text")
            return ""
        text = canonical(value or "")
        if required and not text.strip():
            self.add(field, "required")
        bad = (*control_characters(text), *(ch for ch in "\n\t" if not lines and ch in text))
        if bad:
            start = min(map(text.index, bad))
            detail = " ".join(f"U+{ord(ch):04X}" for ch in bad)
            self.add(field, "control_character", detail, at=(start, start + 1))
            return ""
        if limit is not None and len(text) > limit:
            self.add(field, "too_long", limit=limit, count=len(text), at=(limit, len(text)))
        return text

    def matching(
        self, field: str, pattern: str, limit: int, default: str = "", *, required: bool = True
    ) -> str:
        """A text that matches ``pattern`` wholly; ``default`` where absent, if it may be."""
        text = self.text(field, limit, required=required and not default)
        if text and not re.fullmatch(pattern, text):
            self.add(field, "bad_format", pattern)
        return text or default

    def flag(self, field: str) -> bool:
        """A boolean; default False."""
        value = self.data.get(field)
        if value is not None and not isinstance(value, bool):
            self.add(field, "wrong_type", "true, false")
        return value is True

    def choice(self, field: str, kind: type[Choice], default: Choice) -> Choice:
        """One of an enumeration's values."""
        value = self.data.get(field)
        if value is None:
            return default
        if not isinstance(value, str) or value not in set(kind):
            self.add(field, "bad_choice", ", ".join(kind))
            return default
        return kind(value)

    def whole(self, field: str, low: int, high: int) -> int | None:
        """A whole number within [low, high], or None where absent."""
        value = self.data.get(field)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.add(field, "wrong_type", "whole number")
            return None
        if not low <= value <= high:
            self.add(field, "out_of_range", f"{low}–{high}", limit=high)
            return None
        return value

    def items(self, field: str, limit: int) -> list["Reader"]:
        """A reader per table of an array of at most ``limit`` tables; default none."""
        value = self.data.get(field)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.add(field, "wrong_type", "array")
            return []
        if len(value) > limit:
            self.add(field, "too_many", limit=limit, count=len(value))
        path = self.at(field)
        return [Reader(v, f"{path}[{i}]", self.findings) for i, v in enumerate(value[:limit])]
