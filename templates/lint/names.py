"""Checks of variables: where they stand and what they are called."""

import unicodedata
from collections.abc import Iterator

from templates.findings import Finding, finding
from templates.lint.subject import Subject, Text
from templates.text import SYMBOLS

# Greek, Cyrillic, joining jamo, Roman numerals, half- and full-width forms
LOOKALIKES = ((0x370, 0x52F), (0x1100, 0x11FF), (0x2160, 0x217F), (0xFF00, 0xFFEF))


def adjacent(subject: Subject) -> Iterator[Finding]:
    """Between two variables stands some text, so that the filled notice can be compared.

    Providers compare it with the approved one (github.com/lunasoft-org/kakao-bzm, 2025-12, code
    3016); that they need text between is our advice.
    """
    for text in subject.bubble:
        pairs = zip(text.slots, text.slots[1:], strict=False)
        found = [(a.start, b.end) for a, b in pairs if a.end == b.start]
        if found:
            yield finding(text.field, "adjacent_variables", count=len(found), at=found[0])


def lonely(subject: Subject) -> Iterator[Finding]:
    """A line of the body is more than a variable: our advice."""
    if body := subject.texts.get("content"):
        found = list(_lonely(body))
        if found:
            yield finding("content", "line_only_variable", count=len(found), at=found[0])


def names(subject: Subject) -> Iterator[Finding]:
    """Names are plain: no blanks at the edges, no look-alikes, one spelling each (our advice)."""
    first: dict[str, tuple[str, tuple[int, int]]] = {}
    for text in subject.texts.values():
        for slot in text.slots:
            first.setdefault(slot.name, (text.field, (slot.start, slot.end)))
    spellings: dict[str, list[str]] = {}
    for name, (field, at) in first.items():
        if name != name.strip():
            yield finding(field, "variable_blanks", name, at=at)
        if odd := [ch for ch in dict.fromkeys(name) if _is_lookalike(ch)]:
            yield finding(field, "variable_lookalike", _shown(odd), at=at)
        spellings.setdefault(_plain(name), []).append(name)
    for alike in spellings.values():
        if len(alike) > 1:
            field, at = first[alike[-1]]
            yield finding(field, "variable_spellings", ", ".join(alike), at=at)


def _lonely(body: Text) -> Iterator[tuple[int, int]]:
    ends = {slot.start: slot.end for slot in body.slots}
    start = 0
    for line in body.masked.split("\n"):
        filled = line.strip()
        begin = start + len(line) - len(line.lstrip())
        if filled and ends.get(begin) == begin + len(filled):
            yield begin, begin + len(filled)
        start += len(line) + 1


def _is_lookalike(ch: str) -> bool:
    return SYMBOLS.get(ch) == "" or any(low <= ord(ch) <= high for low, high in LOOKALIKES)


def _plain(name: str) -> str:
    """What is left of a name when spelling does not matter."""
    letters = filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold())
    return "".join(letters) or name


def _shown(chars: list[str]) -> str:
    return ", ".join(f"{ch}(U+{ord(ch):04X})" for ch in chars)
