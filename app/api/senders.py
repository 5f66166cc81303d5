"""Senders over HTTP: sender keys and caller numbers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, status
from pydantic import Field

from app.api.deps import Answer, Body, Line, RuntimeDep, caller_with
from app.api.problems import responses
from app.db.models import Sender
from app.services import accounts, senders
from app.services.callers import Caller

router = APIRouter(prefix="/v1/senders", tags=["senders"])
AdminDep = Annotated[Caller, Depends(caller_with("admin"))]


class SenderIn(Body):
    """A sender key of a channel, or a caller number registered at the provider."""

    account_id: UUID
    kind: str = Field(
        max_length=20, examples=["sms"], description="`alimtalk`, `sms`, `chat`, `push`"
    )
    value: Line = Field(max_length=100, examples=["1588-1234"])
    name: Line = Field("", max_length=100, examples=["고객센터"])
    proof: Line = Field(
        "", max_length=500, description="where the proof that the number is yours is kept"
    )


class SenderOut(Answer):
    """A sender."""

    id: UUID
    account_id: UUID
    kind: str
    value: str
    name: str
    proof: str
    state: str = Field(description="active or blocked")
    created_at: datetime


class SendersOut(Answer):
    """All senders the key may see."""

    items: list[SenderOut]


@router.get("", summary="List senders", responses=responses(401, 403))
async def list_senders(runtime: RuntimeDep, caller: AdminDep) -> SendersOut:
    """All senders, the oldest first; a test key sees those of the sandbox."""
    mode = caller.mode if caller.simulated else None
    async with runtime.database.read() as session:
        found = await senders.list_senders(session, caller.workspace_id, mode)
    items = [_out(sender, caller) for sender in found]
    return SendersOut(items=items, simulated=caller.simulated)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Add a sender",
    responses=responses(400, 401, 403, 404, 409, 413, 422),
)
async def add_sender(runtime: RuntimeDep, caller: AdminDep, body: SenderIn) -> SenderOut:
    """Add a sender. An Alimtalk sender has all templates submitted for it."""
    mode = caller.mode if caller.simulated else None
    async with runtime.database.write() as tx:
        account = await accounts.get(tx.session, caller.workspace_id, body.account_id, mode)
        new = senders.NewSender(**body.model_dump(exclude={"account_id"}))
        sender = await senders.add(tx, account, new)
    return _out(sender, caller)


def _out(sender: Sender, caller: Caller) -> SenderOut:
    names = set(SenderOut.model_fields) - {"simulated"}
    facts = {name: getattr(sender, name) for name in names}
    return SenderOut.model_validate(facts | {"simulated": caller.simulated})
