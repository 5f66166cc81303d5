"""The list of consultations and the head of one: customer, case, chat session, notice."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_
from sqlalchemy import case as either
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case, ChatMessage, ChatSession, Message, Template, Thread
from app.db.models.fields import now as clock
from app.db.types import Utc, from_us, to_us
from app.errors import Malformed
from app.sealing import Unsealable
from app.services import threads, ties
from app.services.callers import Caller
from app.services.cases import PRIORITIES
from app.services.lines import LineView, view
from app.services.queues import EVERYTHING as EVERYTHING
from app.services.queues import Counts as Counts
from app.services.queues import Filters as Filters
from app.services.queues import counts as counts
from app.services.queues import matching
from app.services.runtime import Runtime

PAGE = 50


@dataclass(frozen=True, slots=True)
class CaseView:
    """One piece of work. ``owner_id``: of staff or a bot. ``due_first_at``: of the first reply."""

    id: UUID
    number: int
    state: str
    owner_kind: str
    owner: str
    epoch: int
    opened_by: str
    waiting_since: datetime | None
    resolved_at: datetime | None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    priority: str = "normal"
    handed_at: datetime | None = None
    due_first_at: datetime | None = None
    first_human_reply_at: datetime | None = None
    snooze_until: datetime | None = None
    resolve_reason: str = ""
    reopens: int = 0
    menu: str = ""


@dataclass(frozen=True, slots=True)
class NoticeView:
    """The sent message a case answers, and how that is known (``ties``)."""

    id: UUID
    template: str
    reference: str | None
    status: str
    link_how: str = ""
    link_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class PermitView:
    """The open chat session."""

    id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RoomView:
    """One thread. ``chat_session`` is None when nobody may write; ``case`` is the newest one."""

    id: UUID
    customer: str
    unread: int
    last_seq: int
    last_activity_at: datetime
    case: CaseView | None
    chat_session: PermitView | None
    notice: NoticeView | None
    last_line: LineView | None = field(repr=False)
    blocked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list: at most ``limit`` threads from the ``cursor`` of the page before."""

    cursor: str | None = None
    limit: int = PAGE


START = Place()


@dataclass(frozen=True, slots=True)
class Page:
    """Rooms, the newest activity first; ``cursor`` is None on the last page."""

    rooms: list[RoomView]
    cursor: str | None


def _activity() -> ColumnElement[datetime]:
    last_in, last_out = col(Thread.last_in_at), col(Thread.last_out_at)
    heard = func.coalesce(last_in, col(Thread.created_at), type_=Utc())
    return either((or_(last_out.is_(None), last_in >= last_out), heard), else_=last_out)


async def list_rooms(
    session: AsyncSession,
    runtime: Runtime,
    caller: Caller,
    filters: Filters = EVERYTHING,
    place: Place = START,
) -> Page:
    """Threads of the workspace. Raises Malformed ``bad_cursor``."""
    activity = _activity()
    statement = select(Thread, activity).where(
        threads.visible(caller), *matching(filters, caller.workspace_id)
    )
    if place.cursor is not None:
        at, id_ = _read_cursor(place.cursor)
        moment = literal(at, Utc())
        statement = statement.where(
            or_(activity < moment, and_(activity == moment, col(Thread.id) < id_))
        )
    ordered = statement.order_by(activity.desc(), col(Thread.id).desc()).limit(place.limit + 1)
    rows = (await session.exec(ordered)).all()
    page = rows[: place.limit]
    more = len(rows) > place.limit
    rooms = await _views(session, runtime, page)
    return Page(rooms, _write_cursor(page[-1][1], page[-1][0].id) if more else None)


async def room(
    session: AsyncSession, runtime: Runtime, caller: Caller, thread_id: UUID
) -> RoomView:
    """One thread. Raises NotFound."""
    statement = select(Thread, _activity()).where(
        col(Thread.id) == thread_id, threads.visible(caller)
    )
    row = (await session.exec(statement)).first()
    if row is None:
        raise threads.missing()
    return (await _views(session, runtime, [row]))[0]


async def _views(
    session: AsyncSession, runtime: Runtime, rows: Sequence[tuple[Thread, datetime]]
) -> list[RoomView]:
    """A page of threads with what belongs to them, in four reads however long it is."""
    ids = [thread.id for thread, _ in rows]
    cases = await _newest_cases(session, ids)
    notices = await _notices(session, [c.notice_id for c in cases.values() if c.notice_id])
    how = await ties.how_known(session, ids)
    permits = await session.exec(
        select(ChatSession).where(
            col(ChatSession.thread_id).in_(ids),
            col(ChatSession.ended_at).is_(None),
            col(ChatSession.expires_at) > clock(),
        )
    )
    open_ = {one.thread_id: PermitView(one.id, one.expires_at) for one in permits}
    last = await session.exec(
        select(ChatMessage)
        .join(Thread, col(Thread.id) == col(ChatMessage.thread_id))
        .where(col(Thread.id).in_(ids), col(ChatMessage.seq) == col(Thread.last_seq))
    )
    lines = {one.thread_id: view(runtime, one) for one in last}
    return [
        RoomView(
            id=thread.id,
            customer=label(runtime, thread),
            unread=thread.unread,
            last_seq=thread.last_seq,
            last_activity_at=at,
            case=case_view(cases[thread.id]) if thread.id in cases else None,
            chat_session=open_.get(thread.id),
            notice=_notice_of(cases.get(thread.id), notices, how),
            last_line=lines.get(thread.id),
            blocked_at=thread.blocked_at,
        )
        for thread, at in rows
    ]


def _notice_of(
    case: Case | None,
    notices: dict[UUID | None, NoticeView],
    how: ties.Known,
) -> NoticeView | None:
    notice = notices.get(case.notice_id) if case is not None else None
    if case is None or notice is None:
        return None
    known, confidence = how.get((case.id, notice.id), ("", None))
    return replace(notice, link_how=known, link_confidence=confidence)


async def _newest_cases(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Case]:
    numbers = (
        select(col(Case.thread_id), func.max(col(Case.number)).label("number"))
        .where(col(Case.thread_id).in_(ids))
        .group_by(col(Case.thread_id))
        .subquery()
    )
    found = await session.exec(
        select(Case).join(
            numbers,
            and_(col(Case.thread_id) == numbers.c.thread_id, col(Case.number) == numbers.c.number),
        )
    )
    return {case.thread_id: case for case in found}


async def _notices(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID | None, NoticeView]:
    rows = await session.exec(
        select(Message, Template.code)
        .join(Template, col(Template.id) == col(Message.template_id))
        .where(col(Message.id).in_(ids), col(Template.workspace_id) == col(Message.workspace_id))
    )
    return {m.id: NoticeView(m.id, code, m.reference, m.status) for m, code in rows}


def case_view(case: Case) -> CaseView:
    """A case as callers see it."""
    return CaseView(
        id=case.id,
        number=case.number,
        state=case.state,
        owner_kind=case.owner_kind,
        owner=case.owner,
        epoch=case.epoch,
        opened_by=case.opened_by,
        waiting_since=case.waiting_since,
        resolved_at=case.resolved_at,
        owner_id=case.owner_id,
        team_id=case.team_id,
        priority=PRIORITIES[case.priority],
        handed_at=case.handed_at,
        due_first_at=case.due_first_at,
        first_human_reply_at=case.first_human_reply_at,
        snooze_until=case.snooze_until,
        resolve_reason=case.resolve_reason,
        reopens=case.reopens,
        menu=case.menu,
    )


def label(runtime: Runtime, thread: Thread) -> str:
    """A customer's name to show: the chat knows no number, so the end of the messenger's key."""
    try:
        user_key = threads.user_key_of(runtime.sealer, thread)
    except Unsealable:
        return "고객 ****"
    return f"고객 ****{user_key[-4:]}" if len(user_key) >= 8 else "고객 ****"


def _write_cursor(at: datetime, id_: UUID) -> str:
    raw = to_us(at).to_bytes(8, "big", signed=True) + id_.bytes
    return base64.urlsafe_b64encode(raw).decode("ascii")


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    bad: Any = Malformed("bad_cursor", "The cursor is not one of ours. Begin without one.")
    try:
        raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        if len(raw) != 24:
            raise bad
        return from_us(int.from_bytes(raw[:8], "big", signed=True)), UUID(bytes=raw[8:])
    except (binascii.Error, UnicodeEncodeError, OverflowError):
        raise bad from None
