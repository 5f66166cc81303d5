"""The customer of a consultation over HTTP: the side panel; a notice when the chat is closed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.api.case_shapes import CaseState
from app.api.consult_shapes import Line, Part
from app.api.deps import Answer, Body, RuntimeDep, caller_with
from app.api.messages import Key
from app.api.problems import responses
from app.services import cases, customer, messages, notice_instead
from app.services.accept import Acceptor
from app.services.callers import Caller
from app.services.cases import Agent
from app.services.catalogue import Catalogue
from app.services.idempotency import Asked

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])

Reader = Annotated[Caller, Depends(caller_with("consultations:read"))]
Writer = Annotated[Caller, Depends(caller_with("consultations:write"))]


class SentNotice(Part):
    """One notice to this person."""

    id: UUID
    template: str
    name: str
    reference: str | None
    status: str
    explanation: str = Field(description="why it ended so, in Korean; empty when all went well")
    fallback_used: bool = Field(description="it went out as a text message")
    numbers: dict[str, str] = Field(description="order or policy numbers, by variable")
    accepted_at: datetime
    closed_at: datetime | None


class About(Part):
    """The notice the newest case is about."""

    notice_id: UUID
    how: str = Field(
        description="button, earlier, forwarded, label; perhaps: only the newest one, a guess that "
        "is kept nowhere"
    )
    confidence: float | None


class CustomerAnswer(Part, Answer):
    """Whom a consultation is with."""

    thread_id: UUID
    customer: str = Field(description="a masked name to show")
    number: str | None = Field(description="masked; null until a pressed button told it")
    blocked_at: datetime | None
    about: About | None
    notices: list[SentNotice] = Field(description="to this person, the newest first, at most 20")
    cases: list[CaseState] = Field(description="of this consultation, the newest first")


class NewNotice(Body):
    """A notice instead of an answer."""

    template: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")
    variables: dict[str, str] = Field({}, description="what the template's `#{…}` become")
    reference: str | None = Field(
        None, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$", description="your label"
    )
    agent: str = Field(max_length=200, description="who sends it", examples=["김나루"])


class NoticeAnswer(Answer):
    """The notice was accepted."""

    message_id: UUID
    status: str
    line: Line = Field(description="how the thread shows it")


@router.get(
    "/{thread_id}/customer", summary="The customer", responses=responses(401, 403, 404, 422)
)
async def get_customer(runtime: RuntimeDep, caller: Reader, thread_id: UUID) -> CustomerAnswer:
    """Notices to this person with what became of them, order numbers, and earlier cases."""
    async with runtime.database.read() as session:
        found = await customer.panel(session, runtime, caller, thread_id)
    answer = CustomerAnswer.model_validate(found)
    answer.simulated = caller.simulated
    return answer


@router.post(
    "/{thread_id}/notice",
    summary="Send a notice instead",
    status_code=202,
    responses=responses(401, 403, 404, 409, 422, 503),
)
async def send_notice(  # noqa: PLR0913 - each is part of the request
    request: Request,
    response: Response,
    runtime: RuntimeDep,
    caller: Writer,
    thread_id: UUID,
    body: NewNotice,
    key: Key = None,
) -> NoticeAnswer:
    """When the chat is closed: a template with a consultation button, to the number we learnt.

    409 `number_unknown`: no pressed button told us their number. Repeat a lost request with the
    same Idempotency-Key.
    """
    agent = cases.check_agent(Agent(body.agent))
    instead = notice_instead.Instead(body.template, body.variables, body.reference)
    new = await notice_instead.asked(runtime, caller, thread_id, instead)
    catalogue: Catalogue = request.app.state.catalogue
    acceptor: Acceptor = request.app.state.acceptor
    preparing = notice_instead.prepare(runtime, catalogue, caller, (thread_id, new), key)
    asked = Asked(caller.workspace_id, messages.ENDPOINT, key, new.digest())
    accepted = await acceptor.accept_once(asked, preparing)
    if accepted.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    told: dict[str, Any] = accepted.response
    line = await notice_instead.link(runtime, caller, thread_id, UUID(told["id"]), agent)
    return NoticeAnswer(
        message_id=told["id"],
        status=told["status"],
        line=Line.model_validate(line),
        simulated=caller.simulated,
    )
