"""How accounts have answered lately, from the newest calls of each: a small indexed read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Call, ProviderAccount

LATELY = timedelta(minutes=30)
MOST = 200  # calls of an account that are looked at
BEATS = 20
SLOW_S = 2.0


@dataclass(frozen=True, slots=True)
class Beat:
    """Some calls that followed each other: how long they took together in the middle."""

    seconds: float
    failed: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """One account. ``state``: ok | slow | failing | resting | paused | disabled | quiet.

    ``seconds``: how long a call takes in the middle; None where none was made.
    """

    account: ProviderAccount
    state: str
    calls: int
    seconds: float | None
    beats: tuple[Beat, ...]


async def of_accounts(
    session: AsyncSession, accounts: Sequence[ProviderAccount], now: datetime
) -> list[Pulse]:
    """One after the other, in the order given."""
    return [_pulse(one, await _calls(session, one.id, now), now) for one in accounts]


async def _calls(session: AsyncSession, account_id: UUID, now: datetime) -> list[Beat]:
    """Its calls that ended, the oldest first."""
    rows = await session.exec(
        select(Call.started_at, Call.ended_at, Call.http_status)
        .where(col(Call.account_id) == account_id, col(Call.started_at) > now - LATELY)
        .order_by(col(Call.started_at).desc())
        .limit(MOST)
    )
    found = [
        Beat((ended - started).total_seconds(), status is None or status >= 400)
        for started, ended, status in rows
        if ended is not None
    ]
    return found[::-1]


def _pulse(account: ProviderAccount, calls: Sequence[Beat], now: datetime) -> Pulse:
    seconds = median(one.seconds for one in calls) if calls else None
    each = -(-len(calls) // BEATS) or 1
    beats = tuple(
        Beat(median(one.seconds for one in part), any(one.failed for one in part))
        for part in (calls[i : i + each] for i in range(0, len(calls), each))
    )
    return Pulse(account, _state(account, calls, seconds, now), len(calls), seconds, beats)


def _state(
    account: ProviderAccount, calls: Sequence[Beat], seconds: float | None, now: datetime
) -> str:
    if account.state != "active":
        return account.state
    if account.breaker_until is not None and account.breaker_until > now:
        return "resting"
    if seconds is None:
        return "quiet"
    if sum(one.failed for one in calls) * 2 > len(calls):
        return "failing"
    return "slow" if seconds > SLOW_S else "ok"
