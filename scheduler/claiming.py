"""Claiming lots: a large one or a few, or many small ones merged into one."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from app.db.models import Attempt, Lot
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.services.lots import LARGEST, Place
from app.services.states import AttemptStatus

Row = tuple[UUID, UUID, str, int, int]  # lot, workspace, route, size, turn

LARGE = 4  # larger ones claimed together
SMALL = 64  # small ones claimed together, to be merged


@dataclass(frozen=True, slots=True)
class Claimed:
    """A lot under our lease."""

    id: UUID
    workspace_id: UUID
    route: str
    priority: int
    fence: int
    size: int

    def place(self, account_id: UUID) -> Place:
        """Where its attempts queue."""
        return Place(self.workspace_id, account_id, self.route, self.priority)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who claims: a worker for an account, and until when it holds what it gets."""

    account_id: UUID
    worker_id: UUID
    lease_until: datetime


async def claim(
    tx: Tx,
    holder: Holder,
    priority: int,
    batch_of: Callable[[str], int],
    most: int = LARGEST,
) -> list[Claimed]:
    """Lease what is next in turn, about ``most`` messages; ``batch_of``: a route's largest request.

    No more, so that whoever comes now waits for one lot, not for all that were there before.
    """
    await tx.sql.ready_lots(tx.conn, tx.now)
    found = await tx.sql.next_lots(tx.conn, holder.account_id, priority, SMALL)
    chosen = _choose(found, batch_of, most)
    if not chosen:
        return []
    fences = await tx.sql.lease_lots(
        tx.conn, [row[0] for row in chosen], holder.worker_id, holder.lease_until
    )
    await tx.sql.move_turn(tx.conn, holder.account_id, priority, chosen[-1][4])
    lots = [
        Claimed(id_, workspace_id, route, priority, fences[id_], size)
        for id_, workspace_id, route, size, _ in chosen
    ]
    return await _merge(tx, lots, batch_of)


def _choose(found: Sequence[Row], batch_of: Callable[[str], int], most: int) -> list[Row]:
    chosen: list[Row] = []
    total = large = 0
    for row in found:
        _, _, route, size, _ = row
        large += 2 * size > batch_of(route)
        total += size
        if chosen and (large > LARGE or total > most):
            break
        chosen.append(row)
    return chosen


async def _merge(tx: Tx, lots: Sequence[Claimed], batch_of: Callable[[str], int]) -> list[Claimed]:
    """Small lots of one workspace, route and priority become one: one call, one fence."""
    merged: dict[tuple[UUID, str, int], Claimed] = {}
    full: list[Claimed] = []
    emptied: list[UUID] = []
    before = {lot.id: lot.size for lot in lots}
    for lot in lots:
        kin = (lot.workspace_id, lot.route, lot.priority)
        first = merged.get(kin)
        if first is None or first.size + lot.size > batch_of(lot.route):
            if first is not None:
                full.append(first)
            merged[kin] = lot
            continue
        merged[kin] = replace(first, size=first.size + lot.size)
        emptied.append(lot.id)
        await tx.session.exec(
            update(Attempt).where(col(Attempt.lot_id) == lot.id).values(lot_id=first.id)
        )
    if emptied:
        await tx.session.exec(update(Lot).where(col(Lot.id).in_(emptied)).values(state="done"))
    for lot in (*full, *merged.values()):
        if lot.size != before[lot.id]:
            await tx.session.exec(update(Lot).where(col(Lot.id) == lot.id).values(size=lot.size))
    return [*full, *merged.values()]


async def taken_by(tx: Tx, call_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Which attempts each new call really got: a cancel may have been faster."""
    rows = await tx.session.exec(
        select(Attempt.call_id, Attempt.id).where(
            col(Attempt.call_id).in_(call_ids), col(Attempt.status) == AttemptStatus.SENDING
        )
    )
    taken: dict[UUID, set[UUID]] = {call_id: set() for call_id in call_ids}
    for call_id, attempt_id in rows:
        if call_id is not None:
            taken[call_id].add(attempt_id)
    return taken


async def finish(tx: Tx, lot: Claimed) -> None:
    """Done, or ready again when something is still queued in it.

    With a call that never left (rule R3) it stays leased: what is under it is recovered when the
    lease runs out, and nobody would look for it in a lot that is done.
    """
    rows = await tx.session.exec(
        select(Attempt.status)
        .where(
            col(Attempt.lot_id) == lot.id,
            col(Attempt.status).in_([AttemptStatus.QUEUED, AttemptStatus.SENDING]),
        )
        .distinct()
    )
    left = set(rows)
    if AttemptStatus.SENDING in left:
        return
    await tx.session.exec(
        update(Lot)
        .where(col(Lot.id) == lot.id, col(Lot.fence) == lot.fence)
        .values(state="ready" if left else "done", lease_until=None, worker_id=None)
    )


def is_over(lease_end: float, until: datetime, needed_s: float) -> bool:
    """Whether a lease has no ``needed_s`` left, by either clock (rule R3).

    The monotonic clock cannot be set; the wall clock is what others judge the lease by.
    """
    return time.monotonic() + needed_s > lease_end or clock() + timedelta(seconds=needed_s) > until
