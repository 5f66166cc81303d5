"""Campaigns: one template to a long list. Made, filled by an upload, started, paused, cancelled.

The scheduler turns their rows into messages: :mod:`app.services.expansion`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import ApiKey, Campaign
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.services import hours, planning, room
from app.services.callers import Caller
from app.services.catalogue import Catalogue, Sending
from app.services.messages import FARTHEST
from app.services.runtime import Runtime
from app.services.uploads import Upload
from templates import plan as plans

FILLABLE = ("draft", "ready")
ENDED = ("done", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCampaign:
    """What a caller asks for."""

    name: str
    template: str
    plan: list[dict[str, Any]] | None = None
    priority: str = "normal"
    send_at: datetime | None = None
    expires_at: datetime | None = None
    send_window: str | dict[str, Any] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


async def create(tx: Tx, catalogue: Catalogue, caller: Caller, new: NewCampaign) -> Campaign:
    """A draft. Raises what the template, the plan, the window and the times are refused for."""
    sending, _ = await _ready(catalogue, caller, new.template, new.plan)
    hours.chosen(new.send_window, sending.send_window, sending.category)
    _check_times(new, tx.now)
    campaign = Campaign(
        workspace_id=caller.workspace_id,
        mode=caller.mode,
        name=new.name,
        template=new.template,
        sending={
            "plan": new.plan,
            "priority": new.priority,
            "send_at": _iso(new.send_at),
            "expires_at": _iso(new.expires_at),
            "send_window": new.send_window,
            "kind": caller.kind,
        },
        columns=dict(new.columns),
        api_key_id=caller.key_id,
        created_at=tx.now,
    )
    tx.session.add(campaign)
    tx.emit(caller.workspace_id, "campaign.created", campaign.id)
    return campaign


async def find(session: AsyncSession, caller: Caller, campaign_id: UUID) -> Campaign:
    """A campaign the key may see. Raises NotFound ``unknown_campaign``."""
    rows = await session.exec(_own(caller, campaign_id))
    return _found(rows.first())


async def lock(tx: Tx, caller: Caller, campaign_id: UUID) -> Campaign:
    """The same, to change it."""
    rows = await tx.session.exec(
        _own(caller, campaign_id).with_for_update().execution_options(populate_existing=True)
    )
    return _found(rows.first())


async def begin_upload(
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    campaign_id: UUID,
    *,
    allow_duplicates: bool,
) -> Upload:
    """An upload for a campaign that may still be filled. Raises NotFound, Refused ``not_open``."""
    async with runtime.database.read() as session:
        campaign = await find(session, caller, campaign_id)
    room.check(runtime)
    _check_fillable(campaign)
    sending, plan = await _ready(catalogue, caller, campaign.template, campaign.sending["plan"])
    return Upload(runtime, caller, campaign, sending, plan, allow_duplicates)


async def finish_upload(tx: Tx, caller: Caller, upload: Upload) -> Campaign:
    """The upload becomes the campaign's, in place of an earlier one."""
    campaign = await lock(tx, caller, upload.campaign.id)
    _check_fillable(campaign)
    campaign.upload, campaign.rows, campaign.refused = upload.id, upload.rows, upload.refused
    campaign.sending = campaign.sending | {"routes": dict(upload.routes)}
    campaign.state, campaign.skip_refused = "ready", False
    tx.emit(campaign.workspace_id, "campaign.filled", campaign.id, rows=upload.rows)
    return campaign


async def start(
    tx: Tx, catalogue: Catalogue, caller: Caller, campaign_id: UUID, *, skip_refused: bool
) -> Campaign:
    """Let it run. Raises Refused ``not_ready``, ``rows_refused``, ``no_rows`` and what the template
    is refused for; its version is frozen now."""
    campaign = await lock(tx, caller, campaign_id)
    if campaign.state != "ready":
        raise _state(campaign, "not_ready", "Upload its rows first; it starts once.")
    if campaign.refused and not skip_refused:
        raise Refused(
            "rows_refused",
            f"{campaign.refused} of {campaign.rows} rows are wrong. Look at its mistakes and "
            'upload a mended list, or start with {"skip_refused": true}.',
            field="skip_refused",
            data={"rows": campaign.rows, "refused": campaign.refused},
        )
    if campaign.refused == campaign.rows:
        raise Refused("no_rows", "Every row is wrong, so there is nothing to send.")
    await freeze(catalogue, caller, campaign)
    send_at = when(campaign, "send_at")
    campaign.state, campaign.skip_refused = "running", skip_refused
    campaign.started_at, campaign.due_at = tx.now, max(send_at or tx.now, tx.now)
    tx.emit(campaign.workspace_id, "campaign.started", campaign.id)
    tx.wake = True
    return campaign


async def freeze(catalogue: Catalogue, caller: Caller, campaign: Campaign) -> None:
    """Remember which version of the template it sends. Raises as a message would."""
    sending, _ = await _ready(catalogue, caller, campaign.template, campaign.sending["plan"])
    campaign.sending = campaign.sending | {"version": str(sending.version_id)}


async def pause(tx: Tx, caller: Caller, campaign_id: UUID) -> Campaign:
    """Make no more messages of it; those made go on. Twice is harmless."""
    campaign = await lock(tx, caller, campaign_id)
    if campaign.state == "running":
        halt(tx, campaign, "by a person")
    elif campaign.state != "paused":
        raise _state(campaign, "not_running", "Only a running one can be paused.")
    return campaign


def halt(tx: Tx, campaign: Campaign, reason: str) -> None:
    """A running campaign pauses, and says why."""
    campaign.state, campaign.reason, campaign.due_at = "paused", reason, None
    tx.emit(campaign.workspace_id, "campaign.paused", campaign.id, reason=reason)


async def resume(tx: Tx, catalogue: Catalogue, caller: Caller, campaign_id: UUID) -> Campaign:
    """Go on, with the version of the template that is approved now. Twice is harmless."""
    campaign = await lock(tx, caller, campaign_id)
    if campaign.state == "paused":
        await freeze(catalogue, caller, campaign)
        send_at = when(campaign, "send_at")
        campaign.state, campaign.reason = "running", ""
        campaign.due_at = max(send_at or tx.now, tx.now)
        tx.emit(campaign.workspace_id, "campaign.resumed", campaign.id)
        tx.wake = True
    elif campaign.state != "running":
        raise _state(campaign, "not_paused", "Only a paused one can be resumed.")
    return campaign


async def cancel(tx: Tx, caller: Caller, campaign_id: UUID) -> Campaign:
    """End it; the scheduler cancels what of it still waits. Twice is harmless."""
    campaign = await lock(tx, caller, campaign_id)
    if campaign.state == "done":
        raise _state(campaign, "too_late", "All its messages are made; cancel them one by one.")
    if campaign.state != "cancelled":
        campaign.state, campaign.reason = "cancelled", ""
        campaign.ended_at, campaign.due_at = tx.now, tx.now
        tx.emit(campaign.workspace_id, "campaign.cancelled", campaign.id)
        tx.wake = True
    return campaign


def when(campaign: Campaign, name: str) -> datetime | None:
    """One of its times."""
    text = campaign.sending.get(name)
    return datetime.fromisoformat(text) if text else None


async def caller_of(session: AsyncSession, campaign: Campaign) -> Caller:
    """Who started it, as the scheduler needs it; the key may be revoked meanwhile."""
    kind, key_id = str(campaign.sending["kind"]), campaign.api_key_id or campaign.id
    key = await session.get(ApiKey, key_id)
    scopes = frozenset(key.scopes) if key else frozenset()
    return Caller(campaign.workspace_id, key_id, kind, scopes)


def _own(caller: Caller, campaign_id: UUID) -> Any:
    return select(Campaign).where(
        col(Campaign.workspace_id) == caller.workspace_id,
        col(Campaign.mode) == caller.mode,
        col(Campaign.id) == campaign_id,
    )


def _found(campaign: Campaign | None) -> Campaign:
    if campaign is None:
        raise NotFound("unknown_campaign", "No campaign of this workspace has this id.")
    return campaign


async def _ready(
    catalogue: Catalogue, caller: Caller, template: str, plan: object
) -> tuple[Sending, plans.Plan]:
    """The template and the plan, as any message of it would need them."""
    sending = await catalogue.sending(caller.workspace_id, template, caller.mode)
    chosen = planning.plan_of(plan, sending)
    await planning.check(catalogue, caller, chosen, sending)
    planning.contacts(chosen, {})
    return sending, chosen


def _check_times(new: NewCampaign, now: datetime) -> None:
    if new.send_at is not None and new.send_at > now + FARTHEST:
        raise Invalid(
            "send_at_too_far",
            f"send_at may be at most {FARTHEST.days} days ahead.",
            field="send_at",
            data={"limit_days": FARTHEST.days},
        )
    if new.expires_at is not None and new.expires_at <= max(new.send_at or now, now):
        raise Invalid(
            "expires_at_past",
            "expires_at must be later than send_at and than now.",
            field="expires_at",
        )


def _check_fillable(campaign: Campaign) -> None:
    if campaign.state not in FILLABLE:
        raise _state(campaign, "not_open", "Rows can be uploaded until it is started.")


def _state(campaign: Campaign, code: str, words: str) -> Refused:
    return Refused(
        code, f"The campaign is {campaign.state}. {words}", data={"state": campaign.state}
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
