"""Asking a bot for its next answer: no transaction is open, and only the guarded way is used."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from app.db.models.fields import now as clock
from app.guard import Guard, NoAnswer, Refused
from app.services import rule_bots, rule_files, skills, webhooks
from app.services.bot_replies import NOTHING, BotFailed, Memory, Reply
from app.services.rule_bots import Heard, LookUp, Rules
from app.services.rule_files import BadRules
from app.services.skills import Asking, Promise

BUDGET_S = 5.0  # Kakao's own limit for a skill
LOOKUP_S = 3.0


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice a customer came from; ``values`` are its variables."""

    template: str
    reference: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Who:
    """The bot that is asked. ``user`` and ``channel_user`` are keyed hashes made for it alone."""

    id: str
    name: str
    kind: str
    rules: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    user: str = "test"
    channel_user: str = "test"


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a customer for a bot. ``id`` stays the same when it is asked again."""

    id: str
    who: Who
    text: str = field(repr=False)
    at: datetime
    memory: Memory = field(default=NOTHING, repr=False)
    pressed: bool = False
    notice: Notice | None = None
    menu: str = ""
    callback_url: str = field(default="", repr=False)
    last: bool = False  # a look-up that fails now is answered by a person


async def ask(guard: Guard, question: Question) -> Reply | Promise:
    """The bot's answer. Raises BotFailed."""
    if question.who.kind == "skill":
        return await _ask_skill(guard, question)
    return await _ask_rules(guard, question)


async def _ask_skill(guard: Guard, question: Question) -> Reply | Promise:
    who, memory, notice = question.who, question.memory, question.notice
    if not question.pressed and (reply := skills.at_once(memory, question.text)):
        return reply
    asking = Asking(
        bot_id=who.id,
        bot_name=who.name,
        user=who.user,
        channel_user=who.channel_user,
        text=question.text,
        pressed=question.pressed,
        callback_url=question.callback_url,
        notice={"template": notice.template, "reference": notice.reference} if notice else None,
    )
    body = await _post(guard, question, who.url, skills.request(memory, asking), BUDGET_S)
    return skills.read(body, memory, question.text)


async def _ask_rules(guard: Guard, question: Question) -> Reply:
    try:
        rules = rule_files.load(question.who.rules)
    except BadRules:
        raise BotFailed("bad_rules", final=True) from None
    values = question.notice.values if question.notice else {}
    heard = Heard(question.text, question.at, question.pressed, values, question.menu)
    step = rule_bots.hear(rules, question.memory, heard)
    if isinstance(step, Reply):
        return step
    return await _look_up(guard, question, rules, heard, step)


async def _look_up(
    guard: Guard, question: Question, rules: Rules, heard: Heard, step: LookUp
) -> Reply:
    notice = question.notice
    told: dict[str, Any] = {
        "version": "1",
        "lookup": step.name,
        "input": step.given,
        "user": question.who.user,
        "notice": None,
    }
    if notice is not None:
        told["notice"] = {
            "template": notice.template,
            "reference": notice.reference,
            "variables": dict(notice.values),
        }
    try:
        body = await _post(guard, question, step.url, orjson.dumps(told), LOOKUP_S)
        values = rule_bots.values_of(_json(body))
    except BotFailed:
        if question.last:
            return rule_bots.not_looked_up(rules, question.memory, heard.at)
        raise
    return rule_bots.found(rules, question.memory, heard, step, values)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BotFailed("bad_lookup") from None


async def _post(guard: Guard, question: Question, url: str, body: bytes, budget_s: float) -> bytes:
    """One signed call within its budget; the body of a 200."""
    signed, headers = webhooks.signed([question.who.secret], question.id, body.decode(), clock())
    try:
        async with asyncio.timeout(budget_s):
            reply = await guard.post(url, signed, headers)
    except TimeoutError:
        raise BotFailed("timeout") from None
    except (Refused, NoAnswer) as error:
        raise BotFailed(error.code) from None
    if reply.status != 200:
        raise BotFailed(f"http_{reply.status}")
    if not reply.whole:
        raise BotFailed("too_large")
    return reply.body
