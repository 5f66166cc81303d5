"""Lots: attempts gathered into units of claiming."""

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
    "device_id",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attempt queues; attempts with equal places share lots."""

    workspace_id: UUID
    account_id: UUID
    route: str
    priority: int
    due_at: datetime | None = None  # None: at once
    flow: str = ""  # whose turn it takes; "" for what the scheduler queues: the turn that is now


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
    n: int = 1  # rises when another account tries after one that refused
    to_name: str = ""  # a contact of the message; empty = its own recipient
    part: int = 0  # push: which of the recipient's devices
    device_id: UUID | None = None


async def make(tx: Tx, places: Iterable[Place]) -> list[UUID]:
    """Make lots for attempts at these places, in this order; each attempt's lot is returned."""
    chosen, made = _gathered(places)
    await _store(tx, made)
    return chosen


@dataclass(slots=True)
class _Lot:
    place: Place
    id: UUID
    size: int = 0


def _gathered(places: Iterable[Place]) -> tuple[list[UUID], list[_Lot]]:
    """Which lot each place is in, and the lots."""
    open_lots: dict[Place, _Lot] = {}
    made: list[_Lot] = []
    chosen = []
    for place in places:
        lot = open_lots.get(place)
        if lot is None or lot.size == LARGEST:
            lot = open_lots[place] = _Lot(place, new_id())
            made.append(lot)
        lot.size += 1
        chosen.append(lot.id)
    return chosen, made


async def _store(tx: Tx, made: Sequence[_Lot]) -> None:
    turns = await _turns(tx, [lot for lot in made if not _waits(tx, lot.place)])
    await tx.sql.insert(
        tx.conn,
        "lot",
        LOT_COLUMNS,
        [
            (
                lot.id,
                lot.place.workspace_id,
                lot.place.account_id,
                lot.place.route,
                lot.place.priority,
                turns.get(lot.id, 0),
                lot.place.due_at or tx.now,
                "waiting" if _waits(tx, lot.place) else "ready",
                0,
                lot.size,
                tx.now,
            )
            for lot in made
        ],
    )
    tx.wake = True


def _waits(tx: Tx, place: Place) -> bool:
    """Whether its time is ahead; it gets its turn when that has come."""
    return place.due_at is not None and place.due_at > tx.now


async def _turns(tx: Tx, made: Sequence[_Lot]) -> dict[UUID, int]:
    """Start-time fair queueing: a flow's messages take turns one after the other, and a flow that
    was idle begins at the turn the account has come to, not behind those who queued before.

    Flows in the order of their names: two transactions wait for each other, never crosswise.
    """
    flows: dict[tuple[UUID, int, str], list[_Lot]] = defaultdict(list)
    for lot in made:
        flows[lot.place.account_id, lot.place.priority, lot.place.flow].append(lot)
    turns = {}
    for account_id, priority, flow in sorted(flows):
        mine = flows[account_id, priority, flow]
        if flow:
            name = f"high {flow}" if priority else flow
            size = sum(lot.size for lot in mine)
            turn = await tx.sql.take_turn(tx.conn, account_id, name, priority, size)
        else:
            turn = await tx.sql.turn_of(tx.conn, account_id, priority)
        for lot in mine:
            turns[lot.id] = turn
            turn += lot.size
    return turns


async def queue(tx: Tx, attempts: Sequence[NewAttempt]) -> None:
    """Store new attempts as queued, gathered into lots."""
    chosen, made = _gathered(attempt.place for attempt in attempts)
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
                attempt.part,
                attempt.n,
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
                attempt.device_id,
            )
            for attempt, lot_id in zip(attempts, chosen, strict=True)
        ],
    )
    await _store(tx, made)  # last: others of the same flow wait for its row until the commit
