"""How a table of codes is written: places, reasons and words, joined into meanings."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from channels.vocabulary import Reason


class Place(StrEnum):
    """Where a code appears; the same digits mean different things in each."""

    ALIMTALK_ANSWER = "alimtalk.answer"  # what the sending call answers
    ALIMTALK_RESULT = "alimtalk.result"  # what became of the message, told later
    TEXT_ANSWER = "text.answer"  # SMS, LMS, MMS
    TEXT_RESULT = "text.result"
    CHAT_ANSWER = "chat.answer"  # consultation
    PUSH_ANSWER = "push.answer"
    PUSH_RESULT = "push.result"  # what apps report
    ANY_ANSWER = "any.answer"  # whatever the route
    ANY_RESULT = "any.result"


class Meaning(NamedTuple):
    """One code: our reason (None when nothing is wrong), and what the provider means by it."""

    reason: Reason | None
    ko: str
    en: str


Meanings = Mapping[str, Meaning]
Table = Mapping[Place, Meanings]
Words = Mapping[str, tuple[str, str]]  # code → (Korean, English)

TEXT_ROUTES = frozenset({"sms", "lms", "mms"})


def reasons(*rows: tuple[Reason | None, str]) -> Mapping[str, Reason | None]:
    """Reasons by code; a row lists codes with spaces between. Raises ValueError for a repeat."""
    found: dict[str, Reason | None] = {}
    for reason, codes in rows:
        for code in codes.split():
            if code in found:
                raise ValueError(f"{code} has two reasons")
            found[code] = reason
    return found


def meanings(by_code: Mapping[str, Reason | None], words: Words) -> Meanings:
    """Codes with reason and words, as words lists them. Raises ValueError unless both name all."""
    if odd := by_code.keys() ^ words.keys():
        raise ValueError(f"not in both: {' '.join(sorted(odd))}")
    return {code: Meaning(by_code[code], *both) for code, both in words.items()}


def find(table: Table, route: str, stage: str, code: str) -> Meaning | None:
    """What a code means in the answer or the result (``stage``) of a route."""
    for place in _places(route, stage):
        if meaning := table.get(place, {}).get(code):
            return meaning
    return None


def _places(route: str, stage: str) -> Iterator[Place]:
    family = "text" if route in TEXT_ROUTES else route
    for name in (f"{family}.{stage}", f"any.{stage}"):
        if name in tuple(Place):
            yield Place(name)
