"""Consultations over HTTP: threads with customers, their lines, and who answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from app.api.case_shapes import CaseAnswer, CaseState, case_answer
from app.api.consult_shapes import LARGEST, File, Line, NewLine, Number, Part, Posted
from app.api.deps import MOST, Answer, Body, RuntimeDep, caller_with
from app.api.problems import responses
from app.errors import Invalid
from app.services import cases, consultations, rooms
from app.services.callers import Caller

__all__ = ["LARGEST", "File", "Line", "NewLine", "Number", "Part", "Posted", "router"]

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])

Reader = Annotated[Caller, Depends(caller_with("consultations:read"))]
Writer = Annotated[Caller, Depends(caller_with("consultations:write"))]
State = Literal["bot", "queued", "assigned", "waiting", "snoozed", "resolved"]
Queue = Literal["mine", "waiting", "unread", "bot", "snoozed", "resolved", "all"]


async def whose(
    agent: Annotated[str | None, Query(max_length=200, description="a name of the API")] = None,
    staff_id: Annotated[UUID | None, Query(description="one of staff")] = None,
) -> cases.Agent | None:
    """The agent a query names, if it names one."""
    return cases.Agent(agent or "", staff_id) if agent or staff_id else None


class Permit(Part):
    """The open chat session: while there is one, the customer can be answered."""

    id: UUID
    expires_at: datetime


class Notice(Part):
    """The message the customer's case answers."""

    id: UUID
    template: str
    reference: str | None
    status: str
    link_how: str = Field(description="button, forwarded, earlier, label: how that is known")
    link_confidence: float | None


class Room(Part):
    """A thread: the endless room of one customer on one channel."""

    id: UUID
    customer: str = Field(description="a masked name to show")
    unread: int
    last_seq: int
    last_activity_at: datetime
    case: CaseState | None = Field(description="the newest case; only that one can be open")
    chat_session: Permit | None = Field(description="null: send a notice instead")
    notice: Notice | None
    last_line: Line | None
    blocked_at: datetime | None = Field(description="since when the customer is blocked")


class RoomAnswer(Room, Answer):
    """One thread."""


class RoomPage(Answer):
    """Threads, the newest activity first."""

    items: list[Room]
    next: str | None = Field(None, description="cursor of the next page")


class LinePage(Answer):
    """Lines in order of `seq`."""

    items: list[Line]


class Take(Body):
    """Who answers from now on."""

    agent: str = Field(max_length=200, examples=["김나루"])
    epoch: int | None = Field(None, ge=1, le=LARGEST, description="refuse when it has changed")


class Resolve(Body):
    """Close the work."""

    epoch: int | None = Field(None, ge=1, le=LARGEST, description="refuse when it has changed")


async def _filters(
    state: Annotated[State | None, Query(description="of the open case")] = None,
    owner: Annotated[str | None, Query(max_length=200, description="of the open case")] = None,
    unread: Annotated[bool | None, Query(description="only with, or without, unread lines")] = None,
    queue: Annotated[Queue | None, Query(description="`mine` needs `agent` or `staff_id`")] = None,
    team: Annotated[UUID | None, Query(description="of the open case")] = None,
    agent: Annotated[cases.Agent | None, Depends(whose)] = None,
) -> rooms.Filters:
    if queue == "mine" and agent is None:
        raise Invalid("agent_needed", "Whose cases? Give `agent` or `staff_id`.", field="agent")
    return rooms.Filters(state, owner, unread, queue, agent, team)


async def _window(
    before: Annotated[int | None, Query(ge=0, le=LARGEST, description="lines before it")] = None,
    after: Annotated[int | None, Query(ge=0, le=LARGEST, description="lines after it")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> consultations.Window:
    return consultations.Window(before, after, limit)


@router.get("", summary="List consultations", responses=responses(400, 401, 403, 422))
async def list_consultations(
    runtime: RuntimeDep,
    caller: Reader,
    filters: Annotated[rooms.Filters, Depends(_filters)],
    limit: Annotated[int, Query(ge=1, le=MOST)] = rooms.PAGE,
    cursor: Annotated[str | None, Query(max_length=100, description="`next` of a page")] = None,
) -> RoomPage:
    """Threads, the newest activity first; a test key sees those of sandbox accounts."""
    async with runtime.database.read() as session:
        page = await rooms.list_rooms(session, runtime, caller, filters, rooms.Place(cursor, limit))
    items = [Room.model_validate(one) for one in page.rooms]
    return RoomPage(items=items, next=page.cursor, simulated=caller.simulated)


@router.get("/{thread_id}", summary="One consultation", responses=responses(401, 403, 404, 422))
async def get_consultation(runtime: RuntimeDep, caller: Reader, thread_id: UUID) -> RoomAnswer:
    """The customer, the newest case, whether the chat is open, and which notice it is about."""
    async with runtime.database.read() as session:
        found = await rooms.room(session, runtime, caller, thread_id)
    answer = RoomAnswer.model_validate(found)
    answer.simulated = caller.simulated
    return answer


@router.get("/{thread_id}/messages", summary="Lines", responses=responses(401, 403, 404, 422))
async def list_lines(
    runtime: RuntimeDep,
    caller: Reader,
    thread_id: UUID,
    window: Annotated[consultations.Window, Depends(_window)],
) -> LinePage:
    """The newest lines, those before a `seq`, or those after one; always in ascending order."""
    async with runtime.database.read() as session:
        found = await consultations.messages(session, runtime, caller, thread_id, window)
    items = [Line.model_validate(one) for one in found]
    return LinePage(items=items, simulated=caller.simulated)


@router.post(
    "/{thread_id}/messages",
    summary="Answer the customer",
    status_code=202,
    responses={
        200: {"model": Posted, "description": "Accepted before under this client_key"},
        **responses(401, 403, 404, 409, 422),
    },
)
async def post_line(
    runtime: RuntimeDep, caller: Writer, thread_id: UUID, body: NewLine, response: Response
) -> Posted:
    """Queue a text, with link buttons if you like, and files, each a line of its own.

    409 `no_chat_session`: only the customer opens a chat; send a notice instead.
    409 `stale_epoch`: somebody else took the case; `data.newer` has the lines you missed.
    """
    async with runtime.database.write() as tx:
        posted = await consultations.post_message(tx, runtime, caller, thread_id, body.writing())
    if posted.replayed:
        response.status_code = 200
    return Posted(
        message=Line.model_validate(posted.message),
        more=[Line.model_validate(one) for one in posted.more],
        case_id=posted.case_id,
        epoch=posted.epoch,
        replayed=posted.replayed,
        simulated=caller.simulated,
    )


@router.post(
    "/cases/{case_id}/take", summary="Take a case", responses=responses(401, 403, 404, 409, 422)
)
async def take_case(runtime: RuntimeDep, caller: Writer, case_id: UUID, body: Take) -> CaseAnswer:
    """Make an agent the owner; the epoch rises, so that nobody else's draft can leave."""
    async with runtime.database.write() as tx:
        case = await cases.take(tx, caller, case_id, cases.Agent(body.agent), body.epoch)
        found = rooms.case_view(case)
    return case_answer(found, caller)


@router.post(
    "/cases/{case_id}/resolve",
    summary="Resolve a case",
    responses=responses(401, 403, 404, 409, 422),
)
async def resolve_case(
    runtime: RuntimeDep, caller: Writer, case_id: UUID, body: Resolve | None = None
) -> CaseAnswer:
    """Close the work; the chat stays open. The customer's next line may reopen it (`reopen_h`)."""
    async with runtime.database.write() as tx:
        case = await cases.resolve(tx, caller, case_id, body.epoch if body else None)
        found = rooms.case_view(case)
    return case_answer(found, caller)
