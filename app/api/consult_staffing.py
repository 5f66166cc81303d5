"""Who answers over HTTP: people with their presence and load, and teams."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, status
from pydantic import Field

from app.api.case_shapes import Part
from app.api.consultations import Reader, Writer
from app.api.deps import Answer, Body, RuntimeDep, caller_with
from app.api.problems import responses
from app.services import presence, teams, transfers
from app.services.callers import Caller

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])
Admin = Annotated[Caller, Depends(caller_with("admin"))]


class AgentOut(Part):
    """One of staff whose role may answer."""

    staff_id: UUID
    name: str
    role: str
    presence: str = Field(description="what they said: active or away")
    shown: str = Field(description="what holds: also away when not seen for 5 minutes")
    capacity: int
    load: int = Field(description="their cases in `assigned` and `waiting`")
    seen_at: datetime | None
    team_ids: list[UUID]


class AgentsOut(Answer):
    """Everybody who may answer, by name."""

    items: list[AgentOut]


class PresenceIn(Body):
    """What has changed; what is left out stays."""

    state: Literal["active", "away"] | None = None
    capacity: int | None = Field(None, description="open cases at once, 1–100")
    give_back: bool = Field(False, description="put back into the queue what customers wait for")


class PresenceOut(Answer):
    """Where somebody stands now."""

    staff_id: UUID
    state: str
    capacity: int
    holding: int = Field(description="cases they still have: offer to give them back")
    given_back: int


class TeamIn(Body):
    """A team and all its people."""

    name: str = Field(max_length=200, examples=["배송·교환"])
    staff_ids: list[UUID] = Field(default_factory=list)


class TeamPart(Part):
    """A team."""

    id: UUID
    name: str
    staff_ids: list[UUID]


class TeamOut(TeamPart, Answer):
    """One team."""


class TeamsOut(Answer):
    """All teams, by name."""

    items: list[TeamPart]


@router.get("/agents", summary="Who answers", responses=responses(401, 403))
async def list_agents(runtime: RuntimeDep, caller: Reader) -> AgentsOut:
    """People with presence, capacity and load; the load is that of the key's mode."""
    async with runtime.database.read() as session:
        found = await presence.agents(session, caller)
    items = [AgentOut.model_validate(one) for one in found]
    return AgentsOut(items=items, simulated=caller.simulated)


@router.put(
    "/agents/{staff_id}/presence",
    summary="Come, leave, take more or fewer",
    responses=responses(401, 403, 404, 422),
)
async def set_presence(
    runtime: RuntimeDep, caller: Writer, staff_id: UUID, body: PresenceIn
) -> PresenceOut:
    """Counts as seen now. Whoever becomes active is given what waits, the longest wait first."""
    asked = presence.Change(body.state, body.capacity)
    async with runtime.database.write() as tx:
        row = await presence.change(tx, caller, staff_id, asked)
        given = 0
        if body.give_back:
            given = await transfers.give_back(tx, caller.workspace_id, staff_id)
        holding = await transfers.holding(tx.session, caller.workspace_id, staff_id)
        return PresenceOut(
            staff_id=staff_id,
            state=row.state,
            capacity=row.capacity,
            holding=holding,
            given_back=given,
            simulated=caller.simulated,
        )


@router.get("/teams", summary="List teams", responses=responses(401, 403))
async def list_teams(runtime: RuntimeDep, caller: Reader) -> TeamsOut:
    """All teams, by name."""
    async with runtime.database.read() as session:
        found = await teams.list_teams(session, caller)
    items = [TeamPart.model_validate(one) for one in found]
    return TeamsOut(items=items, simulated=caller.simulated)


@router.post(
    "/teams",
    status_code=status.HTTP_201_CREATED,
    summary="Add a team",
    responses=responses(401, 403, 404, 409, 422),
)
async def add_team(runtime: RuntimeDep, caller: Admin, body: TeamIn) -> TeamOut:
    """A group that cases can be given to."""
    async with runtime.database.write() as tx:
        found = await teams.create(tx, caller, body.name, body.staff_ids)
    return _team(found, caller)


@router.get("/teams/{team_id}", summary="One team", responses=responses(401, 403, 404))
async def get_team(runtime: RuntimeDep, caller: Reader, team_id: UUID) -> TeamOut:
    """A team and its people."""
    async with runtime.database.read() as session:
        found = await teams.team(session, caller, team_id)
    return _team(found, caller)


@router.put(
    "/teams/{team_id}", summary="Change a team", responses=responses(401, 403, 404, 409, 422)
)
async def change_team(runtime: RuntimeDep, caller: Admin, team_id: UUID, body: TeamIn) -> TeamOut:
    """Its name and all its people, as given."""
    async with runtime.database.write() as tx:
        found = await teams.change(tx, caller, team_id, body.name, body.staff_ids)
    return _team(found, caller)


@router.delete("/teams/{team_id}", summary="Remove a team", responses=responses(401, 403, 404))
async def remove_team(runtime: RuntimeDep, caller: Admin, team_id: UUID) -> Answer:
    """Its queued cases are everybody's again."""
    async with runtime.database.write() as tx:
        await teams.remove(tx, caller, team_id)
    return Answer(simulated=caller.simulated)


def _team(found: teams.TeamView, caller: Caller) -> TeamOut:
    answer = TeamOut.model_validate(found)
    answer.simulated = caller.simulated
    return answer
