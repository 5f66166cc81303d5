"""Lines nobody knows the fate of, and lines that failed: a person decides what becomes of them."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from app.db.models import Attachment, ChatMessage, Thread
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.services import cases, consultations, enclosures, threads
from app.services.callers import Caller
from app.services.cases import Agent
from app.services.consultations import Writing
from app.services.lines import LineView, tell, view
from app.services.runtime import Runtime

JUDGED, DISMISSED = "judged", "dismissed"


@dataclass(frozen=True, slots=True)
class Again:
    """Who wants a line sent again. ``may_arrive_twice``: they were told what that risks."""

    agent: Agent
    epoch: int
    may_arrive_twice: bool = False


async def retry(
    tx: Tx, runtime: Runtime, caller: Caller, line: tuple[UUID, UUID], again: Again
) -> LineView:
    """Send a line (thread's id, its own) again, under the same number at the hub.

    A failed one was surely not taken; an ``unknown`` one may arrive twice, which must be said.
    Raises NotFound, Forbidden ``team_key``, Invalid ``twice_not_confirmed``, ``bad_agent``,
    Refused ``not_retryable``, ``no_chat_session``, ``case_resolved``, ``stale_epoch``,
    ``not_owner``.
    """
    agent = cases.check_agent(again.agent)
    thread = await threads.lock_for(tx, caller, line[0])
    message = await _line(tx, thread, line[1])
    if message.status not in ("unknown", "failed") or message.author_kind == "customer":
        raise Refused("not_retryable", "Only a line that failed or is unknown can be sent again.")
    session = await consultations.writable_session(tx, thread)
    case = await consultations.writable_case(tx, thread, Writing("", agent, again.epoch, ""), agent)
    if message.status == "unknown" and not again.may_arrive_twice:
        raise Invalid(
            "twice_not_confirmed",
            "The customer may have this line already and would then get it twice. Say "
            "may_arrive_twice to send it all the same.",
            field="may_arrive_twice",
        )
    if case.owner_kind == "none":
        cases.hand_to(case, agent)
        cases.tell(tx, case)
    await _forget_tries(tx, runtime, message)
    message.chat_session_id = session.id
    message.status, message.due_at, message.reason, message.code = "queued", tx.now, None, ""
    tell(tx, message)
    await tx.session.flush()
    tx.wake = True
    return view(runtime, message)


async def dismiss(
    tx: Tx, runtime: Runtime, caller: Caller, line: tuple[UUID, UUID], arrived: bool
) -> LineView:
    """A person's judgement of an ``unknown`` line: it ``arrived``, or counts as not sent.

    Judging twice the same changes nothing. Raises NotFound, Forbidden ``team_key``, Refused
    ``not_unknown``.
    """
    thread = await threads.lock_for(tx, caller, line[0])
    message = await _line(tx, thread, line[1])
    status, reason = ("sent", JUDGED) if arrived else ("failed", DISMISSED)
    if (message.status, message.reason) == (status, reason):
        return view(runtime, message)
    if message.status != "unknown":
        raise Refused(
            "not_unknown", "What became of this line is known.", data={"status": message.status}
        )
    message.status, message.reason = status, reason
    tell(tx, message)
    await tx.session.flush()
    return view(runtime, message)


async def _line(tx: Tx, thread: Thread, id_: UUID) -> ChatMessage:
    statement = (
        select(ChatMessage)
        .where(
            col(ChatMessage.workspace_id) == thread.workspace_id,
            col(ChatMessage.thread_id) == thread.id,
            col(ChatMessage.id) == id_,
        )
        .execution_options(populate_existing=True)
        .with_for_update()
    )
    found = (await tx.session.exec(statement)).first()
    if found is None:
        raise NotFound("line_not_found", "There is no such line in this consultation.")
    return found


async def _forget_tries(tx: Tx, runtime: Runtime, message: ChatMessage) -> None:
    """Doubts are counted anew; ``tries`` itself only rises, it tells late answers apart."""
    content = threads.opened_line(runtime.sealer, message)["content"]
    attachment = await enclosures.of_line(tx, message, content)
    if isinstance(attachment, Attachment):
        attachment.tries = 0
