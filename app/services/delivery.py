"""Where a message goes next: ``advance`` is the only code that makes a next attempt.

Settle, receipts, deadlines and recovery all end in it, always in a scheduler process.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

import orjson
from sqlmodel import col, select

from app.db.models import Attempt, Message
from app.db.session import Tx
from app.services import content, lots, senders
from app.services.lots import NewAttempt, Place
from app.services.runtime import Runtime
from app.services.states import POLICY, AttemptStatus, Try, derive, next_step
from templates import plan as plans


@lru_cache(maxsize=4_096)
def read_plan(text: str) -> plans.Plan:
    """The plan stored with a message; few differ, so they are read once."""
    return plans.parse(orjson.loads(text))


def step_due(plan: plans.Plan, step: int, started_at: datetime) -> datetime | None:
    """When the plan gives up on a step, if it says so."""
    within = plan.steps[step].within_s
    return None if within is None else started_at + timedelta(seconds=within)


def earliest(*times: datetime | None) -> datetime | None:
    """The first of those that are set."""
    return min((t for t in times if t is not None), default=None)


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
        plan = read_plan(message.plan)
        tries = [as_try(a, message) for a in attempts[message.id]]
        step = next_step(plan, tries, tx.now, forced=forced)
        if step is not None:
            made = await _next_attempt(tx, runtime, message, plan, step, attempts[message.id][0])
            if made is not None:
                new.append(made)
                tries.append(Try(step, 1, AttemptStatus.QUEUED, None, tx.now))
                message.fallback_used = True
                tx.emit(message.workspace_id, "message.step", message.id, step=step)
        _derive(tx, message, plan, tries)
    await tx.session.flush()
    if new:
        await lots.queue(tx, new)


def as_try(attempt: Attempt, message: Message) -> Try:
    """What the rules need to know of an attempt."""
    started = attempt.created_at
    if attempt.step == 0 and message.send_at is not None:
        started = max(started, message.send_at)
    return Try(
        step=attempt.step,
        n=attempt.n,
        status=attempt.status,
        reason=attempt.reason,
        started_at=started,
        unknown_since=attempt.settled_at,
        parked=attempt.status == AttemptStatus.QUEUED and attempt.lot_id is None,
        receipts=attempt.closes_at is not None or attempt.status != AttemptStatus.ACCEPTED,
    )


async def _next_attempt(
    tx: Tx, runtime: Runtime, message: Message, plan: plans.Plan, step: int, earlier: Attempt
) -> NewAttempt | None:
    """The first attempt of a step, or None when nobody can send it any more."""
    channel = str(plan.steps[step].channels[0])
    picked = await senders.pick(tx.session, message.workspace_id, message.mode, channel)
    if picked is None:
        tx.emit(message.workspace_id, "message.no_sender", message.id, step=step, channel=channel)
        return None
    sender, account = picked
    frozen = runtime.sealer.open(content.TABLE, message.workspace_id, message.id, message.sealed)
    return NewAttempt(
        place=Place(
            message.workspace_id, account.id, content.route_of(frozen, channel), message.priority
        ),
        message_id=message.id,
        step=step,
        channel=channel,
        sender_id=sender.id,
        to_hash=earlier.to_hash,
        due_at=earliest(message.expires_at, step_due(plan, step, tx.now)),
    )


def _derive(tx: Tx, message: Message, plan: plans.Plan, tries: Sequence[Try]) -> None:
    state = derive(plan, tries, message.send_at, tx.now)
    if state.duplicate and not message.duplicate_delivery:
        message.duplicate_delivery = True
        tx.emit(message.workspace_id, "message.duplicate_delivery", message.id)
    if (message.status, message.reason) == (state.status, state.reason):
        return
    tell = POLICY[state.reason].tell if state.reason in POLICY else None
    message.status, message.reason, message.updated_at = state.status, state.reason, tx.now
    message.closed_at = (message.closed_at or tx.now) if state.closed else None
    tx.emit(
        message.workspace_id,
        "message.status",
        message.id,
        status=state.status,
        reason=state.reason,
        tell=tell,
    )
