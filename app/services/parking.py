"""Parking: what fails again and again by itself waits for a person, and holds up nobody.

A provider's outage parks nothing: between the last tries of a message its account must have taken
others. Nor does what an account is asked for too fast, or with the wrong keys.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, Call, Event, Message
from app.db.session import Tx
from app.errors import NotFound, Refused
from app.services import counters, lots, ways
from app.services.callers import Caller
from app.services.lots import Place
from app.services.runtime import Runtime
from app.services.states import PARKED, POLICY, AttemptStatus, MessageStatus
from app.services.transitions import Event as Move
from app.services.transitions import after
from channels.vocabulary import Reason

MOST_TRIES = 5  # definite failures to hand over
FAULT = "adapter_fault"  # code of a call in which our adapter stumbled
FAULT_ALONE = "adapter_fault_alone"  # the same, and no other message was in the call
# failures that are the account's: they say nothing of the message
ACCOUNTS = (Reason.THROTTLED, Reason.MISCONFIGURED, Reason.QUOTA)
TAKEN = (
    AttemptStatus.ACCEPTED,
    AttemptStatus.DELIVERED,
    AttemptStatus.UNDELIVERED,
    AttemptStatus.NO_REPORT,
)
Failed = tuple[UUID, UUID, int, str | None]  # message, attempt, earlier failures, reason


async def poisoned(tx: Tx, account_id: UUID, failed: Sequence[Failed]) -> set[UUID]:
    """Which of these attempts have failed so often, while others were taken, that they park."""
    found = set()
    for message_id, attempt_id, tries, reason in failed:
        if tries + 1 < MOST_TRIES or reason in ACCOUNTS:
            continue
        times = await _failures(tx, message_id, attempt_id)
        spans = list(zip(times[-2:], [*times[-1:], tx.now], strict=True))
        if len(spans) == 2 and all([await _took(tx, account_id, *span) for span in spans]):
            found.add(attempt_id)
    return found


async def _failures(tx: Tx, message_id: UUID, attempt_id: UUID) -> list[datetime]:
    """When earlier calls of an attempt failed, oldest first."""
    step = await tx.session.scalar(select(Attempt.step).where(col(Attempt.id) == attempt_id))
    rows = await tx.session.exec(
        select(Event.at, Event.data)
        .where(col(Event.subject_id) == message_id, col(Event.kind) == "attempt.deferred")
        .order_by(col(Event.seq))
    )
    return [at for at, data in rows if orjson.loads(data)["step"] == step]


async def _took(tx: Tx, account_id: UUID, start: datetime, end: datetime) -> bool:
    """Whether the account took anything that was sent in this time."""
    found = await tx.session.exec(
        select(Call.id)
        .join(Attempt, col(Attempt.call_id) == col(Call.id))
        .where(
            col(Call.account_id) == account_id,
            col(Call.started_at) > start,
            col(Call.started_at) <= end,
            col(Attempt.status).in_(TAKEN),
        )
        .limit(1)
    )
    return found.first() is not None


def tell(tx: Tx, attempt: tuple[UUID, UUID, int], reason: str | None, code: str) -> None:
    """Say that an attempt (workspace, message, step) is parked, and after what."""
    workspace_id, message_id, step = attempt
    tx.emit(
        workspace_id, "attempt.parked", message_id,
        step=step, reason=reason, code=code, tell=POLICY[PARKED].tell,
    )  # fmt: skip


def park(tx: Tx, attempt: Attempt) -> None:
    """Lay an attempt aside that certainly is not at the provider."""
    why = attempt.reason
    attempt.lot_id, attempt.reason = None, PARKED
    tell(tx, (attempt.workspace_id, attempt.message_id, attempt.step), why, attempt.code)


async def list_parked(
    session: AsyncSession, caller: Caller, beyond: UUID | None, limit: int
) -> list[tuple[Attempt, Message]]:
    """Parked attempts the key may see, newest first."""
    query = (
        select(Attempt, Message)
        .join(Message, col(Message.id) == col(Attempt.message_id))
        .where(
            col(Attempt.workspace_id) == caller.workspace_id,
            col(Attempt.status) == AttemptStatus.QUEUED,
            col(Attempt.lot_id).is_(None),
            col(Message.mode) == caller.mode,
        )
        .order_by(col(Attempt.id).desc())
        .limit(limit)
    )
    if beyond is not None:
        query = query.where(col(Attempt.id) < beyond)
    return list((await session.exec(query)).all())


async def requeue(tx: Tx, runtime: Runtime, caller: Caller, attempt_id: UUID) -> Attempt:
    """Try a parked attempt again, with its reference, as if for the first time.

    Raises NotFound ``unknown_attempt`` and Refused ``not_parked``.
    """
    # attempts before the message, as dispatch does: crosswise, two would wait for each other
    rows = await tx.session.exec(
        select(Attempt)
        .where(col(Attempt.workspace_id) == caller.workspace_id, col(Attempt.id) == attempt_id)
        .with_for_update()
    )
    attempt = rows.first()
    message = None
    if attempt is not None:
        found = await tx.session.exec(
            select(Message)
            .where(col(Message.id) == attempt.message_id, col(Message.mode) == caller.mode)
            .with_for_update()
        )
        message = found.first()
    if attempt is None or message is None:
        raise NotFound("unknown_attempt", "No attempt of this workspace has this id.")
    if attempt.status != AttemptStatus.QUEUED or attempt.lot_id is not None:
        raise Refused(
            "not_parked",
            f"The attempt is {attempt.status} and not parked, so there is nothing to requeue.",
            data={"status": attempt.status},
        )
    await _queue(tx, runtime, attempt, message)
    if message.status == MessageStatus.HELD:
        before = counters.of_message(message)
        message.status, message.reason, message.updated_at = MessageStatus.QUEUED, None, tx.now
        counters.move(tx, message, before)
        tx.emit(message.workspace_id, "message.status", message.id, status="queued", reason=None)
    return attempt


async def _queue(tx: Tx, runtime: Runtime, attempt: Attempt, message: Message) -> None:
    """At its account, or another one where that works no more."""
    need = ways.Need(attempt.workspace_id, message.mode, attempt.channel, message.version_id)
    able = [w for w in await ways.ways(tx.session, runtime, need) if attempt.route in w.routes]
    mine = [w for w in able if w.account_id == attempt.account_id and w.is_ready]
    way = mine[0] if mine else ways.choose(able)
    if way is not None and way.account_id != attempt.account_id:
        attempt.account_id, attempt.sender_id = way.account_id, way.sender_id
    place = Place(attempt.workspace_id, attempt.account_id, attempt.route, message.priority)
    (attempt.lot_id,) = await lots.make(tx, [place])
    attempt.status = after(attempt.status, Move.REQUEUED)
    attempt.reason, attempt.tries, attempt.code = None, 0, ""
    tx.emit(attempt.workspace_id, "attempt.requeued", message.id, step=attempt.step)
