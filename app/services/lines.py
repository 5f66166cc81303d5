"""Lines of a thread as they are shown and told: opened, with their state in plain words."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attachment, ChatMessage, Thread
from app.db.session import Tx
from app.sealing import Unsealable
from app.services import attachments, threads
from app.services.attachments import AttachmentView
from app.services.callers import Caller
from app.services.runtime import Runtime

PAGE = 100
NOTES = {
    "queued": "곧 보내요",
    "sending": "보내는 중이에요",
    "unknown": "보냈는지 아직 몰라요. 다시 보내면 고객이 두 번 받을 수 있어요",
    "failed": "보내지 못했어요",
}
WHY = {  # by reason, of lines that will not leave or were judged
    "no_chat_session": "상담이 끝나서 보내지 못했어요. 알림을 대신 보내세요",
    "attachment_gone": "파일이 지워져서 보내지 못했어요. 다시 올려 주세요",
    "content_refused": "메신저가 이 사진이나 파일을 받지 않았어요",
    "too_long": "메신저가 받기에는 너무 길거나 커요",
    "unreadable_content": "열쇠가 없어 내용을 열 수 없어요",
    "dismissed": "보내지 않은 것으로 정했어요",
    "judged": "고객이 받은 것으로 정했어요",
}
ACT_NOTES = {"queued": "메신저에 요청하고 있어요", "failed": "메신저가 들어주지 않았어요"}


@dataclass(frozen=True, slots=True)
class Window:
    """Which lines to read: the newest, those before one, or those after one."""

    before: int | None = None
    after: int | None = None
    limit: int = PAGE


LATEST = Window()


@dataclass(frozen=True, slots=True)
class LineView:
    """One line. ``text`` and ``content`` are None when their key is gone. ``note`` in Korean."""

    id: UUID
    seq: int
    author_kind: str
    author: str
    kind: str
    text: str | None = field(repr=False)
    content: dict[str, object] | None = field(repr=False)
    case_id: UUID | None
    notice_id: UUID | None
    link_confidence: float | None
    link_how: str
    status: str
    reason: str | None
    code: str
    note: str
    platform_at: datetime | None
    created_at: datetime
    attachments: tuple[AttachmentView, ...] = ()


def view(runtime: Runtime, message: ChatMessage) -> LineView:
    """A line, opened."""
    text: str | None = None
    content: dict[str, object] | None = None
    try:
        opened = threads.opened_line(runtime.sealer, message)
        text, content = opened["text"], opened["content"]
    except Unsealable:
        pass  # its month's key was destroyed: that a line was there stays visible
    return LineView(
        id=message.id,
        seq=message.seq,
        author_kind=message.author_kind,
        author=message.author,
        kind=message.kind,
        text=text,
        content=content,
        case_id=message.case_id,
        notice_id=message.notice_id,
        link_confidence=message.link_confidence,
        link_how=message.link_how,
        status=message.status,
        reason=message.reason,
        code=message.code,
        note=note_of(message),
        platform_at=message.platform_at,
        created_at=message.created_at,
    )


async def messages(
    session: AsyncSession,
    runtime: Runtime,
    caller: Caller,
    thread_id: UUID,
    window: Window = LATEST,
) -> list[LineView]:
    """Lines in order of ``seq``. Raises NotFound."""
    asked = {
        "workspace": caller.workspace_id,
        "only": caller.only,
        "thread": thread_id,
        "before": window.before,
        "after": window.after,
        "limit": window.limit,
    }
    query = _query(caller.only is None, window.before is None, window.after is None)
    rows = list(await session.exec(query, params=asked))
    if not rows:
        await threads.seen(session, caller, thread_id)
    found = [row[0] for row in (rows if window.after is not None else rows[::-1])]
    with_files = [message.id for message, has_files in rows if has_files]
    files: dict[UUID, tuple[AttachmentView, ...]] = {}
    if with_files:
        files = await attachments.of_lines(session, runtime.sealer, caller.workspace_id, with_files)
    return [replace(view(runtime, one), attachments=files.get(one.id, ())) for one in found]


@lru_cache
def _query(all_modes: bool, from_end: bool, from_start: bool) -> Any:
    """Lines of a thread the caller may see, and whether they have files; made once of each kind."""
    only: Any = None if all_modes else bindparam("only")
    statement = (
        select(ChatMessage, exists().where(col(Attachment.chat_message_id) == col(ChatMessage.id)))
        .join(Thread, col(Thread.id) == col(ChatMessage.thread_id))
        .where(
            threads.visible_in(bindparam("workspace"), only),
            col(ChatMessage.workspace_id) == bindparam("workspace"),
            col(ChatMessage.thread_id) == bindparam("thread"),
        )
        .limit(bindparam("limit"))
    )
    if not from_end:
        statement = statement.where(col(ChatMessage.seq) < bindparam("before"))
    if from_start:
        return statement.order_by(col(ChatMessage.seq).desc())
    return statement.where(col(ChatMessage.seq) > bindparam("after")).order_by(col(ChatMessage.seq))


def tell(tx: Tx, message: ChatMessage, *, kind: str = "chat.message_state") -> None:
    """Record where an outgoing line stands now, in plain words too."""
    tx.emit(
        message.workspace_id,
        kind,
        message.thread_id,
        chat_message_id=str(message.id),
        seq=message.seq,
        status=message.status,
        reason=message.reason,
        code=message.code,
        note=note_of(message),
    )


def note_of(message: ChatMessage) -> str:
    """The state of an outgoing line, or of a request to the messenger, in plain Korean."""
    if message.status in ("failed", "sent") and message.reason in WHY:
        return WHY[message.reason]
    notes = NOTES | ACT_NOTES if message.kind == "event" else NOTES
    return notes.get(message.status, "")
