"""Attempts that their plan has left behind: a later step began while nobody knew their fate.

The plan allowed that both may arrive. It did not ask for both: one that turns out not to have left
stays where it is.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from app.db.models import Attempt
from app.db.session import Tx
from app.services import counters
from app.services.receipts import tries_of
from app.services.transitions import Event, after
from templates.plan import STEP_DEADLINE


async def overtaken(tx: Tx, attempts: Iterable[Attempt]) -> set[UUID]:
    """Those of the attempts whose message has begun a later step."""
    mine = list(attempts)
    rows = await tx.session.exec(
        select(Attempt.message_id, func.max(col(Attempt.step)))
        .where(col(Attempt.message_id).in_({attempt.message_id for attempt in mine}))
        .group_by(col(Attempt.message_id))
    )
    last = dict(rows.all())
    return {attempt.id for attempt in mine if attempt.step < last[attempt.message_id]}


async def leave_behind(tx: Tx, attempts: Sequence[Attempt]) -> None:
    """They never left, and must not any more."""
    for attempt in attempts:
        before = counters.of_attempt(attempt.status, attempt.reason)
        attempt.status, attempt.reason = after(attempt.status, Event.OVERTAKEN), STEP_DEADLINE
        attempt.due_at = attempt.closes_at = None
        attempt.settled_at = tx.now
        (await tries_of(tx, attempt.workspace_id, attempt.account_id)).move(attempt, before)
        tx.emit(
            attempt.workspace_id, "attempt.overtaken", attempt.message_id,
            step=attempt.step, route=attempt.route, reason=attempt.reason,
        )  # fmt: skip
