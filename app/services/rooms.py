"""The list of consultations and the head of one: customer, case, chat session, notice."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
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
from app.services import threads
from app.services.callers import Caller
from app.services.consultations import LineView, view
from app.services.runtime import Runtime

PAGE = 50


@dataclass(frozen=True, slots=True)
class CaseView:
    """One piece of work."""

    id: UUID
    number: int
    state: str
    owner_kind: str
    owner: str
    epoch: int
    opened_by: str
    waiting_since: datetime | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """The sent message a case answers."""

    id: UUID
    template: str
    reference: str | None
    status: str


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


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list. ``state`` and ``owner`` look at the open case; ``resolved``: none is open."""

    state: str | None = None
    owner: str | None = None
    unread: bool | None = None


EVERYTHING = Filters()


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
    statement = select(Thread, activity).where(threads.visible(caller), *_matching(filters))
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


def _matching(filters: Filters) -> list[ColumnElement[bool]]:
    ours = and_(
        col(Case.thread_id) == col(Thread.id), col(Case.workspace_id) == col(Thread.workspace_id)
    )
    opened = select(Case.id).where(ours, col(Case.state) != "resolved")
    found: list[ColumnElement[bool]] = []
    if filters.state == "resolved":
        found += [~opened.exists(), select(Case.id).where(ours).exists()]
    elif filters.state is not None:
        found.append(opened.where(col(Case.state) == filters.state).exists())
    if filters.owner is not None:
        found.append(opened.where(col(Case.owner) == filters.owner).exists())
    if filters.unread is not None:
        found.append(col(Thread.unread) > 0 if filters.unread else col(Thread.unread) == 0)
    return found


async def _views(
    session: AsyncSession, runtime: Runtime, rows: Sequence[tuple[Thread, datetime]]
) -> list[RoomView]:
    """A page of threads with what belongs to them, in four reads however long it is."""
    ids = [thread.id for thread, _ in rows]
    cases = await _newest_cases(session, ids)
    notices = await _notices(session, [c.notice_id for c in cases.values() if c.notice_id])
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
            notice=notices.get(cases[thread.id].notice_id) if thread.id in cases else None,
            last_line=lines.get(thread.id),
        )
        for thread, at in rows
    ]


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
