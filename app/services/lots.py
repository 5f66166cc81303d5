"""Lots: attempts gathered into units of claiming."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.session import Tx
from app.ids import new_id
from app.services.states import AttemptStatus

LARGEST = 1_000  # as many as the largest batch of any route: a lot is one call, or few

LOT_COLUMNS = (
    "id",
    "workspace_id",
    "account_id",
    "route",
    "priority",
    "turn",
    "due_at",
    "state",
    "fence",
    "size",
    "created_at",
)
ATTEMPT_COLUMNS = (
    "message_id",
    "id",
    "workspace_id",
    "step",
    "branch",
    "part",
    "n",
    "channel",
    "route",
    "account_id",
    "sender_id",
    "lot_id",
    "to_hash",
    "status",
    "provider_id",
    "code",
    "tries",
    "due_at",
    "created_at",
    "to_name",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attempt queues; attempts with equal places share lots."""

    workspace_id: UUID
    account_id: UUID
    route: str
    priority: int
    due_at: datetime | None = None  # None: at once


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """An attempt about to be stored."""

    place: Place
    message_id: UUID
    step: int
    channel: str
    sender_id: UUID
    to_hash: bytes
    due_at: datetime | None  # when to look at it although nothing happened
    branch: int = 0  # which channel of its step
    to_name: str = ""  # a contact of the message; empty = its own recipient


async def make(tx: Tx, places: Iterable[Place]) -> list[UUID]:
    """Make lots for attempts at these places, in this order; each attempt's lot is returned."""
    open_lots: dict[Place, tuple[UUID, int]] = {}
    sizes: dict[UUID, int] = defaultdict(int)
    home: dict[UUID, Place] = {}
    chosen = []
    for place in places:
        lot_id, size = open_lots.get(place) or (new_id(), 0)
        chosen.append(lot_id)
        home[lot_id] = place
        sizes[lot_id] += 1
        if size + 1 < LARGEST:
            open_lots[place] = (lot_id, size + 1)
        else:
            del open_lots[place]
    turn = time.time_ns() // 1_000
    await tx.sql.insert(
        tx.conn,
        "lot",
        LOT_COLUMNS,
        [
            (
                lot_id,
                place.workspace_id,
                place.account_id,
                place.route,
                place.priority,
                turn,
                place.due_at or tx.now,
                "waiting" if place.due_at and place.due_at > tx.now else "ready",
                0,
                sizes[lot_id],
                tx.now,
            )
            for lot_id, place in home.items()
        ],
    )
    tx.wake = True
    return chosen


async def queue(tx: Tx, attempts: Sequence[NewAttempt]) -> None:
    """Store new attempts as queued, gathered into lots."""
    lots = await make(tx, [attempt.place for attempt in attempts])
    await tx.sql.insert(
        tx.conn,
        "attempt",
        ATTEMPT_COLUMNS,
        [
            (
                attempt.message_id,
                new_id(),
                attempt.place.workspace_id,
                attempt.step,
                attempt.branch,
                0,
                1,
                attempt.channel,
                attempt.place.route,
                attempt.place.account_id,
                attempt.sender_id,
                lot_id,
                attempt.to_hash,
                AttemptStatus.QUEUED,
                "",
                "",
                0,
                attempt.due_at,
                tx.now,
                attempt.to_name,
            )
            for attempt, lot_id in zip(attempts, lots, strict=True)
        ],
    )
