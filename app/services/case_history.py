"""How a thread's work changed hands: read from the events, for the timeline of a conversation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Event, Thread
from app.services import threads
from app.services.callers import Caller

KINDS = ("case.opened", "case.state")
MOST = 200  # events looked at, the newest
TOLD = ("session_ended", "blocked")  # ends that are lines of the thread already
MOVES = ("transfer", "assign", "left", "snooze_over")


@dataclass(frozen=True, slots=True)
class Step:
    """One change. ``kind``: hand_off, taken, moved, snoozed, resolved or reopened.

    ``reason`` is the service's own word, may be empty; ``epoch`` is the case's after it.
    """

    seq: int
    at: datetime
    kind: str
    reason: str
    number: int
    state: str
    epoch: int


async def steps(
    session: AsyncSession, caller: Caller, thread_id: UUID, since: datetime
) -> list[Step]:
    """Changes from ``since`` on, in order. A thread the caller may not see has none."""
    seen = threads.visible(caller)
    statement = (
        select(Event)
        .join(Thread, col(Thread.id) == col(Event.subject_id))
        .where(
            col(Event.workspace_id) == caller.workspace_id,
            col(Event.subject_id) == thread_id,
            col(Event.kind).in_(KINDS),
            seen,
        )
        .order_by(col(Event.seq).desc())
        .limit(MOST)
    )
    found = list(await session.exec(statement))[::-1]
    return [step for step in _steps(found) if step.at >= since]


def _steps(events: Sequence[Event]) -> Iterator[Step]:
    before: dict[str, Any] = {}
    for event in events:
        told = orjson.loads(event.data)
        same_case = before.get("case_id") == told.get("case_id")
        kind = _kind(before if same_case else {}, told)
        if kind:
            yield Step(
                seq=event.seq,
                at=event.at,
                kind=kind,
                reason=str(told.get("reason", "")),
                number=int(told["number"]),
                state=str(told["state"]),
                epoch=int(told["epoch"]),
            )
        before = told


def _kind(before: dict[str, Any], now: dict[str, Any]) -> str:
    """What the change means; empty when nobody needs to be told."""
    state, was = now["state"], before.get("state")
    reason = now.get("reason", "")
    if state == "resolved":
        return "" if reason in TOLD else "resolved"
    if was == "resolved":
        return "reopened"
    if before.get("owner_kind") == "bot" and now["owner_kind"] != "bot":
        return "hand_off"
    if state == "snoozed":
        return "snoozed"
    if reason in MOVES:
        return "moved"
    is_new = before and now["epoch"] != before.get("epoch")
    return "taken" if is_new and now["owner_kind"] == "agent" else ""
