"""Receipts nobody was waiting for: shown, and applied again on request."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from app.api.callbacks import Verifiers
from app.api.deps import Answer, PagingDep, RuntimeDep, caller_with, need_scope
from app.api.problems import responses
from app.services import unmatched
from app.services.callers import Caller

router = APIRouter(prefix="/v1/receipts", tags=["Receipts"])

Writer = Annotated[Caller, Depends(caller_with("messages:write"))]
Reader = Annotated[Caller, Depends(caller_with("messages:read"))]


class ReceiptOut(BaseModel):
    """What the provider says of a message we do not know; numbers masked."""

    result: str
    reason: str | None
    explanation: dict[str, str]
    code: str
    text: str
    provider_id: str
    reference: str
    at: datetime | None


class UnmatchedOut(Answer):
    """One callback, and what in it found no message."""

    id: UUID
    account: str
    received_at: datetime
    tries: int
    next_try_at: datetime | None = Field(description="null: not tried again by itself")
    error: str = Field(description="why it could not be read; empty when it could")
    unmatched: int
    receipts: list[ReceiptOut] = Field(description="at most 100")
    raw: str | None = Field(description="the body as it came, with `raw=true`")


class Unmatched(Answer):
    """One page, newest first."""

    items: list[UnmatchedOut]
    next: str | None


class AppliedAgain(Answer):
    """It is applied as soon as a scheduler comes by."""

    id: UUID
    next_try_at: datetime


@router.get("/unmatched", response_model=Unmatched, summary="List receipts without a message")
async def list_unmatched(
    request: Request,
    runtime: RuntimeDep,
    caller: Reader,
    paging: PagingDep,
    raw: Annotated[bool, Query(description="with the bodies; needs the scope `admin` too")] = False,
) -> Any:
    """Callbacks with receipts that match no message of their account, or that cannot be read.

    A test key sees those of sandbox accounts, other keys those of live ones.
    """
    if raw:
        need_scope(caller, "admin")
    verifiers: Verifiers = request.app.state.verifiers
    async with runtime.database.read() as session:
        rows = await unmatched.list_kept(session, caller, paging.after, paging.limit + 1)
        page, following = paging.cut(rows, lambda kept: kept[0].id)
        items = [
            await unmatched.show(session, runtime, verifiers.of, kept, raw=raw) for kept in page
        ]
    shown = [{**item, "simulated": caller.simulated} for item in items]
    return {"items": shown, "next": following, "simulated": caller.simulated}


@router.post(
    "/unmatched/{receipt_id}/retry",
    status_code=202,
    response_model=AppliedAgain,
    summary="Apply such a receipt again",
    responses=responses(404),
)
async def retry_unmatched(receipt_id: UUID, runtime: RuntimeDep, caller: Writer) -> Any:
    """At once, and by the same rules; what still matches nothing stays on the list."""
    async with runtime.database.write() as tx:
        found = await unmatched.retry(tx, caller, receipt_id)
    return {**found, "simulated": caller.simulated}
