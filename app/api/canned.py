"""Canned replies over HTTP: find, keep, and fill one for a thread."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.consultations import Part, Reader, Writer
from app.api.deps import MOST, Answer, Body, RuntimeDep
from app.api.labels import Removed
from app.api.problems import responses
from app.db.models import CannedReply
from app.services import canned
from app.services.callers import Caller

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])


class Reply(Part):
    """A text staff often write."""

    id: UUID
    shortcut: str = Field(examples=["배송"])
    text: str = Field(examples=["#{고객}님, 주문 #{주문번호}는 내일 도착해요."])
    updated_at: datetime


class ReplyAnswer(Reply, Answer):
    """One reply."""


class ReplyList(Answer):
    """Replies whose shortcut begins so, then those that hold the words."""

    items: list[Reply]


class NewReply(Body):
    """A shortcut and its text."""

    shortcut: str = Field(max_length=200, description="1–30 characters, no blanks, unique")
    text: str = Field(description="1–1,000 characters; `#{name}` is filled when it is used")


class FilledReply(Answer):
    """A text to look over before it is sent."""

    text: str
    unknown: list[str] = Field(description="names nobody knows here; they stand as they were")


@router.get("/canned", summary="Find canned replies", responses=responses(401, 403, 422))
async def list_canned(
    runtime: RuntimeDep,
    caller: Reader,
    q: Annotated[str, Query(max_length=100, description="a shortcut's beginning, or words")] = "",
    limit: Annotated[int, Query(ge=1, le=canned.MOST)] = MOST,
) -> ReplyList:
    """Without `q` all of them, by shortcut."""
    async with runtime.database.read() as session:
        rows = await canned.search(session, caller.workspace_id, q, limit)
    items = [Reply.model_validate(row) for row in rows]
    return ReplyList(items=items, simulated=caller.simulated)


@router.post(
    "/canned",
    summary="Add a canned reply",
    status_code=201,
    responses=responses(401, 403, 409, 422),
)
async def create_canned(runtime: RuntimeDep, caller: Writer, body: NewReply) -> ReplyAnswer:
    """A new one; 409 `shortcut_exists` when the shortcut is taken."""
    async with runtime.database.write() as tx:
        reply = await canned.create(tx, caller.workspace_id, body.shortcut, body.text)
    return _one(reply, caller)


@router.get("/canned/{reply_id}", summary="One canned reply", responses=responses(401, 403, 404))
async def get_canned(runtime: RuntimeDep, caller: Reader, reply_id: UUID) -> ReplyAnswer:
    """As it was written, its variables not filled."""
    async with runtime.database.read() as session:
        return _one(await canned.get(session, caller.workspace_id, reply_id), caller)


@router.put(
    "/canned/{reply_id}",
    summary="Change a canned reply",
    responses=responses(401, 403, 404, 409, 422),
)
async def change_canned(
    runtime: RuntimeDep, caller: Writer, reply_id: UUID, body: NewReply
) -> ReplyAnswer:
    """Its shortcut and its text, both."""
    async with runtime.database.write() as tx:
        reply = await canned.change(tx, caller.workspace_id, reply_id, body.shortcut, body.text)
    return _one(reply, caller)


@router.delete(
    "/canned/{reply_id}", summary="Remove a canned reply", responses=responses(401, 403, 404)
)
async def remove_canned(runtime: RuntimeDep, caller: Writer, reply_id: UUID) -> Removed:
    """What was sent with it stays as it is."""
    async with runtime.database.write() as tx:
        await canned.remove(tx, caller.workspace_id, reply_id)
    return Removed(id=reply_id, simulated=caller.simulated)


@router.get(
    "/{thread_id}/canned/{reply_id}",
    summary="Fill a canned reply for a thread",
    responses=responses(401, 403, 404, 422),
)
async def fill_canned(
    runtime: RuntimeDep,
    caller: Reader,
    thread_id: UUID,
    reply_id: UUID,
    agent: Annotated[str, Query(max_length=200, description="stands for #{상담원}")] = "",
) -> FilledReply:
    """With #{고객}, #{상담원}, #{주문번호}, and the variables of the notice the case answers."""
    async with runtime.database.read() as session:
        values = await canned.values_for(session, runtime, caller, thread_id, agent)
        reply = await canned.get(session, caller.workspace_id, reply_id)
    filled = canned.fill(reply.text, values)
    return FilledReply(text=filled.text, unknown=list(filled.unknown), simulated=caller.simulated)


def _one(row: CannedReply, caller: Caller) -> ReplyAnswer:
    answer = ReplyAnswer.model_validate(row)
    answer.simulated = caller.simulated
    return answer
