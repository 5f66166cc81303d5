"""What is done about attempts whose fate we do not know, and about leases nobody holds any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from app.db.models import Attempt, Call, Lot, Message
from app.db.session import Tx
from app.services import counters, lots, parking, receipts
from app.services.delivery import advance, as_try, read_plan
from app.services.lots import Place
from app.services.overtaken import leave_behind, overtaken
from app.services.receipts import close_overdue, tries_of
from app.services.runtime import Runtime
from app.services.states import IN_DOUBT, AttemptStatus
from app.services.steps import earliest, step_due
from app.services.transitions import Event, after, may, sources
from channels.contract import Found, Route
from channels.vocabulary import Lookup, Reason


async def lapse_leases(
    tx: Tx, settle_s: dict[UUID, float], *, worker_id: UUID | None = None
) -> int:
    """Take back lots whose lease has run out, or of a worker known to be dead; how many.

    Attempts under an open call become ``unknown`` and wait for the settle window of their account
    (rule R4, ``settle_s`` by account); those without one are queued again at once.
    """
    lost = col(Lot.lease_until) <= tx.now if worker_id is None else col(Lot.worker_id) == worker_id
    rows = await tx.session.exec(
        select(Lot)
        .where(col(Lot.state) == "leased", lost)
        .order_by(col(Lot.id))
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    count = 0
    for lot in rows:
        await _lapse(tx, lot, tx.now + timedelta(seconds=settle_s.get(lot.account_id, 120.0)))
        count += 1
    return count


async def _lapse(tx: Tx, lot: Lot, ask_at: datetime) -> None:
    calls = list(
        await tx.session.exec(
            select(Call.id).where(col(Call.lot_id) == lot.id, col(Call.ended_at).is_(None))
        )
    )
    stranded = await tx.session.exec(
        select(Attempt)
        .where(col(Attempt.call_id).in_(calls), col(Attempt.status).in_(sources(Event.LOST)))
        .order_by(col(Attempt.message_id), col(Attempt.id))  # as receipts do: none wait crosswise
        .with_for_update()
    )
    ids = []
    for attempt in stranded:
        attempt.status, attempt.reason = after(attempt.status, Event.LOST), Reason.NO_ANSWER
        attempt.settled_at, attempt.due_at = tx.now, ask_at
        ids.append(attempt.message_id)
        tx.emit(
            attempt.workspace_id,
            "attempt.unknown",
            attempt.message_id,
            step=attempt.step,
            route=attempt.route,
            reason=Reason.NO_ANSWER,
            lease_lost=True,
        )
    await tx.session.exec(update(Call).where(col(Call.id).in_(calls)).values(ended_at=tx.now))
    await tx.session.flush()
    await _mark_unknown(tx, ids)
    left = await tx.session.scalar(
        select(Attempt.id)
        .where(col(Attempt.lot_id) == lot.id, col(Attempt.status) == AttemptStatus.QUEUED)
        .limit(1)
    )
    lot.fence += 1  # whoever still believes to hold it may write nothing more
    lot.state, lot.lease_until, lot.worker_id = ("ready" if left else "done"), None, None
    await tx.session.flush()
    tx.wake = True


async def _mark_unknown(tx: Tx, message_ids: Sequence[UUID]) -> None:
    await tx.session.exec(
        update(Message)
        .where(col(Message.id).in_(message_ids), col(Message.status) == "sending")
        .values(status="unknown", reason=Reason.NO_ANSWER, updated_at=tx.now)
    )


@dataclass(frozen=True, slots=True)
class Stranded:
    """An unknown attempt that is due, with what a look-up needs."""

    attempt: Attempt
    message: Message
    call: Call | None
    overtaken: bool = False  # a later step of its plan has begun


async def take_unknown(
    tx: Tx,
    account_id: UUID,
    ask_again: timedelta,
    routes: Mapping[str, Route],
    limit: int = 500,
) -> list[Stranded]:
    """Unknown attempts of an account whose settle window is over.

    Their next date moves on first, so that a look-up that never returns is asked again later.
    """
    rows = await tx.session.exec(
        select(Attempt, Message)
        .join(Message, col(Message.id) == col(Attempt.message_id))
        .where(
            col(Attempt.due_at) <= tx.now,
            col(Attempt.status) == AttemptStatus.UNKNOWN,
            col(Attempt.account_id) == account_id,
        )
        .order_by(col(Attempt.message_id))
        .limit(limit)
        .with_for_update(of=Attempt, skip_locked=True)
    )
    pairs = list(rows)
    call_ids = {attempt.call_id for attempt, _ in pairs}
    calls = {
        call.id: call
        for call in await tx.session.exec(select(Call).where(col(Call.id).in_(call_ids)))
    }
    for attempt, _ in pairs:
        attempt.due_at = tx.now + ask_again
        if attempt.closes_at is None:
            window = timedelta(seconds=routes[attempt.route].receipt_window_s)
            attempt.closes_at = (attempt.sent_at or attempt.created_at) + window
    await tx.session.flush()
    behind = await overtaken(tx, [attempt for attempt, _ in pairs])
    return [
        Stranded(a, m, calls.get(a.call_id) if a.call_id else None, a.id in behind)
        for a, m in pairs
    ]


async def resolve(
    tx: Tx, runtime: Runtime, account_id: UUID, found: Sequence[tuple[Stranded, Found]]
) -> None:
    """Write what look-ups found of attempts that are still unknown."""
    current = await _still_unknown(tx, [stranded for stranded, _ in found])
    known = [(current[s.attempt.id], s.message, f) for s, f in found if s.attempt.id in current]
    for attempt, message, answer in known:
        await _decide(tx, attempt, message, answer)
    absent = [(attempt, m) for attempt, m, f in known if f.state is Lookup.ABSENT]
    behind = await overtaken(tx, [attempt for attempt, _ in absent])
    await leave_behind(tx, [attempt for attempt, _ in absent if attempt.id in behind])
    again = [(attempt, m) for attempt, m in absent if attempt.id not in behind]
    await requeue(tx, again, Event.ABSENT, "attempt.absent")
    await tx.session.flush()
    await advance(tx, runtime, [message.id for _, message, _ in known])
    word = [f.receipt for _, _, f in known if f.state is Lookup.ACCEPTED and f.receipt]
    if word:
        workspace_id = known[0][0].workspace_id
        await receipts.apply(tx, runtime, workspace_id, account_id, word)


async def _decide(tx: Tx, attempt: Attempt, message: Message, answer: Found) -> None:
    if answer.provider_id:
        attempt.provider_id = answer.provider_id
        await tx.sql.add_provider_refs(
            tx.conn,
            [(attempt.account_id, answer.provider_id, attempt.message_id, attempt.id)],
        )
    if answer.state in (Lookup.ACCEPTED, Lookup.REFUSED):
        await _known(tx, attempt, message, answer)
    elif answer.state is Lookup.UNCLEAR and attempt.closes_at and attempt.closes_at <= tx.now:
        await close_overdue(tx, attempt)


async def follow_policy(tx: Tx, runtime: Runtime, stranded: Sequence[Stranded]) -> None:
    """A route that cannot be asked: the template says what follows (rule R8).

    Kept open, they are looked at again when the plan gives up on them or their time is over.
    """
    current = await _still_unknown(tx, stranded)
    mine = [(current[s.attempt.id], s.message) for s in stranded if s.attempt.id in current]
    for attempt, message in mine:
        after = read_plan(message.plan).steps[attempt.step].unknown_after_s
        since = attempt.settled_at or attempt.created_at
        given_up = None if after is None else since + timedelta(seconds=after)
        later = given_up if given_up and given_up > tx.now else None
        attempt.due_at = earliest(attempt.closes_at, later)
        if attempt.closes_at is not None and attempt.closes_at <= tx.now:
            await close_overdue(tx, attempt)
    again = [(a, m) for a, m in mine if m.when_unknown == "resend" and may(a.status, Event.RESENT)]
    behind = await overtaken(tx, [attempt for attempt, _ in again])
    again = [(attempt, m) for attempt, m in again if attempt.id not in behind]
    await requeue(tx, again, Event.RESENT, "attempt.resent", both_may_arrive=True)
    await tx.session.flush()
    over = [m.id for _, m in mine if m.when_unknown == "fall_back"]
    await advance(tx, runtime, [m.id for _, m in mine if m.when_unknown != "fall_back"])
    await advance(tx, runtime, over, forced=True)


async def repeat(
    tx: Tx, runtime: Runtime, stranded: Sequence[Stranded], routes: Mapping[str, Route]
) -> None:
    """A route that recognises a repeated reference: the same request again (rules R2, R6).

    They queue *in doubt*: dispatch lets them leave only while the provider surely remembers the
    reference, and nothing but the provider's word ends them.
    """
    current = await _still_unknown(tx, stranded)
    mine = [(current[s.attempt.id], s.message) for s in stranded if s.attempt.id in current]
    await requeue(tx, mine, Event.REPEATED, "attempt.repeated")
    for attempt, message in mine:
        attempt.reason = IN_DOUBT
        ttl = timedelta(seconds=routes[attempt.route].idempotency.ttl_s)
        attempt.due_at = earliest(attempt.due_at, as_try(attempt, message).started_at + ttl)
    await tx.session.flush()
    await advance(tx, runtime, [message.id for _, message in mine])


async def _still_unknown(tx: Tx, stranded: Sequence[Stranded]) -> dict[UUID, Attempt]:
    """Those nobody has decided meanwhile, locked."""
    rows = await tx.session.exec(
        select(Attempt)
        .where(
            col(Attempt.id).in_([s.attempt.id for s in stranded]),
            col(Attempt.status) == AttemptStatus.UNKNOWN,
        )
        .order_by(col(Attempt.message_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {attempt.id: attempt for attempt in rows}


async def _known(tx: Tx, attempt: Attempt, message: Message, answer: Found) -> None:
    """The provider's list says it was accepted, or refused."""
    before = counters.of_attempt(attempt.status, attempt.reason)
    attempt.settled_at, attempt.code = tx.now, answer.code
    if answer.state is Lookup.ACCEPTED:
        attempt.status, attempt.reason = after(attempt.status, Event.FOUND), None
        attempt.due_at = earliest(attempt.closes_at, _step_due(attempt, message))
    else:
        attempt.status = after(attempt.status, Event.REFUSED)
        attempt.reason, attempt.due_at = answer.reason or Reason.UNMAPPED, None
    (await tries_of(tx, attempt.workspace_id, attempt.account_id)).move(attempt, before)
    _emit(tx, attempt, f"attempt.{attempt.status}", looked_up=True)


async def requeue(
    tx: Tx, attempts: Sequence[tuple[Attempt, Message]], event: Event, kind: str, **data: Any
) -> None:
    """The same rows and references queue again, in a new lot (rule R2); ``kind`` is told."""
    if not attempts:
        return
    places = [Place(a.workspace_id, a.account_id, a.route, m.priority) for a, m in attempts]
    made = await lots.make(tx, places)
    for (attempt, message), lot_id in zip(attempts, made, strict=True):
        before = counters.of_attempt(attempt.status, attempt.reason)
        attempt.status = after(attempt.status, event)
        attempt.lot_id, attempt.reason = lot_id, None
        (await tries_of(tx, attempt.workspace_id, attempt.account_id)).move(attempt, before)
        attempt.due_at = earliest(message.expires_at, _step_due(attempt, message))
        _emit(tx, attempt, kind, **data)
        if attempt.code == parking.FAULT_ALONE and event is not Event.REPEATED:
            parking.park(tx, attempt)  # our fault will not mend itself


def _step_due(attempt: Attempt, message: Message) -> datetime | None:
    started_at = as_try(attempt, message).started_at
    return step_due(read_plan(message.plan), attempt.step, started_at)


def _emit(tx: Tx, attempt: Attempt, kind: str, **data: Any) -> None:
    tx.emit(
        attempt.workspace_id,
        kind,
        attempt.message_id,
        step=attempt.step,
        route=attempt.route,
        reason=attempt.reason,
        code=attempt.code,
        **data,
    )
