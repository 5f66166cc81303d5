"""Templates over HTTP: create, list, look at."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Response, status
from pydantic import Field

from app.api.deps import Answer, PagingDep, RuntimeDep, caller_with
from app.api.problems import responses
from app.services import templates
from app.services.callers import Caller
from app.services.credentials import MODES

router = APIRouter(prefix="/v1/templates", tags=["templates"])
ReaderDep = Annotated[Caller, Depends(caller_with("templates:read"))]
CodeDep = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,100}$")]
WriterDep = Annotated[Caller, Depends(caller_with("templates:write"))]

ORDER = {
    "code": "order_shipped",
    "name": "배송 시작",
    "content": "#{이름}님, 주문하신 #{상품}의 배송이 시작되었습니다.",
    "buttons": [{"kind": "DS", "name": "배송 조회"}],
}
THERE: dict[int | str, dict[str, Any]] = {
    200: {"description": "It was there already, with the same content"}
}


class RegistrationOut(Answer):
    """How the template stands at one account."""

    account: str = Field(examples=["NHN sandbox"])
    mode: str = Field(examples=["sandbox"])
    state: str = Field(
        examples=["in_review"],
        description="draft, refused, registered, in_review, approved, rejected, stopped, "
        "dormant or blocked; only approved ones are sent",
    )
    detail: str
    detail_ko: str
    inspection: str
    usage: str
    blocked: bool
    dormant: bool
    comments: list[str]
    error_code: str
    error_text: str
    checked_at: datetime | None


class TemplateOut(Answer):
    """A template, its newest version and its reviews."""

    code: str = Field(examples=["order_shipped"])
    name: str = Field(examples=["배송 시작"])
    category: str = Field(examples=["info"])
    version: int = Field(examples=[1])
    body: dict[str, Any] = Field(description="the template as it was created")
    created_at: datetime
    registrations: list[RegistrationOut]


class TemplatesOut(Answer):
    """A page of templates."""

    items: list[TemplateOut]
    next: str | None = Field(description="cursor of the next page, null on the last")


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Create a template and have it reviewed",
    responses=responses(400, 401, 403, 409, 413, 422) | THERE,
)
async def create_template(
    runtime: RuntimeDep,
    caller: WriterDep,
    data: Annotated[dict[str, Any], Body(examples=[ORDER])],
    response: Response,
) -> TemplateOut:
    """Store a template and submit it at every Alimtalk sender this key may reach.

    A test key submits in the sandbox only. Creating the same content again is no error. All
    findings of a refused template are in `data.findings`, in Korean and English.
    """
    modes = (caller.mode,) if caller.simulated else MODES
    async with runtime.database.write() as tx:
        stored = await templates.create(tx, caller.workspace_id, data, modes)
    if not stored.is_new:
        response.status_code = status.HTTP_200_OK
    return _out(stored, caller)


@router.get("", summary="List templates", responses=responses(400, 401, 403, 422))
async def list_templates(runtime: RuntimeDep, caller: ReaderDep, paging: PagingDep) -> TemplatesOut:
    """Templates with how they stand at each account, the oldest first."""
    async with runtime.database.read() as session:
        rows = await templates.list_templates(
            session, caller.workspace_id, paging.after, paging.limit + 1
        )
    page, cursor = paging.cut(rows, lambda stored: stored.template.id)
    items = [_out(stored, caller) for stored in page]
    return TemplatesOut(items=items, next=cursor, simulated=caller.simulated)


@router.get("/{code}", summary="Look at one template", responses=responses(401, 403, 404))
async def get_template(runtime: RuntimeDep, caller: ReaderDep, code: CodeDep) -> TemplateOut:
    """One template, its wording, and how it stands at each account."""
    async with runtime.database.read() as session:
        stored = await templates.get(session, caller.workspace_id, code)
    return _out(stored, caller)


def _out(stored: templates.Stored, caller: Caller) -> TemplateOut:
    """A test key sees the sandbox only."""
    return TemplateOut(
        code=stored.template.code,
        name=stored.template.name,
        category=stored.template.category,
        version=stored.version.number,
        body=stored.version.body,
        created_at=stored.template.created_at,
        registrations=[
            RegistrationOut(
                account=one.account.name,
                mode=one.account.mode,
                state=one.standing.state,
                detail=one.standing.detail,
                detail_ko=one.standing.detail_ko,
                inspection=one.registration.inspection,
                usage=one.registration.usage,
                blocked=one.registration.blocked,
                dormant=one.registration.dormant,
                comments=one.registration.comments,
                error_code=one.registration.error_code,
                error_text=one.registration.error_text,
                checked_at=one.registration.checked_at,
                simulated=one.account.mode == "sandbox",
            )
            for one in stored.registered
            if not caller.simulated or one.account.mode == caller.mode
        ],
        simulated=caller.simulated,
    )
