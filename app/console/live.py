"""The console's live view: what changed, as a stream or by asking, and who is in which thread.

Both come from the same numbers with the same words, so a page may change from one to the other at
any moment. Only ids are said: the page fetches what it shows.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from app.console.deps import NotLoggedIn, RuntimeDep, cookie_name, visit
from app.console.forms import PageRoute
from app.services import event_stream, happenings, logins
from app.services.callers import Caller
from app.services.event_stream import EventStream, Reading
from app.services.feed import PAGE, Feed
from app.services.happenings import Happening
from app.services.logins import Visit
from app.services.onlookers import LONGEST_NAME, Word
from app.services.runtime import Runtime

LARGEST = 2**63 - 1
router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
Looker = Annotated[Visit, Depends(visit("consultations:read", busy=False))]
Reader = Annotated[Visit, Depends(visit("consultations:read"))]
Writer = Annotated[Visit, Depends(visit("consultations:write"))]
After = Annotated[int | None, Query(ge=0, le=LARGEST)]
# of an event's own words, those a page finds its rows by
IDS = {
    "thread": "thread_id",
    "message": "chat_message_id",
    "case": "case_id",
    "notice": "message_id",
    "line": "seq",
    "state": "state",
    "status": "status",
    "template": "template",
}


class Typing(BaseModel):
    """What somebody writes; ``gone``: they stopped."""

    model_config = ConfigDict(extra="forbid")
    what: Literal["reply", "note", "gone"]


class Viewing(BaseModel):
    """Whether somebody is in the thread still."""

    model_config = ConfigDict(extra="forbid")
    what: Literal["viewing", "gone"] = "viewing"


def _feed(request: Request) -> Feed:
    feed: Feed = request.app.state.feed
    return feed


@router.get("/live")
async def stream_changes(
    request: Request,
    runtime: RuntimeDep,
    who: Looker,
    after: After = None,
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> Response:
    """Server-sent events ``change``, ``presence``, ``beat``, ``gap``, ``end``: docs/events.md."""
    feed = _feed(request)
    feed.need_room(who.caller)
    token = request.cookies.get(cookie_name(runtime), "")

    async def check() -> Caller:
        found = await logins.find(runtime, token, busy=False)
        if found is None:
            raise NotLoggedIn
        return found.caller

    begin = event_stream.start(last, after)
    return EventStream(feed, Reading(who.caller, begin, _frame, check, presence=True))


@router.get("/changes")
async def list_changes(request: Request, who: Looker, after: After = None) -> dict[str, Any]:
    """The same by asking: ``{"items", "next", "more", "gap", "presence"}``."""
    feed, caller = _feed(request), who.caller
    presence = feed.presence.shown(caller.workspace_id, caller.mode)
    if after is None:
        at = await feed.newest(caller.workspace_id)
        return {"items": [], "next": at, "more": False, "gap": False, "presence": presence}
    news = await feed.page(caller.workspace_id, after, PAGE)
    items = [change(one, data) for one in news.happenings if (data := one.heard_by(caller))]
    return {
        "items": items,
        "next": news.last,
        "more": news.more,
        "gap": news.gap,
        "presence": presence,
    }


@router.post("/threads/{thread_id}/typing", status_code=204)
async def tell_typing(
    request: Request, runtime: RuntimeDep, who: Writer, thread_id: UUID, body: Typing
) -> Response:
    """Somebody writes a reply or a note; gone six seconds after the last time."""
    what = "viewing" if body.what == "gone" else body.what  # who stops writing still looks
    return await _say(request, runtime, who, thread_id, what)


@router.post("/threads/{thread_id}/viewing", status_code=204)
async def tell_viewing(
    request: Request, runtime: RuntimeDep, who: Reader, thread_id: UUID, body: Viewing
) -> Response:
    """Somebody looks at a thread; gone thirty seconds after the last time, or at once."""
    return await _say(request, runtime, who, thread_id, body.what)


async def _say(
    request: Request, runtime: Runtime, who: Visit, thread_id: UUID, what: str
) -> Response:
    """Raises NotFound ``thread_not_found``."""
    async with runtime.database.read() as session:
        mode = await happenings.mode_for(session, who.caller, thread_id)
    name = who.name[:LONGEST_NAME]
    word = Word(who.workspace_id, mode, thread_id, who.staff_id, name, what)
    await _feed(request).presence.say(word)
    return Response(status_code=204)


def change(happening: Happening, data: Mapping[str, Any]) -> dict[str, Any]:
    """``{"seq", "kind", "at"}`` and those of ``IDS`` that the event has."""
    told: dict[str, Any] = {
        "seq": happening.seq,
        "kind": happening.kind,
        "at": happening.at.isoformat(),
    }
    return told | {short: data[name] for short, name in IDS.items() if data.get(name) is not None}


def _frame(happening: Happening, reader: Caller) -> bytes | None:
    data = happening.heard_by(reader)
    if data is None:
        return None

    def make() -> bytes:
        return event_stream.frame("change", change(happening, data), happening.seq)

    return event_stream.once(happening, "console", reader.mode, make)
