"""Threads: the endless room of one customer on one channel, its lines and its write permit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import ChatMessage, ChatSession, ProviderAccount, Sender, Thread
from app.db.session import Tx
from app.errors import Forbidden, NotFound
from app.ids import new_id
from app.sealing import Sealer
from app.services import grams
from app.services.callers import Caller

TABLE, LINES = "consult_thread", "chat_message"  # the names their blobs are bound to
PERMIT = timedelta(days=30)  # from the customer's last message (consultation API, NEXUS, 2026-11)
LATE = timedelta(minutes=10)  # how long after its end a session's callbacks may still come
INSIDE = ("note", "event")  # kinds of lines that never leave, whatever else is said of them
OUR_WORD = ("timeout", "refused")  # ends we concluded ourselves; the hub may know better


@dataclass(frozen=True, slots=True)
class Line:
    """What a new line of the timeline says. ``content`` is the messenger's own body."""

    author_kind: str  # customer | agent | bot | system
    kind: str  # text | image | video | file | event | unsupported
    text: str = field(repr=False)
    author: str = ""
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)


def visible(caller: Caller) -> ColumnElement[bool]:
    """Which threads a caller may see: its workspace's, some only those of one mode's accounts."""
    return visible_in(caller.workspace_id, caller.only)


def visible_in(workspace: Any, only: Any) -> ColumnElement[bool]:
    """The same by values or parameters of a statement; ``only`` None: of both modes."""
    ours: ColumnElement[bool] = col(Thread.workspace_id) == workspace
    if only is None:
        return ours
    theirs = select(ProviderAccount.id).where(
        col(ProviderAccount.workspace_id) == workspace, col(ProviderAccount.mode) == only
    )
    return and_(ours, col(Thread.account_id).in_(theirs))


def missing() -> NotFound:
    """The same answer for what is not there and for what is another workspace's."""
    return NotFound("thread_not_found", "There is no such consultation. List them to find its id.")


async def lock(tx: Tx, workspace_id: UUID, thread_id: UUID) -> Thread:
    """The thread, held until the commit; every change in a thread begins here. Raises NotFound."""
    statement = (
        select(Thread)
        .where(col(Thread.id) == thread_id, col(Thread.workspace_id) == workspace_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if thread := (await tx.session.exec(statement)).first():
        return thread
    raise missing()


async def seen(session: AsyncSession, caller: Caller, thread_id: UUID) -> Thread:
    """The thread, for a key that may see it. Raises NotFound."""
    query = select(Thread).where(col(Thread.id) == thread_id, visible(caller))
    if thread := (await session.exec(query)).first():
        return thread
    raise missing()


async def lock_seen(tx: Tx, caller: Caller, thread_id: UUID) -> Thread:
    """As :func:`lock`, for a key that changes nothing the customer sees. Raises NotFound."""
    await seen(tx.session, caller, thread_id)
    return await lock(tx, caller.workspace_id, thread_id)


async def lock_for(tx: Tx, caller: Caller, thread_id: UUID) -> Thread:
    """As :func:`lock`, for a key that wants to write. Raises NotFound, Forbidden ``team_key``."""
    thread = await lock_seen(tx, caller, thread_id)
    account = await tx.session.get_one(ProviderAccount, thread.account_id)
    if caller.kind == "team" and account.mode == "live":
        raise Forbidden(
            "team_key",
            "A team key may only write to members and guests, and the chat does not tell the "
            "customer's number. Use a live key.",
        )
    return thread


async def find(tx: Tx, sealer: Sealer, sender: Sender, user_key: str) -> Thread | None:
    """The customer's thread on this channel, held until the commit."""
    statement = (
        select(Thread)
        .where(
            col(Thread.workspace_id) == sender.workspace_id,
            col(Thread.sender_id) == sender.id,
            col(Thread.user_key_hash) == sealer.number_hash(sender.workspace_id, user_key),
        )
        .with_for_update(nowait=not tx.waits)
    )
    return (await tx.session.exec(statement)).first()


async def find_or_open(
    tx: Tx, sealer: Sealer, sender: Sender, user_key: str, at: datetime
) -> Thread:
    """As :func:`find`, made when new; of two makers at once the later finds the first's."""
    thread = await find(tx, sealer, sender, user_key)
    if thread is not None:
        return thread
    id_ = new_id()
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    row = {
        "id": id_,
        "workspace_id": sender.workspace_id,
        "account_id": sender.account_id,
        "sender_id": sender.id,
        "user_key_hash": sealer.number_hash(sender.workspace_id, user_key),
        "sealed": sealer.seal(TABLE, sender.workspace_id, id_, {"user_key": user_key}),
        "last_seq": 0,
        "unread": 0,
        "created_at": at,
    }
    await tx.session.exec(insert(Thread).values(row).on_conflict_do_nothing())
    made = await find(tx, sealer, sender, user_key)
    assert made is not None  # ours, or the one that was faster
    return made


def user_key_of(sealer: Sealer, thread: Thread) -> str:
    """The messenger's key of the customer. Raises Unsealable."""
    return str(sealer.open(TABLE, thread.workspace_id, thread.id, thread.sealed)["user_key"])


def add_line(tx: Tx, sealer: Sealer, thread: Thread, line: Line) -> ChatMessage:
    """Append a line with the thread's next number; the caller holds the thread."""
    thread.last_seq += 1
    id_ = new_id()
    sealed = {"text": line.text, "content": dict(line.content)}
    message = ChatMessage(
        id=id_,
        workspace_id=thread.workspace_id,
        thread_id=thread.id,
        seq=thread.last_seq,
        author_kind=line.author_kind,
        author=line.author,
        kind=line.kind,
        sealed=sealer.seal(LINES, thread.workspace_id, id_, sealed),
        created_at=tx.now,
    )
    tx.session.add(message)
    grams.index(tx, sealer, message, line.text)
    return message


def opened_line(sealer: Sealer, message: ChatMessage) -> Mapping[str, Any]:
    """``{"text": …, "content": …}`` of a line. Raises Unsealable."""
    opened: Mapping[str, Any] = sealer.open(LINES, message.workspace_id, message.id, message.sealed)
    return opened


async def open_session(tx: Tx, thread: Thread, at: datetime) -> ChatSession | None:
    """The chat session in which the business may write at that moment, or None."""
    session = await _unended(tx, thread)
    return session if session is not None and session.expires_at > at else None


async def _unended(tx: Tx, thread: Thread) -> ChatSession | None:
    statement = select(ChatSession).where(
        col(ChatSession.workspace_id) == thread.workspace_id,
        col(ChatSession.thread_id) == thread.id,
        col(ChatSession.ended_at).is_(None),
    )
    return (await tx.session.exec(statement)).first()


async def permit(tx: Tx, thread: Thread, at: datetime, platform_session: str) -> ChatSession:
    """The customer was here at ``at``: extend the chat session, or open one.

    An ended one when it belongs to a session that is over: callbacks may come late.
    """
    return await permit_in(tx, thread, await _unended(tx, thread), at, platform_session)


async def permit_in(
    tx: Tx, thread: Thread, session: ChatSession | None, at: datetime, platform_session: str
) -> ChatSession:
    """As :func:`permit`, from the thread's unended session."""
    if session is not None and session.expires_at <= at:
        await end_overdue(tx, thread, session)
        session = None
    if session is not None:
        session.expires_at = max(session.expires_at, at + PERMIT)
        session.platform_session = session.platform_session or platform_session
        return session
    over = await _over(tx, thread, at, platform_session)
    if over is not None:
        return over
    session = ChatSession(
        workspace_id=thread.workspace_id,
        thread_id=thread.id,
        platform_session=platform_session,
        opened_at=at,
        expires_at=at + PERMIT,
    )
    tx.session.add(session)
    await tx.session.flush()
    tx.emit(
        thread.workspace_id,
        "chat.session_opened",
        thread.id,
        session_id=str(session.id),
        expires_at=session.expires_at.isoformat(),
    )
    return session


async def _over(tx: Tx, thread: Thread, at: datetime, platform_session: str) -> ChatSession | None:
    """The ended session in which something of ``at`` happened: the one it names comes first."""
    named = and_(
        col(ChatSession.platform_session) == platform_session,
        col(ChatSession.platform_session) != "",
        col(ChatSession.end_reason).not_in(OUR_WORD),
        col(ChatSession.ended_at) >= at - LATE,
    )
    statement = (
        select(ChatSession)
        .where(
            col(ChatSession.workspace_id) == thread.workspace_id,
            col(ChatSession.thread_id) == thread.id,
            col(ChatSession.ended_at).is_not(None),
            or_(col(ChatSession.ended_at) >= at, named),
        )
        .order_by(
            (col(ChatSession.platform_session) == platform_session).desc(),
            col(ChatSession.ended_at).desc(),
        )
        .limit(1)
    )
    return (await tx.session.exec(statement)).first()


async def end_session(
    tx: Tx, thread: Thread, at: datetime, reason: str, platform_session: str = ""
) -> bool:
    """End the open chat session; False when there is none, or another than the named one."""
    session = await _unended(tx, thread)
    theirs = session.platform_session if session else ""
    other = bool(platform_session and theirs and platform_session != theirs)
    if session is None or other or at < session.opened_at:
        await _note_end(tx, thread, at, reason, platform_session)
        return False
    session.ended_at, session.end_reason = at, reason
    session.platform_session = theirs or platform_session
    await tx.session.flush()
    tx.emit(
        thread.workspace_id,
        "chat.session_ended",
        thread.id,
        session_id=str(session.id),
        reason=reason,
    )
    return True


async def end_overdue(tx: Tx, thread: Thread, session: ChatSession) -> bool:
    """End a chat session at the moment it ran out."""
    return await end_session(tx, thread, max(session.expires_at, session.opened_at), "timeout")


async def _note_end(
    tx: Tx, thread: Thread, at: datetime, reason: str, platform_session: str
) -> None:
    """Remember the end of a session we never saw: its messages may still come."""
    if not platform_session or await _over(tx, thread, at, platform_session):
        return
    tx.session.add(
        ChatSession(
            workspace_id=thread.workspace_id,
            thread_id=thread.id,
            platform_session=platform_session,
            opened_at=at,
            expires_at=at,
            ended_at=at,
            end_reason=reason,
        )
    )
    await tx.session.flush()
