"""Pictures of the workspace, for the bubbles that show them."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute
from app.console.render import HEADERS
from app.services import pictures
from app.services.logins import Visit

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)


@router.get("/pictures/{name}")
async def show_picture(
    name: str, runtime: RuntimeDep, who: Annotated[Visit, Depends(visit("templates:read"))]
) -> Response:
    """One picture; it never changes under its name, but the next workspace has others."""
    async with runtime.database.read() as session:
        row = await pictures.load(session, who.workspace_id, name)
    headers = {**HEADERS, "Cache-Control": "private, max-age=600"}
    return Response(row.data, media_type=row.media_type, headers=headers)
