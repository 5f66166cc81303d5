"""When what waits will have left: what is ahead of it, at the rate measured in the last minute.

Where nothing was measured, or the account takes nothing now, nobody knows, and nothing is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, Call, Lot, Message, ProviderAccount
from app.services.states import AttemptStatus
from app.services.ways import is_ready

MEASURED = timedelta(minutes=1)
LEAST = timedelta(seconds=5)  # a rate measured over less says little
WAITING = ("ready", "leased")  # lots with messages that may leave now


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits at an account; ``rate_per_s`` and ``eta`` are None where nobody knows."""

    queued: int
    rate_per_s: float | None
    eta: datetime | None


async def of_account(session: AsyncSession, account: ProviderAccount, now: datetime) -> Queue:
    """Everything that waits at an account and may leave now."""
    rate = await _rate(session, account.id, now)
    queued = await _sum(session, account.id)
    return Queue(queued, rate, _when(account, queued, rate, now))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What could leave now and has not: how many messages, since when the oldest."""

    count: int
    since: datetime | None


async def waiting(session: AsyncSession, account_ids: Sequence[UUID]) -> Waiting:
    """Over some accounts together, from the few rows of their ready lots."""
    row = await session.exec(
        select(func.coalesce(func.sum(Lot.size), 0), func.min(Lot.due_at)).where(
            col(Lot.account_id).in_(account_ids), col(Lot.state) == "ready"
        )
    )
    count, since = row.one()
    return Waiting(int(count), since)


async def of_message(session: AsyncSession, message: Message, now: datetime) -> datetime | None:
    """When the queued attempt of a message will have left, None when that is unknown."""
    found = await session.exec(
        select(Lot, ProviderAccount)
        .join(Attempt, col(Attempt.lot_id) == col(Lot.id))
        .join(ProviderAccount, col(ProviderAccount.id) == col(Lot.account_id))
        .where(
            col(Attempt.message_id) == message.id,
            col(Attempt.status) == AttemptStatus.QUEUED,
            col(Lot.state).in_(WAITING),
        )
        .limit(1)
    )
    row = found.first()
    if row is None:
        return None
    lot, account = row
    ahead = await _sum(session, account.id, lot) + lot.size
    return _when(account, ahead, await _rate(session, account.id, now), now)


async def _sum(session: AsyncSession, account_id: UUID, before: Lot | None = None) -> int:
    """Messages in lots that wait; only those claimed before a lot when one is given."""
    query = select(func.coalesce(func.sum(Lot.size), 0)).where(
        col(Lot.account_id) == account_id, col(Lot.state).in_(WAITING)
    )
    if before is not None:
        query = query.where(
            col(Lot.id) != before.id,
            or_(
                col(Lot.priority) > before.priority,
                and_(col(Lot.priority) == before.priority, col(Lot.turn) < before.turn),
            ),
        )
    return int(await session.scalar(query) or 0)


async def _rate(session: AsyncSession, account_id: UUID, now: datetime) -> float | None:
    """Messages a second in the calls that ended in the last minute."""
    row = (
        await session.exec(
            select(func.sum(Call.size), func.min(Call.started_at)).where(
                col(Call.account_id) == account_id,
                col(Call.started_at) > now - MEASURED,
                col(Call.ended_at).is_not(None),
            )
        )
    ).one()
    size, first = row
    if not size:
        return None
    return float(size) / max(now - first, LEAST).total_seconds()


def _when(
    account: ProviderAccount, ahead: int, rate: float | None, now: datetime
) -> datetime | None:
    if ahead == 0:
        return now
    if not rate or not is_ready(account, now):
        return None
    return now + timedelta(seconds=ahead / rate)
