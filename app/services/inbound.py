"""What a customer's side of a chat does to us: messages, pressed buttons, ended sessions.

Callbacks come twice, late and in any order: each is applied once, and a reference ties the same
messages whether it comes before or after them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.db.models import Case, ChatMessage, InboundEvent, ReplyToken, Sender, Thread
from app.db.session import Tx
from app.errors import NotFound
from app.sealing import Sealer
from app.services import cases, threads
from app.services.threads import Line
from channels.contract import Inbound
from channels.vocabulary import InboundKind

KINDS = {
    "text": "text",
    "photo": "image",
    "image": "image",
    "video": "video",
    "file": "file",
}
MEDIA = ("type", "content", "contents", "attachment")
EXACT, EARLIER = 1.0, 0.8  # named by this very token; by the newest earlier one
LINK_BACK = timedelta(minutes=10)  # how long before its token a message may have come
PRESSED = "상담 버튼을 눌렀어요"
PRESSED_UNKNOWN = "상담 버튼을 눌렀어요 (어느 알림인지 알 수 없어요)"


@dataclass(frozen=True, slots=True)
class Link:
    """Which notice the customer answers, and how sure that is."""

    notice_id: UUID
    confidence: float


async def apply(tx: Tx, sealer: Sealer, event: InboundEvent, inbound: Inbound) -> None:
    """Apply one event of a customer. Raises NotFound ``unknown_sender``."""
    sender = await _sender(tx, event, inbound)
    if inbound.kind == InboundKind.EXPIRED_SESSION:
        await _end(tx, sealer, sender, event.received_at, inbound)
        return
    thread = await threads.find_or_open(tx, sealer, sender, inbound.user_key, event.received_at)
    if inbound.kind == InboundKind.MESSAGE:
        await _say(tx, sealer, thread, event, inbound)
    else:
        await _press(tx, sealer, thread, event, inbound)


async def _sender(tx: Tx, event: InboundEvent, inbound: Inbound) -> Sender:
    statement = select(Sender).where(
        col(Sender.workspace_id) == event.workspace_id,
        col(Sender.account_id) == event.account_id,
        col(Sender.kind) == "chat",
        col(Sender.value) == inbound.sender,
    )
    sender = (await tx.session.exec(statement)).first()
    if sender is None:
        raise NotFound(
            "unknown_sender",
            "A customer wrote to a channel that is not registered for this account. Add its "
            "sender key with kind chat; the event is tried again.",
        )
    return sender


async def _say(
    tx: Tx, sealer: Sealer, thread: Thread, event: InboundEvent, inbound: Inbound
) -> None:
    at = event.received_at
    session = await threads.permit(tx, thread, at, inbound.session_id)
    case = await cases.wake(tx, thread, at)
    known = await _link_of(tx, case)
    kind = KINDS.get(inbound.content_type, "unsupported")
    line = Line("customer", kind, inbound.text, content=_media(inbound))
    message = threads.add_line(tx, sealer, thread, line)
    message.case_id = case.id
    message.chat_session_id = session.id
    message.inbound_id = event.id
    message.platform_at, message.created_at = inbound.at, at
    thread.last_in_at = max(thread.last_in_at or at, at)
    thread.unread += 1
    tx.emit(
        thread.workspace_id,
        "chat.message_received",
        thread.id,
        chat_message_id=str(message.id),
        case_id=str(case.id),
        seq=message.seq,
        content_kind=kind,
    )
    named = await _named(tx, event, inbound)
    if named is not None:
        _bind(thread, case, named)
    link = named or known
    if link is not None:
        _tie(tx, thread, message, link)


def _media(inbound: Inbound) -> dict[str, Any]:
    """The part of the messenger's body that is shown: never its keys of the customer."""
    return {name: inbound.content[name] for name in MEDIA if name in inbound.content}


async def _press(
    tx: Tx, sealer: Sealer, thread: Thread, event: InboundEvent, inbound: Inbound
) -> None:
    at = event.received_at
    link = await _named(tx, event, inbound)
    if link is None:
        content = {"token": inbound.token, "last_token": inbound.last_token}
        line = Line("system", "event", PRESSED_UNKNOWN, content=content)
        threads.add_line(tx, sealer, thread, line).inbound_id = event.id
        thread.last_in_at = max(thread.last_in_at or at, at)
        return
    session = await threads.permit(tx, thread, at, inbound.session_id)
    case = await cases.wake(tx, thread, at)
    if await _is_told(tx, case, link, session.id):
        return
    known = await _link_of(tx, case)
    # an exact tie is not replaced by a guess: then the press is only a line
    surer = known is None or link.confidence >= known.confidence
    just_said = await _just_said(tx, case, session.id, at) if surer else []
    pressed = threads.add_line(tx, sealer, thread, Line("system", "event", PRESSED))
    pressed.case_id, pressed.inbound_id = case.id, event.id
    pressed.chat_session_id = session.id
    thread.last_in_at = max(thread.last_in_at or at, at)
    if surer:
        _bind(thread, case, link)
        for message in (*just_said, pressed):
            _tie(tx, thread, message, link)


def _bind(thread: Thread, case: Case, link: Link) -> None:
    if case.notice_id is None:
        case.opened_by = "notice"
    thread.notice_id = case.notice_id = link.notice_id


async def _named(tx: Tx, event: InboundEvent, inbound: Inbound) -> Link | None:
    for token, confidence in ((inbound.token, EXACT), (inbound.last_token, EARLIER)):
        statement = select(ReplyToken).where(
            col(ReplyToken.token) == token,
            col(ReplyToken.workspace_id) == event.workspace_id,
            col(ReplyToken.expires_at) > event.received_at,
        )
        found = (await tx.session.exec(statement)).first() if token else None
        if found is not None:
            return Link(found.message_id, confidence)
    return None


async def _link_of(tx: Tx, case: Case) -> Link | None:
    """The newest tie of this case: a pressed button's line and the messages after it carry it."""
    statement = (
        select(ChatMessage)
        .where(
            col(ChatMessage.workspace_id) == case.workspace_id,
            col(ChatMessage.thread_id) == case.thread_id,
            col(ChatMessage.case_id) == case.id,
            col(ChatMessage.notice_id).is_not(None),
        )
        .order_by(col(ChatMessage.seq).desc())
        .limit(1)
    )
    line = (await tx.session.exec(statement)).first()
    if line is None or line.notice_id is None:
        return None
    return Link(line.notice_id, line.link_confidence or 0.0)


async def _is_told(tx: Tx, case: Case, link: Link, session_id: UUID) -> bool:
    """Whether this press is in the timeline already: the hub may report it again."""
    statement = select(ChatMessage.id).where(
        col(ChatMessage.workspace_id) == case.workspace_id,
        col(ChatMessage.thread_id) == case.thread_id,
        col(ChatMessage.case_id) == case.id,
        col(ChatMessage.kind) == "event",
        col(ChatMessage.notice_id) == link.notice_id,
        col(ChatMessage.link_confidence) >= link.confidence,
        col(ChatMessage.chat_session_id) == session_id,
    )
    return (await tx.session.exec(statement.limit(1))).first() is not None


async def _just_said(tx: Tx, case: Case, session_id: UUID, at: datetime) -> list[ChatMessage]:
    """The customer's newest untied lines of this session, back to an answer or a tie."""
    statement = (
        select(ChatMessage)
        .where(
            col(ChatMessage.workspace_id) == case.workspace_id,
            col(ChatMessage.thread_id) == case.thread_id,
            col(ChatMessage.case_id) == case.id,
            col(ChatMessage.chat_session_id) == session_id,
            col(ChatMessage.created_at) >= at - LINK_BACK,
        )
        .order_by(col(ChatMessage.seq).desc())
        .limit(50)
    )
    found: list[ChatMessage] = []
    for message in await tx.session.exec(statement):
        if message.author_kind in ("agent", "bot") or message.notice_id is not None:
            break
        if message.author_kind == "customer":
            found.append(message)
    return found[::-1]


def _tie(tx: Tx, thread: Thread, message: ChatMessage, link: Link) -> None:
    message.notice_id, message.link_confidence = link.notice_id, link.confidence
    tx.emit(
        thread.workspace_id,
        "reply.received",
        link.notice_id,
        what="button" if message.kind == "event" else "message",
        thread_id=str(thread.id),
        chat_message_id=str(message.id),
        seq=message.seq,
        confidence=link.confidence,
    )


async def _end(tx: Tx, sealer: Sealer, sender: Sender, at: datetime, inbound: Inbound) -> None:
    thread = await threads.find(tx, sealer, sender, inbound.user_key)
    if thread is None:
        return  # a room we never heard of has nothing to end
    told = str(inbound.content.get("reason", ""))
    reason = told if told in threads.END_REASONS else "unknown"
    if await threads.end_session(tx, thread, at, reason, inbound.session_id):
        await finish(tx, sealer, thread, at, reason)


async def finish(tx: Tx, sealer: Sealer, thread: Thread, at: datetime, reason: str) -> None:
    """After the end of a chat session: its case is resolved and the timeline says why."""
    case = await cases.newest(tx, thread)
    line = threads.add_line(
        tx, sealer, thread, Line("system", "event", threads.END_REASONS[reason])
    )
    if case is not None and case.state != "resolved":
        line.case_id = case.id
        cases.close(tx, case, at, "session_ended")
