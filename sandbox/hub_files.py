"""Files of chats that are no pictures: what the shop uploads to the hub, and what customers send.

Kept for a while, given back at an address nobody can guess, always as a download: nothing of it
is shown, so nothing of it runs.
"""

import secrets
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.store import Store

PATH = "/consult/files/"
KEPT = 60  # the newest of each use
HUB, CUSTOMER = "hub", "customer"  # uploaded by the shop; sent by a customer
LARGEST = 15_000_000  # bytes: the sandbox reads no larger body; the real hub takes 300 MB

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class File:
    """path: where the sandbox gives it back."""

    name: str
    path: str
    size: int


@router.get(PATH + "{token}/{name}")
async def give(request: Request, token: str, name: str) -> Response:
    """The bytes; whoever has the address may have them, as at the messenger."""
    store: Store = request.app.state.store
    row = store.one("SELECT name, media_type, data FROM hub_file WHERE token = ?", (token,))
    if row is None:
        return Response(status_code=404)
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'], safe='')}",
        "Cache-Control": "private, max-age=86400",
    }
    return Response(row["data"], media_type=row["media_type"], headers=headers)


def keep_file(store: Store, use: str, name: str, media_type: str, data: bytes) -> File:
    """Keep one; the oldest of its use goes. In a transaction or outside of one."""
    token = secrets.token_urlsafe(18)
    name = name.replace("\\", "/").rsplit("/", 1)[-1][:200] or "file"
    store.run(
        "INSERT INTO hub_file (use, token, name, media_type, data, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (use, token, name, media_type, data, store.now()),
    )
    store.run(
        "DELETE FROM hub_file WHERE use = ?1 AND id <= (SELECT id FROM hub_file WHERE use = ?1"
        " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        (use, KEPT),
    )
    return File(name, f"{PATH}{token}/{quote(name, safe='')}", len(data))


def keeps(store: Store, url: str) -> bool:
    """Whether a whole address is of something the shop uploaded: a file, or a picture."""
    last = url.split("?", 1)[0].rstrip("/").split("/")
    if len(last) < 2:
        return False
    picture = last[-1].rsplit(".", 1)[0]
    return bool(
        store.number("SELECT 1 FROM hub_file WHERE token = ? AND use = ?", (last[-2], HUB))
        or store.number("SELECT 1 FROM picture WHERE token = ? AND use = ?", (picture, HUB))
    )
