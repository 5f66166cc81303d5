"""The queues of an inbox: which threads are in each, and how many."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case, Thread
from app.services import case_states
from app.services.callers import Caller
from app.services.cases import Agent

QUEUES = ("mine", "waiting", "unread", "bot", "snoozed", "resolved", "all")
MOST = 1_000  # counted no further: it reads as "1,000 or more"


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list. ``state``, ``owner``, ``team_id`` look at the open case.

    ``queue``: one of ``QUEUES``; ``agent`` says whose ``mine`` is.
    """

    state: str | None = None
    owner: str | None = None
    unread: bool | None = None
    queue: str | None = None
    agent: Agent | None = None
    team_id: UUID | None = None


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Counts:
    """Threads per queue, each at most ``MOST``; ``teams``: open cases by team. Nobody needs to
    know how many are resolved, and counting them would read them all."""

    mine: int
    waiting: int
    unread: int
    bot: int
    snoozed: int
    teams: dict[UUID, int]


def matching(filters: Filters, workspace_id: UUID) -> list[ColumnElement[bool]]:
    """Conditions on threads of a workspace."""
    found: list[ColumnElement[bool]] = []
    asked = _asked(filters)
    opened = select(Case.thread_id).where(
        col(Case.workspace_id) == workspace_id, case_states.is_open()
    )
    if asked:
        # not by `exists`: open cases are few, and threads are many
        found.append(col(Thread.id).in_(opened.where(*asked)))
    if "resolved" in (filters.state, filters.queue):
        any_case = select(Case.id).where(col(Case.thread_id) == col(Thread.id))
        found += [col(Thread.id).not_in(opened), any_case.exists()]
    if filters.queue == "unread":
        found.append(col(Thread.unread) > 0)
    if filters.unread is not None:
        found.append(col(Thread.unread) > 0 if filters.unread else col(Thread.unread) == 0)
    return found


def _asked(filters: Filters) -> list[ColumnElement[bool]]:
    """Conditions on the open case."""
    asked: list[ColumnElement[bool]] = []
    if filters.state not in (None, "resolved"):
        asked.append(col(Case.state) == filters.state)
    if filters.queue not in (None, "resolved", "all"):
        asked.append(_in(filters.queue, filters.agent))
    if filters.owner is not None:
        asked.append(col(Case.owner) == filters.owner)
    if filters.team_id is not None:
        asked.append(col(Case.team_id) == filters.team_id)
    return asked


def _in(queue: str | None, agent: Agent | None) -> ColumnElement[bool]:
    """Of open cases: which belong to a queue."""
    state = col(Case.state)
    if queue == "mine":
        return false() if agent is None else _mine(agent)
    if queue == "waiting":
        return case_states.is_queued()
    if queue == "unread":
        return state.in_(case_states.AT_WORK)
    return case_states.is_snoozed() if queue == "snoozed" else state == queue


def _mine(agent: Agent) -> ColumnElement[bool]:
    """As ``Agent.owns``; what is put off is in a queue of its own."""
    owned = and_(col(Case.state).in_(case_states.AT_WORK), col(Case.owner_kind) == "agent")
    if agent.id is not None:
        return and_(owned, col(Case.owner_id) == agent.id)
    return and_(owned, col(Case.owner_id).is_(None), col(Case.owner) == agent.name)


async def counts(session: AsyncSession, caller: Caller, agent: Agent | None = None) -> Counts:
    """How many threads each queue holds; reads open cases only, through their indexes."""
    ours = [col(Case.workspace_id) == caller.workspace_id, case_states.is_open()]
    if caller.only is not None:
        ours.append(col(Case.mode) == caller.only)
    found: dict[str, int] = {}
    for queue in ("mine", "waiting", "unread", "bot", "snoozed"):
        some = select(Case.id).where(*ours, _in(queue, agent))
        if queue == "unread":
            some = some.join(Thread, col(Thread.id) == col(Case.thread_id)).where(
                col(Thread.unread) > 0
            )
        limited = some.limit(MOST).subquery()
        found[queue] = (await session.exec(select(func.count()).select_from(limited))).one()
    by_team = (
        select(col(Case.team_id), func.count())
        .where(*ours, col(Case.state).in_(case_states.AT_WORK), col(Case.team_id).is_not(None))
        .group_by(col(Case.team_id))
    )
    teams = {team: number for team, number in await session.exec(by_team) if team is not None}
    return Counts(**found, teams=teams)
