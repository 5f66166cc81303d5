"""A message as its caller sees it: state, attempts, one timeline of all that happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, Event, Message, ProviderAccount, Template
from app.errors import NotFound
from app.services import content, counters, hours, numbers, people
from app.services.callers import Caller
from app.services.clock import korean_time
from app.services.explanations import action, explain, explain_stop
from app.services.runtime import Runtime
from channels import registry

ROUTES = {
    "alimtalk": ("알림톡", "Alimtalk"),
    "sms": ("문자(SMS)", "SMS"),
    "lms": ("긴 문자(LMS)", "LMS"),
    "mms": ("그림 문자(MMS)", "MMS"),
    "push": ("푸시", "push"),
}
# event kind → (Korean, English); {route} is the route's name, {until} a time in Korea
TITLES: dict[str, tuple[str, str]] = {
    "message.accepted": ("접수", "Accepted"),
    "attempt.accepted": ("{route} 보냄", "{route} sent"),
    "attempt.rejected": ("{route} 거절됨", "{route} refused"),
    "attempt.deferred": ("{route} 다시 보낼 예정", "{route} will be tried again"),
    "attempt.unknown": ("{route} 확인 중", "{route}: not known yet"),
    "attempt.held": ("{route} {until}까지 기다림", "{route} waits until {until}"),
    "attempt.absent": ("{route} 가지 않은 것을 확인, 다시 보냄", "{route} never left; sent again"),
    "attempt.overtaken": (
        "{route} 가지 않은 것을 확인, 다음 단계가 시작되어 보내지 않음",
        "{route} never left; a later step began, so it stays",
    ),
    "attempt.repeated": (
        "{route} 답이 없어 같은 참조로 되풀이함",
        "{route} repeated with the same reference, which the provider recognises",
    ),
    "attempt.resent": (
        "{route} 다시 보냄, 두 번 갈 수 있음",
        "{route} sent again; both may arrive",
    ),
    "attempt.delivered": ("{route} 도착", "{route} delivered"),
    "attempt.undelivered": ("{route} 도착하지 못함", "{route} not delivered"),
    "attempt.read": ("{route} 읽음", "{route} read"),
    "attempt.acknowledged": ("{route} 확인함", "{route} acknowledged"),
    "message.acknowledged": ("받는 사람이 확인함", "The recipient acknowledged it"),
    "attempt.uncertain": ("{route} 도착을 확인하지 못함", "{route}: arrival not confirmed"),
    "attempt.no_report": ("결과를 받지 못함", "No report came"),
    "attempt.expired": ("시간이 지나 보내지 않음", "Time was over, not sent"),
    "attempt.cancelled": ("취소", "Cancelled"),
    "attempt.moved": ("{route} 다른 계정으로 옮김", "{route} moved to another account"),
    "attempt.elsewhere": ("{route} 다른 계정으로 다시", "{route} tried at another account"),
    "attempt.parked": ("따로 둠, 사람이 다시 보내야 함", "Parked until a person requeues it"),
    "attempt.requeued": ("사람이 다시 보냄", "Requeued by a person"),
    "message.step": ("대체 발송", "Falling back"),
    "message.steps_dropped": (
        "백업에서 되살림: 이미 나갔을 수 있어 다음 단계를 뺌",
        "Restored from a backup: later steps may have left already and were dropped",
    ),
    "message.no_device": (
        "받는 사람의 기기가 없어 다음 단계로",
        "The recipient has no device; the next step begins",
    ),
    "message.no_sender": ("다음 단계에 쓸 발신번호가 없음", "No sender for the next step"),
    "message.duplicate_delivery": ("두 번 도착함", "Delivered twice"),
    "reply.received": ("고객이 답함", "The customer answered"),
}
HIDDEN = frozenset({"message.status"})  # follows from the entries beside it
RECEIPTS = frozenset(
    {
        "attempt.delivered",
        "attempt.undelivered",
        "attempt.uncertain",
        "attempt.read",
        "attempt.acknowledged",
    }
)

Adapters = Mapping[tuple[int, str], set[str]]  # (step, route) → who carried it


async def find(session: AsyncSession, caller: Caller, message_id: UUID) -> Message:
    """A message the key may see. Raises NotFound, the same for another workspace's or mode's."""
    rows = await session.exec(
        select(Message).where(
            col(Message.workspace_id) == caller.workspace_id,
            col(Message.mode) == caller.mode,
            col(Message.id) == message_id,
        )
    )
    message = rows.first()
    if message is None:
        raise NotFound("unknown_message", "No message of this workspace has this id.")
    return message


async def show(
    session: AsyncSession, runtime: Runtime, messages: Sequence[Message]
) -> list[dict[str, Any]]:
    """Messages with their attempts, numbers masked."""
    ids = [message.id for message in messages]
    attempts = list(
        await session.exec(
            select(Attempt)
            .where(col(Attempt.message_id).in_(ids))
            .order_by(col(Attempt.step), col(Attempt.branch), col(Attempt.part), col(Attempt.n))
        )
    )
    codes = await session.exec(
        select(Template.id, Template.code).where(
            col(Template.id).in_({message.template_id for message in messages})
        )
    )
    names = await session.exec(
        select(ProviderAccount.id, ProviderAccount.name).where(
            col(ProviderAccount.id).in_({attempt.account_id for attempt in attempts})
        )
    )
    templates, accounts = dict(codes.all()), dict(names.all())
    persons = await people.references(session, {one.person_id for one in messages})
    held = await hours.held_until(session, messages)
    return [
        _message(
            runtime,
            message,
            templates[message.template_id],
            persons.get(message.person_id),
            [a for a in attempts if a.message_id == message.id],
            accounts,
        )
        | {"held_until": _iso(held.get(message.id))}
        for message in messages
    ]


def _message(
    runtime: Runtime,
    message: Message,
    template: str,
    person: str | None,
    attempts: Sequence[Attempt],
    accounts: Mapping[UUID, str],
) -> dict[str, Any]:
    frozen = runtime.sealer.open(content.TABLE, message.workspace_id, message.id, message.sealed)
    return {
        "id": str(message.id),
        "status": message.status,
        "reason": message.reason,
        "explanation": {"ko": explain(message.reason), "en": explain(message.reason, "en")},
        "action": {"ko": action(message.reason), "en": action(message.reason, "en")},
        "template": template,
        "reference": message.reference,
        "to": numbers.mask(frozen["to"]) if frozen["to"] else None,
        "person": person,
        "priority": "high" if message.priority else "normal",
        "plan": orjson.loads(message.plan),
        "fallback_used": message.fallback_used,
        "duplicate_delivery": message.duplicate_delivery,
        "late_delivery": message.late_delivery,
        "resend_of": str(message.resend_of) if message.resend_of else None,
        "send_at": _iso(message.send_at),
        "send_window": orjson.loads(message.send_window) if message.send_window else None,
        "expires_at": _iso(message.expires_at),
        "accepted_at": _iso(message.accepted_at),
        "updated_at": _iso(message.updated_at),
        "closed_at": _iso(message.closed_at),
        "acknowledged_at": _iso(message.acknowledged_at),
        "simulated": message.mode == "sandbox",
        "cost": counters.total(attempt.cost for attempt in attempts),
        "attempts": [_attempt(attempt, accounts) for attempt in attempts],
    }


def _attempt(attempt: Attempt, accounts: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "id": str(attempt.id),
        "step": attempt.step,
        "branch": attempt.branch,
        "to": attempt.to_name or None,
        "device_id": str(attempt.device_id) if attempt.device_id else None,
        "n": attempt.n,
        "channel": attempt.channel,
        "route": attempt.route,
        "account": accounts[attempt.account_id],
        "status": attempt.status,
        "reason": attempt.reason,
        "code": attempt.code,
        "provider_id": attempt.provider_id,
        "cost": counters.total([attempt.cost]),
        "sent_at": _iso(attempt.sent_at),
        "delivered_at": _iso(attempt.delivered_at),
        "read_at": _iso(attempt.read_at),
        "acknowledged_at": _iso(attempt.acknowledged_at),
    }


async def timeline(
    session: AsyncSession, workspace_id: UUID, message_id: UUID, lang: str
) -> list[dict[str, Any]]:
    """Everything that happened to a message, oldest first."""
    events = await session.exec(
        select(Event)
        .where(col(Event.workspace_id) == workspace_id, col(Event.subject_id) == message_id)
        .order_by(col(Event.seq))
    )
    seen = [event for event in events if event.kind not in HIDDEN]
    adapters = await _adapters(session, workspace_id, message_id)
    return [_entry(event, adapters, lang) for event in seen]


async def _adapters(session: AsyncSession, workspace_id: UUID, message_id: UUID) -> Adapters:
    """The providers behind the message's attempts."""
    rows = await session.exec(
        select(Attempt.step, Attempt.route, ProviderAccount.adapter)
        .join(ProviderAccount, col(ProviderAccount.id) == col(Attempt.account_id))
        .where(col(Attempt.message_id) == message_id, col(Attempt.workspace_id) == workspace_id)
    )
    found: dict[tuple[int, str], set[str]] = {}
    for step, route, adapter in rows:
        found.setdefault((step, route), set()).add(adapter)
    return found


def _entry(event: Event, adapters: Adapters, lang: str) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(event.data)
    english = lang == "en"
    route = ROUTES.get(data.get("route", ""), ("", ""))[english]
    title = TITLES.get(event.kind, (event.kind, event.kind))[english]
    detail, todo = _words(data, lang)
    until = korean_time(datetime.fromisoformat(data["until"]), lang) if "until" in data else ""
    return {
        "at": _iso(event.at),
        "kind": event.kind,
        "title": title.format(route=route, until=until).strip(),
        "detail": detail,
        "action": todo,
        "code": data.get("code", ""),
        "code_meaning": _meaning(event.kind, data, adapters, lang),
        "step": data.get("step"),
        "data": data,
    }


def _words(data: Mapping[str, Any], lang: str) -> tuple[str, str]:
    """Why, and what to do about it."""
    if "differs" in data:
        return explain_stop(data["differs"], lang)
    return explain(data.get("reason"), lang), action(data.get("reason"), lang)


def _meaning(kind: str, data: Mapping[str, Any], adapters: Adapters, lang: str) -> str:
    """The code in the provider's sense; empty when it is unknown, or providers would differ."""
    route, code = data.get("route", ""), data.get("code", "")
    stage = "result" if kind in RECEIPTS else "answer"
    told = {
        registry.meaning(adapter, route, stage, code)
        for adapter in adapters.get((data.get("step", 0), route), ())
    }
    meaning = told.pop() if len(told) == 1 else None
    return "" if meaning is None else meaning.en if lang == "en" else meaning.ko


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
