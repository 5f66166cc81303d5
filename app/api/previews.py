"""Previews over HTTP: what a message or a batch would become; nothing is stored, nothing sent."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.openapi.models import Example
from pydantic import BaseModel, Field

from app.api.batches import BatchRequest
from app.api.deps import Answer, RuntimeDep
from app.api.messages import Lang, Recipient, Sending, Writer
from app.db.models.fields import now as clock
from app.errors import Invalid
from app.services import batch_preview, drafts
from app.services import preview as previews
from app.services.catalogue import Catalogue
from app.services.messages import NewMessage

router = APIRouter(prefix="/v1/messages", tags=["Messages"])

BODY = "template_body"
EXAMPLES: dict[str, Example] = {
    "stored": {
        "summary": "A stored template, approved or not",
        "value": {
            "template": "order_shipped",
            "to": "010-0000-1001",
            "variables": {
                "고객명": "김나루",
                "주문번호": "20260301-0042",
                "상품명": "들기름",
                "택배사": "우체국택배",
                "송장번호": "6012345678901",
            },
        },
    },
    "not stored": {
        "summary": "A wording that is being written",
        "value": {
            "template_body": {
                "code": "order_shipped",
                "name": "배송 시작",
                "content": "[나루상점] #{고객명} 님, 주문 #{주문번호}의 배송이 시작되었습니다.",
                "buttons": [
                    {"kind": "WL", "name": "주문 보기", "url_mobile": "https://shop.example/"}
                ],
            },
            "variables": {"고객명": "김나루", "주문번호": "20260301-0042"},
        },
    },
}


class PreviewRequest(Recipient, Sending):
    """As a message; the recipient may be left out, and a template given that is not stored."""

    template: str = Field("", max_length=100, pattern=r"^[^\x00-\x1f]*$")
    template_body: dict[str, Any] | None = Field(
        None, description="a template as POST /v1/templates takes it, in place of `template`"
    )


class CountOut(BaseModel):
    """How much there is, and how much fits; no limit where none applies."""

    count: int
    limit: int | None


class CountsOut(BaseModel):
    """Characters are Unicode code points; bytes are those of a Korean text message (cp949)."""

    characters: CountOut | None
    bytes: CountOut | None


class ProblemOut(BaseModel):
    """Why the message would be refused: code, field and data as the refusal has them."""

    code: str = Field(examples=["too_long"])
    detail: str
    field: str | None = Field(examples=["sms_text"])
    data: dict[str, Any]


class StepOut(BaseModel):
    """One channel of one step, as it would leave."""

    step: int
    branch: int
    channel: str = Field(examples=["sms"])
    route: str | None = Field(examples=["lms"], description="null where no text can be made")
    to: str = Field(description="`recipient`, or the name of a contact")
    title: str = Field(description="emphasised title, or the subject of an LMS or MMS")
    text: str
    counts: CountsOut
    replaced: list[str] = Field(description="characters an SMS cannot carry, that were replaced")
    account: str | None = Field(description="who would carry it now; null where nobody can")
    price: float | None = Field(description="won, by the account's price list; null without one")
    until: str
    until_reachable: bool | None = Field(description="whether `until` can ever be reported here")
    problem: ProblemOut | None
    bubble: dict[str, Any] | None = Field(
        description="Alimtalk: every part of the bubble, and what a press on each button does"
    )


class FindingOut(BaseModel):
    """One thing to mend in the wording, or worth knowing."""

    field: str
    rule: str
    message_ko: str
    message_en: str
    severity: str
    limit: int | None
    count: int | None
    start: int | None
    end: int | None
    fix_ko: str
    fix_en: str


class PreviewOut(Answer):
    """A message that was not accepted, and was not to be."""

    template: str
    source: str = Field(description="`approved`, `stored` (not approved) or `given`")
    sendable: bool = Field(description="whether POST /v1/messages would take it now")
    problem: ProblemOut | None = Field(description="why not: the first of all reasons")
    send_at: datetime | None
    expires_at: datetime
    steps: list[StepOut]
    findings: list[FindingOut]


class BatchStepOut(BaseModel):
    """One channel of one step; counts are of the messages that are not refused."""

    step: int
    branch: int
    channel: str
    to: str
    account: str | None
    routes: dict[str, int] = Field(examples=[{"sms": 9_400, "lms": 598}])
    prices: dict[str, float | None] = Field(description="won a message, by route")
    cost: float | None = Field(description="won, if every message came so far; null: not known")


class RefusalOut(BaseModel):
    """A message of the batch that would be refused; `index` counts from 0."""

    index: int
    code: str = Field(examples=["too_long"])
    field: str | None = Field(examples=["text"])
    detail: str
    count: int | None = Field(examples=[1_012])
    limit: int | None = Field(examples=[1_000])
    unit: str | None = Field(examples=["characters"])


class BatchPreviewOut(Answer):
    """A batch that was not accepted, and was not to be."""

    messages: int
    refused: int
    steps: list[BatchStepOut]
    first_step_cost: float | None = Field(description="won, if nothing falls back")
    highest_cost: float | None = Field(description="won, if every step is needed")
    refusals: list[RefusalOut] = Field(description="all of them, in the order of the request")


@router.post("/preview", response_model=PreviewOut, summary="Look at a notice before sending it")
async def preview(
    request: Request,
    runtime: RuntimeDep,
    caller: Writer,
    body: Annotated[PreviewRequest, Body(openapi_examples=EXAMPLES)],
    lang: Lang = "ko",
) -> Any:
    """Every step rendered, counted and priced, with the bubble as data. Nothing is stored or sent.

    What is wrong with a text, or that nobody can carry a step, is told in the step it concerns;
    what is wrong with the request itself is refused as POST /v1/messages refuses it.
    """
    if bool(body.template) == (body.template_body is not None):
        raise Invalid(
            "which_template",
            "Give either the code of a stored template in `template`, or a wording in "
            "`template_body`.",
            field="template",
        )
    new = NewMessage(**{n: getattr(body, n) for n in PreviewRequest.model_fields if n != BODY})
    catalogue = _catalogue(request)
    if body.template_body is not None:
        draft = drafts.read(body.template_body)
    else:
        draft = await drafts.find(runtime, catalogue, caller, body.template)
    made = await previews.preview(runtime, catalogue, caller, new, draft, clock())
    return previews.show(made, lang) | {"simulated": caller.simulated}


@router.post(
    "/batch/preview", response_model=BatchPreviewOut, summary="Look at a batch before sending it"
)
async def preview_batch(
    request: Request, runtime: RuntimeDep, caller: Writer, body: BatchRequest
) -> Any:
    """How many go which way, what it costs, and every message that would be refused, with counts.

    The body is that of POST /v1/messages/batch. Nothing is stored or sent, and an
    `Idempotency-Key` has no meaning here.
    """
    shared = {name: getattr(body, name) for name in Sending.model_fields}
    messages = [
        NewMessage(to=one.to, variables=one.variables, reference=one.reference, **shared)
        for one in body.messages
    ]
    made = await batch_preview.preview(runtime, _catalogue(request), caller, messages, clock())
    return made | {"simulated": caller.simulated}


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue
