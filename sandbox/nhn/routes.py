"""All NHN paths, and the answer for those that are not there."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn import (
    alimtalk,
    alimtalk_lists,
    attachments,
    comments,
    fallback,
    pictures,
    profiles,
    registration,
    reservations,
    sms,
    sms_lists,
    statistics,
    templates,
)
from sandbox.nhn.wire import biz
from sandbox.nhn.wire import sms as refused_by_sms

METHODS = ["GET", "POST", "PUT", "DELETE"]

router = APIRouter(include_in_schema=False)
PARTS = (alimtalk, alimtalk_lists, templates, comments, profiles, registration, fallback, pictures)
TEXTS = (attachments, sms, sms_lists)
for part in (*PARTS, *TEXTS):
    router.include_router(part.router)
for more in (reservations.alimtalk, reservations.texts, statistics.common, statistics.texts):
    router.include_router(more)


@router.api_route("/nhn/{path:path}", methods=METHODS)
async def no_such_api(request: Request, path: str) -> Response:
    raise refused_by_sms(-9998) if path.startswith("sms/") else biz(-9998)
