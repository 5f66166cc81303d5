"""Which account carries a message: those that can, the healthy ones first, shared by weight.

Accept, later steps and moving ask here and nowhere else.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import ProviderAccount, Sender, TemplateRegistration
from app.db.models.fields import now as clock
from app.services import accounts
from app.services.runtime import Runtime
from channels.vocabulary import Level

# what a plan asks for → what an account may send it as
ROUTES = {"alimtalk": ("alimtalk",), "sms": ("sms", "lms", "mms"), "push": ("push",)}


@dataclass(frozen=True, slots=True)
class Need:
    """What is to be carried. ``version_id``: the template that Alimtalk must have approved.

    ``route``: the one it must leave by, where that is known (a picture needs ``mms``).
    """

    workspace_id: UUID
    mode: str
    channel: str
    version_id: UUID | None = None
    route: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """An account and a sender for one channel, and what its routes can ever report."""

    account_id: UUID
    sender_id: UUID
    levels: frozenset[Level]
    routes: frozenset[str] = frozenset()
    weight: int = 100
    is_ready: bool = True  # neither paused nor broken
    name: str = ""  # the account's


async def ways(session: AsyncSession, runtime: Runtime, need: Need) -> list[Way]:
    """One way for every account that can carry it, the oldest account first."""
    query = (
        select(Sender, ProviderAccount)
        .join(ProviderAccount, col(ProviderAccount.id) == col(Sender.account_id))
        .where(
            col(Sender.workspace_id) == need.workspace_id,
            col(ProviderAccount.workspace_id) == need.workspace_id,
            col(Sender.kind) == need.channel,
            col(Sender.state) == "active",
            col(ProviderAccount.mode) == need.mode,
            col(ProviderAccount.state) != "disabled",
        )
        .order_by(col(ProviderAccount.id), col(Sender.id))
    )
    if need.channel == "alimtalk" and need.version_id is not None:
        query = query.where(
            col(Sender.id).in_(
                select(TemplateRegistration.sender_id).where(
                    col(TemplateRegistration.workspace_id) == need.workspace_id,
                    col(TemplateRegistration.version_id) == need.version_id,
                    *USABLE,
                )
            )
        )
    found: dict[UUID, Way] = {}
    for sender, account in (await session.exec(query)).all():
        if account.id not in found:
            found[account.id] = _way(runtime, sender, account, need.channel)
    return [way for way in found.values() if not need.route or need.route in way.routes]


# a registration that may be sent now
USABLE = (
    col(TemplateRegistration.inspection) == "approved",
    col(TemplateRegistration.usage) != "stopped",
    col(TemplateRegistration.blocked).is_(False),
    col(TemplateRegistration.dormant).is_(False),
)


def choose(
    found: Sequence[Way], until: Level | None = None, but_not: Collection[UUID] = ()
) -> Way | None:
    """One of them, by weight; one that is not ready only where none is.

    An account of weight 0 stands by: it gets something when nobody else can take it. Whoever
    reports as far as the step waits ``until`` is preferred.
    """
    left = [way for way in found if way.account_id not in but_not]
    for is_better in (
        lambda way: until is None or until in way.levels,
        lambda way: way.is_ready,
        lambda way: way.weight > 0,
    ):
        left = [way for way in left if is_better(way)] or left
    if not left:
        return None
    mark = secrets.randbelow(sum(way.weight for way in left) or 1)
    for way in left:
        if mark < way.weight:
            return way
        mark -= way.weight
    return left[0]


async def pick(
    session: AsyncSession,
    runtime: Runtime,
    need: Need,
    until: Level | None = None,
    but_not: Collection[UUID] = (),
) -> Way | None:
    """The way of one message now; None where the workspace has none."""
    return choose(await ways(session, runtime, need), until, but_not)


def is_ready(account: ProviderAccount, now: datetime) -> bool:
    """Whether an account takes calls: not paused, and its breaker not open."""
    over = account.paused_until is not None and account.paused_until <= now
    works = account.state == "active" or (account.state == "paused" and over)
    return works and (account.breaker_until is None or account.breaker_until <= now)


def _way(runtime: Runtime, sender: Sender, account: ProviderAccount, channel: str) -> Way:
    routes = accounts.routes_of(runtime, account)
    names = [name for name in ROUTES.get(channel, ()) if name in routes]
    levels = [routes[name].levels for name in names]
    return Way(
        account_id=account.id,
        sender_id=sender.id,
        levels=frozenset.intersection(*levels) if levels else frozenset(),
        routes=frozenset(names),
        weight=account.weight_now,
        is_ready=is_ready(account, clock()),
        name=account.name,
    )
