"""Teams: groups that cases can be given to, and who is in them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Staff, Team, TeamStaff
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.services import presence
from app.services.callers import Caller

LONGEST_NAME = 40
MOST, MOST_STAFF = 100, 500


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team and its people."""

    id: UUID
    name: str
    staff_ids: list[UUID]


async def list_teams(session: AsyncSession, caller: Caller) -> list[TeamView]:
    """The workspace's teams, by name."""
    found = await session.exec(
        select(Team)
        .where(col(Team.workspace_id) == caller.workspace_id)
        .order_by(col(Team.name), col(Team.id))
    )
    return await _views(session, list(found))


async def named(session: AsyncSession, workspace_id: UUID, team_id: UUID) -> Team:
    """One team. Raises NotFound ``team_not_found``."""
    statement = select(Team).where(col(Team.id) == team_id, col(Team.workspace_id) == workspace_id)
    team = (await session.exec(statement)).first()
    if team is None:
        raise NotFound("team_not_found", "There is no such team. List them to find it.")
    return team


async def team(session: AsyncSession, caller: Caller, team_id: UUID) -> TeamView:
    """One team and its people. Raises NotFound."""
    return (await _views(session, [await named(session, caller.workspace_id, team_id)]))[0]


async def create(tx: Tx, caller: Caller, name: str, staff_ids: Sequence[UUID]) -> TeamView:
    """A new team.

    Raises Invalid ``bad_team_name``, ``too_many``, NotFound ``agent_not_found``, Refused
    ``team_exists``, ``too_many_teams``.
    """
    rows = await tx.session.exec(
        select(Team.id).where(col(Team.workspace_id) == caller.workspace_id).limit(MOST)
    )
    if len(list(rows)) >= MOST:
        raise Refused("too_many_teams", f"At most {MOST} teams. Remove one first.")
    made = Team(workspace_id=caller.workspace_id, name=_name(name), created_at=tx.now)
    tx.session.add(made)
    await _flush(tx)
    return await _fill(tx, made, staff_ids)


async def change(
    tx: Tx, caller: Caller, team_id: UUID, name: str, staff_ids: Sequence[UUID]
) -> TeamView:
    """A team's new name and people, all of them. Raises as :func:`create`, and NotFound."""
    found = await named(tx.session, caller.workspace_id, team_id)
    found.name = _name(name)
    await _flush(tx)
    return await _fill(tx, found, staff_ids)


async def remove(tx: Tx, caller: Caller, team_id: UUID) -> None:
    """Remove a team; its queued cases are everybody's again. Raises NotFound."""
    found = await named(tx.session, caller.workspace_id, team_id)
    await tx.session.exec(delete(TeamStaff).where(col(TeamStaff.team_id) == found.id))
    await tx.session.delete(found)
    tx.emit(caller.workspace_id, "team.removed", team_id)
    tx.wake = True


async def _fill(tx: Tx, team: Team, staff_ids: Sequence[UUID]) -> TeamView:
    if len(staff_ids) > MOST_STAFF:
        raise Invalid("too_many", f"At most {MOST_STAFF} people.", field="staff_ids")
    for staff_id in staff_ids:
        await presence.named(tx.session, team.workspace_id, staff_id, "staff_ids")
    await tx.session.exec(delete(TeamStaff).where(col(TeamStaff.team_id) == team.id))
    for staff_id in sorted(set(staff_ids)):
        tx.session.add(TeamStaff(team_id=team.id, staff_id=staff_id))
    await tx.session.flush()
    tx.emit(team.workspace_id, "team.changed", team.id)
    tx.wake = True  # somebody new may be free for what waits
    return (await _views(tx.session, [team]))[0]


async def _flush(tx: Tx) -> None:
    try:
        await tx.session.flush()
    except IntegrityError:
        raise Refused("team_exists", "There is a team of that name.", field="name") from None


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid(
            "bad_team_name",
            f"A team's name has 1–{LONGEST_NAME} printable characters.",
            field="name",
            data={"limit": LONGEST_NAME, "length": len(name)},
        )
    return name


async def _views(session: AsyncSession, teams: Sequence[Team]) -> list[TeamView]:
    rows = await session.exec(
        select(TeamStaff.team_id, TeamStaff.staff_id)
        .join(Staff, col(Staff.id) == col(TeamStaff.staff_id))
        .where(col(TeamStaff.team_id).in_([one.id for one in teams]))
        .order_by(col(Staff.name), col(Staff.id))
    )
    people: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for team_id, staff_id in rows:
        people[team_id].append(staff_id)
    return [TeamView(one.id, one.name, people[one.id]) for one in teams]
