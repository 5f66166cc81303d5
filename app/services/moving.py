"""Moving: what waits at an account that takes nothing goes to another that can carry it.

Only what certainly is not at the old account's provider: it never left, or the last answer said
that it was not taken. What is in doubt stays. Row and reference stay the same.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select

from app.db.models import Attempt, Lot, Message, ProviderAccount
from app.db.session import Tx
from app.services import lots
from app.services.delivery import advance, read_plan
from app.services.lots import Place
from app.services.runtime import Runtime
from app.services.states import IN_DOUBT, POLICY, STOPPED_ACCOUNT, AttemptStatus
from app.services.transitions import Event, after
from app.services.ways import Need, Way, choose, ways
from channels.vocabulary import Reason

# answers that say: not taken, and it was the account's fault
NOT_TAKEN = (Reason.THROTTLED, Reason.PROVIDER_DOWN, Reason.MISCONFIGURED, Reason.QUOTA)
PAGE = 2  # lots looked at in one transaction: each may hold a thousand messages
SOON = timedelta(minutes=10)  # what waits longer by itself is left to wait


async def move(
    tx: Tx, runtime: Runtime, account: ProviderAccount, beyond: UUID | None = None
) -> UUID | None:
    """Move what can be moved of one page of lots; its last lot, None after the last page.

    A disabled account keeps nothing: what no other can carry ends, and the next step follows.
    """
    page = await _page(tx, account, beyond)
    if not page:
        return None
    by_id = {lot.id: lot for lot in page}
    rows = await tx.session.exec(
        select(Attempt, Message)
        .join(Message, col(Message.id) == col(Attempt.message_id))
        .where(col(Attempt.lot_id).in_(by_id), _may_move(account))
        .order_by(col(Attempt.message_id))
        .with_for_update(of=Attempt)
    )
    known: dict[Need, list[Way]] = {}
    moving: list[tuple[Attempt, Way, Place]] = []
    stopped: list[Attempt] = []
    for attempt, message in rows:
        way = await _other(tx, runtime, known, attempt, message)
        if way is not None and (way.is_ready or account.state == "disabled"):
            moving.append((attempt, way, _place(by_id, attempt, message, way)))
        elif account.state == "disabled":
            stopped.append(attempt)
    await _store(tx, account, moving)
    await _stop(tx, runtime, stopped)
    await _shrink(tx, by_id, [attempt for attempt, _, _ in moving] + stopped)
    return page[-1].id


async def _page(tx: Tx, account: ProviderAccount, beyond: UUID | None) -> Sequence[Lot]:
    due = col(Lot.state) == "ready"
    if account.state == "disabled":
        due = or_(due, col(Lot.state) == "waiting")
    else:
        due = or_(due, and_(col(Lot.state) == "waiting", col(Lot.due_at) <= tx.now + SOON))
    query = select(Lot).where(col(Lot.account_id) == account.id, due)
    if beyond is not None:
        query = query.where(col(Lot.id) > beyond)
    query = query.order_by(col(Lot.id)).limit(PAGE).with_for_update(skip_locked=True)
    return list(await tx.session.exec(query))


def _may_move(account: ProviderAccount) -> ColumnElement[bool]:
    """Of a disabled account also what a look-up found absent: it is not left with anybody."""
    certain = or_(col(Attempt.sent_at).is_(None), col(Attempt.reason).in_(NOT_TAKEN))
    if account.state == "disabled":
        certain = or_(certain, col(Attempt.reason).is_(None), col(Attempt.reason) != IN_DOUBT)
    return and_(col(Attempt.status) == AttemptStatus.QUEUED, certain)


async def _other(
    tx: Tx, runtime: Runtime, known: dict[Need, list[Way]], attempt: Attempt, message: Message
) -> Way | None:
    """Another account that can carry it, of what certainly was not taken."""
    if attempt.sent_at is not None and attempt.reason not in NOT_TAKEN:
        return None
    if attempt.device_id is not None:  # a device belongs to its account
        return None
    version_id = message.version_id if attempt.channel == "alimtalk" else None
    need = Need(attempt.workspace_id, message.mode, attempt.channel, version_id)
    if need not in known:
        known[need] = await ways(tx.session, runtime, need)
    found = [way for way in known[need] if attempt.route in way.routes]
    until = read_plan(message.plan).steps[attempt.step].until
    return choose(found, until, {attempt.account_id})


def _place(by_id: dict[UUID, Lot], attempt: Attempt, message: Message, way: Way) -> Place:
    """A retry need not wait there; who waits for its hour still does."""
    assert attempt.lot_id is not None
    due_at = None if attempt.reason in NOT_TAKEN else by_id[attempt.lot_id].due_at
    return Place(attempt.workspace_id, way.account_id, attempt.route, message.priority, due_at)


async def _store(
    tx: Tx, account: ProviderAccount, moving: Sequence[tuple[Attempt, Way, Place]]
) -> None:
    made = await lots.make(tx, [place for _, _, place in moving]) if moving else []
    for (attempt, way, _), lot_id in zip(moving, made, strict=True):
        attempt.status = after(attempt.status, Event.MOVED)
        attempt.account_id, attempt.sender_id, attempt.lot_id = (
            way.account_id,
            way.sender_id,
            lot_id,
        )
        tx.emit(
            attempt.workspace_id, "attempt.moved", attempt.message_id,
            step=attempt.step, route=attempt.route,
            account=str(account.id), to=str(way.account_id),
        )  # fmt: skip
    await tx.session.flush()


async def _stop(tx: Tx, runtime: Runtime, stopped: Sequence[Attempt]) -> None:
    for attempt in stopped:
        attempt.status = after(attempt.status, Event.STOPPED)
        attempt.reason, attempt.due_at, attempt.settled_at = STOPPED_ACCOUNT, None, tx.now
        tx.emit(
            attempt.workspace_id, "attempt.rejected", attempt.message_id,
            step=attempt.step, reason=STOPPED_ACCOUNT, tell=POLICY[STOPPED_ACCOUNT].tell,
        )  # fmt: skip
    await tx.session.flush()
    await advance(tx, runtime, [attempt.message_id for attempt in stopped])


async def _shrink(tx: Tx, by_id: dict[UUID, Lot], gone: Sequence[Attempt]) -> None:
    """The old lots hold the rest, or nothing any more."""
    if not gone:
        return
    left = await tx.session.exec(
        select(Attempt.lot_id, func.count())
        .where(col(Attempt.lot_id).in_(by_id), col(Attempt.status) == AttemptStatus.QUEUED)
        .group_by(col(Attempt.lot_id))
    )
    sizes = dict.fromkeys(by_id, 0) | {lot_id: size for lot_id, size in left if lot_id}
    for lot_id, size in sizes.items():
        by_id[lot_id].size = size
        if not size:
            by_id[lot_id].state = "done"
    await tx.session.flush()
