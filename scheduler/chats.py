"""Answers of agents leave here: one line of a thread at a time, in its order.

The hub's route is Blind: nobody can ask whether a lost call arrived. So a line is committed as
``sending`` before a byte leaves, and one whose answer never came ends ``unknown`` for a person to
judge; it is never sent again by itself, and the next line may go. What reaches no customer (giving
the hub a file, ending the chat) is an errand: ``scheduler.errands``.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from app.crash import crash_at
from app.db.models import ChatMessage, ProviderAccount, Sender, Thread
from app.db.session import Tx
from app.ids import to_ref
from app.log import logger
from app.sealing import Unsealable
from app.services import accounts, enclosures, inbound, settle, threads
from app.services.lines import tell
from app.services.runtime import Runtime
from channels.contract import Call, Outcome, Outgoing
from channels.vocabulary import Reason, Verdict
from scheduler import errands
from scheduler.errands import Adapters, Due, Errand, Leaving

BATCH = 20
ROUTE = "chat"
NO_ADAPTER_S = 60.0
UNREADABLE = "unreadable_content"  # the key that sealed it is gone
SLOW = ("image", "video", "audio", "file", "event")  # what may need an errand
log = logger("chats")


@dataclass(frozen=True, slots=True)
class Written(Leaving):
    """A line committed as ``sending``, and the call that carries it."""

    call: Call = field(repr=False)


async def send_due(runtime: Runtime, adapters: Adapters, slow: bool | None = None) -> int:
    """Send what is due, at most one line per thread; how many lines moved.

    ``slow``: only lines that carry files or ask something of the hub, or only the others; so that
    a large file holds up nobody's words.
    """
    moved = await _recover(runtime)
    async with runtime.database.write() as tx:
        due = await _due(tx, slow)
        claimed = [await _claim(tx, runtime, adapters, one) for one in due]
    crash_at("C04")
    leaving = [one for one in claimed if one is not None]
    results = await asyncio.gather(*(_go(runtime, one) for one in leaving), return_exceptions=True)
    for one, result in zip(leaving, results, strict=True):
        if isinstance(result, BaseException):  # its time runs out: then it is recovered
            log.error("a line broke", line=str(one.message.id), error=type(result).__name__)
    return moved + len(due)


async def _go(runtime: Runtime, leaving: Leaving) -> None:
    if isinstance(leaving, Written):
        await _send(runtime, leaving)
    elif isinstance(leaving, Errand):
        await errands.run(runtime, leaving)


async def _recover(runtime: Runtime) -> int:
    """Lines whose sender died: whether they left is not known, so they are not sent again."""
    async with runtime.database.write() as tx:
        statement = select(ChatMessage).where(
            col(ChatMessage.status) == "sending", col(ChatMessage.due_at) <= tx.now
        )
        lost = list(await tx.session.exec(statement.limit(BATCH)))
        for message in lost:
            values = {"status": "unknown", "reason": Reason.NO_ANSWER.value, "due_at": None}
            await _write(tx, message, message.tries, values)
    return len(lost)


async def _due(tx: Tx, slow: bool | None) -> list[Due]:
    """Due lines with no earlier line of their thread before them."""
    earlier = aliased(ChatMessage)
    before = select(earlier.id).where(
        col(earlier.thread_id) == col(ChatMessage.thread_id),
        col(earlier.seq) < col(ChatMessage.seq),
        col(earlier.status).in_(("queued", "sending")),
    )
    statement = (
        select(ChatMessage, Thread, ProviderAccount, Sender)
        .join(Thread, col(Thread.id) == col(ChatMessage.thread_id))
        .join(ProviderAccount, col(ProviderAccount.id) == col(Thread.account_id))
        .join(Sender, col(Sender.id) == col(Thread.sender_id))
        .where(
            col(Thread.workspace_id) == col(ChatMessage.workspace_id),
            col(ChatMessage.status) == "queued",
            col(ChatMessage.due_at) <= tx.now,
            _at_work(tx.now),
            ~before.exists(),
        )
        .order_by(col(ChatMessage.due_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=ChatMessage)
    )
    if slow is not None:
        carries = col(ChatMessage.kind).in_(SLOW)
        statement = statement.where(carries if slow else ~carries)
    return [Due(*row) for row in await tx.session.exec(statement)]


def _at_work(now: datetime) -> ColumnElement[bool]:
    """Accounts that send: what is queued at a paused one stays queued."""
    state, until = col(ProviderAccount.state), col(ProviderAccount.paused_until)
    return or_(state == "active", and_(state == "paused", until <= now))


async def _claim(tx: Tx, runtime: Runtime, adapters: Adapters, due: Due) -> Leaving | None:
    """Commit the line as ``sending`` (rule R1), or its errand; None when neither can be."""
    message = due.message
    act = message.kind == "event"
    if message.kind in threads.INSIDE and not act:
        errands.fail(tx, message, errands.INSIDE)
        return None
    if not act and await threads.open_session(tx, due.thread, tx.now) is None:
        errands.fail(tx, message, Reason.NO_CHAT_SESSION.value)
        return None
    try:
        opened = threads.opened_line(runtime.sealer, message)
        user_key = threads.user_key_of(runtime.sealer, due.thread)
    except Unsealable:
        errands.fail(tx, message, UNREADABLE)
        return None
    try:
        adapter = adapters(due.account)
        route = adapter.routes[ROUTE]
    except (Unsealable, ValueError, LookupError) as error:
        log.error("no adapter", account=str(due.account.id), error=type(error).__name__)
        message.due_at = tx.now + timedelta(seconds=NO_ADAPTER_S)
        return None
    leaving = Leaving(message, due.account.id, due.sender.value, user_key, tx.now, adapter)
    if act:
        return await errands.act(tx, due, leaving, opened["content"])
    outgoing = await _outgoing(tx, runtime, leaving, opened)
    if not isinstance(outgoing, Outgoing):
        return outgoing
    _, deadline_s, settle_s = accounts.route_limits(due.account, route)
    message.status, message.tries = "sending", message.tries + 1
    message.due_at = tx.now + timedelta(seconds=deadline_s + settle_s)
    tell(tx, message)
    # counted from here: a process that was asleep in between sends nothing (rule R3)
    deadline = time.monotonic() + deadline_s
    call = Call(f"{outgoing.ref}-{message.tries}", ROUTE, (outgoing,), tx.now, deadline)
    return Written(*leaving.parts, call)


async def _outgoing(
    tx: Tx, runtime: Runtime, leaving: Leaving, opened: Mapping[str, Any]
) -> Outgoing | Errand | None:
    """What the hub is told; the errand that must be run first; None when it cannot leave."""
    message, content = leaving.message, opened["content"]
    outgoing = Outgoing(
        ref=to_ref(message.id),
        to=leaving.user_key,
        sender=leaving.sender,
        text=str(opened["text"]),
        buttons=enclosures.buttons_of(content),
    )
    if "attachment_id" not in content:
        return outgoing
    attachment = await enclosures.of_line(tx, message, content)
    if attachment is None or attachment.state != "stored":
        errands.fail(tx, message, errands.GONE)
        return None
    try:
        enclosed = enclosures.enclosed(runtime.sealer, attachment, content)
    except Unsealable:
        errands.fail(tx, message, UNREADABLE)
        return None
    if enclosed is None:
        return errands.upload(tx, leaving, attachment, str(content["name"]))
    return replace(outgoing, text="", enclosed=enclosed)


async def _send(runtime: Runtime, leaving: Written) -> None:
    crash_at("C05", after_s=0.1)
    answer = await leaving.adapter.send(leaving.call)
    crash_at("C06")
    (outcome,) = answer.outcomes
    async with runtime.database.write() as tx:
        await _settle(tx, runtime, leaving, settle.ruled(outcome))


async def _settle(tx: Tx, runtime: Runtime, leaving: Written, outcome: Outcome) -> None:
    message = leaving.message
    thread = await threads.lock(tx, message.workspace_id, message.thread_id)
    if not await _write(tx, message, message.tries, _values(tx.now, runtime, message, outcome)):
        log.warning("late answer", line=str(message.id), verdict=outcome.verdict.value)
        tx.emit(
            message.workspace_id,
            "chat.message_late",
            message.thread_id,
            chat_message_id=str(message.id),
            seq=message.seq,
            verdict=outcome.verdict.value,
            code=outcome.code,
        )
        return
    if outcome.verdict is Verdict.DEFERRED:
        tx.wake = True
    if outcome.reason is Reason.MISCONFIGURED:
        await settle.pause(tx, leaving.account_id, outcome.code)
    if outcome.reason is Reason.NO_CHAT_SESSION and outcome.verdict is Verdict.REJECTED:
        # as of the call: a chat the customer opened since is another one
        at = leaving.call.now
        if await threads.end_session(tx, thread, at, "refused"):
            await inbound.finish(tx, runtime.sealer, thread, at, "refused")


def _values(
    now: datetime, runtime: Runtime, message: ChatMessage, outcome: Outcome
) -> dict[str, Any]:
    """The columns an outcome changes."""
    status = {
        Verdict.ACCEPTED: "sent",
        Verdict.REJECTED: "failed",
        Verdict.DEFERRED: "queued",
        Verdict.UNKNOWN: "unknown",
    }[outcome.verdict]
    due_at = None
    if outcome.verdict is Verdict.DEFERRED:
        due_at = now + errands.pause(runtime, message.tries, outcome)
    reason = outcome.reason.value if outcome.reason else None
    return {"status": status, "reason": reason, "code": outcome.code, "due_at": due_at}


async def _write(tx: Tx, message: ChatMessage, tries: int, values: dict[str, Any]) -> bool:
    """Write the end of a try and tell it, unless the line has moved on since (rule R5)."""
    written: Any = await tx.session.exec(
        update(ChatMessage)
        .where(
            col(ChatMessage.id) == message.id,
            col(ChatMessage.workspace_id) == message.workspace_id,
            col(ChatMessage.status) == "sending",
            col(ChatMessage.tries) == tries,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not written.rowcount:
        return False
    changed = await tx.session.get_one(ChatMessage, message.id, populate_existing=True)
    tell(tx, changed)
    return True
