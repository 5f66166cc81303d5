"""Batches over HTTP: one template to many people, all of them or none."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.api.deps import Answer, RuntimeDep
from app.api.messages import Key, Recipient, Sending, Writer
from app.db.models.fields import now as clock
from app.services import batch
from app.services.messages import NewMessage

router = APIRouter(prefix="/v1/messages/batch", tags=["Messages"])


class BatchRequest(Sending):
    """One notice to up to 10,000 people."""

    messages: list[Recipient] = Field(min_length=1, max_length=batch.LARGEST)


class BatchAccepted(Answer):
    """Every message is stored and will be sent; ids are in the order of the request."""

    accepted: int
    ids: list[UUID]


@router.post("", status_code=202, response_model=BatchAccepted, summary="Send a notice to many")
async def send_batch(
    request: Request,
    response: Response,
    body: BatchRequest,
    runtime: RuntimeDep,
    caller: Writer,
    key: Key = None,
) -> Any:
    """All messages are checked before any is stored; one that is wrong refuses the batch.

    The refusal is 422 `batch_refused`; `data.messages` names each message at fault with its index,
    code, field and detail (the first 100). With an `Idempotency-Key` the batch can be repeated
    safely.
    """
    shared = {name: getattr(body, name) for name in Sending.model_fields}
    messages = [
        NewMessage(**{name: getattr(one, name) for name in Recipient.model_fields}, **shared)
        for one in body.messages
    ]
    catalogue = request.app.state.catalogue
    accepted = await batch.accept(runtime, catalogue, caller, messages, clock(), key)
    if accepted.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return accepted.response
