"""The built-in rule bot: a menu, keywords and look-ups, all from a file.

Pure: from what a customer said and what is remembered to what is said next. Nothing is executed
and every step is linear in the utterance. A person can be reached from everywhere: by 0, by word,
and by not being understood twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.services.bot_replies import (
    PERSON_WORDS,
    BotFailed,
    Choice,
    Link,
    Memory,
    Reply,
    Say,
    clean,
    cut,
    pick,
    plain,
    under,
)
from templates.variables import Compiled, MissingVariables
from templates.windows import KST

PERSON = "person"  # every `go` may lead there
INPUT = "input"  # in texts of look-ups: what the customer typed
MOST_CHOICES = 8  # 9 and 0 are the same everywhere
TO_START, TO_PERSON = "9", "0"
START_WORDS = frozenset(("처음", "처음으로", "메뉴", "시작"))
PERSON_PARTS = ("상담원", "상담사")  # anywhere in an utterance
TWICE = 2
LONGEST_INPUT = 100
MOST_VALUES, LONGEST_VALUE = 30, 300
TEXTS = {
    "welcome": "",
    "unknown": "잘 이해하지 못했어요. 번호나 단어로 다시 알려 주세요.",
    "person": "상담원에게 연결할게요. 잠시만 기다려 주세요.",
    "closed": "",
    "failed": "지금은 조회할 수 없어서 상담원에게 연결할게요.",
    "none": "찾지 못했어요. 다시 알려 주세요.",
    "person_label": "상담원 연결",
    "start_label": "처음으로",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. ``choices`` are (label, page). ``without`` is said where a value is missing."""

    name: str
    text: Compiled
    without: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    lookup: str = ""
    ask: str = ""
    none: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """A file that may be used. ``keywords`` are (word without blanks, page), the longest first;
    ``hours`` are spans of minutes by weekday (0 is Monday), none = always open.
    """

    start: str
    texts: Mapping[str, str]
    pages: Mapping[str, Page]
    keywords: tuple[tuple[str, str], ...] = ()
    lookups: Mapping[str, str] = field(default_factory=dict, repr=False)
    hours: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    voice: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a customer did. ``values``: of the notice they came from; ``menu``: of a voice menu."""

    text: str = field(repr=False)
    at: datetime
    pressed: bool = False  # a button of a notice, without words
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    menu: str = ""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Something a server of the shop must be asked before the answer is known."""

    page: Page
    name: str
    url: str = field(repr=False)
    given: str = field(repr=False)


def hear(rules: Rules, memory: Memory, heard: Heard) -> Reply | LookUp:
    """What is said next, or what must be looked up first."""
    said = plain(heard.text)
    if heard.pressed:
        return _go(rules, memory, heard, rules.voice.get(plain(heard.menu), rules.start), hi=True)
    if said == TO_PERSON or said in PERSON_WORDS or any(one in said for one in PERSON_PARTS):
        return person(rules, memory, heard.at, "asked")
    if said == TO_START or said in START_WORDS:
        return _go(rules, memory, heard, rules.start)
    if memory.asking in rules.pages:
        return _look_up(rules, rules.pages[memory.asking], heard.text)
    chosen = pick(memory.choices, heard.text)
    place = chosen.says if chosen else _by_word(rules, said) or _by_label(rules, said)
    if place is not None:
        return _go(rules, memory, heard, place, hi=not memory.page)
    if not memory.page:  # the first words, and none that is known: not held against anybody
        return _go(rules, memory, heard, rules.start, hi=True)
    return _lost(rules, memory, heard.at, "unknown")


def found(
    rules: Rules,
    memory: Memory,
    heard: Heard,
    asked: LookUp,
    values: Mapping[str, str] | None,
) -> Reply:
    """The answer after a look-up; ``values`` is None when the server knows nothing of it."""
    if values is None:
        if not asked.page.ask:
            return _show(rules, memory, asked.page, asked.page.none or rules.texts["none"])
        return _lost(rules, memory, heard.at, "none", asked.page)
    known = {**heard.values, **values, INPUT: asked.given}
    text = _filled(asked.page, known) or asked.page.none or rules.texts["none"]
    return _show(rules, memory, asked.page, text)


def not_looked_up(rules: Rules, memory: Memory, at: datetime) -> Reply:
    """The server of a look-up did not answer: a person does."""
    reply = person(rules, memory, at, "lookup_failed")
    return Reply((Say(rules.texts["failed"]),), reply.memory, reply.hand_off)


def values_of(body: Any) -> Mapping[str, str] | None:
    """The values of a look-up's answer ``{"found": true, "values": {"상태": "배송 중"}}``.

    None when nothing was found. Raises BotFailed ``bad_lookup`` for another shape.
    """
    if not isinstance(body, dict) or not isinstance(body.get("found"), bool):
        raise BotFailed("bad_lookup")
    if not body["found"]:
        return None
    values = body.get("values", {})
    if not isinstance(values, dict) or len(values) > MOST_VALUES:
        raise BotFailed("bad_lookup")
    kinds = (str, int, float)
    return {str(k): cut(str(v), LONGEST_VALUE) for k, v in values.items() if isinstance(v, kinds)}


def person(rules: Rules, memory: Memory, at: datetime, reason: str) -> Reply:
    """Hand over, saying so; outside the hours it says when somebody answers."""
    text = rules.texts["person"]
    if not is_open(rules, at):
        text = rules.texts["closed"] or text
    return Reply((Say(text),), Memory(bot=memory.bot), reason)


def is_open(rules: Rules, at: datetime) -> bool:
    """Whether people answer at that moment, in Korea; without hours always."""
    if not rules.hours:
        return True
    here = at.astimezone(KST)
    minute = here.hour * 60 + here.minute
    return any(start <= minute < end for start, end in rules.hours.get(here.weekday(), ()))


def _by_word(rules: Rules, said: str) -> str | None:
    return next((go for word, go in rules.keywords if word in said), None)


def _by_label(rules: Rules, said: str) -> str | None:
    """A choice of the first menu, by its words, from anywhere."""
    choices = rules.pages[rules.start].choices
    return next((go for label, go in choices if said and plain(label) == said), None)


def _go(
    rules: Rules, memory: Memory, heard: Heard, place: str, *, hi: bool = False
) -> Reply | LookUp:
    if place == PERSON:
        return person(rules, memory, heard.at, "asked")
    page = rules.pages.get(place) or rules.pages[rules.start]  # the file may have changed since
    hello = rules.texts["welcome"] if hi else ""
    if page.lookup and page.ask:
        return _show(rules, memory, page, page.ask, hello, asking=True)
    if page.lookup:
        return _look_up(rules, page, "")
    return _show(rules, memory, page, _filled(page, heard.values) or page.without, hello)


def _look_up(rules: Rules, page: Page, given: str) -> LookUp:
    url = rules.lookups.get(page.lookup, "")
    return LookUp(page, page.lookup, url, given.strip()[:LONGEST_INPUT])


def _filled(page: Page, values: Mapping[str, str]) -> str:
    """The page's text, empty where a value is missing."""
    try:
        known = {name: cut(clean(value), LONGEST_VALUE) for name, value in values.items()}
        return page.text.fill(known)
    except MissingVariables:
        return ""


def _show(
    rules: Rules, memory: Memory, page: Page, text: str, hello: str = "", *, asking: bool = False
) -> Reply:
    says = [Say(cut(hello))] if hello else []
    says.append(Say(cut(text), page.links))
    choices = tuple(Choice(label=label, says=go) for label, go in page.choices)
    return Reply(
        tuple(under(says, _lines(rules, choices, is_start=page.name == rules.start))),
        Memory(
            bot=memory.bot,
            page=page.name,
            asking=page.name if asking else "",
            choices=choices,
        ),
    )


def _lines(rules: Rules, choices: tuple[Choice, ...], *, is_start: bool) -> str:
    lines = [f"{number}. {one.label}" for number, one in enumerate(choices, 1)]
    if not is_start:
        lines.append(f"{TO_START}. {rules.texts['start_label']}")
    return "\n".join([*lines, f"{TO_PERSON}. {rules.texts['person_label']}"])


def _lost(rules: Rules, memory: Memory, at: datetime, why: str, page: Page | None = None) -> Reply:
    """Not understood, or not found: once it is asked again, the second time a person answers."""
    if memory.unknown + 1 >= TWICE:
        return person(rules, memory, at, f"{why}_twice")
    text = (page.none if page else "") or rules.texts[why]
    is_start = memory.page == rules.start
    says = under([Say(text)], _lines(rules, memory.choices, is_start=is_start))
    return Reply(tuple(says), memory.model_copy(update={"unknown": memory.unknown + 1}))
