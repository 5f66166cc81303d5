"""Campaigns for tests: made, filled and expanded through the services themselves."""

from collections.abc import AsyncIterator, Iterable
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.db.models import Campaign, CampaignChunk, CampaignMistake, Message
from app.services import campaigns
from app.services.campaigns import NewCampaign
from app.services.catalogue import Catalogue
from app.services.uploads import Upload
from scheduler.campaigns import Campaigns
from tests.engine import FORM, Engine

HEADING = "to,주문번호,reference\n"


def rows(count: int, start: int = 0) -> str:
    """Right rows, one number each."""
    return "".join(f"010-{i // 10_000:04d}-{i % 10_000:04d},A-{i},R-{i}\n"
                   for i in range(20_000_000 + start, 20_000_000 + start + count))  # fmt: skip


async def pieces(text: str | bytes, size: int = 1_000) -> AsyncIterator[bytes]:
    """A body as it comes."""
    data = text.encode() if isinstance(text, str) else text
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def make(eng: Engine, **more: Any) -> UUID:
    """A draft."""
    new = NewCampaign(**({"name": "11월", "template": FORM["code"]} | more))
    async with eng.runtime.database.write() as tx:
        return (await campaigns.create(tx, Catalogue(eng.runtime), eng.caller, new)).id


async def fill(
    eng: Engine,
    id_: UUID,
    text: str | bytes,
    *,
    encoding: str | None = None,
    allow_duplicates: bool = False,
) -> Upload:
    """Upload its list."""
    catalogue = Catalogue(eng.runtime)
    upload = await campaigns.begin_upload(
        eng.runtime, catalogue, eng.caller, id_, allow_duplicates=allow_duplicates
    )
    await upload.receive(pieces(text), encoding)
    async with eng.runtime.database.write() as tx:
        await campaigns.finish_upload(tx, eng.caller, upload)
    return upload


async def begin(eng: Engine, id_: UUID, *, skip_refused: bool = False) -> None:
    """Start it."""
    async with eng.runtime.database.write() as tx:
        await campaigns.start(
            tx, Catalogue(eng.runtime), eng.caller, id_, skip_refused=skip_refused
        )


async def running(eng: Engine, text: str, **more: Any) -> UUID:
    """A campaign that has just been started."""
    id_ = await make(eng, **more)
    await fill(eng, id_, text)
    await begin(eng, id_)
    return id_


async def expand(eng: Engine) -> None:
    """Let the scheduler's part work until nothing is due."""
    turns = Campaigns(eng.runtime)
    while await turns.turn():
        pass


async def campaign(eng: Engine, id_: UUID) -> Campaign:
    """As it is stored."""
    async with eng.runtime.database.read() as session:
        return await campaigns.find(session, eng.caller, id_)


async def chunks(eng: Engine) -> list[CampaignChunk]:
    """All of them."""
    async with eng.runtime.database.read() as session:
        found = await session.exec(
            select(CampaignChunk).order_by(col(CampaignChunk.upload), col(CampaignChunk.number))
        )
        return list(found)


async def mistakes(eng: Engine) -> list[tuple[int, str, str]]:
    """(row, code, field) of all."""
    async with eng.runtime.database.read() as session:
        found = await session.exec(select(CampaignMistake).order_by(col(CampaignMistake.row)))
        return [(one.row, one.code, one.field) for one in found]


async def messages(eng: Engine) -> list[Message]:
    """All of them, in their order."""
    async with eng.runtime.database.read() as session:
        return list(await session.exec(select(Message).order_by(col(Message.id))))


def references(found: Iterable[Message]) -> list[str | None]:
    """Their labels."""
    return [message.reference for message in found]
