"""Consultations over HTTP: threads with customers, their lines, and who answers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import MOST, Answer, Body, RuntimeDep, caller_with
from app.api.problems import responses
from app.services import cases, consultations, rooms
from app.services.callers import Caller

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])

LARGEST = 2**31 - 1
Reader = Annotated[Caller, Depends(caller_with("consultations:read"))]
Writer = Annotated[Caller, Depends(caller_with("consultations:write"))]
Number = Annotated[int, Field(ge=0, le=LARGEST)]
State = Literal["bot", "queued", "assigned", "waiting", "snoozed", "resolved"]


class Part(BaseModel):
    """A piece of an answer, read from what the services give."""

    model_config = ConfigDict(from_attributes=True)


class Line(Part):
    """One line of a thread."""

    id: UUID
    seq: int = Field(description="its place in the thread, from 1")
    author_kind: str = Field(description="customer, agent, bot or system")
    author: str = Field(description="the agent's name; empty for the others")
    kind: str = Field(description="text, image, video, file, event or unsupported")
    text: str | None = Field(description="null when the key that sealed it was destroyed")
    content: dict[str, Any] | None = Field(
        description="what the messenger told of a picture, video or file, as it came: untrusted"
    )
    case_id: UUID | None
    notice_id: UUID | None = Field(description="the message this line answers")
    link_confidence: float | None = Field(
        description="1.0 the customer pressed that message's button; 0.8 an earlier one's"
    )
    status: str = Field(description="stored (came in), queued, sending, sent, unknown, failed")
    reason: str | None
    code: str = Field(description="the provider's own code, raw")
    note: str = Field(description="the state of an outgoing line in plain Korean")
    platform_at: datetime | None = Field(description="the messenger's own time")
    created_at: datetime


class CaseState(Part):
    """One piece of work inside a thread."""

    id: UUID
    number: int
    state: str
    owner_kind: str
    owner: str
    epoch: int = Field(description="send it back when you write: it proves what you saw")
    opened_by: str
    waiting_since: datetime | None = Field(description="since when the customer waits")
    resolved_at: datetime | None


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


class RoomAnswer(Room, Answer):
    """One thread."""


class RoomPage(Answer):
    """Threads, the newest activity first."""

    items: list[Room]
    next: str | None = Field(None, description="cursor of the next page")


class LinePage(Answer):
    """Lines in order of `seq`."""

    items: list[Line]


class NewLine(Body):
    """What an agent says to the customer."""

    text: str = Field(
        description="1–1,000 characters", examples=["안녕하세요, 무엇을 도와드릴까요?"]
    )
    agent: str = Field(max_length=200, description="who writes", examples=["김나루"])
    epoch: int = Field(ge=1, le=LARGEST, description="the case's epoch as you saw it")
    client_key: str = Field(
        pattern=r"^[A-Za-z0-9_.:-]{1,64}$",
        description="unique per thread: the same key and text again sends nothing twice",
    )
    seen_seq: Number | None = Field(None, description="the newest line you saw")


class Posted(Answer):
    """An answer that will leave; its state is in `message`."""

    message: Line
    case_id: UUID
    epoch: int = Field(description="the case's epoch now: it rises when the writer took the case")
    replayed: bool = Field(description="true when this client_key was accepted before")


class Take(Body):
    """Who answers from now on."""

    agent: str = Field(max_length=200, examples=["김나루"])
    epoch: int | None = Field(None, ge=1, le=LARGEST, description="refuse when it has changed")


class Resolve(Body):
    """Close the work."""

    epoch: int | None = Field(None, ge=1, le=LARGEST, description="refuse when it has changed")


class CaseAnswer(CaseState, Answer):
    """One case."""


def _filters(
    state: Annotated[State | None, Query(description="of the open case")] = None,
    owner: Annotated[str | None, Query(max_length=200, description="of the open case")] = None,
    unread: Annotated[bool | None, Query(description="only with, or without, unread lines")] = None,
) -> rooms.Filters:
    return rooms.Filters(state, owner, unread)


def _window(
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
    """Queue a text for the customer.

    409 `no_chat_session`: only the customer opens a chat; send a notice instead.
    409 `stale_epoch`: somebody else took the case; `data.newer` has the lines you missed.
    """
    writing = consultations.Writing(
        text=body.text,
        agent=body.agent,
        epoch=body.epoch,
        client_key=body.client_key,
        seen_seq=body.seen_seq,
    )
    async with runtime.database.write() as tx:
        posted = await consultations.post_message(tx, runtime, caller, thread_id, writing)
    if posted.replayed:
        response.status_code = 200
    return Posted(
        message=Line.model_validate(posted.message),
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
        case = await cases.take(tx, caller, case_id, body.agent, body.epoch)
        found = rooms.case_view(case)
    return _case_answer(found, caller)


@router.post(
    "/cases/{case_id}/resolve",
    summary="Resolve a case",
    responses=responses(401, 403, 404, 409, 422),
)
async def resolve_case(
    runtime: RuntimeDep, caller: Writer, case_id: UUID, body: Resolve | None = None
) -> CaseAnswer:
    """Close the work; the chat stays open, and the customer's next line within a day reopens it."""
    async with runtime.database.write() as tx:
        case = await cases.resolve(tx, caller, case_id, body.epoch if body else None)
        found = rooms.case_view(case)
    return _case_answer(found, caller)


def _case_answer(found: rooms.CaseView, caller: Caller) -> CaseAnswer:
    answer = CaseAnswer.model_validate(found)
    answer.simulated = caller.simulated
    return answer
