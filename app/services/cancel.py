"""Cancel: honest about the race with dispatch."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from app.db.models import Attempt, Message
from app.db.session import Tx
from app.errors import NotFound, Refused
from app.services import counters
from app.services.callers import Caller
from app.services.states import IN_DOUBT, MessageStatus
from app.services.transitions import Event, may, sources, target

MAY = (MessageStatus.QUEUED, MessageStatus.SCHEDULED, MessageStatus.HELD)


async def locked(tx: Tx, caller: Caller, message_id: UUID) -> tuple[list[Attempt], Message]:
    """A message of the caller and its attempts, nobody else's until the commit. Raises NotFound."""
    mine = (
        col(Message.workspace_id) == caller.workspace_id,
        col(Message.mode) == caller.mode,
        col(Message.id) == message_id,
    )
    # attempts before the message, as dispatch does: crosswise, two would wait for each other
    attempts = list(
        await tx.session.exec(
            select(Attempt)
            .where(col(Attempt.message_id).in_(select(Message.id).where(*mine)))
            .order_by(col(Attempt.id))
            .with_for_update()
        )
    )
    message = (await tx.session.exec(select(Message).where(*mine).with_for_update())).first()
    if message is None:
        raise NotFound("unknown_message", "No message of this workspace has this id.")
    return attempts, message


async def cancel(tx: Tx, caller: Caller, message_id: UUID) -> None:
    """Cancel a message nothing of which has left; cancelling twice is harmless.

    Raises NotFound, and Refused ``too_late`` when an attempt is on its way or done.
    """
    attempts, message = await locked(tx, caller, message_id)
    if message.status == MessageStatus.CANCELLED:
        return
    # one that was tried before and queues again was looked up as absent, or surely not taken;
    # but a repeat that waits to leave may have been taken the first time
    if message.status not in MAY or any(
        not may(a.status, Event.CANCELLED) or a.reason == IN_DOUBT for a in attempts
    ):
        raise Refused(
            "too_late",
            f"The message is {message.status} and part of it has left, so it cannot be cancelled."
            if message.closed_at is None
            else f"The message has ended as {message.status}, so it cannot be cancelled.",
            data={"status": message.status},
        )
    await tx.session.exec(
        update(Attempt)
        .where(
            col(Attempt.message_id) == message_id,
            col(Attempt.status).in_(sources(Event.CANCELLED)),
        )
        .values(status=target(Event.CANCELLED), reason=None, due_at=None, settled_at=tx.now)
    )
    before = counters.of_message(message)
    message.status, message.reason = MessageStatus.CANCELLED, None
    message.updated_at = message.closed_at = tx.now
    counters.move(tx, message, before)
    tx.emit(message.workspace_id, "attempt.cancelled", message_id)
    tx.emit(message.workspace_id, "message.status", message_id, status="cancelled", reason=None)
