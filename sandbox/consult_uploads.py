"""The hub's uploads: pictures by /v1, files by /v3, under `/consult`.

Wire format: HappyTalk "img_upload" and "Upload/file" (2026-11): multipart with `sender_key`, and
`image`, `image_type` (`link` for a picture over buttons) or `file`, `file_type`; answers have
`code` "0000" with `image`, or with `file`, `name`, `size`; a refusal -505. Sizes: the messenger's
business guide. Our choices: -505 for a wrong format too, -400 for a missing field.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from sandbox.consult import Fault, answer, client_of, need_sender, store_of
from sandbox.hub_files import HUB, LARGEST, keep_file
from sandbox.pictures import GIF, Measures, keep_picture, measure

LARGEST_IMAGE, LARGEST_LINK = 5 * 1024 * 1024, 512 * 1024
NARROWEST = 500  # pixels, of a picture above link buttons
FLATTEST, TALLEST = 2.0, 0.75  # width by height of one
FILE_TYPES = ("file", "audio", "video")
LARGEST_AUDIO = 10 * 1024 * 1024

router = APIRouter(prefix="/consult", include_in_schema=False)


@router.post("/v1/image/upload")
async def upload_image(request: Request) -> Response:
    store = store_of(request)
    client_id = client_of(request, store)
    fields, name, _, data = await _read(request, "image")
    need_sender(store, fields.get("sender_key", ""), client_id)
    found = measure(data, (GIF,))
    if found is None:
        raise Fault("-505", "InvalidImageFormatException")
    _check(found, len(data), fields.get("image_type", ""))
    with store.tx():
        kept = keep_picture(store, (client_id, HUB), name[:200], found.media_type, data)
    return answer({"code": "0000", "image": _base(request) + kept.path})


@router.post("/kakaoWebhook/v3/bzc/file/upload")
async def upload_file(request: Request) -> Response:
    store = store_of(request)
    client_id = client_of(request, store)
    fields, name, media_type, data = await _read(request, "file")
    need_sender(store, fields.get("sender_key", ""), client_id)
    kind = fields.get("file_type") or "file"
    if kind not in FILE_TYPES:
        raise Fault(-400, "InvalidFileTypeException")
    largest = LARGEST_AUDIO if kind == "audio" else LARGEST
    if not data or len(data) > largest:
        raise Fault(-505, "FailedToUploadFileException")
    with store.tx():
        kept = keep_file(store, HUB, name, media_type, data)
    told = {"file": _base(request) + kept.path, "name": kept.name, "size": kept.size}
    return answer({"code": "0000", **told})


def _check(found: Measures, size: int, image_type: str) -> None:
    """Raises Fault -505."""
    link = image_type == "link"
    if size > (LARGEST_LINK if link else LARGEST_IMAGE):
        raise Fault("-505", "InvalidImageSizeException")
    if not link:
        return
    ratio = found.width / max(1, found.height)
    if found.media_type == GIF or found.width < NARROWEST or not TALLEST <= ratio <= FLATTEST:
        raise Fault("-505", "InvalidImageSizeException")


async def _read(request: Request, part: str) -> tuple[dict[str, str], str, str, bytes]:
    """Text fields; name, type and bytes of the file. Raises Fault -400."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Fault(-400, "NotMultipartException")
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            texts = {key: one for key, one in form.multi_items() if isinstance(one, str)}
            file = form.get(part)
            if not isinstance(file, UploadFile):
                raise Fault(-400, f"MissingParameterException: {part}")
            data = await file.read(LARGEST + 1)
            return texts, file.filename or part, file.content_type or "", data
    except HTTPException:
        raise Fault(-400, "MultipartException") from None


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")
