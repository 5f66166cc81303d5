"""Load between accounts: what waits where nothing gets through moves; weights follow health."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Lot, ProviderAccount
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.services.moving import move
from app.services.runtime import Runtime
from scheduler.dispatch import Lane

PAUSED_S = 60.0  # a pause that lasts longer is no passing one
FEWEST = 20  # calls in the last minute that say something
TOO_MANY = 0.15  # of them failed or slow
STEP = 10
STEP_DOWN, STEP_UP = timedelta(minutes=1), timedelta(minutes=5)  # between two steps


async def move_load(runtime: Runtime, lanes: Mapping[UUID, Lane]) -> int:
    """Empty accounts that take nothing into others of their workspace; how many were looked at."""
    paused = [id_ for id_, lane in lanes.items() if lane.paused_s() > PAUSED_S]
    async with runtime.database.read() as session:
        rows = await session.exec(
            select(ProviderAccount).where(
                or_(
                    col(ProviderAccount.breaker_until) > clock(),
                    col(ProviderAccount.state) == "disabled",
                    col(ProviderAccount.id).in_(paused),
                ),
                col(ProviderAccount.id).in_(
                    select(Lot.account_id).where(col(Lot.state).in_(["ready", "waiting"]))
                ),
            )
        )
        # what nobody else could take need not be read
        stuck = [
            account
            for account in list(rows)
            if account.state == "disabled" or await _has_company(session, account)
        ]
    for account in stuck:
        beyond: UUID | None = None
        while True:
            async with runtime.database.write() as tx:
                beyond = await move(tx, runtime, account, beyond)
            if beyond is None:
                break
    return len(stuck)


async def shift_weights(runtime: Runtime, lanes: Mapping[UUID, Lane]) -> None:
    """A step down for an account that fails or is slow, a step back up every five minutes."""
    for lane in list(lanes.values()):
        account = lane.account
        calls, failed, slow = lane.breaker.lately()
        bad = calls >= FEWEST and failed + slow >= TOO_MANY * calls
        if not bad and account.weight_now >= account.weight:
            continue
        async with runtime.database.write() as tx:
            now = max(0, account.weight_now - STEP)
            if not bad:
                now = min(account.weight, account.weight_now + STEP)
            elif not await _has_company(tx.session, account):
                continue
            await _shift(tx, account, now, STEP_DOWN if bad else STEP_UP, calls, failed + slow)


async def _has_company(session: AsyncSession, account: ProviderAccount) -> bool:
    """Whether there is an account that could take what this one loses."""
    others = await session.exec(
        select(ProviderAccount.id)
        .where(
            col(ProviderAccount.workspace_id) == account.workspace_id,
            col(ProviderAccount.mode) == account.mode,
            col(ProviderAccount.id) != account.id,
            col(ProviderAccount.state) == "active",
        )
        .limit(1)
    )
    return others.first() is not None


async def _shift(
    tx: Tx, account: ProviderAccount, weight: int, apart: timedelta, calls: int, bad: int
) -> None:
    """One step at a time, whichever worker is first."""
    result: Any = await tx.session.exec(
        update(ProviderAccount)
        .where(
            col(ProviderAccount.id) == account.id,
            col(ProviderAccount.weight_now) == account.weight_now,
            col(ProviderAccount.weight_now) != weight,
            or_(
                col(ProviderAccount.weight_at).is_(None),
                col(ProviderAccount.weight_at) <= tx.now - apart,
            ),
        )
        .values(weight_now=weight, weight_at=tx.now)
    )
    if result.rowcount:
        tx.emit(
            account.workspace_id, "account.weight", account.id,
            weight=weight, was=account.weight_now, calls=calls, bad=bad,
        )  # fmt: skip
