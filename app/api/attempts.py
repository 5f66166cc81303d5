"""Attempts over HTTP: those that were laid aside, and trying them again."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends

from app.api.deps import Answer, PagingDep, RuntimeDep, caller_with
from app.api.problems import responses
from app.db.models import Attempt, Message
from app.services import parking
from app.services.callers import Caller

router = APIRouter(prefix="/v1/attempts", tags=["messages"])
Reader = Annotated[Caller, Depends(caller_with("messages:read"))]
Writer = Annotated[Caller, Depends(caller_with("messages:write"))]


class ParkedOut(Answer):
    """An attempt that failed again and again by itself and waits for a person."""

    id: UUID
    message_id: UUID
    reference: str | None
    step: int
    channel: str
    route: str
    account_id: UUID
    tries: int
    code: str
    parked_at: datetime | None
    expires_at: datetime | None


class ParkedList(Answer):
    """One page, newest first."""

    items: list[ParkedOut]
    next: str | None


class RequeuedOut(Answer):
    """An attempt that is tried again."""

    id: UUID
    message_id: UUID
    status: str
    account_id: UUID


@router.get("/parked", response_model=ParkedList, summary="List parked attempts")
async def list_parked(runtime: RuntimeDep, caller: Reader, paging: PagingDep) -> Any:
    """Newest first. A test key sees simulated ones, other keys the real ones."""
    async with runtime.database.read() as session:
        rows = await parking.list_parked(session, caller, paging.after, paging.limit + 1)
    page, following = paging.cut(rows, lambda row: row[0].id)
    items = [
        _shown(attempt, message) | {"simulated": caller.simulated} for attempt, message in page
    ]
    return {"items": items, "next": following, "simulated": caller.simulated}


@router.post(
    "/{attempt_id}/requeue",
    response_model=RequeuedOut,
    summary="Try a parked attempt again",
    responses=responses(404, 409),
)
async def requeue(runtime: RuntimeDep, caller: Writer, attempt_id: UUID) -> Any:
    """With its reference, as if for the first time; after whatever parked it was mended."""
    async with runtime.database.write() as tx:
        attempt = await parking.requeue(tx, runtime, caller, attempt_id)
    return {
        "id": attempt.id,
        "message_id": attempt.message_id,
        "status": attempt.status,
        "account_id": attempt.account_id,
        "simulated": caller.simulated,
    }


def _shown(attempt: Attempt, message: Message) -> dict[str, Any]:
    names = ("id", "step", "channel", "route", "account_id", "tries", "code")
    return {name: getattr(attempt, name) for name in names} | {
        "message_id": message.id,
        "reference": message.reference,
        "parked_at": attempt.settled_at,
        "expires_at": message.expires_at,
    }
