"""Pictures over HTTP: store, list, look at, fetch, remove."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response, status
from pydantic import BaseModel, Field

from app.api.deps import Answer, PagingDep, RuntimeDep, caller_with
from app.api.problems import responses
from app.errors import Malformed
from app.services import pictures, room
from app.services.attachment_headers import ALONE
from app.services.callers import Caller
from app.services.picture_checks import LONGEST_NAME
from app.services.picture_measures import ENDINGS, file_name
from app.services.picture_views import Shown, facts_of
from templates.parts import PICTURE_NAME

router = APIRouter(prefix="/v1/pictures", tags=["pictures"])
ReaderDep = Annotated[Caller, Depends(caller_with("templates:read"))]
WriterDep = Annotated[Caller, Depends(caller_with("templates:write"))]
NameDep = Annotated[
    str,
    Path(pattern=f"^{PICTURE_NAME}$", max_length=LONGEST_NAME, examples=["sale.jpg"]),
]
RAW = {"schema": {"type": "string", "format": "binary"}}
KINDS = (*ENDINGS, "application/octet-stream")
THERE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The same bytes were there already under this name"}
}
# what a browser may do with a picture: show it, and nothing else


class FaultOut(BaseModel):
    """Why a picture is not fit for a use."""

    measure: str = Field(examples=["ratio"])
    found: str = Field(examples=["800:300"])
    limit: str = Field(examples=["2:1, exactly"])
    remedy: str


class GivenOut(BaseModel):
    """Whether the provider of an account has the picture."""

    account: str = Field(examples=["NHN sandbox"])
    mode: str = Field(examples=["sandbox"])
    use: str = Field(examples=["image"])
    state: str = Field(description="waiting, given, or trouble: then it is tried again by itself")
    provider_name: str
    expires_at: datetime | None = Field(description="when the provider forgets it; null: never")
    due_at: datetime | None = Field(description="when it is given, the next time")
    error_code: str
    error_text: str


class PictureOut(Answer):
    """A stored picture."""

    name: str = Field(examples=["sale.jpg"])
    media_type: str = Field(examples=["image/jpeg"], description="by its own bytes")
    width: int
    height: int
    size: int = Field(description="bytes")
    uses: list[str] = Field(examples=[["image"]], description="what it is fit for")
    faults: dict[str, list[FaultOut]] = Field(description="why not for the other uses")
    given: list[GivenOut]
    created_at: datetime


class PicturesOut(Answer):
    """A page of pictures."""

    items: list[PictureOut]
    next: str | None = Field(description="cursor of the next page, null on the last")


class RemovedOut(Answer):
    """A picture that is gone."""

    name: str


@router.put(
    "/{name}",
    status_code=status.HTTP_201_CREATED,
    summary="Store a picture",
    responses=responses(400, 401, 403, 409, 413, 422) | THERE,
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(KINDS, RAW)}},
)
async def store_picture(
    request: Request, runtime: RuntimeDep, caller: WriterDep, name: NameDep, response: Response
) -> PictureOut:
    """The file itself as the body, JPEG or PNG, at most 600,000 bytes.

    A picture never changes under its name: the same bytes again are 200, others 409. One that is
    fit for no use is 422 `picture_unfit` with every measure in `data.faults`.
    """
    kind = request.headers.get("Content-Type", KINDS[-1]).partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise Malformed(
            "bad_content_type",
            f"Send the file itself as {', '.join(KINDS)}, not as {kind}.",
            data={"known": list(KINDS)},
        )
    room.check(runtime)
    data = await request.body()  # the gate lets no more through than a picture may have
    async with runtime.database.write() as tx:
        shown, is_new = await pictures.store(tx, caller.workspace_id, name, data)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return _out(shown, caller)


@router.get("", summary="List pictures", responses=responses(400, 401, 403, 422))
async def list_pictures(runtime: RuntimeDep, caller: ReaderDep, paging: PagingDep) -> PicturesOut:
    """Pictures with what they are fit for and who has them, the oldest first."""
    async with runtime.database.read() as session:
        rows = await pictures.list_pictures(
            session, caller.workspace_id, paging.after, paging.limit + 1
        )
    page, cursor = paging.cut(rows, lambda shown: shown.id)
    items = [_out(shown, caller) for shown in page]
    return PicturesOut(items=items, next=cursor, simulated=caller.simulated)


@router.get("/{name}", summary="Look at one picture", responses=responses(401, 403, 404))
async def get_picture(runtime: RuntimeDep, caller: ReaderDep, name: NameDep) -> PictureOut:
    """Its measures, what it is fit for, and which accounts' providers have it."""
    async with runtime.database.read() as session:
        return _out(await pictures.get(session, caller.workspace_id, name), caller)


@router.get(
    "/{name}/data",
    summary="Fetch its bytes",
    response_class=Response,
    responses=responses(401, 403, 404)
    | {200: {"content": dict.fromkeys(ENDINGS, RAW), "description": "The picture itself"}},
)
async def get_picture_data(runtime: RuntimeDep, caller: ReaderDep, name: NameDep) -> Response:
    """The file as it was stored. To a test key the header `X-Simulated` says `true`."""
    async with runtime.database.read() as session:
        picture = await pictures.load(session, caller.workspace_id, name)
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(facts_of(picture))}"',
        "Content-Security-Policy": ALONE,
    }
    if caller.simulated:
        headers["X-Simulated"] = "true"
    return Response(picture.data, headers=headers, media_type=picture.media_type)


@router.delete("/{name}", summary="Remove a picture", responses=responses(401, 403, 404, 409))
async def remove_picture(runtime: RuntimeDep, caller: WriterDep, name: NameDep) -> RemovedOut:
    """Only one that no version of a template shows; what providers have of it they keep."""
    async with runtime.database.write() as tx:
        await pictures.remove(tx, caller.workspace_id, name)
    return RemovedOut(name=name, simulated=caller.simulated)


def _out(shown: Shown, caller: Caller) -> PictureOut:
    """A test key sees the sandbox only."""
    facts = shown.facts
    return PictureOut(
        name=facts.name,
        media_type=facts.media_type,
        width=facts.width,
        height=facts.height,
        size=facts.size,
        uses=list(shown.uses),
        faults={
            use: [FaultOut.model_validate(one, from_attributes=True) for one in found]
            for use, found in shown.faults.items()
        },
        given=[
            GivenOut.model_validate(one, from_attributes=True)
            for one in shown.given
            if not caller.simulated or one.mode == caller.mode
        ],
        created_at=shown.created_at,
        simulated=caller.simulated,
    )
