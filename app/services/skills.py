"""A bot outside, spoken to as Kakao's open builder speaks to a skill server: JSON 2.0.

Shapes: kakaobusiness.gitbook.io, chatbot skill guide ("answer_json_format", callback guide), read
2026-11. Reading is lenient: what breaks a limit is cut or left out with a note; only the version
is strict, because an answer of the old format means something else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.services import skill_cards
from app.services.bot_replies import (
    BotFailed,
    Choice,
    Context,
    Memory,
    Reply,
    Say,
    clean,
    cut,
    means_person,
    pick,
)

LARGEST = 64 * 1024  # bytes of an answer
MOST_CONTEXTS, MOST_PARAMS = 10, 20
NAME, VALUE = 50, 500
STARTED = "상담 시작"  # the utterance of a pressed button: a skill expects words
HANDED = "상담원에게 연결할게요. 잠시만 기다려 주세요."
BY_WORDS, BY_CHOICE, BY_NOTICE = "TEXT_INPUT", "QUICKREPLY_BUTTON_{}", "CARD_BUTTON_MESSAGE"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a skill server is told. ``user`` is a key of this bot's own, never the messenger's."""

    bot_id: str
    bot_name: str
    user: str
    channel_user: str
    text: str = field(repr=False)
    pressed: bool = False
    callback_url: str = field(default="", repr=False)
    notice: Mapping[str, str] | None = None  # template and reference of the notice


@dataclass(frozen=True, slots=True)
class Promise:
    """The answer comes later; ``text`` is said meanwhile, when there is one."""

    text: str = field(default="", repr=False)


class Template(BaseModel):
    """The visible part of an answer; its components are read one by one."""

    model_config = ConfigDict(extra="ignore")

    outputs: list[Any] = Field(default_factory=list)
    quickReplies: list[Any] = Field(default_factory=list)


class ContextPart(BaseModel):
    """What is to be remembered."""

    model_config = ConfigDict(extra="ignore")

    values: list[Any] = Field(default_factory=list)


class Answer(BaseModel):
    """A skill's answer."""

    model_config = ConfigDict(extra="ignore")

    version: Literal["2.0"]
    useCallback: bool = False
    template: Template = Template()
    context: ContextPart = ContextPart()
    data: dict[str, Any] = Field(default_factory=dict)


def at_once(memory: Memory, text: str) -> Reply | None:
    """A hand-over that needs no skill: the customer asks for a person, or chose one."""
    chosen = pick(memory.choices, text)
    if (chosen is not None and chosen.person) or means_person(text):
        return Reply((Say(HANDED),), Memory(bot=memory.bot), "asked")
    return None


def request(memory: Memory, asking: Asking) -> bytes:
    """The body of one request."""
    chosen = None if asking.pressed else pick(memory.choices, asking.text)
    utterance = STARTED if asking.pressed else chosen.says if chosen else asking.text
    block = {"id": (chosen and chosen.block) or memory.block or "naru", "name": asking.bot_name}
    user: dict[str, Any] = {
        "id": asking.user,
        "type": "botUserKey",
        "properties": {"botUserKey": asking.user, "plusfriendUserKey": asking.channel_user},
    }
    told: dict[str, Any] = {
        "timezone": "Asia/Seoul",
        "lang": "ko",
        "params": {"surface": "Kakaotalk.plusfriend", **_notice(asking)},
        "block": block,
        "utterance": utterance,
        "user": user,
    }
    if asking.callback_url:
        told["callbackUrl"] = asking.callback_url
    body = {
        "intent": block,
        "userRequest": told,
        "bot": {"id": asking.bot_id, "name": asking.bot_name},
        "action": {
            "id": asking.bot_id,
            "name": asking.bot_name,
            "params": {},
            "detailParams": {},
            "clientExtra": (chosen.extra or None) if chosen else None,
        },
        "contexts": [
            {"name": one.name, "lifeSpan": one.life_span, "params": dict(one.params)}
            for one in memory.contexts
        ],
        "flow": {
            "trigger": {"type": _trigger(asking, chosen), "referrerBlock": None},
            "lastBlock": {"id": memory.block} if memory.block else None,
        },
    }
    return orjson.dumps(body)


def _notice(asking: Asking) -> dict[str, Any]:
    return {"notice": dict(asking.notice)} if asking.notice else {}


def _trigger(asking: Asking, chosen: Choice | None) -> str:
    if asking.pressed:
        return BY_NOTICE
    if chosen is None:
        return BY_WORDS
    return BY_CHOICE.format("BLOCK" if chosen.block else "MESSAGE")


def read(body: bytes, memory: Memory, text: str, *, late: bool = False) -> Reply | Promise:
    """An answer as chat texts; ``late`` when it came to a callback, which promises nothing.

    ``text`` is what the customer said: a chosen block is remembered. Raises BotFailed
    ``bad_answer``, ``bad_version``, ``empty_answer``.
    """
    answer = _answer(body)
    if answer.useCallback and not late:
        return Promise(cut(clean(str(answer.data.get("text") or "")).strip()))
    notes: list[str] = []
    shown = skill_cards.show(answer.template.outputs, answer.template.quickReplies, notes)
    hands_off = answer.data.get("hand_off") is True
    says = shown.says or ((Say(HANDED),) if hands_off else ())
    if not says:
        raise BotFailed("empty_answer")
    chosen = pick(memory.choices, text)
    return Reply(
        says,
        Memory(
            bot=memory.bot,
            choices=shown.choices,
            block=(chosen.block if chosen else "") or memory.block,
            page="skill",
        ),
        "bot_asked" if hands_off else "",
        contexts=_contexts(answer.context.values, notes),
        notes=tuple(notes),
    )


def _answer(body: bytes) -> Answer:
    if len(body) > LARGEST:
        raise BotFailed("too_large")
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BotFailed("bad_answer") from None
    if not isinstance(data, dict):
        raise BotFailed("bad_answer")
    if data.get("version") != "2.0":
        raise BotFailed("bad_version")
    try:
        # null is nothing: builders write out every field
        return Answer.model_validate({k: v for k, v in data.items() if v is not None})
    except ValidationError:
        raise BotFailed("bad_answer") from None


def _contexts(values: list[Any], notes: list[str]) -> tuple[Context, ...]:
    found: list[Context] = []
    for at, value in enumerate(values[:MOST_CONTEXTS]):
        try:
            found.append(_context(value))
        except (ValidationError, TypeError, ValueError, AttributeError, KeyError):
            notes.append(f"context.values[{at}]: left out")
    if len(values) > MOST_CONTEXTS:
        notes.append(f"context.values: {len(values)}, kept {MOST_CONTEXTS}")
    return tuple(found)


def _context(value: Any) -> Context:
    span = value.get("lifeSpan", value.get("lifespan", 1))
    params = value.get("params") or {}
    kept = list(params.items())[:MOST_PARAMS]
    return Context(
        name=cut(str(value["name"]), NAME),
        life_span=min(int(span), 1_000),
        params={cut(str(k), NAME): cut(str(v), VALUE) for k, v in kept},
    )
