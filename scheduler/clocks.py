"""Two clocks: the wall's, which can be set, and the monotonic one, which cannot.

Dates in the store follow the wall clock. When it is set back, what was planned by the later time
would wait for it to come again; it is drawn near instead.
"""

import time
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import update
from sqlmodel import col, select

from app.db.models import Attempt, Lot
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.log import logger
from app.services.runtime import Runtime
from app.services.states import OUTSIDE_WINDOW, AttemptStatus
from scheduler.dispatch import Lane

JUMP_S = 2.0  # less is drift, which NTP mends by itself

log = logger("clocks")


class Watch:
    """Notices when the wall clock was set, and mends what that would delay."""

    def __init__(
        self, runtime: Runtime, lanes: Mapping[UUID, Lane], jobs: AsyncIOScheduler
    ) -> None:
        self._runtime, self._lanes, self._jobs = runtime, lanes, jobs
        self._apart = _apart()

    async def turn(self) -> bool:
        """One look, for a worker's loop; never more to do at once."""
        now = _apart()
        jump = now - self._apart
        if abs(jump) <= JUMP_S:
            self._apart = max(now, self._apart)  # a slow way back counts as one jump
            return False
        log.warning("the clock was set", seconds=round(jump))
        if jump < 0:
            run_now(self._jobs)
            await draw_near(self._runtime, self._lanes)
        self._apart = now  # only now: a mend that failed is tried again
        return False


def _apart() -> float:
    return clock().timestamp() - time.monotonic()


def run_now(jobs: AsyncIOScheduler) -> None:
    """Jobs go on: by their old dates they would sleep as long as the clock was set back."""
    for job in jobs.get_jobs():
        job.modify(next_run_time=clock())


async def draw_near(runtime: Runtime, lanes: Mapping[UUID, Lane]) -> None:
    """Leases, look-ups and retries that were planned by a clock that has been set back since.

    What is scheduled, and what waits for its hours, keeps its date: that is what was asked for.
    """
    for account_id, lane in lanes.items():
        async with runtime.database.write() as tx:
            await _shorten_leases(tx, account_id, lane._lease_s())
            await _ask_sooner(tx, account_id, lane.settle_s())
            await _retry_sooner(tx, account_id)
            tx.wake = True


async def _shorten_leases(tx: Tx, account_id: UUID, lease_s: float) -> None:
    """No lease lasts longer than one that begins now; its worker knows that by its own clock."""
    longest = tx.now + timedelta(seconds=lease_s)
    await tx.session.exec(
        update(Lot)
        .where(
            col(Lot.account_id) == account_id,
            col(Lot.state) == "leased",
            col(Lot.lease_until) > longest,
        )
        .values(lease_until=longest)
    )


async def _ask_sooner(tx: Tx, account_id: UUID, settle_s: float) -> None:
    """What became unknown "in the future" is asked about after one settle window (rule R4)."""
    ask_at = tx.now + timedelta(seconds=settle_s)
    await tx.session.exec(
        update(Attempt)
        .where(
            col(Attempt.account_id) == account_id,
            col(Attempt.status) == AttemptStatus.UNKNOWN,
            col(Attempt.settled_at) > tx.now,
            col(Attempt.due_at) > ask_at,
        )
        .values(due_at=ask_at, settled_at=tx.now)
        .execution_options(synchronize_session=False)
    )


async def _retry_sooner(tx: Tx, account_id: UUID) -> None:
    """Lots of retries made "in the future" wait their step from now."""
    tried = select(Attempt.lot_id).where(
        col(Attempt.account_id) == account_id,
        col(Attempt.status) == AttemptStatus.QUEUED,
        col(Attempt.tries) > 0,
        col(Attempt.reason).is_distinct_from(OUTSIDE_WINDOW),
    )
    lots = await tx.session.exec(
        select(Lot)
        .where(
            col(Lot.account_id) == account_id,
            col(Lot.state) == "waiting",
            col(Lot.created_at) > tx.now,
            col(Lot.id).in_(tried),
        )
        .order_by(col(Lot.id))
        .with_for_update()
    )
    for lot in lots:
        lot.due_at, lot.created_at = tx.now + (lot.due_at - lot.created_at), tx.now
    await tx.session.flush()
