"""Conversations found by their words, and threads by a number, a case or a notice's reference.

Lines come newest first, page by page, however old. Pairs of letters give candidates, the opened
text decides: a false hit is never shown. The rarest pair of a query is walked, the others are
probed, so that a common word ends with its first page and a rare one with its few lines.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case, ChatGram, ChatMessage, Message, ProviderAccount, Thread
from app.errors import Invalid
from app.services import grams, numbers, rooms
from app.services.callers import Caller
from app.services.consultations import LineView, view
from app.services.runtime import Runtime

PAGE = 20
LONGEST = 100  # characters of a query
MOST_ROOMS = 20  # threads found by a number or a name of theirs
MOST_NOTICES = 200  # of one reference
MOST_PROBED = 4  # pairs asked of the database; the text decides about the rest
COUNTED = 16  # pairs whose frequency is looked at
COMMON = 1_000  # entries counted of a pair: more are all the same
MOST_LOOKED = 1_000  # candidates opened for one page; then the page may be short
CASE = re.compile(r"#?([0-9]{1,9})")
LAST4 = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that holds what was looked for."""

    thread_id: UUID
    customer: str
    line: LineView = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """``threads`` found by a name of theirs, only with the first page; lines newest first.

    ``next`` is the line the next page begins below, None on the last page. A page may be shorter
    than asked for and still have a next one.
    """

    threads: list[UUID]
    hits: list[Hit]
    next: UUID | None


async def search(
    session: AsyncSession,
    runtime: Runtime,
    caller: Caller,
    query: str,
    before: UUID | None = None,
    limit: int = PAGE,
) -> Found:
    """Look for words, or for who and what has this number or name.

    Raises Invalid ``bad_query`` for one that is empty, too long, or has neither.
    """
    text = query.strip()
    wanted = grams.read(text)
    if not wanted.pairs or len(text) > LONGEST:
        raise Invalid(
            "bad_query",
            f"Look for 1–{LONGEST} characters with at least one letter or digit.",
            field="q",
            data={"limit": LONGEST, "length": len(text)},
        )
    named = [] if before else await _named(session, runtime, caller, text)
    walk = _Walk(session, runtime, caller, wanted, limit)
    await walk.run(before)
    return Found(named, walk.hits, walk.next)


class _Walk:
    """One page of lines."""

    def __init__(
        self,
        session: AsyncSession,
        runtime: Runtime,
        caller: Caller,
        wanted: grams.Query,
        limit: int,
    ) -> None:
        self.session, self.runtime, self.caller = session, runtime, caller
        self.wanted, self.limit = wanted, limit
        self.hits: list[Hit] = []
        self.next: UUID | None = None

    async def run(self, before: UUID | None) -> None:
        """Fill the page."""
        hashes = await self._rarest()
        looked, size = 0, 2 * self.limit
        while hashes and looked < MOST_LOOKED:
            ids = await self._candidates(hashes, before, size)
            lines = await self._lines(ids)
            for id_ in ids:
                if id_ in lines and not self._take(*lines[id_], before):
                    return
                before = id_
            looked += len(ids)
            if len(ids) < size:
                return
        self.next = before if hashes else None

    def _take(self, line: ChatMessage, thread: Thread, before: UUID | None) -> bool:
        """Show the line if it is a hit; False when the page was full before it."""
        shown = view(self.runtime, line)
        if not self.wanted.fits(shown.text or ""):
            return True
        if len(self.hits) == self.limit:
            self.next = before
            return False
        self.hits.append(Hit(thread.id, rooms.label(self.runtime, thread), shown))
        return True

    async def _rarest(self) -> list[bytes]:
        """Hashes to look for, the rarest first; none when one of them is nowhere."""
        workspace_id = self.caller.workspace_id
        wanted = self.wanted.pairs[:COUNTED]
        counts: dict[bytes, int] = {}
        for one in grams.hashes(self.runtime.sealer, workspace_id, wanted):
            few = select(col(ChatGram.line_id)).where(*_of(ChatGram, workspace_id, one))
            some = few.limit(COMMON).subquery()
            counts[one] = await self.session.scalar(select(func.count()).select_from(some)) or 0
            if not counts[one]:
                return []
        return sorted(counts, key=lambda one: counts[one])[:MOST_PROBED]

    async def _candidates(
        self, hashes: Sequence[bytes], before: UUID | None, size: int
    ) -> list[UUID]:
        """Lines with every pair, the newest first."""
        workspace_id, (first, *others) = self.caller.workspace_id, hashes
        statement = select(ChatGram.line_id).where(*_of(ChatGram, workspace_id, first))
        if before is not None:
            statement = statement.where(col(ChatGram.line_id) < before)
        for one in others:
            other = aliased(ChatGram)
            both = select(other.line_id).where(
                *_of(other, workspace_id, one), col(other.line_id) == col(ChatGram.line_id)
            )
            statement = statement.where(both.exists())
        return list(
            await self.session.exec(statement.order_by(col(ChatGram.line_id).desc()).limit(size))
        )

    async def _lines(self, ids: Sequence[UUID]) -> dict[UUID, tuple[ChatMessage, Thread]]:
        """Those of the lines that the caller may see."""
        ours = col(ChatMessage.workspace_id) == self.caller.workspace_id
        found = await self.session.exec(
            select(ChatMessage).where(col(ChatMessage.id).in_(ids), ours)
        )
        lines = list(found)
        there = await _seen(self.session, self.caller, {line.thread_id for line in lines})
        return {line.id: (line, there[line.thread_id]) for line in lines if line.thread_id in there}


def _of(table: type[ChatGram], workspace_id: UUID, gram: bytes) -> list[ColumnElement[bool]]:
    return [col(table.workspace_id) == workspace_id, col(table.gram) == gram]


async def _named(session: AsyncSession, runtime: Runtime, caller: Caller, text: str) -> list[UUID]:
    """Threads by the customer's number or its last four digits, a case, a notice's reference."""
    workspace_id, sealer = caller.workspace_id, runtime.sealer
    notices = (
        select(Message.id)
        .where(col(Message.workspace_id) == workspace_id, col(Message.reference) == text)
        .order_by(col(Message.id).desc())
        .limit(MOST_NOTICES)
    )
    ids = list(await session.exec(notices))
    cases: list[ColumnElement[bool]] = [col(Case.notice_id).in_(ids)] if ids else []
    if found := CASE.fullmatch(text):
        cases.append(col(Case.number) == int(found[1]))
    queries = [
        select(Case.thread_id).where(col(Case.workspace_id) == workspace_id, one) for one in cases
    ]
    hashes: list[ColumnElement[bool]] = []
    if LAST4.fullmatch(text):
        hashes.append(col(Thread.last4_hash) == sealer.last4_hash(workspace_id, text))
    if number := _number(text):
        hashes.append(col(Thread.number_hash) == sealer.number_hash(workspace_id, number))
    queries += [
        select(Thread.id).where(col(Thread.workspace_id) == workspace_id, one) for one in hashes
    ]
    named: set[UUID] = set()
    for query in queries:
        named.update(await session.exec(query.limit(MOST_NOTICES)))
    there = (await _seen(session, caller, named)).values()
    newest = sorted(there, key=lambda one: one.last_in_at or one.created_at, reverse=True)
    return [thread.id for thread in newest[:MOST_ROOMS]]


async def _seen(session: AsyncSession, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Thread]:
    """Those of the threads that the caller may see: the rule of ``threads.visible``.

    Asked by their ids alone: told of the workspace too, SQLite would rather walk all its threads.
    """
    rows = await session.exec(
        select(Thread, ProviderAccount.mode)
        .join(ProviderAccount, col(ProviderAccount.id) == col(Thread.account_id))
        .where(col(Thread.id).in_(ids))
    )
    return {
        thread.id: thread
        for thread, mode in rows
        if thread.workspace_id == caller.workspace_id and caller.only in (None, mode)
    }


def _number(text: str) -> str:
    try:
        return numbers.normalise(text, "q")
    except Invalid:
        return ""
