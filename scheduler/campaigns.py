"""Campaigns: rows become messages chunk by chunk, not faster than their accounts can send."""

from uuid import UUID

from app.crash import crash_at
from app.db.models import Campaign
from app.db.models.fields import now as clock
from app.log import logger
from app.sealing import Unsealable
from app.services import expansion
from app.services.campaigns import caller_of
from app.services.catalogue import Catalogue
from app.services.expansion import Stopped
from app.services.runtime import Runtime

log = logger("campaigns")


class Campaigns:
    """All campaigns in one worker; each due one gets a chunk in turn."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._catalogue = Catalogue(runtime)
        self._cancelled: dict[UUID, UUID] = {}  # how far a pass over what waits has come

    async def turn(self) -> bool:
        """A chunk of every campaign that is due; False when there was nothing to do."""
        async with self.runtime.database.read() as session:
            due = await expansion.due(session, clock())
        moved = [await self._move(campaign) for campaign in due]
        return any(moved)

    async def _move(self, campaign: Campaign) -> bool:
        if campaign.state == "cancelled":
            return await self._cancel(campaign)
        try:
            return await self._expand(campaign)
        except (Stopped, Unsealable) as why:
            reason = str(why) if isinstance(why, Stopped) else "unreadable_rows"
        async with self.runtime.database.write() as tx:
            await expansion.stop(tx, campaign.id, reason)
        log.warning("campaign paused", campaign=str(campaign.id), reason=reason)
        return True

    async def _expand(self, campaign: Campaign) -> bool:
        """One chunk, in one transaction (K09). Raises Stopped, Unsealable."""
        async with self.runtime.database.read() as session:
            caller = await caller_of(session, campaign)
            chunk = await expansion.next_chunk(session, campaign)
            await self.runtime.database.sql.trim(await session.connection())
        if chunk is None:
            async with self.runtime.database.write() as tx:
                await expansion.finish(tx, campaign.id)
            return True
        async with self.runtime.database.read() as session:
            if await expansion.must_wait(
                session, self.runtime, self._catalogue, caller, campaign, clock()
            ):
                return False
        prepared = await expansion.render(
            self.runtime, self._catalogue, caller, campaign, chunk, clock()
        )
        async with self.runtime.database.write() as tx:
            await expansion.take(tx, campaign, chunk, prepared)
            crash_at("K09")
        return True

    async def _cancel(self, campaign: Campaign) -> bool:
        """A page of what still waits; passes are made until one finds nothing."""
        async with self.runtime.database.read() as session:
            caller = await caller_of(session, campaign)
        after = self._cancelled.pop(campaign.id, None)
        last = await expansion.cancel_page(self.runtime, caller, campaign, after)
        if last is not None:
            self._cancelled[campaign.id] = last
        return True
