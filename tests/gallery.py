"""A provider that takes pictures as a test says, and a shop whose pictures it is given."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlmodel import col, select, update

from app.db.models import Event, PictureUpload
from app.services import picture_uploads, pictures
from app.services.runtime import Runtime
from channels import management
from channels.management import Uploaded
from channels.vocabulary import PictureUse
from scheduler.pictures import upload_due
from tests.app.api.shop import Shop
from tests.model.dying import Killed
from tests.photos import jpeg

WEEK = timedelta(days=7)


@dataclass
class Gallery:
    """A provider that takes pictures as a test says, and remembers all it ever took."""

    name: str = "scripted"
    taken: list[tuple[PictureUse, management.Picture]] = field(default_factory=list)
    keeps: timedelta | None = None
    url: str = "http://gallery/{n}"
    refuses: Exception | None = None
    dies: bool = False
    runtime: Runtime | None = None

    async def upload(self, use: PictureUse, picture: management.Picture, now: datetime) -> Uploaded:
        if self.runtime is not None:  # a store that is locked would never let this through
            async with asyncio.timeout(60), self.runtime.database.write():
                pass
        if self.refuses is not None:
            raise self.refuses
        self.taken.append((use, picture))
        if self.dies:
            raise Killed
        n = len(self.taken)
        expires_at = None if self.keeps is None else now + self.keeps
        return Uploaded(f"f{n}", self.url.format(n=n), expires_at)


@dataclass
class Place:
    """A shop whose pictures are due at both accounts, each with a provider of its own."""

    runtime: Runtime
    client: httpx.AsyncClient
    shop: Shop
    galleries: dict[UUID, Any]

    @property
    def sandbox(self) -> Gallery:
        found: Gallery = self.galleries[self.shop.accounts["sandbox"].id]
        return found

    async def give(self) -> int:
        return await upload_due(
            self.runtime, self.client, lambda runtime, account, client: self.galleries[account.id]
        )

    async def want(self, name: str, use: PictureUse, *modes: str, data: bytes = b"") -> None:
        """Store a picture and have accounts' providers given it."""
        async with self.runtime.database.write() as tx:
            owner = self.shop.workspace_id
            shown, _ = await pictures.store(tx, owner, name, data or jpeg(800, 400))
            for mode in modes or ("sandbox",):
                account_id = self.shop.accounts[mode].id
                await picture_uploads.want(tx, owner, account_id, {(shown.id, use)})

    async def uploads(self, mode: str = "sandbox") -> list[PictureUpload]:
        async with self.runtime.database.read() as session:
            rows = await session.exec(
                select(PictureUpload)
                .where(col(PictureUpload.account_id) == self.shop.accounts[mode].id)
                .order_by(col(PictureUpload.id))
            )
            return list(rows)

    async def only(self, mode: str = "sandbox") -> PictureUpload:
        (row,) = await self.uploads(mode)
        return row

    async def due(self, **more: Any) -> None:
        async with self.runtime.database.write() as tx:
            values = {"due_at": tx.now - timedelta(seconds=1)} | more
            await tx.session.exec(update(PictureUpload).values(values))

    async def said(self) -> list[str]:
        async with self.runtime.database.read() as session:
            rows = await session.exec(
                select(Event.kind)
                .where(col(Event.kind).startswith("picture."))
                .order_by(col(Event.seq))
            )
            return [kind for kind in rows if kind != "picture.stored"]
