"""What is asked of the messenger about a chat: end it, block the customer, lift the block.

Each is a line of the thread, so it leaves in the thread's order and is not lost; the scheduler
asks the messenger after the commit. Unlike an answer it may be asked again: a chat that has ended
is not ended once more, and a customer who is blocked stays so.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.db.models import ChatMessage, Thread
from app.db.session import Tx
from app.errors import Invalid
from app.services import cases, consultations, threads
from app.services.callers import Caller
from app.services.cases import Agent
from app.services.lines import LineView, tell, view
from app.services.runtime import Runtime
from app.services.threads import Line

END, BLOCK, UNBLOCK = "end", "block", "unblock"
TEXTS = {
    END: "상담을 끝내요",
    BLOCK: "고객을 차단했어요",
    UNBLOCK: "차단을 풀었어요",
}
TO_BOT = "상담을 끝내고 봇에게 돌려보내요"
LONGEST_EVENT = 100  # bot_event (HappyTalk endAfterCallBotEvent, 2026-11)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to the messenger, None when there was none; whether the customer is blocked."""

    line: LineView | None
    blocked_at: datetime | None


async def end_session(
    tx: Tx,
    runtime: Runtime,
    caller: Caller,
    thread_id: UUID,
    agent: Agent,
    bot_event: str | None = None,
) -> Asked:
    """Ask the messenger to end the open chat; ``bot_event`` (may be empty) lets its bot go on.

    Asking twice is asking once, unless the messenger refused. Raises NotFound, Forbidden
    ``team_key``, Invalid ``bad_agent``, ``bad_bot_event``, Refused ``no_chat_session``.
    """
    agent = cases.check_agent(agent)
    _check_event(bot_event)
    thread = await threads.lock_for(tx, caller, thread_id)
    session = await consultations.writable_session(tx, thread)
    key = f"{END}/{session.id}"  # no caller's client_key holds a stroke
    again = await _asked(tx, thread, key)
    if again is None:
        content = {"act": END} | ({} if bot_event is None else {"bot_event": bot_event})
        text = TEXTS[END] if bot_event is None else TO_BOT
        again = await _ask(tx, runtime, thread, Line("system", "event", text, agent.name, content))
        again.client_key, again.chat_session_id = key, session.id
    elif again.status == "failed":
        again.status, again.due_at, again.tries, again.reason = "queued", tx.now, 0, None
        tell(tx, again)
    await tx.session.flush()
    tx.wake = True
    return Asked(view(runtime, again), thread.blocked_at)


def _check_event(bot_event: str | None) -> None:
    if bot_event is None:
        return
    if len(bot_event) > LONGEST_EVENT or not bot_event.isprintable():
        raise Invalid(
            "bad_bot_event",
            f"A bot event has at most {LONGEST_EVENT} printable characters.",
            field="to_bot_event",
            data={"limit": LONGEST_EVENT, "length": len(bot_event)},
        )


async def block(tx: Tx, runtime: Runtime, caller: Caller, thread_id: UUID, agent: Agent) -> Asked:
    """Block the customer: nobody is asked to look at what they write any more.

    It holds here at once, whatever the messenger says. Again changes nothing. Raises NotFound,
    Forbidden ``team_key``, Invalid ``bad_agent``.
    """
    return await _turn(tx, runtime, caller, thread_id, (agent, BLOCK))


async def unblock(tx: Tx, runtime: Runtime, caller: Caller, thread_id: UUID, agent: Agent) -> Asked:
    """Lift the block; as :func:`block`."""
    return await _turn(tx, runtime, caller, thread_id, (agent, UNBLOCK))


async def _turn(
    tx: Tx, runtime: Runtime, caller: Caller, thread_id: UUID, who_what: tuple[Agent, str]
) -> Asked:
    agent, act = cases.check_agent(who_what[0]), who_what[1]
    thread = await threads.lock_for(tx, caller, thread_id)
    if (thread.blocked_at is not None) == (act == BLOCK):
        return Asked(None, thread.blocked_at)
    session = await threads.open_session(tx, thread, tx.now)
    line = Line("system", "event", TEXTS[act], agent.name, {"act": act})
    message = await _ask(tx, runtime, thread, line)
    message.chat_session_id = session.id if session else None
    thread.blocked_at = tx.now if act == BLOCK else None
    if act == BLOCK:
        thread.unread = 0
        await cases.close_open(tx, thread, tx.now, cases.BLOCKED)
    kind = "chat.customer_blocked" if act == BLOCK else "chat.customer_unblocked"
    tx.emit(thread.workspace_id, kind, thread.id)
    await tx.session.flush()
    tx.wake = True
    return Asked(view(runtime, message), thread.blocked_at)


async def _asked(tx: Tx, thread: Thread, key: str) -> ChatMessage | None:
    statement = select(ChatMessage).where(
        col(ChatMessage.workspace_id) == thread.workspace_id,
        col(ChatMessage.thread_id) == thread.id,
        col(ChatMessage.client_key) == key,
    )
    return (await tx.session.exec(statement)).first()


async def _ask(tx: Tx, runtime: Runtime, thread: Thread, line: Line) -> ChatMessage:
    message = threads.add_line(tx, runtime.sealer, thread, line)
    case = await cases.newest(tx, thread)
    message.case_id = case.id if case is not None and case.state != "resolved" else None
    message.status, message.due_at = "queued", tx.now
    tell(tx, message)
    return message


def act_of(content: dict[str, Any]) -> tuple[str, str | None]:
    """What a line asks for, and the bot event of an end."""
    event = content.get("bot_event")
    return str(content.get("act", "")), None if event is None else str(event)
