"""What stands around every page: the navigation a role sees, its counts, workspaces to go to."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.console.words import mark
from app.db.models import Case
from app.services import logins
from app.services.logins import Seat, Visit
from app.services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the navigation; it is shown to who has the scope."""

    key: str
    title: str
    icon: str
    href: str
    scope: str


NAVIGATION: Sequence[tuple[str, Sequence[Item]]] = (
    (
        mark("보내기"),
        (
            Item("overview", mark("개요"), "gauge", "/console/overview", "messages:read"),
            Item("messages", mark("메시지"), "msg", "/console/messages", "messages:read"),
            Item("templates", mark("템플릿"), "tpl", "/console/templates", "templates:read"),
        ),
    ),
    (
        mark("상담"),
        (
            Item("inbox", mark("상담함"), "talk", "/console/inbox", "consultations:read"),
            Item("desk", mark("상용구·봇"), "note", "/console/desk", "consultations:write"),
        ),
    ),
    (
        mark("연결"),
        (
            Item("senders", mark("발신 정보"), "id", "/console/senders", "admin"),
            Item("accounts", mark("공급사 계정"), "plug", "/console/accounts", "admin"),
            Item("keys", mark("API 키"), "key", "/console/keys", "admin"),
            Item("members", mark("사람과 역할"), "man", "/console/members", "admin"),
            Item("access", mark("접근 기록"), "log", "/console/access", "admin"),
        ),
    ),
)
ROLE_NAMES = {
    "owner": mark("소유자"),
    "operator": mark("운영 담당"),
    "agent": mark("상담원"),
    "viewer": mark("보기만"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """``counts`` by an item's key; ``lit``: a person is waiting there."""

    sections: Sequence[tuple[str, Sequence[Item]]]
    counts: dict[str, int]
    seats: Sequence[Seat]
    role: str
    sandbox: str


async def frame_of(request: Request, visit: Visit) -> Frame:
    """What this person sees around a page."""
    runtime: Runtime = request.app.state.runtime
    sections = [
        (title, [item for item in items if visit.may(item.scope)]) for title, items in NAVIGATION
    ]
    async with runtime.database.read() as session:
        seats = await logins.seats(session, visit.staff_id)
        counts = {"inbox": await _waiting(session, visit)}
    return Frame(
        [(title, items) for title, items in sections if items],
        counts,
        seats,
        ROLE_NAMES[visit.role],
        runtime.settings.sandbox if runtime.settings.env == "development" else "",
    )


def first_page(visit: Visit) -> str:
    """Where a person begins: the first page they may see."""
    return next(item.href for _, items in NAVIGATION for item in items if visit.may(item.scope))


async def _waiting(session: AsyncSession, visit: Visit) -> int:
    """Cases in the queue, from the few rows of its own index."""
    statement = select(func.count()).where(
        col(Case.workspace_id) == visit.workspace_id,
        col(Case.mode) == visit.mode,
        col(Case.state) == "queued",
    )
    return (await session.exec(statement)).one()
