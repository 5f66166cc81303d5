"""Photos a customer sends: checked, kept for a while, shown at an address nobody can guess."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from sandbox.inbox import Message
from sandbox.pictures import ENDINGS, GIF, PHOTOS, keep_picture, measure
from sandbox.store import Store
from sandbox.talks import CannotDo, need_writing, show_photos

LARGEST = 5_000_000  # bytes of one, as for pictures of the hub
MOST = 10  # of one message
KEPT = 40  # the newest of all phones
MOST_PIXELS = 20_000  # a side
ROOM_FOR_FIELDS = 100_000  # bytes of a form beside the photos


@dataclass(frozen=True, slots=True)
class Photo:
    """A file as it was handed in: its type is read from its bytes."""

    name: str
    data: bytes


async def read(request: Request) -> tuple[dict[str, str], list[Photo]]:
    """Text fields and the files called `photo` of a multipart form.

    Raises CannotDo: not_a_form (415), too_large (413, also without a length), too_many (422).
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise CannotDo("not_a_form", "multipart/form-data로 보내 주세요", 415)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST * LARGEST + ROOM_FOR_FIELDS:
        raise CannotDo(
            "too_large", f"사진 한 장은 {LARGEST // 1_000_000}MB까지입니다", 413, "photo"
        )
    try:
        async with request.form(max_files=MOST, max_fields=10) as form:
            texts = {key: one for key, one in form.multi_items() if isinstance(one, str)}
            files = [one for one in form.getlist("photo") if isinstance(one, UploadFile)]
            chosen = [one for one in files if one.filename]  # none chosen: one without a name
            return texts, [Photo(f.filename or "", await f.read(LARGEST + 1)) for f in chosen]
    except (HTTPException, ClientDisconnect):
        raise CannotDo("too_many", f"사진은 한 번에 {MOST}장까지 보냅니다", 422, "photo") from None


def send(store: Store, number: str, sender_key: str, photos: Sequence[Photo], base: str) -> Message:
    """The customer sends photos to a channel, all of them in one line.

    base: the address of this sandbox, which the shop is told. Raises CannotDo: empty, too_many,
    too_large, not_a_photo (422, field photo), and as `talks.need_writing`.
    """
    if not photos:
        raise CannotDo("empty", "고른 사진이 없습니다", 422, "photo")
    if len(photos) > MOST:
        raise CannotDo("too_many", f"사진은 한 번에 {MOST}장까지 보냅니다", 422, "photo")
    need_writing(store, number, sender_key)
    types = [_type_of(photo) for photo in photos]
    with store.tx():
        kept = [
            keep_picture(store, (number, PHOTOS), photo.name[:200], kind, photo.data, KEPT)
            for photo, kind in zip(photos, types, strict=True)
        ]
        return show_photos(
            store, number, sender_key, [base.rstrip("/") + picture.path for picture in kept]
        )


def _type_of(photo: Photo) -> str:
    """Raises CannotDo too_large, not_a_photo."""
    if len(photo.data) > LARGEST:
        raise CannotDo(
            "too_large", f"사진 한 장은 {LARGEST // 1_000_000}MB까지입니다", 422, "photo"
        )
    found = measure(photo.data, (GIF,))
    sides = (found.width, found.height) if found else (0, 0)
    if found is None or min(sides) < 1 or max(sides) > MOST_PIXELS:
        names = ", ".join(ENDINGS.values())
        raise CannotDo("not_a_photo", f"읽을 수 있는 사진이 아닙니다 ({names})", 422, "photo")
    return found.media_type
