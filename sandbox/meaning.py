"""What a call asked and what was answered, in words: the shapes every provider fills in.

Each provider reads its own calls in a module beside its emulation; `inspector` asks the right one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.documented import Form, Text
from sandbox.exchanges import Exchange
from sandbox.phones import normal_number
from sandbox.store import Store

MOST_PEOPLE = 100
NOTHING = Text("", "")
NO_ANSWER = Text("답을 주지 않았어요", "No answer was given")
UNREADABLE = Text("읽을 수 없는 답을 줬어요", "An unreadable answer was given")
KINDS = {
    "alimtalk": Text("알림톡", "Alimtalk"),
    "sms": Text("문자(SMS)", "SMS"),
    "lms": Text("긴 문자(LMS)", "LMS"),
    "mms": Text("사진 문자(MMS)", "MMS"),
    "push": Text("푸시", "push"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A call as a provider reads it: bodies as JSON, None where they are none."""

    store: Store
    exchange: Exchange
    form: Form | None
    body: Any
    answer: Any

    @property
    def asked(self) -> Mapping[str, Any]:
        return self.body if isinstance(self.body, dict) else {}

    @property
    def told(self) -> Mapping[str, Any]:
        return self.answer if isinstance(self.answer, dict) else {}


@dataclass(frozen=True, slots=True)
class Person:
    """A recipient. number: digits of a phone, or as it was written when it is none.

    code: why this one was refused, "" when it was not.
    """

    number: str
    ref: str = ""
    code: str = ""
    why: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Meaning:
    """asks, says: one sentence each. promise: what the account does with a repeated request.

    key: idempotency key. reserved: as it was written. count: recipients; people: the first of them.
    ids, refs: by which the messages of this call are found again. marks: what callbacks about it
    hold beside them.
    """

    asks: Text
    says: Text
    promise: Text
    sender: str = ""
    template: str = ""
    key: str = ""
    reserved: str = ""
    count: int = 0
    people: tuple[Person, ...] = ()
    ids: tuple[str, ...] = ()
    refs: tuple[str, ...] = field(default=(), repr=False)
    marks: tuple[str, ...] = field(default=(), repr=False)


def parsed(raw: bytes) -> Any:
    """JSON, None for what is none."""
    try:
        return orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError:
        return None


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; what is no object is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A value as it is shown; nothing is ""."""
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


def digits(value: Any) -> str:
    return normal_number(text(value)) or text(value)


def joined(parts: Iterable[Text]) -> Text:
    """Parts of a sentence, with commas."""
    found = list(parts)
    return Text(", ".join(one.ko for one in found), ", ".join(one.en for one in found))


def sending(kind: Text, count: int, more: Iterable[Text] = ()) -> Text:
    """ "알림톡 2건, 대체 문자 끔"."""
    return joined([Text(f"{kind.ko} {count:,}건", f"{count:,} × {kind.en}"), *more])


def reserved(at: str) -> Iterator[Text]:
    if at:
        yield Text(f"{at}에 예약", f"reserved for {at}")


def outcome(taken: int, people: Iterable[Person]) -> Text:
    """How many were taken, and why the first of the others was not."""
    refused = [one for one in people if one.code]
    if not refused:
        return Text(f"{taken:,}건 접수", f"{taken:,} taken")
    first = refused[0]
    return Text(
        f"{taken:,}건 접수, {len(refused):,}건 거절 ({first.code}: {first.why.ko})",
        f"{taken:,} taken, {len(refused):,} refused ({first.code}: {first.why.en})",
    )


def not_taken(code: str, why: Text) -> Text:
    """The whole request was refused."""
    return Text(f"거절 {code}: {why.ko}", f"Refused, {code}: {why.en}")


def plain(status: int) -> Text:
    if status < 400:
        return Text("답했어요", "Answered")
    return Text(f"HTTP {status}로 답했어요", f"Answered with HTTP {status}")
