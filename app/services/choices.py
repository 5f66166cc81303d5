"""Templates one may send now, as a form offers them: found by name or code, the newest first."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Template
from app.services import versions
from app.services.callers import Caller

MOST = 30  # offered at a time
PAGE = 100
PAGES = 10  # looked through at most


@dataclass(frozen=True, slots=True)
class Choice:
    """A template in use; ``text``: its wording, unfilled."""

    id: UUID
    code: str
    name: str
    category: str  # info | ad
    number: int  # of the version that is sent
    text: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What is offered; ``more``: there are others, to be found by more words."""

    found: list[Choice]
    more: bool


async def find(session: AsyncSession, caller: Caller, words: str = "") -> Choices:
    """Templates in use in the key's mode whose name or code holds ``words``."""
    query = select(Template).where(
        col(Template.workspace_id) == caller.workspace_id, col(Template.stopped_at).is_(None)
    )
    if words.strip():
        sought = words.strip()
        query = query.where(
            or_(
                col(Template.name).icontains(sought, autoescape=True),
                col(Template.code).icontains(sought, autoescape=True),
            )
        )
    found: list[Choice] = []
    beyond: UUID | None = None
    for _ in range(PAGES):
        page = query if beyond is None else query.where(col(Template.id) < beyond)
        rows = list(await session.exec(page.order_by(col(Template.id).desc()).limit(PAGE)))
        found += await _usable(session, caller, rows)
        if len(found) > MOST or len(rows) < PAGE:
            return Choices(found[:MOST], len(found) > MOST)
        beyond = rows[-1].id
    return Choices(found, more=True)


async def _usable(session: AsyncSession, caller: Caller, rows: list[Template]) -> list[Choice]:
    found = []
    for stored in await versions.read(session, caller.workspace_id, rows):
        used = None if stored.is_being_deleted else stored.in_use(caller.mode)
        if used is not None:
            one, body = stored.template, used.version.body
            text = str(body.get("content", ""))
            found.append(
                Choice(one.id, one.code, one.name, one.category, used.version.number, text)
            )
    return found
