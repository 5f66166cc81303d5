"""The inbox's pages and the parts of them that the page's script swaps."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from app.console import render
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute
from app.console.inbox import column, feed, place, room
from app.console.inbox.place import Place
from app.services import attachment_limits
from app.services.attachments import AttachmentView
from app.services.clock import KST
from app.services.feed import Feed
from app.services.logins import Visit
from app.services.runtime import Runtime

router = APIRouter(prefix="/console/inbox", include_in_schema=False, route_class=PageRoute)
Reader = Annotated[Visit, Depends(visit("consultations:read"))]
Here = Annotated[Place, Depends(place.place)]
PARTS = {
    "columns": "inbox_columns.html",
    "room": "inbox_room.html",
    "feed": "inbox_feed.html",
    "context": "inbox_context.html",
}
ASKS = ("transfer", "snooze", "end", "block")
LARGEST = 2**31 - 1
Number = Annotated[int | None, Query(ge=0, le=LARGEST)]


@router.get("")
async def show_inbox(
    request: Request, runtime: RuntimeDep, who: Reader, here: Here, part: str = ""
) -> Response:
    """The list, nothing open; ``part``: only one column of it."""
    newest = await _newest(request, who)
    async with runtime.database.read() as session:
        values = {
            "newest": newest,
            "queues": await column.queues(session, who),
            "threads": await column.threads(session, runtime, who, here),
        }
    return await _page(request, runtime, who, here, part, {"open": None, **values})


def _shown(before: Number = None, after: Number = None) -> room.Shown:
    return room.Shown(before, after)


@router.get("/{thread_id}")
async def show_room(
    request: Request,
    runtime: RuntimeDep,
    who: Reader,
    here: Here,
    thread_id: UUID,
    shown: Annotated[room.Shown, Depends(_shown)],
) -> Response:
    """One room beside the list; ``?part=`` only one column, ``feed`` only its lines."""
    part = request.query_params.get("part", "")
    newest = await _newest(request, who)  # before the reading: what comes meanwhile is told
    async with runtime.database.read() as session:
        opened = await room.read(session, runtime, who, thread_id, shown, beside=part != "feed")
        values: dict[str, Any] = {"newest": newest, "open": opened, "queues": None, "threads": None}
        if part not in ("feed", "room", "context"):
            values["threads"] = await column.threads(session, runtime, who, here)
        if part != "feed":
            values["queues"] = await column.queues(session, who)
    return await _page(request, runtime, who, here, part, values)


async def _newest(request: Request, who: Visit) -> int:
    """The number of the newest event: the live link begins after it."""
    live: Feed = request.app.state.feed
    return await live.newest(who.workspace_id)


async def _page(
    request: Request,
    runtime: Runtime,
    who: Visit,
    here: Place,
    part: str,
    values: dict[str, Any],
) -> Response:
    asked = request.query_params.get("ask", "")
    side = request.query_params.get("panel", "")
    known = {
        "here": "inbox",
        "rail": True,
        "place": here,
        "titles": place.TITLES,
        "icons": place.ICONS,
        "reasons": feed.REASONS,
        "tie_words": feed.tie_words,
        "clock_of": clock_of,
        "size_of": size_of,
        "tone_of": tone_of,
        "initial": initial,
        "called": partial(called, render.language_of(request, who)),
        "soon_s": room.SOON_S,
        "ask": asked if asked in ASKS else "",
        "panel": side if side in ("context", "more") else "",
        "tab": "note" if request.query_params.get("tab") == "note" else "reply",
        "may_write": who.may("consultations:write"),
        "limits": attachment_limits.served(runtime.settings),
    }
    template = PARTS.get(part, "inbox.html")
    if values["open"] is None and part in ("room", "feed", "context"):
        template = "inbox.html"
    return await render.page(request, who, template, known | values)


def clock_of(at: datetime) -> str:
    """A time of day in Korea: 15:38."""
    return f"{at.astimezone(KST):%H:%M}"


def size_of(file: AttachmentView | Any) -> str:
    """A file's size: 340 KB, 2.4 MB."""
    size = int(file.size)
    if size < 1_000:
        return f"{size} B"
    return f"{size / 1_000:.0f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def tone_of(id_: UUID) -> str:
    """The tint of an avatar: always the same for a thread."""
    return ("a", "b", "c", "d")[id_.bytes[-1] % 4]


def called(language: str, label: str) -> str:
    """A customer's name to show; the service's own word for one without a name, translated."""
    return label.replace("고객 ", "Customer ", 1) if language == "en" else label


def initial(name: str) -> str:
    """What an avatar shows: a name's first letter; nothing of a masked key."""
    first = name.strip()[:1]
    return "" if name.startswith("고객 ") or not first.isalpha() else first
