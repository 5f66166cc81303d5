"""Consultations as an agent sees them: threads, lines, and answering under the case's epoch."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case, ChatMessage, Thread
from app.db.session import Tx
from app.errors import Invalid, Refused
from app.sealing import Unsealable
from app.services import cases, threads
from app.services.callers import Caller
from app.services.runtime import Runtime
from app.services.threads import Line

LONGEST = 1_000  # characters with spaces (Kakao business guide, consultation; HappyTalk send_chat)
PAGE = 100
NEWER = 50
# control characters the messenger cannot show, and halves of letters no JSON can carry
BROKEN = {chr(code) for code in (*range(32), 127, *range(0xD800, 0xE000))} - set("\n\r\t")
NOTES = {
    "queued": "곧 보내요",
    "sending": "보내는 중이에요",
    "unknown": "보냈는지 아직 몰라요. 다시 보내면 고객이 두 번 받을 수 있어요",
    "failed": "보내지 못했어요",
}


@dataclass(frozen=True, slots=True)
class Writing:
    """What an agent wants to say, and what they saw. ``seen_seq``: the newest line they saw."""

    text: str = field(repr=False)
    agent: str
    epoch: int
    client_key: str
    seen_seq: int | None = None


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
    status: str
    reason: str | None
    code: str
    note: str
    platform_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """An accepted answer; ``epoch`` is the case's now. ``replayed``: it was accepted before."""

    message: LineView
    case_id: UUID
    epoch: int
    replayed: bool


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
        status=message.status,
        reason=message.reason,
        code=message.code,
        note=NOTES.get(message.status, ""),
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
    seen = select(Thread.id).where(col(Thread.id) == thread_id, threads.visible(caller))
    if (await session.exec(seen)).first() is None:
        raise threads.missing()
    statement = select(ChatMessage).where(
        col(ChatMessage.workspace_id) == caller.workspace_id,
        col(ChatMessage.thread_id) == thread_id,
    )
    if window.before is not None:
        statement = statement.where(col(ChatMessage.seq) < window.before)
    if window.after is not None:
        later = statement.where(col(ChatMessage.seq) > window.after)
        found = list(await session.exec(later.order_by(col(ChatMessage.seq)).limit(window.limit)))
    else:
        newest = statement.order_by(col(ChatMessage.seq).desc()).limit(window.limit)
        found = list(await session.exec(newest))[::-1]
    return [view(runtime, message) for message in found]


async def post_message(
    tx: Tx, runtime: Runtime, caller: Caller, thread_id: UUID, writing: Writing
) -> Posted:
    """Queue an agent's answer: it leaves after the commit, in the order of the thread.

    A case nobody owns becomes the writer's (epoch + 1). Raises NotFound, Forbidden ``team_key``,
    Invalid ``empty_text``, ``too_long``, ``bad_text``, ``bad_agent``, Refused
    ``client_key_reused``, ``no_chat_session``, ``case_resolved``, ``stale_epoch``, ``not_owner``.
    """
    check_text(writing.text)
    agent = cases.check_name(writing.agent)
    thread = await threads.lock_for(tx, caller, thread_id)
    replayed = await _replay(tx, runtime, thread, writing)
    if replayed is not None:
        return replayed
    session = await threads.open_session(tx, thread, tx.now)
    if session is None:
        raise Refused(
            "no_chat_session",
            "The customer has no chat open, and only the customer can open one. Send a notice "
            "with a consultation button instead.",
        )
    case = await _writable_case(tx, thread, writing, agent)
    if case.owner_kind == "none":
        cases.hand_to(case, agent)
    line = Line("agent", "text", writing.text, agent)
    message = threads.add_line(tx, runtime.sealer, thread, line)
    message.case_id, message.chat_session_id = case.id, session.id
    message.client_key, message.status, message.due_at = writing.client_key, "queued", tx.now
    thread.last_out_at, thread.unread = tx.now, 0
    case.state, case.waiting_since = "waiting", None
    case.first_human_reply_at = case.first_human_reply_at or tx.now
    cases.tell(tx, case)
    tell(tx, message)
    await tx.session.flush()
    tx.wake = True
    return Posted(view(runtime, message), case.id, case.epoch, replayed=False)


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
        note=NOTES.get(message.status, ""),
    )


def check_text(text: str) -> None:
    """Raise Invalid unless the text can be sent: 1–1,000 characters, spaces counted."""
    limits = {"limit": LONGEST, "length": len(text)}
    if not text.strip():
        raise Invalid("empty_text", "Write something first.", field="text", data=limits)
    if len(text) > LONGEST:
        raise Invalid(
            "too_long",
            f"The text has {len(text):,} characters, the messenger takes {LONGEST:,}. Send it in "
            "parts.",
            field="text",
            data=limits,
        )
    if any(char in BROKEN for char in text):
        raise Invalid(
            "bad_text", "The text holds control characters or broken letters.", field="text"
        )


async def _replay(tx: Tx, runtime: Runtime, thread: Thread, writing: Writing) -> Posted | None:
    """The answer this ``client_key`` already made, if any: a repeated click sends nothing."""
    statement = select(ChatMessage).where(
        col(ChatMessage.workspace_id) == thread.workspace_id,
        col(ChatMessage.thread_id) == thread.id,
        col(ChatMessage.client_key) == writing.client_key,
    )
    message = (await tx.session.exec(statement)).first()
    if message is None or message.case_id is None:
        return None
    if view(runtime, message).text != writing.text:
        raise Refused(
            "client_key_reused",
            "This client_key already stands for another text of this thread. Make a new key for "
            "each answer.",
            field="client_key",
        )
    case = await tx.session.get_one(Case, message.case_id)
    return Posted(view(runtime, message), case.id, case.epoch, replayed=True)


async def _writable_case(tx: Tx, thread: Thread, writing: Writing, agent: str) -> Case:
    case = await cases.newest(tx, thread)
    if case is None or case.state == "resolved":
        raise Refused(
            "case_resolved",
            "There is no open case in this thread. Take the newest case first.",
            data={"case_id": str(case.id)} if case else {},
        )
    if case.epoch != writing.epoch:
        raise Refused(
            "stale_epoch",
            "Somebody else took the case, or it was reopened, after you read it. Read the newer "
            "lines, then decide.",
            field="epoch",
            data={
                "epoch": case.epoch,
                "owner": case.owner,
                "state": case.state,
                "newer": await _newer(tx, thread, writing, agent),
            },
        )
    if case.owner_kind != "none" and (case.owner_kind, case.owner) != ("agent", agent):
        raise Refused(
            "not_owner",
            "The case belongs to somebody else. Take it first.",
            field="agent",
            data={"epoch": case.epoch, "owner": case.owner, "case_id": str(case.id)},
        )
    return case


async def _newer(tx: Tx, thread: Thread, writing: Writing, agent: str) -> list[int]:
    """Numbers of the lines the writer missed: after what they saw, else after their own last."""
    ours = (
        col(ChatMessage.workspace_id) == thread.workspace_id,
        col(ChatMessage.thread_id) == thread.id,
    )
    seen = writing.seen_seq
    if seen is None:
        own = select(ChatMessage.seq).where(*ours, col(ChatMessage.author) == agent)
        seen = (await tx.session.exec(own.order_by(col(ChatMessage.seq).desc()))).first() or 0
    later = select(ChatMessage.seq).where(*ours, col(ChatMessage.seq) > seen)
    newest = later.order_by(col(ChatMessage.seq).desc()).limit(NEWER)
    return sorted(await tx.session.exec(newest))
