"""Everything the console adds to the application: its pages and its own files."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from app.console import (
    access_pages,
    account_forms,
    account_pages,
    entry,
    key_pages,
    live,
    member_pages,
    menu,
    message_page,
    messages,
    overview,
    pictures,
    profile_pages,
    sender_pages,
    sending,
    template_new,
    template_pages,
)
from app.console.deps import Anybody
from app.console.desk import acts as desk_acts
from app.console.desk import pages as desk_pages
from app.console.forms import PageRoute
from app.console.inbox import acts, answers, notices, pages
from app.console.render import ROOT
from app.errors import NotFound

FILES = StaticFiles(directory=ROOT / "static")
FILE_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
# acts before pages: /console/inbox/presence is no thread
INBOX = (acts.router, answers.router, notices.router, pages.router)
DESK = (desk_pages.router, desk_acts.router)
PARTS: tuple[APIRouter, ...] = (
    entry.router,
    overview.router,
    messages.router,
    message_page.router,
    pictures.router,
    sending.router,
    template_pages.router,
    template_new.router,
    sender_pages.router,
    account_pages.router,
    account_forms.router,
    key_pages.router,
    member_pages.router,
    profile_pages.router,
    access_pages.router,
    menu.router,
    live.router,
    *INBOX,
    *DESK,
)
# what a reader may change: their own marks, nothing of the workspace's
MILD: frozenset[str] = frozenset(
    {
        "/console/threads/{thread_id}/viewing",
        "/console/messages/{message_id}/number",  # looks at a number, and records who did
    }
)
router = APIRouter(include_in_schema=False)
rest = APIRouter(include_in_schema=False, route_class=PageRoute)


def add_console(app: FastAPI) -> None:
    """Put the console on an application whose ``state.runtime`` is open."""
    app.include_router(router)
    for part in PARTS:
        app.include_router(part)
    app.include_router(rest)


@router.get("/")
async def show_front() -> Response:
    """Whoever types the bare address wants the console."""
    return RedirectResponse("/console")


@rest.get("/console/{path:path}")
async def show_nothing(path: str, who: Anybody) -> Response:
    """Whatever no page is at."""
    raise NotFound("not_found", "There is nothing here. Check the address.")


@router.get("/console/static/{name}")
async def show_file(request: Request, name: str) -> Response:
    response = await FILES.get_response(name, request.scope)
    response.headers.update(FILE_HEADERS)
    return response
