"""Cases over HTTP: given to somebody, given on, put off, opened again; and how many wait."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, Field

from app.api.case_shapes import CaseAnswer, case_answer
from app.api.consult_shapes import LARGEST
from app.api.consultations import Reader, Writer, whose
from app.api.deps import Answer, Body, RuntimeDep
from app.api.problems import responses
from app.services import cases, rooms, snoozes, transfers

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])
Epoch = Annotated[int | None, Field(ge=1, le=LARGEST, description="refuse when it has changed")]
WRONG = responses(401, 403, 404, 409, 422)


class Assign(Body):
    """Who answers from now on."""

    staff_id: UUID
    epoch: Epoch = None


class Transfer(Body):
    """Where the case goes: to a person, to a team, or without both back to the queue."""

    agent: str = Field(max_length=200, description="who gives it on", examples=["김나루"])
    staff_id: UUID | None = None
    team_id: UUID | None = None
    note: str = Field("", description="for colleagues; the customer never sees it")
    epoch: Epoch = None


class Snooze(Body):
    """Until when."""

    until: AwareDatetime = Field(description="with a zone; 1 minute to 90 days from now")
    epoch: Epoch = None


class Reopen(Body):
    """Open it again."""

    epoch: Epoch = None


class Priority(Body):
    """How early the queue gives it out."""

    priority: Literal["urgent", "normal", "low"]


class CountsOut(Answer):
    """Threads per queue; 1000 reads as 1,000 or more."""

    mine: int = Field(description="0 unless `agent` or `staff_id` says whose")
    waiting: int = Field(description="queued: nobody has them")
    unread: int
    bot: int
    snoozed: int
    teams: dict[UUID, int] = Field(description="open cases by team")


@router.get("/counts", summary="How many wait", responses=responses(401, 403, 422))
async def count_queues(
    runtime: RuntimeDep, caller: Reader, agent: Annotated[cases.Agent | None, Depends(whose)]
) -> CountsOut:
    """Open cases by queue, for a badge; the lists themselves are `GET /v1/consultations`."""
    async with runtime.database.read() as session:
        found = await rooms.counts(session, caller, agent)
    return CountsOut(
        mine=found.mine,
        waiting=found.waiting,
        unread=found.unread,
        bot=found.bot,
        snoozed=found.snoozed,
        teams=found.teams,
        simulated=caller.simulated,
    )


@router.post("/cases/{case_id}/assign", summary="Give a case to a person", responses=WRONG)
async def assign_case(
    runtime: RuntimeDep, caller: Writer, case_id: UUID, body: Assign
) -> CaseAnswer:
    """One of staff becomes the owner, whoever had it; the epoch rises."""
    async with runtime.database.write() as tx:
        case = await transfers.assign(tx, caller, case_id, body.staff_id, body.epoch)
        found = rooms.case_view(case)
    return case_answer(found, caller)


@router.post("/cases/{case_id}/transfer", summary="Give a case on", responses=WRONG)
async def transfer_case(
    runtime: RuntimeDep, caller: Writer, case_id: UUID, body: Transfer
) -> CaseAnswer:
    """To a person it is assigned, to a team or to nobody it is queued; the epoch rises."""
    asked = transfers.Transfer(
        cases.Agent(body.agent), body.staff_id, body.team_id, body.note, body.epoch
    )
    async with runtime.database.write() as tx:
        case = await transfers.transfer(tx, runtime, caller, case_id, asked)
        found = rooms.case_view(case)
    return case_answer(found, caller)


@router.post("/cases/{case_id}/snooze", summary="Put a case off", responses=WRONG)
async def snooze_case(
    runtime: RuntimeDep, caller: Writer, case_id: UUID, body: Snooze
) -> CaseAnswer:
    """Until a time, or until the customer writes; its owner stays."""
    async with runtime.database.write() as tx:
        case = await snoozes.snooze(tx, caller, case_id, body.until, body.epoch)
        found = rooms.case_view(case)
    return case_answer(found, caller)


@router.post("/cases/{case_id}/reopen", summary="Open a case again", responses=WRONG)
async def reopen_case(
    runtime: RuntimeDep, caller: Writer, case_id: UUID, body: Reopen | None = None
) -> CaseAnswer:
    """Back into the queue, while the customer can be answered; an open one stays as it is."""
    async with runtime.database.write() as tx:
        case = await cases.reopen(tx, caller, case_id, body.epoch if body else None)
        found = rooms.case_view(case)
    return case_answer(found, caller)


@router.put("/cases/{case_id}/priority", summary="How urgent it is", responses=WRONG)
async def set_case_priority(
    runtime: RuntimeDep, caller: Writer, case_id: UUID, body: Priority
) -> CaseAnswer:
    """The queue gives out urgent cases first, low ones last."""
    async with runtime.database.write() as tx:
        case = await transfers.set_priority(tx, caller, case_id, body.priority)
        found = rooms.case_view(case)
    return case_answer(found, caller)
