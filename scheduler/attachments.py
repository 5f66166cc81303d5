"""Files of customers are fetched from the messenger at once: it keeps them for days only.

A file is claimed before a byte is asked for: the claim is its next due time, so one whose process
died is fetched again, and stored once. Nothing is given up before a day of tries, but what can
never be had (a file too large, one that runs, an address that is none) fails with its reason.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select

from app.crash import crash_at
from app.db.models import Attachment, AttachmentData, ChatMessage, ProviderAccount, Thread
from app.db.models.fields import now as wall_clock
from app.db.session import Tx
from app.guard import FETCH_S, Guard, NoAnswer, Refused, Reply
from app.log import logger
from app.sealing import Unsealable
from app.services import attachment_kinds, attachments, grams, threads
from app.services.attachment_kinds import OPAQUE, TEXT, BadFile, Kind
from app.services.runtime import Runtime

WAITS_S = (5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200)  # after each try: 21 h in all
MOST_TRIES = len(WAITS_S) + 1
LEASE = timedelta(seconds=FETCH_S + 30)
AT_ONCE, MEMORY = 8, 200_000_000  # files under way, and what they may take together in bytes
SHARE = 4  # of one workspace, so that a slow messenger of one holds up no other
GONE, SURELY_GONE_AFTER = (404, 410), 3  # a fresh file may not be everywhere at once
LONGEST_TEXT = 100_000  # bytes that become a line's own text; what is longer stays a file
PAGE = 100
DRAIN_S = 20.0
log = logger("attachments")


@dataclass(frozen=True, slots=True)
class Fetch:
    """A file that is ours until its lease is over."""

    id: UUID
    workspace_id: UUID
    tries: int
    sandbox: bool
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one try: the bytes, or a reason; ``final``: another try brings no more."""

    data: bytes | None = field(default=None, repr=False)
    error: str = ""
    final: bool = False


class Fetcher:
    """Fetches what customers sent. ``clock`` tells when something is due."""

    def __init__(
        self, runtime: Runtime, guard: Guard, clock: Callable[[], datetime] = wall_clock
    ) -> None:
        self.runtime, self.guard, self.clock = runtime, guard, clock
        self.most = runtime.settings.max_attachment
        self.at_once = max(1, min(AT_ONCE, MEMORY // self.most))
        self.running: dict[asyncio.Task[None], UUID] = {}  # → workspace
        self.stopping = False

    async def turn(self) -> bool:
        """Begin what is due, as much as there is room for; True when something began."""
        room = self.at_once - len(self.running)
        if self.stopping or room < 1 or not await self._due():
            return False
        claimed = await self._claim(room)
        for one in claimed:
            task = asyncio.create_task(self._fetch(one))
            self.running[task] = one.workspace_id
            task.add_done_callback(self._ended)
        return bool(claimed)

    async def stop(self) -> None:
        """Begin nothing more and let what is under way end, at most for DRAIN_S."""
        self.stopping = True
        if self.running:
            _, late = await asyncio.wait(list(self.running), timeout=DRAIN_S)
            for task in late:
                task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.running.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            # its lease runs out, then it is fetched again
            log.error("fetching failed", error=type(error).__name__)

    async def _due(self) -> bool:
        """Whether anything is: asked without taking the right to write from others."""
        async with self.runtime.database.read() as session:
            statement = select(Attachment.id).where(
                col(Attachment.due_at) <= self.clock(), col(Attachment.state) == "pending"
            )
            return (await session.exec(statement.limit(1))).first() is not None

    async def _claim(self, room: int) -> list[Fetch]:
        held = Counter(self.running.values())
        full = [one for one, count in held.items() if count >= SHARE]
        now = self.clock()
        async with self.runtime.database.write() as tx:
            statement = (
                select(Attachment, ProviderAccount.mode)
                .join(Thread, col(Thread.id) == col(Attachment.thread_id))
                .join(ProviderAccount, col(ProviderAccount.id) == col(Thread.account_id))
                .where(
                    col(Thread.workspace_id) == col(Attachment.workspace_id),
                    col(Attachment.due_at) <= now,
                    col(Attachment.state) == "pending",
                    col(Attachment.workspace_id).not_in(full),
                )
                .order_by(col(Attachment.due_at), col(Attachment.id))
                .limit(room)
                .with_for_update(skip_locked=True, of=Attachment)
            )
            found = []
            for attachment, mode in await tx.session.exec(statement):
                held[attachment.workspace_id] += 1
                if held[attachment.workspace_id] > SHARE:
                    continue
                attachment.tries += 1
                attachment.due_at = now + LEASE
                found.append(self._opened(attachment, mode))
        return found

    def _opened(self, attachment: Attachment, mode: str) -> Fetch:
        try:
            url = str(attachments.facts_of(self.runtime.sealer, attachment)["source_url"])
        except Unsealable:
            url = ""
        return Fetch(
            attachment.id, attachment.workspace_id, attachment.tries, mode == "sandbox", url
        )

    async def _fetch(self, fetch: Fetch) -> None:
        result = await self._ask(fetch)
        crash_at("C12")
        async with self.runtime.database.write() as tx:
            await self._settle(tx, fetch, result)

    async def _ask(self, fetch: Fetch) -> Result:
        if not fetch.url:
            return Result(error="unsealable", final=True)
        if fetch.tries > MOST_TRIES:  # every one of them killed its process
            return Result(error="unreachable", final=True)
        url = fetch.url
        if url.startswith("http://") and not fetch.sandbox:
            url = "https://" + url.removeprefix("http://")  # older addresses of the messenger
        try:
            reply = await self.guard.fetch(url, self.most, sandbox=fetch.sandbox)
        except Refused as refused:
            # a name that leads nowhere may lead somewhere later
            return Result(error="bad_url", final=refused.code == "bad_url")
        except NoAnswer:
            return Result(error="unreachable")
        return _judged(fetch, reply)

    async def _settle(self, tx: Tx, fetch: Fetch, result: Result) -> None:
        attachment = await _still_ours(tx, fetch)
        if attachment is None:  # another worker after our lease
            return
        if result.data is not None:
            result = await _keep(tx, self.runtime, attachment, result.data)
        if result.error:
            final = result.final or fetch.tries >= MOST_TRIES
            attachment.error = result.error
            attachment.state = "failed" if final else "pending"
            wait_s = WAITS_S[min(fetch.tries, len(WAITS_S)) - 1]
            attachment.due_at = None if final else self.clock() + timedelta(seconds=wait_s)
        if attachment.state != "pending":
            tell(tx, attachment)


def _judged(fetch: Fetch, reply: Reply) -> Result:
    if reply.status in GONE:
        return Result(error="gone", final=fetch.tries >= SURELY_GONE_AFTER)
    if reply.status != 200:
        return Result(error="unreachable")
    if not reply.whole:
        return Result(error="too_large", final=True)
    return Result(reply.body)


async def _still_ours(tx: Tx, fetch: Fetch) -> Attachment | None:
    """The file's row, its thread held, unless another worker has had it since."""
    found = await tx.session.get(Attachment, fetch.id)
    if found is None:
        return None
    await threads.lock(tx, found.workspace_id, found.thread_id)
    statement = (
        select(Attachment)
        .where(
            col(Attachment.id) == fetch.id,
            col(Attachment.workspace_id) == fetch.workspace_id,
            col(Attachment.state) == "pending",
            col(Attachment.tries) == fetch.tries,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await tx.session.exec(statement)).first()


async def _keep(tx: Tx, runtime: Runtime, attachment: Attachment, data: bytes) -> Result:
    """Store the bytes, or make them the line's text."""
    if attachment.media_type == TEXT:
        text = _text_of(data)
        if text is not None and await _replace(tx, runtime, attachment, text):
            attachment.size, attachment.state = len(data), "stored"
            attachment.error, attachment.due_at = "", None
            return Result(data)
        kind = Kind(OPAQUE)  # no text we can read: to be saved and opened elsewhere
    else:
        try:
            kind = attachment_kinds.read(data, strict=False)
        except BadFile as bad:
            return Result(error=bad.code, final=True)
    attachments.store(tx, runtime.sealer, attachment, kind, data)
    return Result(data)


def _text_of(data: bytes) -> str | None:
    if len(data) > LONGEST_TEXT:
        return None
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return None


async def _replace(tx: Tx, runtime: Runtime, attachment: Attachment, text: str) -> bool:
    """The whole text instead of the cut one, in the line and in what finds it."""
    line = await tx.session.get(ChatMessage, attachment.chat_message_id)
    if line is None or line.workspace_id != attachment.workspace_id:
        return False
    sealer = runtime.sealer
    try:
        content = threads.opened_line(sealer, line)["content"]
    except Unsealable:
        return False
    sealed = {"text": text, "content": content}
    line.sealed = sealer.seal(threads.LINES, line.workspace_id, line.id, sealed)
    await grams.add(tx, sealer, line, text)
    return True


def tell(tx: Tx, attachment: Attachment) -> None:
    """Record that a customer's file came, or never will."""
    tx.emit(
        attachment.workspace_id,
        "chat.attachment_state",
        attachment.thread_id,
        attachment_id=str(attachment.id),
        chat_message_id=str(attachment.chat_message_id),
        state=attachment.state,
        error=attachment.error,
        note=attachments.NOTES.get(attachment.error or attachment.state, ""),
    )


async def purge(runtime: Runtime) -> int:
    """Remove the bytes of uploads that no line took within a day; how many. A periodic job."""
    purged = 0
    while True:
        async with runtime.database.write() as tx:
            statement = (
                select(Attachment)
                .where(
                    col(Attachment.due_at) <= tx.now,
                    col(Attachment.state) == "stored",
                    col(Attachment.chat_message_id).is_(None),
                )
                .limit(PAGE)
                .with_for_update(skip_locked=True)
            )
            found = list(await tx.session.exec(statement))
            for one in found:
                one.state, one.due_at = "purged", None
            ids = [one.id for one in found]
            await tx.session.exec(
                delete(AttachmentData).where(col(AttachmentData.attachment_id).in_(ids))
            )
        purged += len(found)
        if len(found) < PAGE:
            return purged
