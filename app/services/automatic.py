"""The two automatic texts: a greeting, and the away text with the next opening time.

Only when Naru says them (``automatic``), only into an open chat session, never while a bot or a
person has the case, and at most once per case and kind. They leave as an agent's line does.
"""

from sqlmodel import col, select

from app.db.models import Case, ChatMessage, ConsultChannel, Thread
from app.db.session import Tx
from app.sealing import Sealer
from app.services import consult_channels, consultations, opening, threads
from app.services.threads import Line


async def say(
    tx: Tx, sealer: Sealer, thread: Thread, case: Case, channel: ConsultChannel
) -> ChatMessage | None:
    """Queue the text that fits this moment; None when none may or need be said.

    The caller holds the thread.
    """
    if channel.automatic != "naru" or case.state != "queued":
        return None
    session = await threads.open_session(tx, thread, tx.now)
    if session is None:
        return None
    kind, text = _fitting(tx, channel)
    key = f"auto:{kind}:{case.id}"
    if not text.strip() or await _was_said(tx, thread, key):
        return None
    message = threads.add_line(tx, sealer, thread, Line("system", "text", text))
    message.case_id, message.chat_session_id = case.id, session.id
    message.client_key, message.status, message.due_at = key, "queued", tx.now
    consultations.tell(tx, message)
    tx.wake = True
    return message


def _fitting(tx: Tx, channel: ConsultChannel) -> tuple[str, str]:
    hours = consult_channels.hours_of(channel)
    if opening.is_open(hours, tx.now):
        return "greeting", channel.greeting
    return "away", consult_channels.away_text(channel, opening.next_open(hours, tx.now))


async def _was_said(tx: Tx, thread: Thread, key: str) -> bool:
    statement = select(ChatMessage.id).where(
        col(ChatMessage.workspace_id) == thread.workspace_id,
        col(ChatMessage.thread_id) == thread.id,
        col(ChatMessage.client_key) == key,
    )
    return (await tx.session.exec(statement)).first() is not None
