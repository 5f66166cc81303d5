"""A running campaign's rows become messages, a chunk at a time.

A chunk is ``done`` in the very transaction that stores its messages: whoever is killed in between
has done nothing, and nobody does it twice (K09).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Campaign, CampaignChunk, CampaignMistake, Lot, Message
from app.db.session import Tx
from app.errors import GatewayError, NotFound, Refused, Unavailable
from app.ids import first_id
from app.services import hours, planning, room
from app.services.accept import store
from app.services.callers import Caller
from app.services.campaigns import ENDED, halt, when
from app.services.cancel import MAY, cancel
from app.services.catalogue import Catalogue, Sending
from app.services.messages import NewMessage, Prepared, prepare
from app.services.runtime import Runtime
from app.services.uploads import SLICE, TABLE
from templates import windows

MOST_QUEUED = 50_000  # ready at one account: more rows wait in their chunks
SOON = timedelta(hours=1)  # what was not taken is tried again within it
PAGE = 100  # messages cancelled in one transaction
BROKEN = timedelta(hours=6)  # no upload takes longer


class Stopped(Exception):
    """The campaign cannot go on as it is; the text says why, and holds nothing personal."""


async def due(session: AsyncSession, now: datetime) -> list[Campaign]:
    """Campaigns with something to do: rows to send, or messages to cancel."""
    rows = await session.exec(
        select(Campaign).where(col(Campaign.due_at) <= now).order_by(col(Campaign.id)).limit(100)
    )
    return list(rows)


async def next_chunk(session: AsyncSession, campaign: Campaign) -> CampaignChunk | None:
    """Its first chunk that waits."""
    rows = await session.exec(
        select(CampaignChunk)
        .where(
            col(CampaignChunk.campaign_id) == campaign.id,
            col(CampaignChunk.upload) == campaign.upload,
            col(CampaignChunk.state) == "waiting",
        )
        .order_by(col(CampaignChunk.number))
        .limit(1)
    )
    return rows.first()


async def must_wait(
    session: AsyncSession,
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    campaign: Campaign,
    now: datetime,
) -> bool:
    """Whether nothing may be added now: an account of its first step has enough to do, its window
    is closed, or the disk is nearly full. Raises Stopped.
    """
    try:
        sending = await _frozen(catalogue, caller, campaign)
        plan = planning.plan_of(campaign.sending["plan"], sending)
        ways = (await planning.check(catalogue, caller, plan, sending))[0]
    except GatewayError as refusal:
        raise Stopped(refusal.code) from None
    given, category = campaign.sending["send_window"], sending.category
    window = hours.chosen(given, sending.send_window, category)
    every = hours.all_of(window, category, runtime.settings.ad_margin_s)
    if windows.all_open_at(every, now) is not None:
        return True
    try:
        room.check(runtime)
    except Unavailable:
        return True
    sizes = [await _queued(session, way.account_id, now) for way in ways]
    return max(sizes) >= MOST_QUEUED


async def _frozen(catalogue: Catalogue, caller: Caller, campaign: Campaign) -> Sending:
    """The version it was started with, also when a newer one is in use by now.

    Raises Stopped where only another version may be sent, and what the template is refused for.
    """
    of = caller.workspace_id, campaign.template, caller.mode
    try:
        return await catalogue.sending(*of, UUID(campaign.sending["version"]))
    except Refused as refusal:
        if refusal.code != "template_not_approved":
            raise
    await catalogue.sending(*of)
    raise Stopped("template_changed")


async def _queued(session: AsyncSession, account_id: UUID, now: datetime) -> int:
    """Messages an account has to send within the hour; in three looks, each by an index."""
    states = (
        (col(Lot.state) == "ready",),
        (col(Lot.state) == "leased",),
        (col(Lot.state) == "waiting", col(Lot.due_at) <= now + SOON),
    )
    queued = 0
    for state in states:
        size = select(func.sum(Lot.size)).where(col(Lot.account_id) == account_id, *state)
        queued += await session.scalar(size) or 0
    return queued


async def render(
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    campaign: Campaign,
    chunk: CampaignChunk,
    now: datetime,
) -> list[Prepared]:
    """The chunk's messages, ready to be stored. Raises Stopped, Unsealable."""
    opened = runtime.sealer.open(TABLE, chunk.workspace_id, chunk.id, chunk.sealed)
    given = campaign.sending
    shared: dict[str, Any] = {
        "template": campaign.template,
        "plan": given["plan"],
        "priority": given["priority"],
        "expires_at": when(campaign, "expires_at"),
        "send_window": given["send_window"],
        "version_id": UUID(given["version"]),
    }
    made = []
    for index, (row, to, reference, values) in enumerate(opened["rows"]):
        if index % SLICE == SLICE - 1:
            await asyncio.sleep(0)
        variables = dict(zip(opened["names"], values, strict=True))
        new = NewMessage(to=to, variables=variables, reference=reference or None, **shared)
        try:
            one = await prepare(runtime, catalogue, caller, new, now)
        except GatewayError as refusal:
            raise Stopped(f"row {row}: {refusal.code}") from None
        made.append(_of(campaign, one))
    return made


def _of(campaign: Campaign, one: Prepared) -> Prepared:
    """It names its campaign, and takes its turn among the campaign's messages."""
    attempts = tuple(
        replace(attempt, place=replace(attempt.place, flow=str(campaign.id)))
        for attempt in one.attempts
    )
    return replace(one, message=(*one.message[:-1], campaign.id), attempts=attempts)


async def take(
    tx: Tx, campaign: Campaign, chunk: CampaignChunk, prepared: Sequence[Prepared]
) -> bool:
    """Store the messages and close the chunk; False when it may not or need not be any more."""
    current = await _running(tx, campaign.id)
    if current is None or current.upload != chunk.upload:
        return False
    closed: Any = await tx.session.exec(
        update(CampaignChunk)
        .where(
            col(CampaignChunk.campaign_id) == chunk.campaign_id,
            col(CampaignChunk.upload) == chunk.upload,
            col(CampaignChunk.number) == chunk.number,
            col(CampaignChunk.state) == "waiting",
        )
        .values(state="done", sealed=b"")
    )
    if not closed.rowcount:
        return False
    current.accepted += len(prepared)
    await tx.session.flush()
    await store(tx, prepared)
    await tx.sql.trim(tx.conn)
    return True


async def finish(tx: Tx, campaign_id: UUID) -> None:
    """All its rows are messages."""
    campaign = await _running(tx, campaign_id)
    if campaign is not None:
        campaign.state, campaign.due_at, campaign.ended_at = "done", None, tx.now
        tx.emit(campaign.workspace_id, "campaign.done", campaign.id, accepted=campaign.accepted)


async def stop(tx: Tx, campaign_id: UUID, reason: str) -> None:
    """It pauses by itself; a person mends the reason and resumes it."""
    campaign = await _running(tx, campaign_id)
    if campaign is not None:
        halt(tx, campaign, reason)


async def cancel_page(
    runtime: Runtime, caller: Caller, campaign: Campaign, after: UUID | None
) -> UUID | None:
    """Cancel some of what still waits; the last message looked at, None when none was left."""
    start = after or first_id(campaign.started_at or campaign.created_at)
    async with runtime.database.read() as session:
        rows = await session.exec(
            select(Message.id)
            .where(
                col(Message.workspace_id) == campaign.workspace_id,
                col(Message.id) > start,
                col(Message.campaign_id) == campaign.id,
                col(Message.status).in_(MAY),
            )
            .order_by(col(Message.id))
            .limit(PAGE)
        )
        ids = list(rows)
    async with runtime.database.write() as tx:
        for message_id in ids:
            await _cancel(tx, caller, message_id)
        if not ids and after is None:  # a whole pass found nothing
            await tx.session.exec(
                update(Campaign).where(col(Campaign.id) == campaign.id).values(due_at=None)
            )
    return ids[-1] if ids else None


async def _cancel(tx: Tx, caller: Caller, message_id: UUID) -> None:
    try:
        await cancel(tx, caller, message_id)
    except (Refused, NotFound):
        return  # on its way meanwhile


async def _running(tx: Tx, campaign_id: UUID) -> Campaign | None:
    rows = await tx.session.exec(
        select(Campaign)
        .where(col(Campaign.id) == campaign_id, col(Campaign.state) == "running")
        .with_for_update()
    )
    return rows.first()


async def forget(runtime: Runtime, now: datetime, limit: int = 50) -> int:
    """Remove the rows of broken and replaced uploads and of ended campaigns; how many chunks."""
    broken = first_id(now - BROKEN)
    removed = 0
    while True:
        async with runtime.database.write() as tx:
            found = await tx.session.exec(
                select(CampaignChunk.campaign_id, CampaignChunk.upload, CampaignChunk.number)
                .join(Campaign, col(Campaign.id) == col(CampaignChunk.campaign_id))
                .where(
                    or_(
                        col(Campaign.state).in_(ENDED),
                        and_(
                            col(CampaignChunk.upload) < broken,
                            col(Campaign.upload).is_distinct_from(col(CampaignChunk.upload)),
                        ),
                    )
                )
                .limit(limit)
            )
            keys = list(found)
            for campaign_id, upload, number in keys:
                await tx.session.exec(
                    delete(CampaignChunk).where(
                        col(CampaignChunk.campaign_id) == campaign_id,
                        col(CampaignChunk.upload) == upload,
                        col(CampaignChunk.number) == number,
                    )
                )
            if len(keys) < limit:
                await _forget_mistakes(tx, broken)
        removed += len(keys)
        if len(keys) < limit:
            return removed


async def _forget_mistakes(tx: Tx, broken: UUID) -> None:
    current = select(Campaign.id).where(
        col(Campaign.id) == col(CampaignMistake.campaign_id),
        col(Campaign.upload) == col(CampaignMistake.upload),
    )
    await tx.session.exec(
        delete(CampaignMistake).where(col(CampaignMistake.upload) < broken, ~current.exists())
    )
