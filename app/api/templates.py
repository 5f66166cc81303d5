"""Templates over HTTP: create, change, list, look at, delete."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Response, status

from app.api.deps import PagingDep, RuntimeDep, caller_with
from app.api.problems import responses
from app.api.template_shapes import (
    TemplateOut,
    TemplatesOut,
    VersionOut,
    VersionsOut,
    modes_of,
    template_out,
    version_out,
)
from app.services import removal, templates
from app.services.actions import Reach
from app.services.callers import Caller

router = APIRouter(prefix="/v1/templates", tags=["templates"])
ReaderDep = Annotated[Caller, Depends(caller_with("templates:read"))]
CodeDep = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,100}$")]
WriterDep = Annotated[Caller, Depends(caller_with("templates:write"))]
SubmitDep = Annotated[bool, Query(description="false keeps a draft, which nobody reviews")]

ORDER = {
    "code": "order_shipped",
    "name": "배송 시작",
    "content": "#{이름}님, 주문하신 #{상품}의 배송이 시작되었습니다.",
    "buttons": [{"kind": "DS", "name": "배송 조회"}],
}
THERE: dict[int | str, dict[str, Any]] = {
    200: {"description": "It was there already, with the same content"}
}
GONE: dict[int | str, dict[str, Any]] = {
    202: {"description": "Its providers are asked to delete it first", "model": TemplateOut},
    204: {"description": "It is gone"},
}


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
    submit: SubmitDep = True,
) -> TemplateOut:
    """Store a template and submit it at every Alimtalk sender this key may reach.

    A test key submits in the sandbox only. Creating the same content again is no error; other
    content is the next version, by PUT. All findings of a refused template are in
    `data.findings`, in Korean and English.
    """
    async with runtime.database.write() as tx:
        stored = await templates.create(
            tx, caller.workspace_id, data, modes_of(caller), submit=submit
        )
    if not stored.is_new:
        response.status_code = status.HTTP_200_OK
    return template_out(stored, caller)


@router.get("", summary="List templates", responses=responses(400, 401, 403, 422))
async def list_templates(runtime: RuntimeDep, caller: ReaderDep, paging: PagingDep) -> TemplatesOut:
    """Templates with how they stand at each account, the oldest first."""
    async with runtime.database.read() as session:
        rows = await templates.list_templates(
            session, caller.workspace_id, paging.after, paging.limit + 1
        )
    page, cursor = paging.cut(rows, lambda stored: stored.template.id)
    items = [template_out(stored, caller) for stored in page]
    return TemplatesOut(items=items, next=cursor, simulated=caller.simulated)


@router.get("/{code}", summary="Look at one template", responses=responses(401, 403, 404))
async def get_template(runtime: RuntimeDep, caller: ReaderDep, code: CodeDep) -> TemplateOut:
    """One template, its wording, and how it stands at each account."""
    async with runtime.database.read() as session:
        stored = await templates.get(session, caller.workspace_id, code)
    return template_out(stored, caller)


@router.put(
    "/{code}",
    summary="Give a template another wording",
    responses=responses(400, 401, 403, 404, 409, 413, 422),
)
async def put_template(
    runtime: RuntimeDep,
    caller: WriterDep,
    code: CodeDep,
    data: Annotated[dict[str, Any], Body(examples=[ORDER])],
    submit: SubmitDep = True,
) -> TemplateOut:
    """The next version, reviewed while the one in use stays in use; a draft is replaced.

    Messages that were accepted already leave with the version they were accepted with. The same
    content changes nothing. The code never changes.
    """
    async with runtime.database.write() as tx:
        stored = await templates.put(
            tx, caller.workspace_id, code, data, modes_of(caller), submit=submit
        )
    return template_out(stored, caller)


@router.delete(
    "/{code}",
    summary="Delete a template that was never approved",
    status_code=status.HTTP_204_NO_CONTENT,
    response_model=None,
    responses=responses(401, 403, 404, 409) | GONE,
)
async def delete_template(
    runtime: RuntimeDep, caller: WriterDep, code: CodeDep, response: Response
) -> TemplateOut | None:
    """Drafts and rejected ones only: what was approved can be stopped.

    204 when it is gone. Where its provider must be asked first: 202, and `template.deleted` later.
    """
    async with runtime.database.write() as tx:
        stored = await removal.remove(tx, caller.workspace_id, code, Reach(modes_of(caller)))
    if stored is None:
        return None
    response.status_code = status.HTTP_202_ACCEPTED
    return template_out(stored, caller)


@router.get("/{code}/versions", summary="List versions", responses=responses(401, 403, 404))
async def list_versions(runtime: RuntimeDep, caller: ReaderDep, code: CodeDep) -> VersionsOut:
    """All versions with their wordings and reviews, the newest first."""
    async with runtime.database.read() as session:
        stored = await templates.get(session, caller.workspace_id, code)
    items = [version_out(one, caller) for one in stored.versions]
    return VersionsOut(items=items, simulated=caller.simulated)


@router.get(
    "/{code}/versions/{number}",
    summary="Look at one version",
    responses=responses(401, 403, 404, 422),
)
async def get_version(
    runtime: RuntimeDep,
    caller: ReaderDep,
    code: CodeDep,
    number: Annotated[int, Path(ge=1, le=1_000_000)],
) -> VersionOut:
    """One version, its wording, and how it stands at each account."""
    async with runtime.database.read() as session:
        stored = await templates.get(session, caller.workspace_id, code)
    return version_out(stored.numbered(number), caller)
