"""Chat channels over HTTP: hours, automatic texts, reopening, the aim, the bot."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import ConfigDict, Field

from app.api.consultations import Reader
from app.api.deps import Answer, Body, RuntimeDep, caller_with
from app.api.problems import responses
from app.services import consult_channels
from app.services.callers import Caller
from app.services.consult_channels import ChannelSettings, ChannelView

router = APIRouter(prefix="/v1/consultations/channels", tags=["consultations"])
Admin = Annotated[Caller, Depends(caller_with("admin"))]
WEEK = {"mon": [["09:00", "12:30"], ["13:30", "18:00"]]}


class SettingsBody(Body):
    """How a channel is staffed; times of day in Korea."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)
    weekly: dict[str, Any] = Field(
        default_factory=dict,
        examples=[WEEK],
        description="intervals by `mon` … `sun`; `{}` is always open",
    )
    exceptions: dict[str, Any] = Field(
        default_factory=dict,
        examples=[{"2026-12-25": []}],
        description="intervals of single dates, instead of the weekday's; `[]` is closed",
    )
    automatic: Literal["naru", "hub"] = Field("naru", description="who says the two texts")
    greeting: str = Field("", description="said when a case begins in open hours; empty: nothing")
    away: str = Field("", description="said when it begins outside; `#{여는시각}` is filled in")
    reopen_h: float = Field(24.0, description="a resolved case comes back within it; 0: never")
    first_reply_s: int = Field(300, description="the aim for the first reply, in open time")
    bot_id: UUID | None = Field(None, description="who answers first, while it is active")


class ChannelPart(Body):
    """A chat channel and whether it is open now."""

    sender_id: UUID
    name: str
    mode: str
    settings: SettingsBody
    is_open: bool
    opens_at: datetime | None = Field(description="now, while it is open; null: never")
    closes_at: datetime | None = Field(description="null while closed, and when it never closes")
    updated_at: datetime | None = Field(description="null: nobody changed the defaults")


class ChannelOut(ChannelPart, Answer):
    """One channel."""


class ChannelsOut(Answer):
    """The chat channels the key may see, the oldest first."""

    items: list[ChannelPart]


@router.get("", summary="List chat channels", responses=responses(401, 403))
async def list_channels(runtime: RuntimeDep, caller: Reader) -> ChannelsOut:
    """Senders of kind `chat` with their settings; a test key sees those of the sandbox."""
    async with runtime.database.read() as session:
        found = await consult_channels.list_channels(session, caller)
    items = [ChannelPart.model_validate(_shown(one)) for one in found]
    return ChannelsOut(items=items, simulated=caller.simulated)


@router.get("/{sender_id}", summary="One chat channel", responses=responses(401, 403, 404))
async def get_channel(runtime: RuntimeDep, caller: Reader, sender_id: UUID) -> ChannelOut:
    """Its settings, and when it opens and closes next."""
    async with runtime.database.read() as session:
        found = await consult_channels.channel(session, caller, sender_id)
    return ChannelOut(**_shown(found), simulated=caller.simulated)


@router.put(
    "/{sender_id}", summary="Change a chat channel", responses=responses(401, 403, 404, 422)
)
async def change_channel(
    runtime: RuntimeDep, caller: Admin, sender_id: UUID, body: SettingsBody
) -> ChannelOut:
    """Replaces all settings; what is left out gets its default."""
    settings = ChannelSettings(**body.model_dump())
    async with runtime.database.write() as tx:
        found = await consult_channels.change(tx, caller, sender_id, settings)
    return ChannelOut(**_shown(found), simulated=caller.simulated)


def _shown(found: ChannelView) -> dict[str, Any]:
    return {
        "sender_id": found.sender_id,
        "name": found.name,
        "mode": found.mode,
        "settings": SettingsBody.model_validate(found.settings),
        "is_open": found.is_open,
        "opens_at": found.opens_at,
        "closes_at": found.closes_at,
        "updated_at": found.updated_at,
    }
