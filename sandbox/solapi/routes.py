"""All SOLAPI paths, and the answer for those that are not there."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.solapi import channels, files, groups, lists, sending, templates
from sandbox.solapi.wire import not_found

METHODS = ["GET", "POST", "PUT", "DELETE"]

router = APIRouter(include_in_schema=False)
for part in (sending, groups, lists, files, channels, templates):
    router.include_router(part.router)


@router.api_route("/solapi/{path:path}", methods=METHODS)
async def no_such_api(request: Request, path: str) -> Response:
    raise not_found("API")
