"""Acknowledge: a person, or the system they work with, says that the message was taken in."""

from uuid import UUID

from app.db.models import Attempt
from app.db.session import Tx
from app.errors import Refused
from app.services import counters
from app.services.callers import Caller
from app.services.cancel import locked
from app.services.delivery import as_try, read_plan, record, wait_for_more
from app.services.receipts import confirm, proven, tries_of
from app.services.states import IN_DOUBT, AttemptStatus
from app.services.transitions import Event, after, may
from channels.vocabulary import Result


async def acknowledge(tx: Tx, caller: Caller, message_id: UUID) -> None:
    """Everything that left counts as delivered and acknowledged; what still waits is cancelled.

    No further step of the plan starts. Saying it twice is harmless. Raises NotFound, and Refused
    ``nothing_left`` while nothing has left yet, ``still_sending`` while something is leaving.
    """
    attempts, message = await locked(tx, caller, message_id)
    if message.acknowledged_at is not None:
        return
    if any(attempt.status == AttemptStatus.SENDING for attempt in attempts):
        raise Refused(
            "still_sending",
            "Part of the message is on its way this very moment. Repeat this in a second.",
            retry_after_s=1,
        )
    if not any(attempt.sent_at for attempt in attempts):
        raise Refused(
            "nothing_left",
            f"The message is {message.status} and nothing of it has left, so nobody can have "
            "received it. Cancel it instead.",
            data={"status": message.status},
        )
    was = counters.of_message(message)
    message.acknowledged_at = tx.now
    for attempt in attempts:
        before = counters.of_attempt(attempt.status, attempt.reason)
        _take_in(tx, attempt)
        (await tries_of(tx, attempt.workspace_id, attempt.account_id)).move(attempt, before)
    plan = read_plan(message.plan)
    tries = [as_try(attempt, message) for attempt in attempts]
    wait_for_more(plan, tries, attempts)
    tx.emit(message.workspace_id, "message.acknowledged", message.id)
    record(tx, message, plan, tries)
    counters.move(tx, message, was)


def _take_in(tx: Tx, attempt: Attempt) -> None:
    if may(attempt.status, Event.CANCELLED) and attempt.reason != IN_DOUBT:
        attempt.status = after(attempt.status, Event.CANCELLED)
        attempt.reason, attempt.due_at, attempt.settled_at = None, None, tx.now
        tx.emit(attempt.workspace_id, "attempt.cancelled", attempt.message_id, step=attempt.step)
    elif attempt.sent_at is not None and attempt.status != AttemptStatus.REJECTED:
        proven(tx, attempt, tx.now)
        confirm(tx, attempt, Result.ACKNOWLEDGED, tx.now)
