"""Receipts: callbacks out of the inbox, and results polled from providers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from app.db.models import ProviderAccount, ReceiptInbox
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.log import logger
from app.sealing import Unsealable
from app.services import callbacks, receipts
from app.services.runtime import Runtime
from channels.contract import BadCallback, CanPoll, Receipt
from channels.management import ProviderRefused, ProviderSilent
from scheduler.dispatch import Lane

BATCH = 100  # inbox rows applied in one transaction
WAITS_S = (0.5, 1, 2, 5, 15, 60, 300, 900, 3600)  # for receipts whose attempt is not settled yet
OVERLAP_S = 60.0  # results are listed a little late, and some lists know only minutes
log = logger("results")


async def apply_inbox(runtime: Runtime, lanes: Mapping[UUID, Lane]) -> int:
    """Apply callbacks that are due; how many rows were looked at."""
    async with runtime.database.read() as session:
        rows = list(
            await session.exec(
                select(ReceiptInbox)
                .where(col(ReceiptInbox.due_at) <= clock())
                .order_by(col(ReceiptInbox.due_at))
                .limit(BATCH)
            )
        )
    by_account: dict[UUID, list[ReceiptInbox]] = {}
    for row in rows:
        by_account.setdefault(row.account_id, []).append(row)
    for account_id, mine in by_account.items():
        lane = lanes.get(account_id)
        if lane is not None:
            await _apply(runtime, lane, mine)
    return len(rows)


async def _apply(runtime: Runtime, lane: Lane, rows: list[ReceiptInbox]) -> None:
    """The rows of one account in one transaction; an unreadable one is kept and named."""
    read: list[tuple[ReceiptInbox, list[Receipt], str]] = []
    for row in rows:
        try:
            read.append((row, _parse(runtime, lane, row), ""))
        except (BadCallback, Unsealable, KeyError) as unreadable:
            read.append((row, [], type(unreadable).__name__))
    async with runtime.database.write() as tx:
        everything = [receipt for _, found, _ in read for receipt in found]
        applied = await receipts.apply(
            tx, runtime, lane.account.workspace_id, lane.account.id, everything
        )
        early = set(map(id, applied.early))
        unmatched = set(map(id, applied.unmatched))
        left = early | unmatched
        whole = {row.id for row, found, problem in read if _is_whole(found, problem, left)}
        await _done(tx, list(whole))
        for row, found, problem in read:
            if row.id in whole:
                continue
            open_ = [r for r in found if id(r) in early or id(r) in unmatched]
            await tx.session.exec(
                update(ReceiptInbox)
                .where(col(ReceiptInbox.id) == row.id)
                .values(
                    due_at=_again(row, tx.now) if open_ else None,
                    tries=row.tries + 1,
                    unmatched=sum(id(r) in unmatched for r in found),
                    error=problem,
                )
            )
    for row, _, problem in read:
        if problem:
            log.warning("unreadable callback kept", account=lane.account.name, row=str(row.id))


def _is_whole(found: list[Receipt], problem: str, open_: set[int]) -> bool:
    return not problem and not any(id(receipt) in open_ for receipt in found)


async def _done(tx: Tx, ids: list[UUID]) -> None:
    """Callbacks of which nothing is left to apply: nearly all, so one statement for all of them."""
    await tx.session.exec(
        update(ReceiptInbox)
        .where(col(ReceiptInbox.id).in_(ids))
        .values(due_at=None, tries=col(ReceiptInbox.tries) + 1, unmatched=0, error="")
        .execution_options(synchronize_session=False)
    )


def _parse(runtime: Runtime, lane: Lane, row: ReceiptInbox) -> list[Receipt]:
    callback = callbacks.reopen(runtime.sealer, row)
    return [found for found in lane.adapter.parse(callback) if isinstance(found, Receipt)]


def _again(row: ReceiptInbox, now: datetime) -> datetime | None:
    """When to try the same callback again; None when it stays on the unmatched list."""
    if row.tries >= len(WAITS_S):
        return None
    return now + timedelta(seconds=WAITS_S[row.tries])


async def poll_results(runtime: Runtime, lanes: Mapping[UUID, Lane]) -> int:
    """Ask every provider that lists results what is new; how many receipts moved something."""
    moved = 0
    for lane in lanes.values():
        if isinstance(lane.adapter, CanPoll) and not lane.is_paused(clock()):
            moved += await _poll(runtime, lane, lane.adapter)
    return moved


async def _poll(runtime: Runtime, lane: Lane, adapter: CanPoll) -> int:
    until = clock()
    since = lane.polled_until or lane.account.polled_until or lane.account.created_at
    if since > until:  # the clock was set back: as much as that is read again
        since = until - (since - until)
    cursor: str | None = None
    moved, early = 0, False
    while True:
        try:
            page = await adapter.poll(since, until, cursor)
        except (ProviderRefused, ProviderSilent) as error:
            log.warning("results not polled", account=lane.account.name, error=str(error))
            return moved
        if page.receipts:
            async with runtime.database.write() as tx:
                applied = await receipts.apply(
                    tx, runtime, lane.account.workspace_id, lane.account.id, page.receipts
                )
            moved += applied.moved
            early = early or bool(applied.early)
        cursor = page.cursor
        if cursor is None:
            break
    back = OVERLAP_S + (lane.settle_s() if early else 0.0)
    lane.polled_until = until - timedelta(seconds=back)
    await _remember(runtime, lane)
    return moved


async def _remember(runtime: Runtime, lane: Lane) -> None:
    """Keep the position, seldom: re-reading a minute costs less than a commit every time."""
    kept = lane.account.polled_until or lane.account.created_at
    if lane.polled_until is None or lane.polled_until - kept < timedelta(minutes=5):
        return
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(ProviderAccount)
            .where(col(ProviderAccount.id) == lane.account.id)
            .values(polled_until=lane.polled_until)
        )
    lane.account.polled_until = lane.polled_until
