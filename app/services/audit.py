"""Whether the counters tell what the tables hold: a slow look for an operator, day by day."""

from collections import Counter as Sums
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, Counter, Message, ProviderAccount
from app.db.session import Tx
from app.ids import first_id
from app.services import counters
from app.services.clock import KST


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that does not say what the tables hold."""

    day: str
    name: str
    counted: int
    there: int


def id_range(day: date) -> tuple[UUID, UUID]:
    """Ids made on a Korean day: the first, and the first of the next day."""
    start = datetime.combine(day, time(), KST)
    return first_id(start), first_id(start + timedelta(days=1))


async def first_day(session: AsyncSession, workspace_id: UUID) -> str | None:
    """The day of the oldest message or counter."""
    oldest = await session.exec(
        select(Message.id)
        .where(col(Message.workspace_id) == workspace_id)
        .order_by(col(Message.id))
        .limit(1)
    )
    counted = await session.exec(
        select(func.min(Counter.day)).where(col(Counter.workspace_id) == workspace_id)
    )
    days = [counters.day_of(id_) for id_ in oldest] + [day for day in counted if day]
    return min(days, default=None)


async def compare(session: AsyncSession, workspace_id: UUID, day: date) -> list[Difference]:
    """Counters of one day that differ from the tables, by name."""
    there = await _messages(session, workspace_id, day)
    there.update(await _attempts(session, workspace_id, day))
    rows = await session.exec(
        select(Counter.name, Counter.value).where(
            col(Counter.workspace_id) == workspace_id,
            col(Counter.day) == day.isoformat(),
            ~col(Counter.name).startswith(counters.CONSULT),  # of deeds: no table holds them all
        )
    )
    counted = dict(rows.all())
    return [
        Difference(day.isoformat(), name, counted.get(name, 0), there[name])
        for name in sorted(counted.keys() | there.keys())
        if counted.get(name, 0) != there[name]
    ]


async def mend(tx: Tx, workspace_id: UUID, day: date) -> Sequence[Difference]:
    """Set the counters of one day right; the event cursor keeps everyone else out meanwhile."""
    await tx.sql.next_events(tx.conn, workspace_id, 0)
    found = await compare(tx.session, workspace_id, day)
    for one in found:
        tx.count(workspace_id, one.day, one.name, one.there - one.counted)
    return found


async def _messages(session: AsyncSession, workspace_id: UUID, day: date) -> Sums[str]:
    first, end = id_range(day)
    closed = col(Message.closed_at).is_not(None)
    marks = [getattr(Message, name) for name in counters.MARKS]
    rows = await session.exec(
        select(Message.mode, Message.status, closed, func.count(), *marks)
        .where(
            col(Message.workspace_id) == workspace_id,
            col(Message.id) >= first,
            col(Message.id) < end,
        )
        .group_by(Message.mode, Message.status, closed, *marks)
    )
    sums: Sums[str] = Sums()
    for row in rows:
        mode, status, is_closed, number = row[:4]
        flags: Sequence[bool] = row[4:]
        marked = [name for name, flag in zip(counters.MARKS, flags, strict=True) if flag]
        names = [counters.ACCEPTED, *marked]
        for name in [*names, status] if is_closed else names:
            sums[f"{mode}.{name}"] += number
    return sums


async def _attempts(session: AsyncSession, workspace_id: UUID, day: date) -> Sums[str]:
    first, end = id_range(day)
    what = (ProviderAccount.mode, Attempt.route, Attempt.status, Attempt.reason)
    rows = await session.exec(
        select(*what, func.count(), func.sum(Attempt.cost))  # type: ignore[call-overload]
        .join(ProviderAccount, col(ProviderAccount.id) == col(Attempt.account_id))
        .where(
            col(Attempt.workspace_id) == workspace_id,
            col(Attempt.message_id) >= first,
            col(Attempt.message_id) < end,
        )
        .group_by(*what)
    )
    sums: Sums[str] = Sums()
    for mode, route, status, reason, number, cost in rows:
        for name in counters.of_attempt(status, reason):
            sums[f"{mode}.{route}.{name}"] += number
        if cost:
            sums[f"{mode}.{route}.{counters.COST}"] += int(cost)
    return sums
