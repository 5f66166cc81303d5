"""Comparing a day of an account with the provider's own list of it.

The provider lists by time and we store by message, so neither side comes in the other's order, and
neither fits into memory. Both are read page by page into one private file on disk
(:mod:`app.services.sides`), which sorts them by reference; then they are walked side by side, like
the two halves of a merge. Memory holds one page at a time, whatever the day was.

No session is open while the provider is asked, and the provider is asked first: what moves
meanwhile moves on our side, towards what it has said.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from uuid import UUID

import sqlalchemy
from sqlalchemy import ColumnElement
from sqlmodel import col, select

from app.db.models import Attempt, Call, ProviderAccount, ProviderRef
from app.errors import Invalid, Refused
from app.services import receipts
from app.services.accounts import route_limits
from app.services.differences import Difference, Kind, Todo, compare, is_held, unknown
from app.services.runtime import Runtime
from app.services.sides import Ours, Sides
from channels.contract import Adapter, CanList, Listed, Receipt

SEOUL = timezone(timedelta(hours=9))  # Korea has no summer time
PAGE = 500  # calls, or entries looked up, at once
MOST = 2_000  # attempts read at once
SKEW = timedelta(minutes=1)  # between the provider's clock and ours
Tell = Callable[[str, int], None]  # "theirs" or "ours", and how many so far


@dataclass(frozen=True, slots=True)
class Span:
    """What left from ``start`` up to ``end`` is compared; they are asked a little around it."""

    start: datetime
    end: datetime
    settle: timedelta

    @property
    def asked(self) -> tuple[datetime, datetime]:
        """A request may be taken as late as a settle window after it left (rule R4)."""
        return self.start - SKEW, self.end + self.settle

    def holds(self, at: datetime | None) -> bool:
        """Whether something belongs to this span; what has no time does."""
        return at is None or self.start <= at < self.end


@dataclass
class Report:
    """What was compared, counted as it happens."""

    ours: int = 0
    theirs: int = 0
    equal: int = 0
    differences: Counter[Kind] = field(default_factory=Counter)
    mended: int = 0

    @property
    def open(self) -> int:
        """Differences that are still there."""
        return sum(self.differences.values()) - self.mended


def span_of(account: ProviderAccount, adapter: Adapter, day: date, now: datetime) -> Span:
    """A day in Seoul; of today what has left before the settle window.

    Raises Invalid ``day_ahead``.
    """
    settle_s = max(route_limits(account, route)[2] for route in adapter.routes.values())
    start = datetime.combine(day, time(), SEOUL).astimezone(UTC)
    settle = timedelta(seconds=settle_s)
    end = min(start + timedelta(days=1), now - settle)
    if end <= start:
        raise Invalid(
            "day_ahead",
            f"Nothing of {day} can be compared yet: what has left counts after {settle_s:g} "
            "seconds. Choose an earlier day.",
            field="day",
        )
    return Span(start, end, settle)


def need_list(account: ProviderAccount, adapter: Adapter) -> CanList:
    """The adapter's listing side. Raises Refused ``cannot_list``."""
    if not isinstance(adapter, CanList):
        raise Refused(
            "cannot_list",
            f"The account {account.name} cannot be compared: this provider ({account.adapter}) "
            "gives no list of what it took. Compare by receipts, or with its own console.",
        )
    return adapter


async def reconcile(
    runtime: Runtime,
    account: ProviderAccount,
    adapter: CanList,
    span: Span,
    report: Report,
    tell: Tell = lambda side, count: None,
) -> AsyncIterator[Difference]:
    """Every difference, by reference. Raises ProviderRefused, ProviderSilent before the first."""
    with Sides() as sides:
        await _read_theirs(adapter, span, sides, tell)
        await _name(runtime, account, sides)
        await _read_ours(runtime, account, span, sides, tell)
        sides.sort()
        report.ours, report.theirs = sides.sizes()
        for ours, listed in sides.matched():
            found = list(compare(ours, listed))
            report.equal += not found
            for one in found:
                report.differences[one.kind] += 1
                yield one
        for part in sides.strangers(PAGE):
            for one in await _strange(runtime, account, span, part):
                report.differences[one.kind] += 1
                yield one


async def mend(
    runtime: Runtime, account: ProviderAccount, words: Sequence[Receipt], report: Report
) -> None:
    """Give the provider's words to the engine, which decides as it does for any receipt."""
    if not words:
        return
    async with runtime.database.write() as tx:
        applied = await receipts.apply(tx, runtime, account.workspace_id, account.id, words)
    report.mended += applied.moved


async def _read_theirs(adapter: CanList, span: Span, sides: Sides, tell: Tell) -> None:
    cursor: str | None = None
    count = 0
    while True:
        page = await adapter.listed(*span.asked, cursor)
        sides.add_theirs(page.entries)
        count += len(page.entries)
        tell("theirs", count)
        cursor = page.cursor
        if cursor is None:
            return


async def _name(runtime: Runtime, account: ProviderAccount, sides: Sides) -> None:
    """Entries without our reference are known by the provider's id, where it told us one."""
    for part in sides.nameless(PAGE):
        async with runtime.database.read() as session:
            rows = await session.exec(
                select(ProviderRef.provider_id, ProviderRef.attempt_id).where(
                    col(ProviderRef.account_id) == account.id,
                    col(ProviderRef.provider_id).in_([one.provider_id for one in part]),
                )
            )
            known = dict(rows.all())
        sides.name((one, known[one.provider_id]) for one in part if one.provider_id in known)


async def _read_ours(
    runtime: Runtime, account: ProviderAccount, span: Span, sides: Sides, tell: Tell
) -> None:
    """Attempts by the calls that carried them: their ids are in the order of time."""
    count = 0
    async for calls in _calls(runtime, account, span):
        found = await _attempts(runtime, account, col(Attempt.call_id).in_(calls))
        sides.add_ours(found)
        count += len(found)
        tell("ours", count)


async def _calls(
    runtime: Runtime, account: ProviderAccount, span: Span
) -> AsyncIterator[Sequence[UUID]]:
    """The account's calls of the span, as many at once as make ``MOST`` messages."""
    after, last = _first_id(span.start - SKEW), _first_id(span.end + SKEW)
    while True:
        async with runtime.database.read() as session:
            rows = await session.exec(
                select(Call.id, Call.size)
                .where(
                    col(Call.id) > after,
                    col(Call.id) < last,
                    col(Call.account_id) == account.id,
                    col(Call.started_at) >= span.start,
                    col(Call.started_at) < span.end,
                )
                .order_by(col(Call.id))
                .limit(PAGE)
            )
            found = rows.all()
        if not found:
            return
        for part in _parts(found):
            yield part
        after = found[-1][0]


def _parts(calls: Sequence[tuple[UUID, int]]) -> Iterable[Sequence[UUID]]:
    part: list[UUID] = []
    size = 0
    for id_, count in calls:
        if part and size + count > MOST:
            yield part
            part, size = [], 0
        part.append(id_)
        size += count
    if part:
        yield part


def _first_id(at: datetime) -> UUID:
    """The smallest UUIDv7 of that millisecond."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


async def _strange(
    runtime: Runtime,
    account: ProviderAccount,
    span: Span,
    part: Sequence[tuple[UUID | None, Listed]],
) -> list[Difference]:
    """What is listed and not among the span's attempts: another day's, not sent, nobody's.

    Only attempts of this workspace are looked at: a reference of another one is nobody's.
    """
    ids = {id_ for id_, _ in part if id_}
    attempts = await _attempts(runtime, account, col(Attempt.id).in_(ids)) if ids else []
    known = {ours.attempt_id: ours for ours in attempts}
    elsewhere = await _elsewhere(runtime, account, ids - known.keys())
    found: list[Difference] = []
    for id_, entry in part:
        if not span.holds(entry.at):
            continue  # the comparison of its own day sees it
        ours = known.get(id_) if id_ else None
        if ours is not None:
            found += _of_another_day(ours, entry, span)
        else:
            todo = Todo.OTHER_ACCOUNT if id_ in elsewhere else Todo.FIND_SENDER
            found.append(unknown(entry, todo))
    return found


async def _elsewhere(runtime: Runtime, account: ProviderAccount, ids: set[UUID]) -> set[UUID]:
    """Which of these attempts another account of the workspace holds."""
    if not ids:
        return set()
    async with runtime.database.read() as session:
        rows = await session.exec(
            select(Attempt.id).where(
                col(Attempt.id).in_(ids), col(Attempt.workspace_id) == account.workspace_id
            )
        )
        return set(rows)


def _of_another_day(ours: Ours, entry: Listed, span: Span) -> Iterator[Difference]:
    """Taken on this day, while we hold it as leaving on another, or never."""
    if ours.provider_id not in ("", entry.provider_id):  # taken on both days
        yield from compare(ours, [entry, replace(entry, provider_id=ours.provider_id)])
    elif is_held(ours) or span.holds(ours.sent_at):
        yield from compare(ours, [entry])


async def _attempts(
    runtime: Runtime, account: ProviderAccount, which: ColumnElement[bool]
) -> list[Ours]:
    columns = (
        col(Attempt.id),
        col(Attempt.message_id),
        col(Attempt.route),
        col(Attempt.status),
        col(Attempt.provider_id),
        col(Attempt.sent_at),
    )
    mine = (
        col(Attempt.workspace_id) == account.workspace_id,
        col(Attempt.account_id) == account.id,
    )
    async with runtime.database.read() as session:
        conn = await session.connection()
        rows = await conn.execute(sqlalchemy.select(*columns).where(which, *mine))
        return [Ours(*row) for row in rows]
