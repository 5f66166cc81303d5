"""Stored pictures as they are shown: measures, uses, and where each stands. Never their bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Picture, PictureUpload, ProviderAccount
from app.services.picture_measures import Facts, Fault, faults, uses
from channels.vocabulary import PictureUse

# a page of them would be tens of megabytes; reading it by mistake is an error
WITHOUT_DATA = defer(Picture.data, raiseload=True)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Given:
    """How a picture stands at one account, for one use."""

    account: str
    mode: str
    use: str
    provider_name: str
    expires_at: datetime | None
    due_at: datetime | None
    error_code: str
    error_text: str

    @property
    def state(self) -> str:
        """``given``, ``trouble`` (it is tried again by itself) or ``waiting``."""
        if self.error_code:
            return "trouble"
        return "given" if self.provider_name else "waiting"


@dataclass(frozen=True, slots=True)
class Shown:
    """A stored picture."""

    id: UUID
    facts: Facts
    created_at: datetime
    given: tuple[Given, ...] = ()

    @property
    def uses(self) -> tuple[PictureUse, ...]:
        """What it is fit for."""
        return uses(self.facts)

    @property
    def faults(self) -> dict[PictureUse, list[Fault]]:
        """Why it is not fit for the others."""
        return {use: found for use in PictureUse if (found := faults(self.facts, use))}


def facts_of(row: Picture) -> Facts:
    """What a row says of its picture."""
    return Facts(
        name=row.name,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        size=row.size,
    )


async def find(
    session: AsyncSession,
    workspace_id: UUID,
    *where: ColumnElement[bool],
    limit: int | None = None,
) -> list[Shown]:
    """Pictures of a workspace that meet these conditions, the oldest first."""
    rows = list(
        await session.exec(
            select(Picture)
            .options(WITHOUT_DATA)
            .where(col(Picture.workspace_id) == workspace_id, *where)
            .order_by(col(Picture.id))
            .limit(limit)
        )
    )
    given = await _given(session, workspace_id, [row.id for row in rows])
    return [
        Shown(row.id, facts_of(row), row.created_at, tuple(given.get(row.id, ()))) for row in rows
    ]


async def _given(
    session: AsyncSession, workspace_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, list[Given]]:
    rows: Any = await session.exec(
        select(PictureUpload, ProviderAccount.name, ProviderAccount.mode)
        .join(ProviderAccount, col(ProviderAccount.id) == col(PictureUpload.account_id))
        .where(
            col(PictureUpload.workspace_id) == workspace_id,
            col(PictureUpload.picture_id).in_(ids),
        )
        .order_by(col(PictureUpload.id))
    )
    found: dict[UUID, list[Given]] = {}
    for row, account, mode in rows.all():
        one = Given(
            account,
            mode,
            row.use,
            row.provider_name,
            row.expires_at,
            row.due_at,
            row.error_code,
            row.error_text,
        )
        found.setdefault(row.picture_id, []).append(one)
    return found
