"""Who takes consultations now: presence, capacity, and how much everybody has.

Whoever was not seen for five minutes is shown as away and gets nothing new; what they own stays
theirs until the customer writes again. Who never told a presence takes no part in routing, and
keeps what they took.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case, Member, Presence, Staff, Team, TeamStaff
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.errors import Invalid, NotFound
from app.services import case_states
from app.services.callers import Caller

ANSWERING = ("owner", "operator", "agent")  # the roles that have consultations:write
UNSEEN = timedelta(minutes=5)
BEAT = timedelta(seconds=60)  # a heartbeat is written at most so often
CAPACITY, LARGEST = 5, 100


@dataclass(frozen=True, slots=True)
class AgentView:
    """One person who may answer. ``presence``: what they said; ``shown``: what holds now."""

    staff_id: UUID
    name: str
    role: str
    presence: str
    shown: str
    capacity: int
    load: int
    seen_at: datetime | None
    team_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody tells about themselves; None leaves it."""

    state: str | None = None  # active | away
    capacity: int | None = None


def is_there(now: datetime) -> ColumnElement[bool]:
    """Of presence rows: who is active and was seen lately."""
    return and_(col(Presence.state) == "active", col(Presence.seen_at) > now - UNSEEN)


def may_answer(workspace_id: UUID) -> ColumnElement[bool]:
    """Of staff joined with their membership: who has the right to write."""
    return and_(
        col(Member.workspace_id) == workspace_id,
        col(Member.role).in_(ANSWERING),
        col(Staff.disabled_at).is_(None),
    )


async def agents(session: AsyncSession, caller: Caller) -> list[AgentView]:
    """Everybody who may answer, by name."""
    ours, now = caller.workspace_id, clock()
    joined = and_(col(Presence.staff_id) == col(Staff.id), col(Presence.workspace_id) == ours)
    statement = (
        select(Staff, Member, Presence)
        .join(Member, col(Member.staff_id) == col(Staff.id))
        .join(Presence, joined, isouter=True)
        .where(may_answer(ours))
        .order_by(col(Staff.name), col(Staff.id))
    )
    rows = list(await session.exec(statement))
    held = await loads(session, ours, caller.mode)
    teams: defaultdict[UUID, list[UUID]] = defaultdict(list)
    memberships = (
        select(TeamStaff)
        .join(Team, col(Team.id) == col(TeamStaff.team_id))
        .where(col(Team.workspace_id) == ours)
        .order_by(col(Team.name))
    )
    for one in await session.exec(memberships):
        teams[one.staff_id].append(one.team_id)
    return [_view(*row, held, teams[row[0].id], now) for row in rows]


def _view(
    staff: Staff,
    member: Member,
    row: Presence | None,
    held: dict[UUID, int],
    teams: list[UUID],
    now: datetime,
) -> AgentView:
    said = row.state if row else "away"
    there = row is not None and said == "active" and row.seen_at > now - UNSEEN
    return AgentView(
        staff_id=staff.id,
        name=staff.name,
        role=member.role,
        presence=said,
        shown="active" if there else "away",
        capacity=row.capacity if row else CAPACITY,
        load=held.get(staff.id, 0),
        seen_at=row.seen_at if row else None,
        team_ids=teams,
    )


async def loads(session: AsyncSession, workspace_id: UUID, mode: str) -> dict[UUID, int]:
    """How many open cases of a mode everybody has; a rehearsal takes no place of a customer's."""
    statement = (
        select(col(Case.owner_id), func.count())
        .where(
            col(Case.workspace_id) == workspace_id,
            case_states.is_open(),
            col(Case.state).in_(case_states.HELD),
            col(Case.owner_kind) == "agent",
            col(Case.owner_id).is_not(None),
            col(Case.mode) == mode,
        )
        .group_by(col(Case.owner_id))
    )
    return {owner: load for owner, load in await session.exec(statement) if owner is not None}


async def keeps(session: AsyncSession, workspace_id: UUID, staff_id: UUID, now: datetime) -> bool:
    """Whether a case stays with its owner when the customer writes again.

    Not with one who is away, unseen, or may not answer any more.
    """
    there = select(Presence, is_there(now)).where(
        col(Presence.workspace_id) == workspace_id, col(Presence.staff_id) == staff_id
    )
    row = (await session.exec(there)).first()
    if row is not None and not row[1]:
        return False
    if await session.get(Staff, staff_id) is None:
        return row is None  # a name of somebody's own system
    return await staff_of(session, workspace_id, staff_id) is not None


async def staff_of(session: AsyncSession, workspace_id: UUID, staff_id: UUID) -> Staff | None:
    """The person, if they may answer in this workspace."""
    statement = (
        select(Staff)
        .join(Member, col(Member.staff_id) == col(Staff.id))
        .where(col(Staff.id) == staff_id, may_answer(workspace_id))
    )
    return (await session.exec(statement)).first()


async def named(
    session: AsyncSession, workspace_id: UUID, staff_id: UUID, field: str = "staff_id"
) -> Staff:
    """As :func:`staff_of`. Raises NotFound ``agent_not_found``."""
    staff = await staff_of(session, workspace_id, staff_id)
    if staff is None:
        raise NotFound(
            "agent_not_found",
            "There is no such person here, or their role may not answer. List the agents.",
            field=field,
        )
    return staff


async def change(tx: Tx, caller: Caller, staff_id: UUID, asked: Change) -> Presence:
    """Tell a presence or a capacity; the queue is looked at right after.

    Raises NotFound ``agent_not_found``, Invalid ``bad_presence``, ``bad_capacity``.
    """
    _check(asked)
    await named(tx.session, caller.workspace_id, staff_id)
    row = await _row(tx, caller.workspace_id, staff_id)
    before = (row.state, row.capacity)
    row.state = asked.state or row.state
    row.capacity = row.capacity if asked.capacity is None else asked.capacity
    row.seen_at = tx.now
    if (row.state, row.capacity) != before:
        row.changed_at = tx.now
        tx.emit(
            row.workspace_id,
            "agent.presence",
            row.staff_id,
            state=row.state,
            capacity=row.capacity,
        )
    await tx.session.flush()
    tx.wake = True
    return row


async def beat(tx: Tx, workspace_id: UUID, staff_id: UUID) -> bool:
    """Somebody's page is open: seen now. Written at most once a minute; whether it was."""
    statement = (
        update(Presence)
        .where(
            col(Presence.workspace_id) == workspace_id,
            col(Presence.staff_id) == staff_id,
            col(Presence.seen_at) <= tx.now - BEAT,
        )
        .values(seen_at=tx.now)
        .execution_options(synchronize_session=False)
    )
    done: Any = await tx.session.exec(statement)
    if done.rowcount:
        tx.wake = True  # who comes back is given what waits
    return bool(done.rowcount)


async def is_beat_due(session: AsyncSession, workspace_id: UUID, staff_id: UUID) -> bool:
    """Whether :func:`beat` would write: asked first, because reading holds nobody up."""
    row = await session.get(Presence, (workspace_id, staff_id))
    return row is not None and row.seen_at <= clock() - BEAT


def _check(asked: Change) -> None:
    if asked.state not in (None, "active", "away"):
        raise Invalid("bad_presence", "A presence is active or away.", field="state")
    if asked.capacity is not None and not 1 <= asked.capacity <= LARGEST:
        raise Invalid(
            "bad_capacity",
            f"Between 1 and {LARGEST} cases at once. Who wants none is away.",
            field="capacity",
            data={"limit": LARGEST},
        )


async def _row(tx: Tx, workspace_id: UUID, staff_id: UUID) -> Presence:
    """Somebody's presence, held until the commit; made when new."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    fresh = {
        "workspace_id": workspace_id,
        "staff_id": staff_id,
        "state": "away",
        "capacity": CAPACITY,
        "seen_at": tx.now,
        "changed_at": tx.now,
    }
    await tx.session.exec(insert(Presence).values(fresh).on_conflict_do_nothing())
    statement = (
        select(Presence)
        .where(col(Presence.workspace_id) == workspace_id, col(Presence.staff_id) == staff_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await tx.session.exec(statement)).one()
