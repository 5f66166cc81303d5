"""How far a campaign is, and which rows of its list are wrong."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Campaign, CampaignMistake
from app.services import counters
from app.services.campaigns import when

SHOWN = (
    "id", "name", "template", "state", "reason", "columns", "rows", "refused", "accepted",
    "skip_refused", "created_at", "started_at", "ended_at",
)  # fmt: skip
GIVEN = ("plan", "priority", "send_at", "expires_at", "send_window")


async def mistakes(session: AsyncSession, campaign: Campaign) -> list[CampaignMistake]:
    """The first wrong rows of its list, in their order."""
    if campaign.upload is None:
        return []
    rows = await session.exec(
        select(CampaignMistake)
        .where(
            col(CampaignMistake.campaign_id) == campaign.id,
            col(CampaignMistake.upload) == campaign.upload,
        )
        .order_by(col(CampaignMistake.row))
    )
    return list(rows)


async def show(session: AsyncSession, campaign: Campaign, now: datetime) -> dict[str, Any]:
    """A campaign as its owner sees it, with what became of its messages so far."""
    ends = await counters.of_campaign(session, campaign)
    ended = sum(ends[name] for name in counters.ENDS)
    return {
        **{name: getattr(campaign, name) for name in SHOWN},
        **{name: campaign.sending.get(name) for name in GIVEN},
        "routes": campaign.sending.get("routes", {}),
        "open": campaign.accepted - ended,
        "ends": {name: ends[name] for name in counters.ENDS},
        "fallback_used": ends["fallback_used"],
        "eta": _eta(campaign, now),
        "simulated": campaign.mode == "sandbox",
    }


def _eta(campaign: Campaign, now: datetime) -> datetime | None:
    """When its last row will have been accepted at the pace so far; None when nobody can say."""
    begun = max(campaign.started_at or now, when(campaign, "send_at") or campaign.created_at)
    left = campaign.rows - campaign.refused - campaign.accepted
    if campaign.state != "running" or not campaign.accepted or now <= begun:
        return None
    return now + timedelta(seconds=(now - begun).total_seconds() * left / campaign.accepted)
