"""Who gets the next case: the urgent first, then whoever waits longest, to whoever has least.

Two steps, each committed for itself. A case is *received* (its clock is set, the customer hears
the automatic text), then it is *given*: to its last owner if they are free, else to the free member
of its team, or of anybody, with the fewest open cases. Presence rows are held while giving, so that
two workers never give one person more than they take; threads are held but never waited for.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.crash import crash_at
from app.db.models import Case, Member, Presence, Staff, Team, TeamStaff, Thread
from app.db.session import Tx
from app.sealing import Sealer
from app.services import automatic, case_clocks, case_states, cases, consult_channels, presence
from app.services.cases import Agent, Place

MODES = ("live", "sandbox")
PAGE = 50


@dataclass(slots=True)
class Free:
    """Somebody who takes cases now."""

    row: Presence
    name: str
    teams: frozenset[UUID]
    load: int

    @property
    def is_free(self) -> bool:
        """Whether there is a place left."""
        return self.load < self.row.capacity

    @property
    def rank(self) -> tuple[int, float, bytes]:
        """Fewest cases first; of equals who was given one longest ago."""
        given = self.row.assigned_at
        return self.load, given.timestamp() if given else 0.0, self.row.staff_id.bytes


async def unreceived(session: AsyncSession) -> list[Place]:
    """Cases a person is needed for, without a deadline yet."""
    statement = (
        select(Case.workspace_id, Case.thread_id, Case.id)
        .where(_is_unclocked())
        .order_by(col(Case.handed_at))
        .limit(PAGE)
    )
    return [Place(*row) for row in await session.exec(statement)]


def _is_unclocked() -> ColumnElement[bool]:
    handed, due = col(Case.handed_at), col(Case.due_first_at)
    return handed.is_not(None) & due.is_(None) & case_states.is_open()


async def receive(tx: Tx, sealer: Sealer, where: Place) -> bool:
    """Set the case's deadline and say the automatic text; False when somebody was faster."""
    case, thread = await cases.held(tx, where)
    if case.handed_at is None or case.due_first_at is not None or case.state == "resolved":
        return False
    case.due_first_at = await case_clocks.due_first(tx.session, thread, case.handed_at)
    channel = await consult_channels.of(tx.session, thread)
    await automatic.say(tx, sealer, thread, case, channel)
    cases.tell(tx, case, reason="received")
    return True


async def workspaces(session: AsyncSession, now: datetime) -> list[UUID]:
    """Where something waits and somebody is there."""
    there = select(Presence.staff_id).where(
        col(Presence.workspace_id) == col(Case.workspace_id), presence.is_there(now)
    )
    statement = select(Case.workspace_id).where(_waits(), there.exists()).distinct()
    return list(await session.exec(statement))


def _waits() -> ColumnElement[bool]:
    """Queued and received; a case from before the clocks needs no receiving."""
    received = or_(col(Case.due_first_at).is_not(None), col(Case.handed_at).is_(None))
    return case_states.is_queued() & received


async def is_due(session: AsyncSession, workspace_id: UUID, now: datetime) -> bool:
    """Whether :func:`give` would give something: asked first, because reading holds nobody up."""
    known = await _teams(session, workspace_id)
    for mode in MODES:
        free = await _free(session, workspace_id, mode, now)
        if not free:
            continue
        waiting = await session.exec(_queue(workspace_id, mode, free, known))
        if match(list(waiting), free, known):
            return True
    return False


async def give(tx: Tx, workspace_id: UUID) -> int:
    """Give waiting cases to people who are free; how many."""
    given = 0
    known = await _teams(tx.session, workspace_id)
    for mode in MODES:
        free = await _free(tx.session, workspace_id, mode, tx.now, held=True)
        waiting = await _held(tx, _queue(workspace_id, mode, free, known)) if free else []
        for case, to in match(waiting, free, known):
            cases.hand_to(case, Agent(to.name, to.row.staff_id))
            to.row.assigned_at = tx.now
            cases.tell(tx, case, reason="routed")
            given += 1
    await tx.session.flush()
    crash_at("C13")
    return given


def match(
    waiting: Sequence[Case], free: Sequence[Free], known: frozenset[UUID]
) -> list[tuple[Case, Free]]:
    """Who gets which case, in the order of the queue; loads are counted on.

    ``known``: the teams there are; a case of a team that was removed is everybody's.
    """
    found: list[tuple[Case, Free]] = []
    for case in waiting:
        team = case.team_id if case.team_id in known else None
        able = [
            one
            for one in free
            if one.is_free
            and one.row.staff_id != case.passed_id
            and (team is None or team in one.teams)
        ]
        if not able:
            continue
        before = [one for one in able if one.row.staff_id == case.before_id]
        to = before[0] if before else min(able, key=lambda one: one.rank)
        to.load += 1
        found.append((case, to))
    return found


async def _free(
    session: AsyncSession, workspace_id: UUID, mode: str, now: datetime, *, held: bool = False
) -> list[Free]:
    """People who are there with a place left; ``held``: their rows, until the commit."""
    statement = (
        select(Presence, col(Staff.name))
        .join(Staff, col(Staff.id) == col(Presence.staff_id))
        .join(Member, col(Member.staff_id) == col(Staff.id))
        .where(
            col(Presence.workspace_id) == workspace_id,
            presence.is_there(now),
            presence.may_answer(workspace_id),
        )
        .order_by(col(Presence.staff_id))
    )
    if held:
        statement = statement.with_for_update(of=Presence)
    rows = list(await session.exec(statement.execution_options(populate_existing=held)))
    # read after the rows are held: whoever held them before has committed what they gave
    load = await presence.loads(session, workspace_id, mode)
    teams: defaultdict[UUID, set[UUID]] = defaultdict(set)
    ids = [row.staff_id for row, _ in rows]
    for one in await session.exec(select(TeamStaff).where(col(TeamStaff.staff_id).in_(ids))):
        teams[one.staff_id].add(one.team_id)
    found = [
        Free(row, name, frozenset(teams[row.staff_id]), load.get(row.staff_id, 0))
        for row, name in rows
    ]
    return [one for one in found if one.is_free]


async def _teams(session: AsyncSession, workspace_id: UUID) -> frozenset[UUID]:
    found = await session.exec(select(Team.id).where(col(Team.workspace_id) == workspace_id))
    return frozenset(found)


def _queue(
    workspace_id: UUID, mode: str, free: Sequence[Free], known: frozenset[UUID]
) -> SelectOfScalar[Case]:
    """The cases these people can be given, in the order of the queue."""
    theirs = {team for one in free for team in one.teams}
    others = known - theirs
    statement = select(Case).where(
        col(Case.workspace_id) == workspace_id, col(Case.mode) == mode, _waits()
    )
    if others:
        statement = statement.where(
            or_(col(Case.team_id).is_(None), col(Case.team_id).not_in(others))
        )
    if len(free) == 1:
        passed = col(Case.passed_id)
        statement = statement.where(passed.is_distinct_from(free[0].row.staff_id))
    order = (col(Case.priority), col(Case.waiting_since), col(Case.number))
    return statement.order_by(*order).limit(PAGE)


async def _held(tx: Tx, queue: SelectOfScalar[Case]) -> list[Case]:
    """The queue's cases whose threads nobody holds; now we do, and have read them since."""
    ids = [case.thread_id for case in await tx.session.exec(queue)]
    threads_held = (
        select(Thread.id)
        .where(col(Thread.id).in_(ids))
        .order_by(col(Thread.id))
        .with_for_update(skip_locked=True)
    )
    held = set(await tx.session.exec(threads_held))
    found = await tx.session.exec(queue.execution_options(populate_existing=True))
    return [case for case in found if case.thread_id in held]
