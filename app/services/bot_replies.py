"""What a bot says, whichever bot it is: chat texts with links, and choices a customer may type.

The hub has no quick replies, so choices are numbered lines under the text: the customer types the
number or the words. Their meaning is remembered with the case, sealed.
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

LONGEST = 1_000  # characters of one chat text
MOST_SAYS = 5  # chat texts of one answer
MOST_LINKS = 5  # link buttons under one text
LINK_NAME = 14
MOST_CHOICES = 20
MOST_HEARD = 1_000  # characters of an utterance that are looked at
# whole utterances that can only mean a person, without blanks and marks
PERSON_WORDS = frozenset(
    (
        "상담원",
        "상담사",
        "상담직원",
        "직원",
        "사람",
        "상담원연결",
        "상담사연결",
        "직원연결",
        "사람연결",
        "상담연결",
        "상담원연결해줘",
        "상담원연결해주세요",
        "상담사연결해주세요",
        "상담원바꿔줘",
        "상담원바꿔주세요",
        "상담원이랑얘기할래요",
        "사람이랑얘기할래요",
        "사람과상담",
    )
)

Short = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=LONGEST)]


class Choice(BaseModel):
    """One thing the customer may type instead of a button."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Short
    says: Long = ""  # rules: the page it leads to; skill: the utterance that is sent
    person: bool = False
    block: Short = ""
    extra: dict[str, Any] = Field(default_factory=dict, max_length=50)


class Context(BaseModel):
    """A skill's context: kept for so many more utterances."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Short
    life_span: int = Field(ge=0, le=1_000)
    params: dict[Short, Long] = Field(default_factory=dict, max_length=20)


class Memory(BaseModel):
    """What a bot remembers of one case. It is personal data: kept sealed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bot: Short = ""  # whose memory it is: another bot begins anew
    page: Short = ""  # where in the menu the customer is
    asking: Short = ""  # the page that waits for their words
    unknown: int = Field(0, ge=0, le=100)  # how often in a row they were not understood
    choices: tuple[Choice, ...] = Field((), max_length=MOST_CHOICES)
    block: Short = ""
    contexts: tuple[Context, ...] = Field((), max_length=10)


NOTHING = Memory()


@dataclass(frozen=True, slots=True)
class Link:
    """A link button."""

    name: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Say:
    """One chat text: at most LONGEST characters and MOST_LINKS links."""

    text: str = field(repr=False)
    links: tuple[Link, ...] = ()

    @property
    def content(self) -> dict[str, Any]:
        """As a line carries it."""
        if not self.links:
            return {}
        return {"links": [{"name": one.name, "url": one.url} for one in self.links]}


@dataclass(frozen=True, slots=True)
class Reply:
    """A bot's answer. ``hand_off``: why a person takes over after it; empty when the bot goes on.

    ``contexts`` are set over the remembered ones (0 forgets one). ``notes`` say what was cut or
    left out, by field.
    """

    says: tuple[Say, ...]
    memory: Memory = field(repr=False)
    hand_off: str = ""
    contexts: tuple[Context, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()


class BotFailed(Exception):
    """No usable answer came; ``code`` is stable and holds nothing of anybody."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code, self.final = code, final  # final: trying again cannot help


def plain(utterance: str) -> str:
    """Letters and digits alone, full-width ones as usual: what is compared. Linear time."""
    folded = unicodedata.normalize("NFKC", utterance[:MOST_HEARD]).casefold()
    return "".join(char for char in folded if char.isalnum())


def means_person(utterance: str) -> bool:
    """Whether the whole utterance asks for a person."""
    return plain(utterance) in PERSON_WORDS


def pick(choices: tuple[Choice, ...], utterance: str) -> Choice | None:
    """The choice whose number (``2``, ``2번``) or label was typed."""
    said = plain(utterance)
    digits = said.removesuffix("번")
    if digits.isascii() and digits.isdigit() and len(digits) <= 2:
        at = int(digits)
        return choices[at - 1] if 1 <= at <= len(choices) else None
    return next((one for one in choices if said and plain(one.label) == said), None)


def numbered(choices: tuple[Choice, ...]) -> str:
    """The choices as lines: ``1. 배송 조회``."""
    return "\n".join(f"{number}. {one.label}" for number, one in enumerate(choices, 1))


def clean(text: str) -> str:
    """The text with ``\\n`` for line ends, without what a chat cannot show or JSON not carry."""
    text = text.replace("\r\n", "\n").encode("utf-8", "ignore").decode()
    return "".join(char for char in text if char in "\n\t" or (char >= " " and char != "\x7f"))


def cut(text: str, limit: int = LONGEST) -> str:
    """At most ``limit`` characters, the last one a mark when something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def under(says: list[Say], lines: str) -> list[Say]:
    """The texts with lines under the last of them, or as a text of their own where they fit no
    more.
    """
    if not lines:
        return says
    if says and len(says[-1].text) + 2 + len(lines) <= LONGEST:
        last = says[-1]
        return [*says[:-1], Say(f"{last.text}\n\n{lines}", last.links)]
    return [*says, Say(cut(lines))]


def after(contexts: tuple[Context, ...], new: tuple[Context, ...]) -> tuple[Context, ...]:
    """Contexts after one more utterance: the old are a turn older, the new replace their names."""
    names = {one.name for one in new}
    older = (
        one.model_copy(update={"life_span": one.life_span - 1})
        for one in contexts
        if one.name not in names
    )
    kept = [one for one in (*new, *older) if one.life_span > 0]
    return tuple(kept[:10])
