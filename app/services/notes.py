"""Notes among staff, in the customer's thread but never for the customer: a kind of their own.

A note has no place in the outbox: it is stored at once, and ``scheduler/chats.py`` refuses its kind
should anybody queue one. ``@name`` in it is text like any other.
"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import col, select

from app.db.models import ChatMessage, Thread
from app.db.session import Tx
from app.errors import Invalid, Refused
from app.services import cases, threads
from app.services.callers import Caller
from app.services.cases import Agent
from app.services.consultations import BROKEN, LineView, view
from app.services.runtime import Runtime
from app.services.threads import Line

LONGEST = 4_000  # characters


@dataclass(frozen=True, slots=True)
class Note:
    """What an agent writes down; the same ``client_key`` and text again adds nothing."""

    text: str = field(repr=False)
    agent: Agent
    client_key: str | None = None


async def add(
    tx: Tx, runtime: Runtime, caller: Caller, thread_id: UUID, note: Note
) -> tuple[LineView, bool]:
    """Write a note; False when it was there already. Who owns the case does not matter.

    Raises NotFound, Invalid ``empty_text``, ``too_long``, ``bad_text``, ``bad_agent``, Refused
    ``client_key_reused``.
    """
    _check(note.text)
    agent = cases.check_agent(note.agent)
    thread = await threads.lock_seen(tx, caller, thread_id)
    key = note.client_key and f"note:{note.client_key}"  # answers have their own
    if key and (there := await _earlier(tx, runtime, thread, key, note.text)):
        return there, False
    case = await cases.newest(tx, thread)
    line = threads.add_line(
        tx, runtime.sealer, thread, Line("agent", "note", note.text, agent.name)
    )
    line.case_id, line.client_key = case.id if case else None, key
    tx.emit(
        thread.workspace_id,
        "chat.note_added",
        thread.id,
        chat_message_id=str(line.id),
        seq=line.seq,
    )
    await tx.session.flush()
    return view(runtime, line), True


def _check(text: str) -> None:
    limits = {"limit": LONGEST, "length": len(text)}
    if not text.strip():
        raise Invalid("empty_text", "Write something first.", field="text", data=limits)
    if len(text) > LONGEST:
        raise Invalid(
            "too_long",
            f"The note has {len(text):,} characters, {LONGEST:,} are the most. Write two.",
            field="text",
            data=limits,
        )
    if any(char in BROKEN for char in text):
        raise Invalid(
            "bad_text", "The text holds control characters or broken letters.", field="text"
        )


async def _earlier(
    tx: Tx, runtime: Runtime, thread: Thread, key: str, text: str
) -> LineView | None:
    statement = select(ChatMessage).where(
        col(ChatMessage.workspace_id) == thread.workspace_id,
        col(ChatMessage.thread_id) == thread.id,
        col(ChatMessage.client_key) == key,
    )
    line = (await tx.session.exec(statement)).first()
    if line is None:
        return None
    found = view(runtime, line)
    if found.text != text:
        raise Refused(
            "client_key_reused",
            "This client_key already stands for another note of this thread. Make a new key for "
            "each note.",
            field="client_key",
        )
    return found
