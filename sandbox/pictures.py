"""Pictures that were uploaded: kept for a while, measured, shown at an address of ours."""

import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.store import Store

KEPT = 200  # pictures, the newest; half a megabyte each at most
PATH = "/nhn/pictures/"
PHOTO_PATH = "/consult/photos/"
PHOTOS = "photo"  # the use of what customers send
HUB = "hub"  # the use of what a shop uploads to write it into a chat
JPEG, PNG, GIF = "image/jpeg", "image/png", "image/gif"
ENDINGS = {JPEG: "jpg", PNG: "png", GIF: "gif"}
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_GIF_HEADS = (b"GIF87a", b"GIF89a")
# start-of-frame markers of JPEG that carry the measures
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Measures:
    """Pixels."""

    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """path: where the sandbox shows it."""

    id: int
    name: str
    path: str
    size: int
    created_at: int


@router.get(PATH + "{file}")
@router.get(PHOTO_PATH + "{file}")
async def show(request: Request, file: str) -> Response:
    """The bytes; whoever has the address may see them, as at the provider."""
    store: Store = request.app.state.store
    token = file.rsplit(".", 1)[0]
    row = store.one("SELECT media_type, data FROM picture WHERE token = ?", (token,))
    if row is None:
        return Response(status_code=404)
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=86400"}
    return Response(row["data"], media_type=row["media_type"], headers=headers)


def keep_picture(
    store: Store, owner: tuple[str, str], name: str, media_type: str, data: bytes, kept: int = KEPT
) -> Picture:
    """Keep one of an account (or a phone) for a use (`owner`).

    The oldest ones go: customers' photos never push out what senders uploaded, nor the other way
    round. In a transaction or outside of one.
    """
    token, now = secrets.token_urlsafe(18), store.now()
    made = store.run(
        "INSERT INTO picture (account, use, name, token, media_type, data, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*owner, name, token, media_type, data, now),
    )
    store.run(
        "DELETE FROM picture WHERE (use = ?1) = (?2 = ?1) AND id <= (SELECT id FROM picture"
        " WHERE (use = ?1) = (?2 = ?1) ORDER BY id DESC LIMIT 1 OFFSET ?3)",
        (PHOTOS, owner[1], kept),
    )
    path = _path(token, media_type, PHOTO_PATH if owner[1] in (PHOTOS, HUB) else PATH)
    return Picture(made.lastrowid or 0, name, path, len(data), now)


def find_pictures(store: Store, owner: tuple[str, str], since: int) -> dict[int, Picture]:
    """By id, those of an account for a use made after `since` (ms)."""
    rows = store.all(
        "SELECT id, name, token, media_type, length(data) AS size, created_at FROM picture"
        " WHERE account = ? AND use = ? AND created_at > ?",
        (*owner, since),
    )
    return {
        row["id"]: Picture(
            row["id"],
            row["name"],
            _path(row["token"], row["media_type"], PATH),
            row["size"],
            row["created_at"],
        )
        for row in rows
    }


def stored_bytes(store: Store, tokens: Iterable[str]) -> int:
    """How large those of these pictures are together that are still kept."""
    sql = "SELECT length(data) FROM picture WHERE token = ?"
    return sum(store.number(sql, (token,)) for token in tokens)


def measure(data: bytes, also: tuple[str, ...] = ()) -> Measures | None:
    """What a JPEG or PNG (`also`: GIF) says of itself; None for anything else."""
    if GIF in also and data[:6] in _GIF_HEADS and len(data) >= 10:
        return Measures(GIF, *struct.unpack("<HH", data[6:10]))
    if data.startswith(_PNG_HEAD) and data[12:16] == b"IHDR" and len(data) >= 24:
        return Measures(PNG, *struct.unpack(">II", data[16:24]))
    return _measure_jpeg(data) if data.startswith(b"\xff\xd8") else None


def _measure_jpeg(data: bytes) -> Measures | None:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if marker in _FRAMES:
            if length < 8 or at + 9 > len(data):
                return None
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return Measures(JPEG, width, height)
        at += 2 + length
    return None


def _path(token: str, media_type: str, folder: str) -> str:
    return f"{folder}{token}.{ENDINGS[media_type]}"
