"""Where a message goes next: ``advance`` is the only code that makes a next attempt.

Settle, receipts, deadlines and recovery all end in it, always in a scheduler process.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import orjson
from sqlmodel import col, select

from app.crash import crash_at
from app.db.models import Attempt, Message
from app.db.session import Tx
from app.services import counters, lots, ways
from app.services.continuations import continue_with
from app.services.lots import NewAttempt, Place
from app.services.runtime import Runtime
from app.services.states import (
    ACCOUNTS_FAULT,
    FAILED,
    NO_WAY,
    POLICY,
    AttemptStatus,
    MessageStatus,
)
from app.services.steps import Try, derive, earliest, following, is_satisfied, next_step, step_due
from channels.vocabulary import Level
from templates import plan as plans

# ends that a late delivery may still lift
LIFTED = (
    MessageStatus.FAILED,
    MessageStatus.EXPIRED,
    MessageStatus.CANCELLED,
    MessageStatus.NO_REPORT,
)


@lru_cache(maxsize=4_096)
def read_plan(text: str) -> plans.Plan:
    """The plan stored with a message; few differ, so they are read once."""
    return plans.parse(orjson.loads(text))


async def advance(
    tx: Tx, runtime: Runtime, message_ids: Iterable[UUID], *, forced: bool = False
) -> None:
    """Start the next step where one is due, and write each message's derived state.

    ``forced``: the template's policy starts the next step of an unknown attempt (rule R8).
    """
    ids = sorted(set(message_ids))
    for start in range(0, len(ids), 500):
        await _advance(tx, runtime, ids[start : start + 500], forced=forced)


async def _advance(tx: Tx, runtime: Runtime, ids: Sequence[UUID], *, forced: bool) -> None:
    fresh = {"populate_existing": True}
    messages = await tx.session.exec(
        select(Message)
        .where(col(Message.id).in_(ids))
        .order_by(col(Message.id))
        .with_for_update()
        .execution_options(**fresh)
    )
    rows = await tx.session.exec(
        select(Attempt).where(col(Attempt.message_id).in_(ids)).execution_options(**fresh)
    )
    attempts: dict[UUID, list[Attempt]] = {}
    for attempt in rows:
        attempts.setdefault(attempt.message_id, []).append(attempt)
    new: list[NewAttempt] = []
    for message in messages:
        before = counters.of_message(message)
        plan = read_plan(message.plan)
        tries = [as_try(a, message) for a in attempts[message.id]]
        wait_for_more(plan, tries, attempts[message.id])
        if message.acknowledged_at is None:
            made = await _elsewhere(tx, runtime, message, plan, attempts[message.id])
            if not made:
                step = next_step(plan, tries, tx.now, forced=forced)
                made = await _start(tx, runtime, message, plan, step)
            tries += [_new_try(one, tx.now) for one in made]
            new += made
        record(tx, message, plan, tries)
        counters.move(tx, message, before)
    await tx.session.flush()
    if new:
        await lots.queue(tx, new)
        crash_at("K08")


def as_try(attempt: Attempt, message: Message) -> Try:
    """What the rules need to know of an attempt."""
    started = attempt.created_at
    if message.send_at is not None:  # also of a later step, where nobody could be pushed to
        started = max(started, message.send_at)
    confirmed = Level.READ if attempt.read_at else None
    return Try(
        step=attempt.step,
        n=attempt.n,
        status=attempt.status,
        reason=attempt.reason,
        started_at=started,
        unknown_since=attempt.settled_at,
        parked=attempt.status == AttemptStatus.QUEUED and attempt.lot_id is None,
        receipts=attempt.closes_at is not None or attempt.status != AttemptStatus.ACCEPTED,
        branch=attempt.branch,
        part=attempt.part,
        to=attempt.to_name,
        confirmed=Level.ACKNOWLEDGED if attempt.acknowledged_at else confirmed,
        waits=attempt.status == AttemptStatus.DELIVERED and attempt.closes_at is not None,
    )


def _new_try(new: NewAttempt, now: datetime) -> Try:
    return Try(
        new.step, new.n, AttemptStatus.QUEUED, None, now,
        branch=new.branch, part=new.part, to=new.to_name,
    )  # fmt: skip


def wait_for_more(plan: plans.Plan, tries: Sequence[Try], attempts: Sequence[Attempt]) -> None:
    """A delivered attempt waits on only while its step asks to be read or acknowledged."""
    satisfied = is_satisfied(plan, tries)
    for one, attempt in zip(tries, attempts, strict=True):
        if not one.waits:
            continue
        if satisfied or plan.steps[one.step].until in (Level.ACCEPTED, Level.DELIVERED):
            attempt.closes_at = attempt.due_at = None
        elif attempt.due_at is None:
            attempt.due_at = earliest(attempt.closes_at, step_due(plan, one.step, one.started_at))


async def _start(
    tx: Tx, runtime: Runtime, message: Message, plan: plans.Plan, step: int | None
) -> list[NewAttempt]:
    """The first attempts of a step; of a later one when nobody can send this one any more."""
    while step is not None:
        made = await continue_with(tx, runtime, message, plan, step)
        if made:
            message.fallback_used = True
            tx.emit(message.workspace_id, "message.step", message.id, step=step)
            return made
        skipped = Try(step, 1, AttemptStatus.REJECTED, NO_WAY, tx.now, to=plan.steps[step].to or "")
        step = following(plan, step, [(skipped, NO_WAY)])
    return []


async def _elsewhere(
    tx: Tx, runtime: Runtime, message: Message, plan: plans.Plan, attempts: Sequence[Attempt]
) -> list[NewAttempt]:
    """The same step at another account, after one refused for a fault of its own."""
    if message.expires_at is not None and message.expires_at <= tx.now:
        return []
    last = max(attempt.step for attempt in attempts)
    tried: dict[int, list[Attempt]] = {}
    for attempt in sorted(attempts, key=lambda a: a.n):
        if attempt.step == last:
            tried.setdefault(attempt.branch, []).append(attempt)
    made = []
    for mine in tried.values():
        newest = mine[-1]
        if newest.status not in FAILED or newest.reason not in ACCOUNTS_FAULT:
            continue
        if newest.device_id is not None:  # a device belongs to its account
            continue
        need = ways.Need(
            message.workspace_id, message.mode, newest.channel, message.version_id, newest.route
        )
        used = {attempt.account_id for attempt in mine}
        way = await ways.pick(tx.session, runtime, need, plan.steps[last].until, used)
        if way is not None:
            made.append(_again(tx, message, plan, newest, way))
    return made


def _again(
    tx: Tx, message: Message, plan: plans.Plan, refused: Attempt, way: ways.Way
) -> NewAttempt:
    tx.emit(
        message.workspace_id, "attempt.elsewhere", message.id,
        step=refused.step, route=refused.route, reason=refused.reason,
        account=str(refused.account_id), to=str(way.account_id),
    )  # fmt: skip
    return NewAttempt(
        place=Place(message.workspace_id, way.account_id, refused.route, message.priority),
        message_id=message.id,
        step=refused.step,
        channel=refused.channel,
        sender_id=way.sender_id,
        to_hash=refused.to_hash,
        due_at=earliest(
            message.expires_at, step_due(plan, refused.step, as_try(refused, message).started_at)
        ),
        branch=refused.branch,
        n=refused.n + 1,
        to_name=refused.to_name,
    )


def record(tx: Tx, message: Message, plan: plans.Plan, tries: Sequence[Try]) -> None:
    """Write what the attempts make of a message, and say so when it has changed."""
    state = derive(plan, tries, message.send_at, tx.now)
    if state.duplicate and not message.duplicate_delivery:
        message.duplicate_delivery = True
        tx.emit(message.workspace_id, "message.duplicate_delivery", message.id)
    closed = state.closed or (
        message.acknowledged_at is not None and state.status == MessageStatus.DELIVERED
    )
    before = (message.status, message.reason, message.closed_at is not None)
    if before == (state.status, state.reason, closed):
        return
    if message.closed_at and message.status in LIFTED and state.status == MessageStatus.DELIVERED:
        message.late_delivery = True
    tell = POLICY[state.reason].tell if state.reason in POLICY else None
    said = (message.status, message.reason) != (state.status, state.reason)
    message.status, message.reason, message.updated_at = state.status, state.reason, tx.now
    message.closed_at = (message.closed_at or tx.now) if closed else None
    if said:
        tx.emit(
            message.workspace_id,
            "message.status",
            message.id,
            status=state.status,
            reason=state.reason,
            tell=tell,
        )
