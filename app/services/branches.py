"""Who would carry each channel of a plan now, what it would cost, and why nobody can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import col, select

from app.db.models import ProviderAccount
from app.errors import GatewayError
from app.services import counters, planning
from app.services.callers import Caller
from app.services.catalogue import Catalogue
from app.services.drafts import Draft
from app.services.runtime import Runtime
from app.services.ways import Way
from channels.vocabulary import Level
from templates import plan as plans


@dataclass(frozen=True, slots=True)
class Branch:
    """One channel of one step; ``problem``: why accept would refuse it, whatever is said."""

    index: int  # of the step
    branch: int
    step: plans.Step
    channel: plans.Channel
    way: Way | None
    account: ProviderAccount | None
    problem: GatewayError | None
    is_reachable: bool | None  # whether ``until`` can be reported; None: nobody carries the step

    def price(self, route: str | None) -> float | None:
        """What one message costs on a route, in won; None when nobody said."""
        if self.account is None or route is None:
            return None
        return counters.total([counters.price(self.account.prices, route)])


async def branches(
    runtime: Runtime, catalogue: Catalogue, caller: Caller, plan: plans.Plan, draft: Draft
) -> list[Branch]:
    """Every channel of every step, in their order."""
    found: list[Branch] = []
    for index, step in enumerate(plan.steps):
        ways = [await _way(catalogue, caller, c, draft, step.until) for c in step.channels]
        levels = {
            str(channel): way.levels
            for channel, way in zip(step.channels, ways, strict=True)
            if way is not None
        }
        gap = plans.check_levels(plans.Plan((step,)), levels) if levels else None
        late = planning.level_unavailable(replace(gap, index=index)) if gap else None
        for branch, (channel, way) in enumerate(zip(step.channels, ways, strict=True)):
            problem = late if way else _nobody(caller, channel, index, draft)
            is_reachable = gap is None if levels else None
            found.append(Branch(index, branch, step, channel, way, None, problem, is_reachable))
    accounts = await _accounts(runtime, [one.way for one in found if one.way])
    return [replace(o, account=accounts[o.way.account_id]) if o.way else o for o in found]


async def _way(
    catalogue: Catalogue, caller: Caller, channel: plans.Channel, draft: Draft, until: Level
) -> Way | None:
    if channel is plans.Channel.ALIMTALK and not draft.sending.reviewed:
        return None
    return await catalogue.way(caller.workspace_id, caller.mode, channel, draft.sending, until)


def _nobody(caller: Caller, channel: plans.Channel, step: int, draft: Draft) -> GatewayError:
    if channel is plans.Channel.ALIMTALK and not draft.sending.reviewed:
        return draft.refusal or planning.never_reviewed()
    return planning.no_way(caller, channel, step)


async def _accounts(runtime: Runtime, ways: Sequence[Way]) -> Mapping[UUID, ProviderAccount]:
    ids = {way.account_id for way in ways}
    async with runtime.database.read() as session:
        rows = await session.exec(select(ProviderAccount).where(col(ProviderAccount.id).in_(ids)))
        return {account.id: account for account in rows}
