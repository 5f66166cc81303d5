"""What went wrong lately, by reason: counted over the newest messages, never over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import (
    Case,
    Message,
    ProviderAccount,
    Template,
    TemplateRegistration,
    TemplateVersion,
    Thread,
    WebhookEndpoint,
)
from app.ids import made_at
from app.services import parking, searches, threads
from app.services.callers import Caller
from app.services.searches import Asked
from app.services.standing import REPLACED
from app.services.states import MessageStatus, policy

NEWEST = 5_000  # messages that are counted
MOST = 8
PARKED = 100  # parked attempts that are counted
HELD = (MessageStatus.HELD, MessageStatus.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Messages with one reason, or unknown ones. ``tell``: who should hear of it."""

    status: str
    reason: str | None
    count: int
    last_at: datetime
    tell: str  # report | staff | developer | operator


@dataclass(frozen=True, slots=True)
class Troubles:
    """The most urgent first. ``since``: only what was accepted later was counted."""

    found: Sequence[Trouble]
    unknown: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that waits for a person. ``kind``: template | account | parked | webhook."""

    kind: str
    name: str = ""
    code: str = ""
    reason: str = ""
    count: int = 1
    id: UUID | None = None


async def lately(
    session: AsyncSession, caller: Caller, first: date, *, newest: int = NEWEST
) -> Troubles:
    """Over the newest messages accepted since the Korean day ``first``."""
    reach = searches.reach(caller, Asked(first=first))
    edges = select(Message.id).where(*reach).order_by(col(Message.id).desc())
    edge = (await session.exec(edges.offset(newest - 1).limit(1))).first()
    beyond = () if edge is None else (col(Message.id) >= edge,)
    rows = await session.exec(
        select(Message.status, Message.reason, func.count(), func.max(Message.accepted_at))
        .where(*reach, *beyond, col(Message.mode) == caller.mode)
        .group_by(col(Message.status), col(Message.reason))
    )
    unknown, found = 0, []
    for status, reason, count, last_at in rows:
        if status == MessageStatus.UNKNOWN:
            unknown += count
        if (reason or status == MessageStatus.UNKNOWN) and status not in HELD:
            told = policy(reason).tell if reason else "operator"
            found.append(Trouble(status, reason, count, last_at, told))
    found.sort(key=lambda one: (one.tell == "report", -one.count))
    return Troubles(found[:MOST], unknown, None if edge is None else made_at(edge))


async def queue(session: AsyncSession, caller: Caller) -> tuple[int, datetime | None]:
    """Consultations nobody has taken: how many, since when the first waits."""
    rows = await session.exec(
        select(func.count(), func.min(Case.waiting_since))
        .join(Thread, col(Thread.id) == col(Case.thread_id))
        .where(
            col(Case.workspace_id) == caller.workspace_id,
            col(Case.state) == "queued",
            threads.visible(caller),
        )
    )
    count, since = rows.one()
    return count, since


async def decisions(session: AsyncSession, caller: Caller) -> list[Decision]:
    """What waits for somebody of the workspace, in the key's mode."""
    return [
        *await _templates(session, caller),
        *await _accounts(session, caller),
        *await _parked(session, caller),
        *await _webhooks(session, caller),
    ]


async def _templates(session: AsyncSession, caller: Caller) -> list[Decision]:
    """Rejected wordings that no later one has replaced."""
    rows = await session.exec(
        select(Template.code, Template.name, TemplateRegistration.comments)
        .join(TemplateVersion, col(TemplateVersion.id) == col(TemplateRegistration.version_id))
        .join(Template, col(Template.id) == col(TemplateVersion.template_id))
        .join(ProviderAccount, col(ProviderAccount.id) == col(TemplateRegistration.account_id))
        .where(
            col(TemplateRegistration.workspace_id) == caller.workspace_id,
            col(TemplateRegistration.inspection) == "rejected",
            col(TemplateRegistration.action) != REPLACED,
            col(ProviderAccount.mode) == caller.mode,
        )
        .order_by(col(TemplateRegistration.id).desc())
        .limit(MOST)
    )
    found: dict[str, Decision] = {}
    for code, name, comments in rows:
        said = str(comments[-1].get("text", "")) if comments else ""
        found.setdefault(code, Decision("template", name, code, said))
    return list(found.values())


async def _accounts(session: AsyncSession, caller: Caller) -> list[Decision]:
    rows = await session.exec(
        select(ProviderAccount).where(
            col(ProviderAccount.workspace_id) == caller.workspace_id,
            col(ProviderAccount.mode) == caller.mode,
            col(ProviderAccount.state) == "paused",
        )
    )
    return [
        Decision("account", one.name, reason=one.paused_reason or "", id=one.id) for one in rows
    ]


async def _parked(session: AsyncSession, caller: Caller) -> list[Decision]:
    rows = await parking.list_parked(session, caller, None, PARKED)
    return [Decision("parked", count=len(rows), id=rows[0][1].id)] if rows else []


async def _webhooks(session: AsyncSession, caller: Caller) -> list[Decision]:
    rows = await session.exec(
        select(WebhookEndpoint).where(
            col(WebhookEndpoint.workspace_id) == caller.workspace_id,
            col(WebhookEndpoint.mode) == caller.mode,
        )
    )
    return [
        Decision("webhook", one.description, reason=one.reason or "failing", id=one.id)
        for one in rows
        if one.failing_since is not None or (one.state == "disabled" and one.reason)
    ]
