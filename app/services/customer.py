"""A customer's side panel: what was sent to this person, what it was about, and earlier cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case, ChatMessage, Message, ProviderAccount, Template, Thread
from app.db.models.fields import now as clock
from app.sealing import Unsealable
from app.services import content, numbers, rooms, threads, ties
from app.services.callers import Caller
from app.services.explanations import explain
from app.services.rooms import CaseView
from app.services.runtime import Runtime

MOST = 20  # notices and cases shown
PERHAPS = timedelta(hours=72)  # how new a notice must be to be "perhaps" what it is about
# variables that hold a number by which the business knows the matter
NUMBERED = frozenset(
    (
        "주문번호",
        "증권번호",
        "예약번호",
        "접수번호",
        "계약번호",
        "송장번호",
        "운송장번호",
        "회원번호",
        "청구번호",
    )
)


@dataclass(frozen=True, slots=True)
class SentNotice:
    """One notice to this person. ``numbers``: order or policy numbers by their variable's name.

    ``explanation`` in Korean, empty when there is nothing to explain.
    """

    id: UUID
    template: str
    name: str
    reference: str | None
    status: str
    explanation: str
    fallback_used: bool
    numbers: Mapping[str, str] = field(repr=False)
    accepted_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class About:
    """The notice a case is about. ``how`` button, earlier, forwarded, label, or perhaps.

    ``perhaps``: only the newest one, it is kept nowhere.
    """

    notice_id: UUID
    how: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class CustomerView:
    """Whom a thread is with. ``number`` is masked, None while it is not known."""

    thread_id: UUID
    customer: str
    number: str | None
    blocked_at: datetime | None
    about: About | None
    notices: list[SentNotice]
    cases: list[CaseView]


async def panel(
    session: AsyncSession, runtime: Runtime, caller: Caller, thread_id: UUID
) -> CustomerView:
    """What is known of the customer of a thread, the newest first. Raises NotFound."""
    thread = await threads.seen(session, caller, thread_id)
    notices = await _notices(session, runtime, thread)
    cases = list(
        await session.exec(
            select(Case)
            .where(
                col(Case.workspace_id) == thread.workspace_id,
                col(Case.thread_id) == thread.id,
            )
            .order_by(col(Case.number).desc())
            .limit(MOST)
        )
    )
    return CustomerView(
        thread_id=thread.id,
        customer=rooms.label(runtime, thread),
        number=_number(runtime, thread),
        blocked_at=thread.blocked_at,
        about=await _about(session, thread, cases[0] if cases else None, notices),
        notices=notices,
        cases=[rooms.case_view(one) for one in cases],
    )


def _number(runtime: Runtime, thread: Thread) -> str | None:
    try:
        number = ties.number_of(runtime.sealer, thread)
    except Unsealable:
        return None
    return numbers.mask(number) if number else None


async def _notices(session: AsyncSession, runtime: Runtime, thread: Thread) -> list[SentNotice]:
    """Those to the number, and those the thread was tied to while it was not known."""
    account = await session.get_one(ProviderAccount, thread.account_id)
    tied = select(ChatMessage.notice_id).where(
        col(ChatMessage.thread_id) == thread.id, col(ChatMessage.notice_id).is_not(None)
    )
    named = list(await session.exec(tied.distinct().limit(MOST)))
    whose: list[ColumnElement[bool]] = [col(Message.id).in_(named)]
    if thread.number_hash is not None:
        whose.append(col(Message.number_hash) == thread.number_hash)
    rows = await session.exec(
        select(Message, Template)
        .join(Template, col(Template.id) == col(Message.template_id))
        .where(
            col(Message.workspace_id) == thread.workspace_id,
            col(Message.mode) == account.mode,
            or_(*whose),
        )
        .order_by(col(Message.id).desc())
        .limit(MOST)
    )
    return [_notice(runtime, message, template) for message, template in rows]


def _notice(runtime: Runtime, message: Message, template: Template) -> SentNotice:
    return SentNotice(
        id=message.id,
        template=template.code,
        name=template.name,
        reference=message.reference,
        status=message.status,
        explanation=explain(message.reason) if message.reason else "",
        fallback_used=message.fallback_used,
        numbers=_numbers(runtime, message),
        accepted_at=message.accepted_at,
        closed_at=message.closed_at,
    )


def _numbers(runtime: Runtime, message: Message) -> dict[str, str]:
    """Variables that name the matter; none when their key is gone."""
    try:
        frozen: dict[str, Any] = runtime.sealer.open(
            content.TABLE, message.workspace_id, message.id, message.sealed
        )
    except Unsealable:
        return {}
    given: dict[str, str] = frozen.get("variables") or {}
    return {name: value for name, value in given.items() if name.replace(" ", "") in NUMBERED}


async def _about(
    session: AsyncSession, thread: Thread, case: Case | None, notices: Sequence[SentNotice]
) -> About | None:
    """What the newest case is about: as stored, else the newest notice when it is new enough."""
    if case is not None and case.notice_id is not None:
        statement = (
            select(ChatMessage)
            .where(
                col(ChatMessage.thread_id) == thread.id,
                col(ChatMessage.case_id) == case.id,
                col(ChatMessage.notice_id) == case.notice_id,
            )
            .order_by(col(ChatMessage.seq).desc())
            .limit(1)
        )
        line = (await session.exec(statement)).first()
        how, sure = (line.link_how, line.link_confidence) if line is not None else ("", None)
        return About(case.notice_id, how, sure)
    newest = notices[0] if notices and thread.number_hash is not None else None
    if newest is None or newest.accepted_at < clock() - PERHAPS:
        return None
    return About(newest.id, "perhaps", None)
