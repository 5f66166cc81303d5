"""Consultations as an agent sees them: threads, lines, and answering under the case's epoch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import col, select

from app.db.models import Case, ChatMessage, ChatSession, Thread
from app.db.session import Tx
from app.errors import Refused
from app.services import attachments, case_clocks, cases, enclosures, threads
from app.services.callers import Caller
from app.services.cases import Agent
from app.services.enclosures import BROKEN, LONGEST, check_text
from app.services.lines import LATEST, NOTES, LineView, Window, messages, tell, view
from app.services.runtime import Runtime
from app.services.threads import Line
from channels.bubble import Button

__all__ = [
    "BROKEN",
    "LATEST",
    "LONGEST",
    "NOTES",
    "LineView",
    "Window",
    "check_text",
    "messages",
    "tell",
    "view",
]

NEWER = 50


@dataclass(frozen=True, slots=True)
class Writing:
    """What an agent wants to say, and what they saw. ``seen_seq``: the newest line they saw.

    ``attachments``: files of this thread, each a line of its own after the text, which may then
    be empty. ``buttons``: link buttons under the text.
    """

    text: str = field(repr=False)
    agent: Agent
    epoch: int
    client_key: str
    seen_seq: int | None = None
    attachments: tuple[UUID, ...] = ()
    buttons: tuple[Button, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Posted:
    """An accepted answer; ``epoch`` is the case's now. ``replayed``: it was accepted before.

    ``more``: the lines after the first, when an answer with files became several.
    """

    message: LineView
    case_id: UUID
    epoch: int
    replayed: bool
    more: tuple[LineView, ...] = ()


async def post_message(
    tx: Tx, runtime: Runtime, caller: Caller, thread_id: UUID, writing: Writing
) -> Posted:
    """Queue an agent's answer: it leaves after the commit, in the order of the thread.

    A case nobody owns becomes the writer's (epoch + 1). Raises NotFound (the thread's, a file's),
    Forbidden ``team_key``, Invalid as ``enclosures.check`` and ``bad_agent``, Refused
    ``client_key_reused``, ``no_chat_session``, ``case_resolved``, ``stale_epoch``, ``not_owner``,
    ``attachment_used``.
    """
    enclosures.check(writing.text, writing.buttons, writing.attachments)
    agent = cases.check_agent(writing.agent)
    thread = await threads.lock_for(tx, caller, thread_id)
    replayed = await _replay(tx, runtime, thread, writing)
    if replayed is not None:
        return replayed
    session = await writable_session(tx, thread)
    case = await writable_case(tx, thread, writing, agent)
    if case.owner_kind == "none":
        cases.hand_to(case, agent)
    lines = await _lines(tx, runtime, thread, writing, agent)
    for place, message in enumerate(lines):
        message.case_id, message.chat_session_id = case.id, session.id
        message.client_key = f"{writing.client_key}/{place}" if place else writing.client_key
        message.status, message.due_at = "queued", tx.now
    thread.last_out_at, thread.unread = tx.now, 0
    case_clocks.answer(tx, case)
    await case_clocks.first_reply(tx, thread, case)
    cases.tell(tx, case)
    for message in lines:
        tell(tx, message)
    await tx.session.flush()
    tx.wake = True
    first, *more = (view(runtime, message) for message in lines)
    return Posted(first, case.id, case.epoch, replayed=False, more=tuple(more))


async def _lines(
    tx: Tx, runtime: Runtime, thread: Thread, writing: Writing, agent: Agent
) -> list[ChatMessage]:
    """The text with its buttons, then each file."""
    added: list[ChatMessage] = []
    sealer = runtime.sealer
    if writing.text:
        kind, content = ("link" if writing.buttons else "text"), enclosures.content_of
        line = Line("agent", kind, writing.text, agent.name, content(writing.buttons))
        added.append(threads.add_line(tx, sealer, thread, line))
    for id_ in writing.attachments:
        kind, told = enclosures.line_of(sealer, await enclosures.named(tx, thread, id_))
        message = threads.add_line(tx, sealer, thread, Line("agent", kind, "", agent.name, told))
        await tx.session.flush()
        await attachments.attach(tx, thread, id_, message)
        added.append(message)
    return added


async def writable_session(tx: Tx, thread: Thread) -> ChatSession:
    """The open chat session. Raises Refused ``no_chat_session``."""
    session = await threads.open_session(tx, thread, tx.now)
    if session is None:
        raise Refused(
            "no_chat_session",
            "The customer has no chat open, and only the customer can open one. Send a notice "
            "with a consultation button instead.",
        )
    return session


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
    more = await _more(tx, message)
    shown = [view(runtime, one) for one in (message, *more)]
    if _said(shown) != (writing.text, enclosures.content_of(writing.buttons), _files(writing)):
        raise Refused(
            "client_key_reused",
            "This client_key already stands for another text of this thread. Make a new key for "
            "each answer.",
            field="client_key",
        )
    case = await tx.session.get_one(Case, message.case_id)
    return Posted(shown[0], case.id, case.epoch, replayed=True, more=tuple(shown[1:]))


async def _more(tx: Tx, first: ChatMessage) -> list[ChatMessage]:
    """The lines of an answer with files after its first."""
    keys = [f"{first.client_key}/{place}" for place in range(1, enclosures.MOST_FILES + 1)]
    statement = select(ChatMessage).where(
        col(ChatMessage.workspace_id) == first.workspace_id,
        col(ChatMessage.thread_id) == first.thread_id,
        col(ChatMessage.client_key).in_(keys),
    )
    return list(await tx.session.exec(statement.order_by(col(ChatMessage.seq))))


def _said(lines: Sequence[LineView]) -> tuple[str | None, dict[str, object], list[object]]:
    """Text, buttons and files of an answer, to compare with a repeated one."""
    contents = [line.content or {} for line in lines]
    buttons = {name: one for name, one in contents[0].items() if name == "buttons"}
    files = [one["attachment_id"] for one in contents if "attachment_id" in one]
    return lines[0].text, buttons, files


def _files(writing: Writing) -> list[object]:
    return [str(id_) for id_ in writing.attachments]


async def writable_case(tx: Tx, thread: Thread, writing: Writing, agent: Agent) -> Case:
    """The open case the agent may answer in.

    Raises Refused ``case_resolved``, ``stale_epoch``, ``not_owner``.
    """
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
                "newer": await _newer(tx, thread, writing, agent.name),
            },
        )
    if case.owner_kind != "none" and not agent.owns(case):
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
