"""Alimtalk v2.3: POST /template-image and /template-image/item-highlight.

Measures as Kakao asks them (github.com/lunasoft-org/kakao-bzm, upload API, 2025-12); NHN's guide
(2026-06) has the calls and the codes, and says nothing of measures.
"""

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from sandbox.nhn.accounts import alimtalk_account, store_of
from sandbox.nhn.wire import answer, biz
from sandbox.pictures import Measures, keep_picture, measure

LARGEST, LARGEST_WORDS = 500 * 1024, "500KB"
ENDINGS = ("jpg", "jpeg", "png")
WIDTH, HIGHLIGHT_WIDTH = 500, 108

router = APIRouter(prefix="/nhn/alimtalk/v2.3/appkeys/{app_key}")


@router.post("/template-image")
async def upload_image(request: Request, app_key: str) -> Response:
    return await _upload(request, app_key, "template", fits_template)


@router.post("/template-image/item-highlight")
async def upload_highlight(request: Request, app_key: str) -> Response:
    return await _upload(request, app_key, "highlight", fits_highlight)


def fits_template(picture: Measures) -> bool:
    """Twice as wide as high, to the pixel."""
    return picture.width >= WIDTH and abs(picture.width - 2 * picture.height) <= 1


def fits_highlight(picture: Measures) -> bool:
    return picture.width >= HIGHLIGHT_WIDTH and picture.width == picture.height


async def _upload(
    request: Request, app_key: str, use: str, fits: Callable[[Measures], bool]
) -> Response:
    """Raises -9996, -4010, -4009, -4007, -8001."""
    account = alimtalk_account(request, app_key)
    name, data = await _file(request)
    if name.rsplit(".", 1)[-1].lower() not in ENDINGS:
        raise biz(-4009)
    if len(data) > LARGEST:
        raise biz(-4007, LARGEST_WORDS)
    measures = measure(data)
    if measures is None or not fits(measures):
        raise biz(-8001)
    owner = (account.app_key, use)
    made = keep_picture(store_of(request), owner, name, measures.media_type, data)
    url = str(request.base_url).rstrip("/") + made.path
    return answer({"templateImage": {"templateImageName": made.name, "templateImageUrl": url}})


async def _file(request: Request) -> tuple[str, bytes]:
    """Name and bytes of the part `file`; a byte more than allowed is read at most."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise biz(-9996)
    try:
        async with request.form(max_files=1, max_fields=5) as form:
            found = form.get("file")
            if isinstance(found, UploadFile) and found.filename:
                return found.filename, await found.read(LARGEST + 1)
    except (HTTPException, ClientDisconnect):
        raise biz(-4010) from None
    raise biz(-4010)
