"""A message's timeline as its page shows it: one entry after the other, and what is awaited."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.console.statuses import Status, of_attempt
from app.console.words import mark, say
from app.db.models import Attempt, Message
from app.services.clock import KST
from app.services.exchanges import Tried
from app.services.replies import Reply
from app.services.states import IN_DOUBT, OPEN, AttemptStatus, MessageStatus
from app.services.steps import SPEAKS

# event kind → tone of the entry, icon of its dot
LOOKS: Mapping[str, tuple[str, str]] = {
    "message.accepted": ("busy", "check"),
    "attempt.accepted": ("busy", "send"),
    "attempt.rejected": ("bad", "x"),
    "attempt.deferred": ("warn", "again"),
    "attempt.unknown": ("doubt", "q"),
    "attempt.held": ("warn", "pause"),
    "attempt.absent": ("busy", "again"),
    "attempt.repeated": ("busy", "again"),
    "attempt.resent": ("warn", "again"),
    "attempt.delivered": ("ok", "check"),
    "attempt.undelivered": ("bad", "x"),
    "attempt.read": ("ok", "eye"),
    "attempt.acknowledged": ("ok", "check"),
    "message.acknowledged": ("ok", "check"),
    "attempt.uncertain": ("doubt", "q"),
    "attempt.no_report": ("doubt", "q"),
    "attempt.expired": ("", "clock"),
    "attempt.cancelled": ("", "stop"),
    "attempt.moved": ("busy", "go"),
    "attempt.elsewhere": ("busy", "again"),
    "attempt.parked": ("bad", "pause"),
    "attempt.requeued": ("busy", "again"),
    "attempt.overtaken": ("", "stop"),
    "message.step": ("alt", "swap"),
    "message.steps_dropped": ("warn", "alert"),
    "message.no_device": ("alt", "swap"),
    "message.no_sender": ("bad", "alert"),
    "message.duplicate_delivery": ("warn", "alert"),
    "reply.received": ("lit", "talk"),
}
PLAIN = ("", "clock")
ANSWERED = frozenset(
    {"attempt.accepted", "attempt.rejected", "attempt.deferred", "attempt.unknown"}
)
PILLS = {
    "attempt.rejected": AttemptStatus.REJECTED,
    "attempt.undelivered": AttemptStatus.UNDELIVERED,
    "attempt.unknown": AttemptStatus.UNKNOWN,
    "attempt.delivered": AttemptStatus.DELIVERED,
    "attempt.no_report": AttemptStatus.NO_REPORT,
}
SENTENCE = re.compile(r"(?<=[.!?])\s+")
WAITS: Mapping[str, str] = {
    "scheduled": mark("예약한 시각을 기다리는 중"),
    "held": mark("보낼 수 있는 때를 기다리는 중"),
    "picture": mark("그림을 공급사에 올리는 중"),
    "parked": mark("따로 두었어요. 사람이 다시 줄에 세워야 해요"),
    "doubt": mark("같은 참조로 되풀이하려고 기다리는 중"),
    AttemptStatus.QUEUED: mark("차례를 기다리는 중"),
    AttemptStatus.SENDING: mark("공급사의 답을 기다리는 중"),
    AttemptStatus.UNKNOWN: mark("갔는지 공급사에 물어보는 중"),
    AttemptStatus.ACCEPTED: mark("도착 소식을 기다리는 중"),
    AttemptStatus.DELIVERED: mark("읽었는지 확인을 기다리는 중"),
}


@dataclass(frozen=True, slots=True)
class Why:
    """What happened, why, what next; ``code``: the provider's, with its own words for it."""

    what: str
    because: str
    next: str
    code: str
    code_words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``after_s``: seconds since the message was accepted."""

    key: str
    at: datetime
    after_s: float
    tone: str
    icon: str
    title: str
    pill: Status | None = None
    why: Why | None = None
    tried: Tried | None = None  # whose exchange is shown here
    reply: Reply | None = None
    is_reply: bool = False
    is_accept: bool = False
    is_fallback: bool = False
    routes: tuple[str, ...] = ()  # of the step a fallback began


@dataclass(frozen=True, slots=True)
class Wait:
    """What a message waits for. ``until``: None when nobody knows.

    ``sure``: it is over by then at the latest; else about then, as things go now.
    """

    words: str
    until: datetime | None
    tone: str = "wait"
    sure: bool = True


def told(
    message: Message,
    entries: Sequence[Mapping[str, Any]],
    tries: Sequence[Tried],
    replies: Mapping[UUID, Reply],
) -> list[Entry]:
    """The entries of ``app.services.timeline``, as they are drawn."""
    found = [_entry(message, i, one, replies) for i, one in enumerate(entries)]
    for i, entry in enumerate(entries):
        if found[i].is_fallback:
            routes = [one.attempt.route for one in tries if one.attempt.step == entry["step"]]
            found[i] = replace(found[i], routes=tuple(dict.fromkeys(routes)))
    for one in tries:
        place = _place(one, entries)
        if place is not None:
            found[place] = replace(found[place], tried=one)
    return found


def _place(one: Tried, entries: Sequence[Mapping[str, Any]]) -> int | None:
    """The entry that tells how an attempt's call was answered: the newest of its step."""
    call = one.call
    if call is None:
        return None
    places = [
        i
        for i, entry in enumerate(entries)
        if entry["kind"] in ANSWERED
        and entry["step"] == one.attempt.step
        and entry["data"].get("route", one.attempt.route) == one.attempt.route
        and datetime.fromisoformat(entry["at"]) >= call.started_at
    ]
    return places[0] if places else None


def _entry(
    message: Message, number: int, one: Mapping[str, Any], replies: Mapping[UUID, Reply]
) -> Entry:
    kind, at = one["kind"], datetime.fromisoformat(one["at"])
    tone, icon = LOOKS.get(kind, PLAIN)
    pill = of_attempt(PILLS[kind]) if kind in PILLS else None
    line = one["data"].get("chat_message_id")
    return Entry(
        key=f"e{number}",
        at=at,
        after_s=max(0.0, (at - message.accepted_at).total_seconds()),
        tone=tone,
        icon=icon,
        title=one["title"],
        pill=pill,
        why=_why(one),
        reply=replies.get(UUID(line)) if line else None,
        is_reply=kind == "reply.received",
        is_accept=kind == "message.accepted",
        is_fallback=kind == "message.step",
    )


def _why(one: Mapping[str, Any]) -> Why | None:
    """None where there is nothing to explain."""
    if not one["detail"]:
        return None
    what, *rest = SENTENCE.split(one["detail"], maxsplit=1)
    return Why(what, " ".join(rest), one["action"], one["code"], one["code_meaning"])


def elapsed(seconds: float, language: str) -> str:
    """How long after the beginning: +2.8초, +7분 26초, +3시간 2분, +2일 3시간."""
    if seconds < 60:
        return say(language, "+%(s)s초", s=f"{seconds:.1f}")
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return say(language, "+%(m)s분 %(s)s초", m=minutes, s=rest)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return say(language, "+%(h)s시간 %(m)s분", h=hours, m=minutes)
    return say(language, "+%(d)s일 %(h)s시간", d=hours // 24, h=hours % 24)


def clock(at: datetime, fine: bool = False) -> str:
    """The time of day in Korea, to the second or to the millisecond."""
    return at.astimezone(KST).isoformat(timespec="milliseconds" if fine else "seconds")[11:][
        : 12 if fine else 8
    ]


def waits_for(
    message: Message, tries: Sequence[Tried], held_until: datetime | None, eta: datetime | None
) -> Wait | None:
    """What is awaited now; None when the message has ended."""
    if message.closed_at is not None:
        return None
    if message.status == MessageStatus.SCHEDULED:
        return Wait(WAITS["scheduled"], message.send_at, sure=False)
    speaking = _speaking([one for one in tries if one.attempt.status in OPEN])
    if message.status == MessageStatus.HELD:
        picture = speaking is not None and speaking.attempt.reason == "picture_awaited"
        return Wait(WAITS["picture" if picture else "held"], held_until, sure=False)
    if speaking is None:
        return Wait(WAITS[AttemptStatus.DELIVERED], message.expires_at)
    return _of_attempt(speaking, speaking.attempt, eta)


def _speaking(tries: Sequence[Tried]) -> Tried | None:
    """The attempt that speaks for its message."""
    order: Mapping[str, int] = {status: rank for rank, status in enumerate(SPEAKS)}
    ranked = sorted(tries, key=lambda one: (-one.attempt.step, order[one.attempt.status]))
    return ranked[0] if ranked else None


def _of_attempt(one: Tried, attempt: Attempt, eta: datetime | None) -> Wait:
    status = AttemptStatus(attempt.status)
    if status is AttemptStatus.QUEUED:
        if attempt.lot_id is None:
            return Wait(WAITS["parked"], None, "bad")
        key = "doubt" if attempt.reason == IN_DOUBT else status
        return Wait(WAITS[key], eta, sure=False)
    if status is AttemptStatus.SENDING:
        return Wait(WAITS[status], one.call.deadline_at if one.call else None)
    if status is AttemptStatus.UNKNOWN:
        return Wait(WAITS[status], attempt.due_at, "doubt")
    return Wait(WAITS[status], attempt.closes_at or attempt.due_at)
