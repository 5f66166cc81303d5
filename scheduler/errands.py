"""Errands to the hub that no customer sees: giving it a file, ending a chat, blocking somebody.

They may be repeated, so a lost answer is tried again: the hub merely keeps one more copy of a
file, and a chat that has ended does not end once more. While an errand is under way its line stays
``queued`` with a lease, and later lines of the thread wait for it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from app.crash import crash_at
from app.db.models import Attachment, ChatMessage, ProviderAccount, Sender, Thread
from app.db.session import Tx
from app.errors import NotFound
from app.sealing import Unsealable
from app.services import acts, attachments, enclosures, inbound, settle, threads
from app.services.attachment_kinds import Kind
from app.services.lines import tell
from app.services.runtime import Runtime
from channels.consulting import CanConsult, Uploaded
from channels.contract import Adapter, Outcome
from channels.vocabulary import Reason, Verdict

Adapters = Callable[[ProviderAccount], Adapter]
"""The adapter that speaks for an account; may raise Unsealable, ValueError, LookupError."""

LEASE_S = 180.0  # longer than any errand may take
MOST_DOUBTS = 6  # answers lost in a row, then a person is told
GONE = "attachment_gone"  # purged, or never stored
INSIDE = "inside_only"  # a note, or an event that asks nothing: whoever queued it was wrong
UNABLE = "not_supported"  # the account's provider has no such call


@dataclass(frozen=True, slots=True)
class Due:
    """A line that is due, with what it takes to send it."""

    message: ChatMessage
    thread: Thread
    account: ProviderAccount
    sender: Sender


@dataclass(frozen=True, slots=True)
class Leaving:
    """A line that was claimed, and for whom."""

    message: ChatMessage
    account_id: UUID
    sender: str = field(repr=False)
    user_key: str = field(repr=False)
    at: datetime
    adapter: Adapter = field(repr=False)

    @property
    def parts(self) -> tuple[ChatMessage, UUID, str, str, datetime, Adapter]:
        """The same, to make more of it."""
        return self.message, self.account_id, self.sender, self.user_key, self.at, self.adapter


@dataclass(frozen=True, slots=True)
class Errand(Leaving):
    """A claimed errand; past ``until`` (monotonic) another worker may have taken it."""

    until: float


@dataclass(frozen=True, slots=True)
class Upload(Errand):
    """A file the hub must have before the line can be written."""

    attachment: Attachment = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Act(Errand):
    """Something asked about the chat; ``name`` is what the hub is really asked."""

    name: str
    bot_event: str | None


def fail(tx: Tx, message: ChatMessage, reason: str) -> None:
    """The line will not leave."""
    message.status, message.reason, message.due_at = "failed", reason, None
    tell(tx, message)


def _lease(tx: Tx, message: ChatMessage) -> float:
    message.tries += 1
    message.due_at = tx.now + timedelta(seconds=LEASE_S)
    return time.monotonic() + LEASE_S / 2


def upload(tx: Tx, leaving: Leaving, attachment: Attachment, name: str) -> Upload | None:
    """The errand of a file; None, and the line failed, where the provider takes none."""
    message = leaving.message
    if not isinstance(leaving.adapter, CanConsult):
        fail(tx, message, UNABLE)
        return None
    attachment.tries += 1
    return Upload(*leaving.parts, _lease(tx, message), attachment, name)


async def act(tx: Tx, due: Due, leaving: Leaving, content: Mapping[str, Any]) -> Act | None:
    """The errand of an act; None when nothing is left to ask of the hub."""
    message, (name, bot_event) = due.message, acts.act_of(dict(content))
    if name not in acts.TEXTS or not isinstance(leaving.adapter, CanConsult):
        fail(tx, message, UNABLE if name in acts.TEXTS else INSIDE)
        return None
    session = await threads.open_session(tx, due.thread, tx.now)
    ends = name == acts.END
    # an end is about the chat it was asked in, a block about whichever is open
    here = session is not None and (not ends or session.id == message.chat_session_id)
    if not ends and not leaving.adapter.blocks:
        # a hub that blocks nobody can at least end the chat, as a block does
        name = acts.END if name == acts.BLOCK else ""
    if not name or (name == acts.END and not here):
        done(tx, message)
        return None
    if ends and message.tries and _wrote_since(due.thread, message):
        # an earlier try may have ended the chat: this may be another one, which nobody wanted to
        message.status, message.reason = "unknown", Reason.NO_ANSWER.value
        message.due_at = None
        tell(tx, message)
        return None
    return Act(*leaving.parts, _lease(tx, message), name, bot_event)


def _wrote_since(thread: Thread, message: ChatMessage) -> bool:
    return thread.last_in_at is not None and thread.last_in_at > message.created_at


def done(tx: Tx, message: ChatMessage) -> None:
    """What was asked holds."""
    message.status, message.reason, message.due_at = "sent", None, None
    tell(tx, message)


async def run(runtime: Runtime, errand: Errand) -> None:
    """Ask the hub, and write what it says."""
    crash_at("C09")
    if time.monotonic() >= errand.until:
        return
    answer = await _ask(runtime, errand)
    crash_at("C10")
    async with runtime.database.write() as tx:
        await _settle(tx, runtime, errand, answer)
    crash_at("C11")


async def _ask(runtime: Runtime, errand: Errand) -> Uploaded | Outcome:
    adapter = errand.adapter
    assert isinstance(adapter, CanConsult)  # or there would be no errand
    who = (errand.sender, errand.user_key)
    if isinstance(errand, Upload):
        return await _give(runtime, errand, adapter)
    assert isinstance(errand, Act)
    if errand.name == acts.END:
        return await adapter.end(*who, errand.bot_event)
    if errand.name == acts.BLOCK:
        return await adapter.block(*who)
    return await adapter.unblock(*who)


async def _give(runtime: Runtime, errand: Upload, adapter: CanConsult) -> Uploaded | Outcome:
    """Read the bytes, then give them: no session is open while the network is."""
    attachment = errand.attachment
    try:
        async with runtime.database.read() as session:
            data = await attachments.read(session, runtime.sealer, attachment)
    except (NotFound, Unsealable):
        return Outcome("", Verdict.REJECTED, Reason.REQUEST_REFUSED, GONE)
    kind = Kind(attachment.media_type).name
    return await adapter.upload_for_chat(
        errand.sender, kind, errand.name, attachment.media_type, data
    )


async def _settle(tx: Tx, runtime: Runtime, errand: Errand, answer: Uploaded | Outcome) -> None:
    thread = await threads.lock(tx, errand.message.workspace_id, errand.message.thread_id)
    if isinstance(answer, Uploaded):
        assert isinstance(errand, Upload)
        await _keep(tx, runtime, errand, answer)
        return
    outcome = settle.ruled(answer)
    message = await _still_ours(tx, errand)
    if message is None:
        return
    if outcome.reason is Reason.MISCONFIGURED:
        await settle.pause(tx, errand.account_id, outcome.code)
    message.reason = outcome.reason.value if outcome.reason else None
    message.code = outcome.code
    if outcome.verdict is Verdict.ACCEPTED or outcome.reason is Reason.NO_CHAT_SESSION:
        done(tx, message)
        if isinstance(errand, Act) and errand.name != acts.UNBLOCK:
            await _ended(tx, runtime, thread, errand)
        return
    lost = outcome.verdict is Verdict.UNKNOWN
    tries = errand.attachment.tries if isinstance(errand, Upload) else message.tries
    if outcome.verdict is Verdict.REJECTED or (lost and tries >= MOST_DOUBTS):
        fail(tx, message, message.reason or Reason.NO_ANSWER.value)
        return
    message.due_at = tx.now + pause(runtime, message.tries, outcome)
    tell(tx, message)


async def _keep(tx: Tx, runtime: Runtime, errand: Upload, answer: Uploaded) -> None:
    """The hub has the file; the line is written with the next turn."""
    attachment = await tx.session.get_one(Attachment, errand.attachment.id, populate_existing=True)
    enclosures.remember(runtime.sealer, attachment, answer)
    message = await _still_ours(tx, errand)
    if message is not None:
        message.due_at, message.reason, message.code = tx.now, None, ""
        tx.wake = True


async def _still_ours(tx: Tx, errand: Errand) -> ChatMessage | None:
    """The line, unless it has moved on since it was claimed (rule R5)."""
    written: Any = await tx.session.exec(
        update(ChatMessage)
        .where(
            col(ChatMessage.id) == errand.message.id,
            col(ChatMessage.workspace_id) == errand.message.workspace_id,
            col(ChatMessage.status) == "queued",
            col(ChatMessage.tries) == errand.message.tries,
        )
        .values(status="queued")
        .execution_options(synchronize_session=False)
    )
    if not written.rowcount:
        return None
    return await tx.session.get_one(ChatMessage, errand.message.id, populate_existing=True)


async def _ended(tx: Tx, runtime: Runtime, thread: Thread, errand: Act) -> None:
    """The chat is over here too, as of the call; who wrote since has opened another one."""
    session = await threads.open_session(tx, thread, tx.now)
    content = threads.opened_line(runtime.sealer, errand.message)["content"]
    ends = content["act"] == acts.END
    if session is None or (ends and session.id != errand.message.chat_session_id):
        return
    reason = "agent" if ends else "agent_block"
    wrote_at = thread.last_in_at
    if not await threads.end_session(tx, thread, errand.at, reason):
        return
    if wrote_at is not None and wrote_at > errand.at:
        await threads.permit(tx, thread, wrote_at, "")
    else:
        await inbound.finish(tx, runtime.sealer, thread, errand.at, reason)


def pause(runtime: Runtime, tries: int, outcome: Outcome) -> timedelta:
    """How long until the next try."""
    steps = runtime.settings.retry_steps_s
    wait = steps[min(tries, len(steps)) - 1]
    if outcome.retry_after_s is not None:  # a provider may stretch a step, not abuse it
        wait = min(max(outcome.retry_after_s, wait), 2 * wait)
    return timedelta(seconds=wait)
