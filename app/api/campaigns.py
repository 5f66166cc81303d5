"""Campaigns over HTTP: make, fill with a list, start, watch, pause, cancel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import col, select

from app.api.deps import Answer, Body, Line, PagingDep, RuntimeDep, caller_with
from app.db.models import Campaign
from app.db.models.fields import now as clock
from app.errors import Malformed
from app.services import campaigns, progress, sheets
from app.services.callers import Caller
from app.services.campaigns import NewCampaign
from app.services.catalogue import Catalogue

router = APIRouter(prefix="/v1/campaigns", tags=["Campaigns"])
Writer = Annotated[Caller, Depends(caller_with("messages:write"))]
Reader = Annotated[Caller, Depends(caller_with("messages:read"))]
KINDS = ("text/csv", "application/octet-stream", "text/tab-separated-values", "text/plain")
RAW = {"schema": {"type": "string", "format": "binary"}}


class CampaignIn(Body):
    """One template to a long list; times and window as for a message."""

    name: Line = Field(min_length=1, max_length=100)
    template: Line = Field(min_length=1, max_length=100, examples=["order_shipped"])
    plan: list[dict[str, Any]] | None = None
    priority: Literal["normal", "high"] = "normal"
    send_at: AwareDatetime | None = Field(None, description="its first message is made then")
    expires_at: AwareDatetime | None = None
    send_window: str | dict[str, Any] | None = None
    columns: dict[str, Annotated[str, Field(max_length=100)]] = Field(
        default_factory=dict,
        max_length=100,
        description="column of the file → `to`, `reference` or a variable, where they differ",
    )


class CampaignOut(Answer):
    """A campaign and how far it is."""

    id: UUID
    name: str
    template: str
    state: str = Field(description="draft, ready, running, paused, done or cancelled")
    reason: str = Field(description="why it paused")
    columns: dict[str, str]
    plan: list[dict[str, Any]] | None
    priority: str
    send_at: datetime | None
    expires_at: datetime | None
    send_window: str | dict[str, Any] | None
    rows: int
    refused: int = Field(description="rows that are wrong")
    routes: dict[str, int] = Field(
        description="good rows by how they would leave, each step of the plan counted",
        examples=[{"alimtalk": 9_998, "sms": 9_400, "lms": 598}],
    )
    accepted: int = Field(description="messages made so far")
    open: int
    ends: dict[str, int]
    fallback_used: int
    skip_refused: bool
    eta: datetime | None = Field(description="when the last message will have been made; null: ?")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class CampaignsOut(Answer):
    """One page, newest first."""

    items: list[CampaignOut]
    next: str | None


class UploadOut(CampaignOut):
    """What was read."""

    encoding: str
    delimiter: str


class MistakeOut(BaseModel):
    """A row that is wrong; the first row of the file, which names the columns, is 1."""

    row: int
    code: str
    field: str
    detail: str


class MistakesOut(Answer):
    """The first 10,000, in the order of the file."""

    items: list[MistakeOut]
    refused: int


class StartIn(Body):
    """What the caller accepts."""

    skip_refused: bool = Field(False, description="leave out the rows that are wrong")


@dataclass(frozen=True)
class File:
    """How the list is written; found out where it is not said."""

    encoding: Annotated[
        Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp949"] | None, Query()
    ] = None
    allow_duplicates: Annotated[
        bool, Query(description="a number may be there twice, and gets it twice")
    ] = False


@router.post("", status_code=201, response_model=CampaignOut, summary="Make a campaign")
async def create(
    request: Request, runtime: RuntimeDep, caller: Writer, body: CampaignIn
) -> Mapping[str, Any]:
    """A draft; template, plan, times and window are checked as for a message."""
    async with runtime.database.write() as tx:
        new = NewCampaign(**body.model_dump())
        campaign = await campaigns.create(tx, _catalogue(request), caller, new)
    return await _shown(runtime, campaign)


@router.get("", response_model=CampaignsOut, summary="List campaigns")
async def list_campaigns(runtime: RuntimeDep, caller: Reader, paging: PagingDep) -> Any:
    """Newest first."""
    statement = (
        select(Campaign)
        .where(col(Campaign.workspace_id) == caller.workspace_id, col(Campaign.mode) == caller.mode)
        .order_by(col(Campaign.id).desc())
        .limit(paging.limit + 1)
    )
    if paging.after is not None:
        statement = statement.where(col(Campaign.id) < paging.after)
    async with runtime.database.read() as session:
        found = list(await session.exec(statement))
        page, following = paging.cut(found, lambda campaign: campaign.id)
        items = [await progress.show(session, campaign, clock()) for campaign in page]
    return {"items": items, "next": following, "simulated": caller.simulated}


@router.get("/{campaign_id}", response_model=CampaignOut, summary="Show a campaign")
async def show(campaign_id: UUID, runtime: RuntimeDep, caller: Reader) -> Mapping[str, Any]:
    """Rows, messages made, and what became of them."""
    async with runtime.database.read() as session:
        campaign = await campaigns.find(session, caller, campaign_id)
        return await progress.show(session, campaign, clock())


@router.put(
    "/{campaign_id}/rows",
    response_model=UploadOut,
    summary="Upload its list",
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(KINDS, RAW)}},
)
async def upload(
    campaign_id: UUID,
    request: Request,
    runtime: RuntimeDep,
    caller: Writer,
    file: Annotated[File, Depends()],
) -> Mapping[str, Any]:
    """The file itself as the body, at most `NARU_MAX_UPLOAD` bytes; it replaces an earlier list.

    The first row names the columns: `to`, `reference` (optional) and the template's variables.
    Every row is rendered; wrong ones are counted and named under `/mistakes`.
    """
    going = await campaigns.begin_upload(
        runtime,
        _catalogue(request),
        caller,
        campaign_id,
        allow_duplicates=file.allow_duplicates,
    )
    kind = request.headers.get("Content-Type", KINDS[1]).partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise Malformed(
            "bad_content_type",
            f"Send the file itself as {KINDS[0]} or {KINDS[1]}, not as {kind}.",
            data={"known": list(KINDS)},
        )
    await going.receive(request.stream(), file.encoding)
    async with runtime.database.write() as tx:
        campaign = await campaigns.finish_upload(tx, caller, going)
    shown = await _shown(runtime, campaign)
    return {**shown, "encoding": going.encoding, "delimiter": going.delimiter or ","}


@router.get("/{campaign_id}/mistakes", response_model=MistakesOut, summary="Its wrong rows")
async def show_mistakes(
    campaign_id: UUID,
    runtime: RuntimeDep,
    caller: Reader,
    format: Annotated[Literal["json", "csv"], Query()] = "json",
) -> Any:
    """Row, code and what to do; nothing personal."""
    async with runtime.database.read() as session:
        campaign = await campaigns.find(session, caller, campaign_id)
        found = await progress.mistakes(session, campaign)
    names = tuple(MistakeOut.model_fields)
    items = [{name: getattr(one, name) for name in names} for one in found]
    if format == "csv":
        lines = [sheets.line(names), *(sheets.line(item.values()) for item in items)]
        return Response(sheets.MARK + "".join(lines), media_type="text/csv")
    return {"items": items, "refused": campaign.refused, "simulated": caller.simulated}


@router.post("/{campaign_id}/start", response_model=CampaignOut, summary="Start a campaign")
async def start(
    campaign_id: UUID,
    request: Request,
    runtime: RuntimeDep,
    caller: Writer,
    body: StartIn | None = None,
) -> Mapping[str, Any]:
    """With wrong rows only if they may be left out, else 409 `rows_refused`."""
    async with runtime.database.write() as tx:
        campaign = await campaigns.start(
            tx,
            _catalogue(request),
            caller,
            campaign_id,
            skip_refused=body is not None and body.skip_refused,
        )
    return await _shown(runtime, campaign)


@router.post("/{campaign_id}/pause", response_model=CampaignOut, summary="Pause a campaign")
async def pause(campaign_id: UUID, runtime: RuntimeDep, caller: Writer) -> Mapping[str, Any]:
    """No more messages are made; those made go on."""
    async with runtime.database.write() as tx:
        campaign = await campaigns.pause(tx, caller, campaign_id)
    return await _shown(runtime, campaign)


@router.post("/{campaign_id}/resume", response_model=CampaignOut, summary="Resume a campaign")
async def resume(
    campaign_id: UUID, request: Request, runtime: RuntimeDep, caller: Writer
) -> Mapping[str, Any]:
    """With the version of the template that is approved now."""
    async with runtime.database.write() as tx:
        campaign = await campaigns.resume(tx, _catalogue(request), caller, campaign_id)
    return await _shown(runtime, campaign)


@router.post("/{campaign_id}/cancel", response_model=CampaignOut, summary="Cancel a campaign")
async def cancel(campaign_id: UUID, runtime: RuntimeDep, caller: Writer) -> Mapping[str, Any]:
    """No more messages are made, and those that still wait are cancelled."""
    async with runtime.database.write() as tx:
        campaign = await campaigns.cancel(tx, caller, campaign_id)
    return await _shown(runtime, campaign)


async def _shown(runtime: RuntimeDep, campaign: Campaign) -> Mapping[str, Any]:
    async with runtime.database.read() as session:
        return await progress.show(session, campaign, clock())


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue
