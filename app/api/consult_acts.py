"""What is done about a chat over HTTP: end it, block, decide about a line nobody knows of."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from app.api.consult_shapes import LARGEST, Line
from app.api.deps import Answer, Body, RuntimeDep, caller_with
from app.api.problems import responses
from app.services import acts, unsettled
from app.services.acts import Asked
from app.services.callers import Caller
from app.services.cases import Agent

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])

Writer = Annotated[Caller, Depends(caller_with("consultations:write"))]
Name = Annotated[str, Field(max_length=200, description="who decides", examples=["김나루"])]


class End(Body):
    """End the chat session."""

    agent: Name
    to_bot_event: str | None = Field(
        None,
        max_length=200,
        description="hand back to the messenger's bot, at this event of it; empty: without one",
    )


class Who(Body):
    """Who decides it."""

    agent: Name


class Again(Body):
    """Send a line again."""

    agent: Name
    epoch: int = Field(ge=1, le=LARGEST, description="the case's epoch as you saw it")
    may_arrive_twice: bool = Field(
        False, description="needed for an unknown line: the customer may have it already"
    )


class Judgement(Body):
    """What became of a line, as a person sees it."""

    arrived: bool = Field(False, description="the customer has it")


class Act(Answer):
    """A request to the messenger: its state is that of its line."""

    line: Line | None = Field(description="null: nothing had to be asked")
    blocked_at: datetime | None


class LineAnswer(Line, Answer):
    """One line."""


@router.post(
    "/{thread_id}/session/end",
    summary="End the chat",
    status_code=202,
    responses=responses(401, 403, 404, 409, 422),
)
async def end(runtime: RuntimeDep, caller: Writer, thread_id: UUID, body: End) -> Act:
    """Ask the messenger to end the chat, after the lines that are still to leave.

    Resolving a case never does that. Only the customer can open another chat.
    """
    async with runtime.database.write() as tx:
        asked = await acts.end_session(
            tx, runtime, caller, thread_id, Agent(body.agent), body.to_bot_event
        )
    return _act(asked, caller)


@router.post(
    "/{thread_id}/block",
    summary="Block the customer",
    status_code=202,
    responses=responses(401, 403, 404, 422),
)
async def block(runtime: RuntimeDep, caller: Writer, thread_id: UUID, body: Who) -> Act:
    """The chat ends, and what they write from now on is kept but is nobody's work.

    The messenger blocks too where the account says how; again changes nothing.
    """
    async with runtime.database.write() as tx:
        asked = await acts.block(tx, runtime, caller, thread_id, Agent(body.agent))
    return _act(asked, caller)


@router.post(
    "/{thread_id}/unblock",
    summary="Lift a block",
    status_code=202,
    responses=responses(401, 403, 404, 422),
)
async def unblock(runtime: RuntimeDep, caller: Writer, thread_id: UUID, body: Who) -> Act:
    """What they write is work again; again changes nothing."""
    async with runtime.database.write() as tx:
        asked = await acts.unblock(tx, runtime, caller, thread_id, Agent(body.agent))
    return _act(asked, caller)


@router.post(
    "/{thread_id}/messages/{line_id}/retry",
    summary="Send a line again",
    status_code=202,
    responses=responses(401, 403, 404, 409, 422),
)
async def retry(
    runtime: RuntimeDep, caller: Writer, thread_id: UUID, line_id: UUID, body: Again
) -> LineAnswer:
    """A failed line was surely not taken. An `unknown` one may arrive twice: say so."""
    again = unsettled.Again(Agent(body.agent), body.epoch, body.may_arrive_twice)
    async with runtime.database.write() as tx:
        line = await unsettled.retry(tx, runtime, caller, (thread_id, line_id), again)
    return _line(line, caller)


@router.post(
    "/{thread_id}/messages/{line_id}/dismiss",
    summary="Judge an unknown line",
    responses=responses(401, 403, 404, 409, 422),
)
async def dismiss(
    runtime: RuntimeDep,
    caller: Writer,
    thread_id: UUID,
    line_id: UUID,
    body: Judgement | None = None,
) -> LineAnswer:
    """Nobody can ask the messenger: a person says whether it arrived, and it is settled."""
    arrived = body.arrived if body else False
    async with runtime.database.write() as tx:
        line = await unsettled.dismiss(tx, runtime, caller, (thread_id, line_id), arrived)
    return _line(line, caller)


def _act(asked: Asked, caller: Caller) -> Act:
    line = Line.model_validate(asked.line) if asked.line else None
    return Act(line=line, blocked_at=asked.blocked_at, simulated=caller.simulated)


def _line(line: object, caller: Caller) -> LineAnswer:
    answer = LineAnswer.model_validate(line)
    answer.simulated = caller.simulated
    return answer
