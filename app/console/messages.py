"""The list of messages: one box that understands what people have in hand, and filters."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console import statuses
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute
from app.console.render import language_of, page
from app.services import choices, searches
from app.services.explanations import explain
from app.services.logins import Visit
from app.services.searches import Asked, Found

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
Reader = Annotated[Visit, Depends(visit("messages:read"))]
FIELDS = ("q", "template", "status", "reason", "channel", "from", "to")


@router.get("/messages")
async def show_messages(request: Request, runtime: RuntimeDep, who: Reader) -> Response:
    """Newest first; a cursor leads to older ones."""
    given = request.query_params
    asked, wrong = read_asked(given)
    async with runtime.database.read() as session:
        found = (
            Found(()) if wrong else await searches.find(session, runtime.sealer, who.caller, asked)
        )
        offered = await choices.find(session, who.caller)
    language = language_of(request, who)
    values: dict[str, Any] = {
        "here": "messages",
        "given": {name: given.get(name, "") for name in FIELDS},
        "asks": any(given.get(name) for name in FIELDS),
        "narrowed": any(given.get(name) for name in FIELDS[1:]),
        "is_first": "before" not in given,
        "wrong": wrong,
        "found": found,
        "templates": offered.found,
        "states": statuses.MESSAGES,
        "routes": statuses.ROUTES,
        "status": statuses.of_message,
        "route": statuses.route,
        "fallback": statuses.FALLBACK,
        "why": lambda reason: explain(reason, language),
    }
    return await page(request, who, "messages.html", values, 422 if wrong else 200)


def read_asked(given: Mapping[str, str]) -> tuple[Asked, str]:
    """What a query asks for, and the field that cannot be read (empty: all can)."""
    first, last = _day(given.get("from", "")), _day(given.get("to", ""))
    wrong = "from" if isinstance(first, str) else "to" if isinstance(last, str) else ""
    if isinstance(first, date) and isinstance(last, date) and last < first:
        wrong = "to"
    asked = Asked(
        words=given.get("q", "")[: searches.LONGEST],
        template=given.get("template", ""),
        status=given.get("status", ""),
        reason=given.get("reason", ""),
        channel=given.get("channel", ""),
        first=first if isinstance(first, date) else None,
        last=last if isinstance(last, date) else None,
        before=_id(given.get("before", "")),
    )
    return asked, wrong


def _day(text: str) -> date | str | None:
    """None for none; the text itself where it is no day."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return day if 1970 < day.year < 9000 else text


def _id(text: str) -> UUID | None:
    """A cursor that cannot be read begins anew."""
    try:
        return UUID(text)
    except ValueError:
        return None
