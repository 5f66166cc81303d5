"""Files of consultations over HTTP: what is allowed, uploading one, fetching one."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.api.consultations import File, Reader, Writer
from app.api.deps import Answer, RuntimeDep
from app.api.problems import responses
from app.errors import Invalid, Malformed, NotFound
from app.sealing import Unsealable
from app.services import attachment_limits, attachments, notes, room, threads
from app.services.attachment_headers import headers_of
from app.services.attachment_kinds import ENDINGS, OPAQUE

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])
FORM = "multipart/form-data"
USES = ("", "link_image")
RAW = {"schema": {"type": "string", "format": "binary"}}
FIELDS = {
    "file": {"type": "string", "format": "binary"},
    "use": {"type": "string", "enum": list(USES), "description": "link_image: of a bubble's link"},
}
SENT = {
    "required": True,
    "content": {FORM: {"schema": {"type": "object", "required": ["file"], "properties": FIELDS}}},
}


class _Form(MultiPartParser):
    """A form kept in memory: nothing of a conversation is written to a disk unsealed."""

    spool_max_size = attachment_limits.MOST + 1


class Limit(BaseModel):
    """What one kind of file may be."""

    kind: str = Field(examples=["image"])
    size: int = Field(description="bytes at most", examples=[5_000_000])
    media_types: list[str] = Field(description="empty: any that neither browser nor computer runs")


class Limits(Answer):
    """What clients check before they send; the same numbers are checked here."""

    text: int = Field(description="characters of an answer", examples=[1_000])
    note: int = Field(description="characters of a note")
    kept_h: int = Field(description="hours an upload waits for the line that takes it")
    files: list[Limit]


class FileAnswer(File, Answer):
    """One file."""


@router.get("/limits", summary="Limits", responses=responses(401, 403))
async def get_limits(runtime: RuntimeDep, caller: Reader) -> Limits:
    """How long texts and how large files may be."""
    return Limits(
        text=attachment_limits.TEXT_LENGTH,
        note=notes.LONGEST,
        kept_h=attachment_limits.KEPT_H,
        files=[
            Limit(kind=one.kind, size=one.size, media_types=list(one.media_types))
            for one in attachment_limits.served(runtime.settings)
        ],
        simulated=caller.simulated,
    )


@router.post(
    "/{thread_id}/attachments",
    summary="Upload a file",
    status_code=201,
    responses=responses(400, 401, 403, 404, 413, 422),
    openapi_extra={"requestBody": SENT},
)
async def upload_attachment(
    request: Request, runtime: RuntimeDep, caller: Writer, thread_id: UUID
) -> FileAnswer:
    """A form with the field `file`; an answer that names its id takes it.

    What it is, is read from its bytes. 413 `attachment_too_large` carries kind and limit in
    `data`. An upload that no line takes within a day is purged.
    """
    async with runtime.database.read() as session:
        await threads.seen(session, caller, thread_id)  # before the file is read
    room.check(runtime)
    form = await _form(request)
    try:
        name, data, use = await _parts(form)
    finally:
        await form.close()
    attachment_limits.insist(data, name, runtime.settings.max_attachment, use)
    async with runtime.database.write() as tx:
        thread = await threads.lock_for(tx, caller, thread_id)
        made = await attachments.add(tx, runtime.sealer, thread, "out", name, data)
    answer = FileAnswer.model_validate(attachments.view(runtime.sealer, made))
    answer.simulated = caller.simulated
    return answer


async def _form(request: Request) -> FormData:
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Malformed(
            "bad_content_type",
            f"Send a form ({FORM}) with the field `file`, not {kind or 'nothing'}.",
            field="file",
            data={"known": [FORM]},
        )
    parser = _Form(request.headers, request.stream(), max_files=1, max_fields=4)
    try:
        return await parser.parse()
    except (MultiPartException, KeyError):  # KeyError: no boundary
        raise Malformed("bad_form", "The form cannot be read. Send one file in it.") from None


async def _parts(form: FormData) -> tuple[str, bytes, str]:
    """Name, bytes and use."""
    file, use = form.get("file"), form.get("use", "")
    if not isinstance(file, UploadFile):
        raise Invalid("attachment_missing", "Send the file in the field `file`.", field="file")
    if use not in USES:
        raise Invalid(
            "bad_use", "`use` is link_image, or left out.", field="use", data={"known": list(USES)}
        )
    return file.filename or "", await file.read(), str(use)


@router.get(
    "/attachments/{attachment_id}",
    summary="Fetch a file",
    response_class=Response,
    responses=responses(401, 403, 404)
    | {200: {"content": dict.fromkeys((*ENDINGS, OPAQUE), RAW), "description": "The file"}},
)
async def get_attachment(runtime: RuntimeDep, caller: Reader, attachment_id: UUID) -> Response:
    """Its bytes. Pictures may be shown; everything else is only to be saved, never opened here.

    To a test key the header `X-Simulated` says `true`.
    """
    async with runtime.database.read() as session:
        found = await attachments.find(session, caller, attachment_id)
        try:
            data = await attachments.read(session, runtime.sealer, found)
        except Unsealable:
            raise NotFound("attachment_gone", "The key of this file was destroyed.") from None
    shown = attachments.view(runtime.sealer, found)
    headers = headers_of(shown) | ({"X-Simulated": "true"} if caller.simulated else {})
    return Response(data, headers=headers, media_type=found.media_type)
