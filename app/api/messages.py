"""Messages over HTTP: accept, list, show, timeline, cancel."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import AwareDatetime, Field
from sqlmodel import col, select

from app.api.deps import Answer, Body, PagingDep, RuntimeDep, caller_with
from app.api.shown import MessageOut, Messages, Timeline
from app.db.models import Message
from app.db.models.fields import now as clock
from app.services import eta, numbers, resend, timeline
from app.services.accept import Acceptor
from app.services.acknowledge import acknowledge
from app.services.callers import Caller
from app.services.cancel import cancel
from app.services.catalogue import Catalogue
from app.services.idempotency import Asked
from app.services.messages import ENDPOINT, NewMessage, Prepared, prepare
from app.services.states import MessageStatus

router = APIRouter(prefix="/v1/messages", tags=["Messages"])

Writer = Annotated[Caller, Depends(caller_with("messages:write"))]
Reader = Annotated[Caller, Depends(caller_with("messages:read"))]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        min_length=1,
        description="repeat a request safely: the same key sends once; kept 72 hours",
    ),
]
Lang = Annotated[Literal["ko", "en"], Query(description="language of titles and explanations")]


Contacts = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=64)], Annotated[str, Field(max_length=40)]],
    Field(
        default_factory=dict,
        max_length=10,
        description="numbers of the people that steps of the plan name with `to`",
        examples=[{"supervisor": "010-0000-1002"}],
    ),
]


class Recipient(Body):
    """One person, and what fills the template for them."""

    to: str = Field(
        "",
        max_length=40,
        description="a number; beside a `person` it goes before the person's own",
        examples=["010-0000-1001"],
    )
    person: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="the reference of a person, reached by number, devices or both",
    )
    variables: dict[str, str] = Field(default_factory=dict, max_length=100)
    reference: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f]+$",
        description="your own label; searchable, not unique",
    )


class Sending(Body):
    """What is sent, and how."""

    template: str = Field(
        min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$", examples=["order_shipped"]
    )
    plan: list[dict[str, Any]] | None = Field(
        None,
        description="which channels are tried in what order; the template's plan when left out",
        examples=[[{"channel": "alimtalk", "until": "delivered"}, {"channel": "sms"}]],
    )
    priority: Literal["normal", "high"] = "normal"
    send_at: AwareDatetime | None = Field(None, description="with a UTC offset; now when left out")
    expires_at: AwareDatetime | None = Field(None, description="not sent any more after this")
    send_window: Any = Field(
        None,
        description="when of a Korean day it may leave; the template's when left out; `any`",
        examples=[{"from": "09:00", "to": "18:00", "days": ["mon", "tue", "wed", "thu", "fri"]}],
        json_schema_extra={"anyOf": [{"type": "object"}, {"const": "any"}, {"type": "null"}]},
    )
    contacts: Contacts


class SendRequest(Recipient, Sending):
    """One notice to one person."""


class Accepted(Answer):
    """The message is stored and will be sent."""

    id: UUID
    status: MessageStatus
    template: str
    reference: str | None
    accepted_at: datetime


@router.post("", status_code=202, response_model=Accepted, summary="Send a notice")
async def send(
    request: Request,
    response: Response,
    body: SendRequest,
    runtime: RuntimeDep,
    caller: Writer,
    key: Key = None,
) -> Any:
    """Check, render and store one message; 202 after it is durable.

    The same `Idempotency-Key` and body again: the first answer, with the header
    `Idempotent-Replayed: true`, and nothing is sent twice.
    """
    new = NewMessage(**{name: getattr(body, name) for name in SendRequest.model_fields})
    asked = Asked(caller.workspace_id, ENDPOINT, key, new.digest())
    preparing = prepare(runtime, _catalogue(request), caller, new, clock(), key=key)
    return await _accept(request, response, asked, preparing)


@router.get("", response_model=Messages, summary="List messages")
async def list_messages(
    runtime: RuntimeDep,
    caller: Reader,
    paging: PagingDep,
    reference: Annotated[str | None, Query(max_length=100)] = None,
    status: Annotated[MessageStatus | None, Query()] = None,
    to: Annotated[str | None, Query(max_length=40, description="a whole number")] = None,
) -> Any:
    """Newest first. A test key sees simulated messages, other keys the real ones."""
    statement = (
        select(Message)
        .where(col(Message.workspace_id) == caller.workspace_id, col(Message.mode) == caller.mode)
        .order_by(col(Message.id).desc())
        .limit(paging.limit + 1)
    )
    if paging.after is not None:
        statement = statement.where(col(Message.id) < paging.after)
    if reference is not None:
        statement = statement.where(col(Message.reference) == reference)
    if status is not None:
        statement = statement.where(col(Message.status) == status)
    if to is not None:
        number = numbers.normalise(to, "to")
        wanted = runtime.sealer.number_hash(caller.workspace_id, number)
        statement = statement.where(col(Message.number_hash) == wanted)
    async with runtime.database.read() as session:
        rows = list(await session.exec(statement))
        page, following = paging.cut(rows, lambda message: message.id)
        items = await timeline.show(session, runtime, page)
    return {"items": items, "next": following, "simulated": caller.simulated}


@router.get("/{message_id}", response_model=MessageOut, summary="Show a message")
async def show(message_id: UUID, runtime: RuntimeDep, caller: Reader) -> Any:
    """Its state, its attempts, and why."""
    async with runtime.database.read() as session:
        message = await timeline.find(session, caller, message_id)
        (shown,) = await timeline.show(session, runtime, [message])
        return shown | {"eta": await eta.of_message(session, message, clock())}


@router.get("/{message_id}/timeline", response_model=Timeline, summary="Everything that happened")
async def show_timeline(
    message_id: UUID, runtime: RuntimeDep, caller: Reader, lang: Lang = "ko"
) -> Any:
    """Accepted, each attempt, receipts, fallback, the customer's answer: oldest first."""
    async with runtime.database.read() as session:
        message = await timeline.find(session, caller, message_id)
        entries = await timeline.timeline(session, caller.workspace_id, message_id, lang)
        shown = (await timeline.show(session, runtime, [message]))[0]
    return {"message": shown, "entries": entries, "simulated": caller.simulated}


@router.post("/{message_id}/cancel", response_model=MessageOut, summary="Cancel a message")
async def cancel_message(message_id: UUID, runtime: RuntimeDep, caller: Writer) -> Any:
    """Only while nothing of it has left; otherwise 409 `too_late`."""
    async with runtime.database.write() as tx:
        await cancel(tx, caller, message_id)
    return await show(message_id, runtime, caller)


@router.post(
    "/{message_id}/acknowledge", response_model=MessageOut, summary="Say that it was taken in"
)
async def acknowledge_message(message_id: UUID, runtime: RuntimeDep, caller: Writer) -> Any:
    """The recipient confirmed: no further step starts. 409 `nothing_left` before anything left."""
    async with runtime.database.write() as tx:
        await acknowledge(tx, caller, message_id)
    return await show(message_id, runtime, caller)


class ResendRequest(Body):
    """What the caller accepts."""

    both_may_arrive: bool = Field(
        False, description="needed while nobody knows whether the message left"
    )


@router.post("/{message_id}/resend", status_code=202, response_model=Accepted, summary="Resend")
async def resend_message(  # noqa: PLR0913 - each is part of the request
    message_id: UUID,
    request: Request,
    response: Response,
    runtime: RuntimeDep,
    caller: Writer,
    body: ResendRequest | None = None,
    key: Key = None,
) -> Any:
    """A new message with the same content; from an end, or from `unknown` with a confirmation."""
    async with runtime.database.read() as session:
        message = await timeline.find(session, caller, message_id)
    asked = Asked(caller.workspace_id, resend.ENDPOINT, key, resend.digest(message))
    sure = body is not None and body.both_may_arrive
    preparing = resend.ask(runtime, _catalogue(request), caller, message, sure=sure, key=key)
    return await _accept(request, response, asked, preparing)


async def _accept(
    request: Request, response: Response, asked: Asked, preparing: Awaitable[Prepared]
) -> Any:
    acceptor: Acceptor = request.app.state.acceptor
    accepted = await acceptor.accept_once(asked, preparing)
    if accepted.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return accepted.response


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue
