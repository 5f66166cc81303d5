"""The desk's pages: one tab each for replies, labels, teams, channels and bots."""

from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.console import render
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute
from app.console.problem_words import explained
from app.console.words import mark
from app.errors import GatewayError
from app.services import bots, canned, consult_channels, labels, presence, teams
from app.services.logins import Visit
from app.services.opening import DAYS
from app.services.runtime import Runtime

router = APIRouter(prefix="/console/desk", include_in_schema=False, route_class=PageRoute)
Writer = Annotated[Visit, Depends(visit("consultations:write"))]
TABS = {
    "canned": mark("상용구"),
    "labels": mark("라벨"),
    "teams": mark("팀"),
    "channels": mark("채널"),
    "bots": mark("봇"),
}
DAY_NAMES = (
    mark("월"),
    mark("화"),
    mark("수"),
    mark("목"),
    mark("금"),
    mark("토"),
    mark("일"),
)
SAMPLE = """[menus.start]
text = "무엇을 도와드릴까요?"
choices = [{ label = "배송", go = "delivery" }]

[menus.delivery]
text = "주문하신 날부터 이틀쯤 걸려요."
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """The form that is open: its row's id or ``new``, what was typed, why it was refused."""

    edit: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    error: GatewayError | None = None


@router.get("")
async def show_desk(
    request: Request,
    runtime: RuntimeDep,
    who: Writer,
    tab: Annotated[str, Query()] = "canned",
    edit: Annotated[str, Query()] = "",
) -> Response:
    """One tab; ``edit``: the row whose form is open."""
    return await desk_page(request, runtime, who, tab, Opened(edit))


async def desk_page(
    request: Request,
    runtime: Runtime,
    who: Visit,
    tab: str,
    opened: Opened,
) -> Response:
    """A tab, or the same with a form that was refused and keeps what was typed."""
    tab = tab if tab in TABS else "canned"
    async with runtime.database.read() as session:
        rows = await _rows(session, runtime, who, tab)
    language, error = render.language_of(request, who), opened.error
    values = {
        "here": "desk",
        "tab": tab,
        "tabs": TABS,
        "edit": opened.edit,
        "given": opened.fields,
        "error": error,
        "why": explained(error, language) if error else "",
        "is_admin": who.may("admin"),
        "days": list(zip(DAYS, DAY_NAMES, strict=True)),
        "opens": consult_channels.OPENS,
        "sample": SAMPLE,
        "hours_text": hours_text,
        "dates_text": dates_text,
    }
    status = error.status if error else 200
    return await render.page(request, who, f"desk_{tab}.html", values | rows, status)


async def _rows(session: AsyncSession, runtime: Runtime, who: Visit, tab: str) -> dict[str, Any]:
    """What a tab lists; the others are not read."""
    if tab == "canned":
        return {"replies": await canned.search(session, who.workspace_id)}
    if tab == "labels":
        return {"labels": await labels.list_labels(session, who.workspace_id)}
    if tab == "teams":
        people = await presence.agents(session, who.caller)
        return {"teams": await teams.list_teams(session, who.caller), "people": people}
    found = await bots.list_bots(session, who.workspace_id)
    shown = [bots.view(runtime.sealer, one) for one in found]
    if tab == "bots":
        return {"bots": shown}
    return {"channels": await consult_channels.list_channels(session, who.caller), "bots": shown}


def hours_text(weekly: dict[str, Any], day: str) -> str:
    """A day's intervals as they are typed: ``09:00-12:00, 13:00-18:00``."""
    return ", ".join(f"{start}-{end}" for start, end in weekly.get(day, []))


def dates_text(exceptions: dict[str, Any]) -> str:
    """Dates with their own hours, a line each: ``2026-12-25 쉼``."""
    rows = [f"{date} {hours_text(exceptions, date)}".strip() for date in sorted(exceptions)]
    return "\n".join(rows)


def read_hours(fields: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Weekly hours and dates from a form; ``always`` has none. Checked by the service."""
    dates: dict[str, Any] = {}
    for row in fields.get("dates", "").splitlines():
        date, _, spans = row.strip().partition(" ")
        if date:
            dates[date] = _spans(spans)
    if fields.get("always") == "1":
        return {}, dates
    return {day: _spans(fields.get(f"h-{day}", "")) for day in DAYS}, dates


def _spans(text: str) -> list[list[str]]:
    parts = [one.strip() for one in text.replace("~", "-").replace("–", "-").split(",")]
    return [[half.strip() for half in one.split("-")] for one in parts if one]


def read_ids(values: list[str]) -> list[UUID]:
    """Ids of a form; what is none is left out."""
    found: list[UUID] = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
