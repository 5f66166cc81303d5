"""How a chat channel is staffed: hours, automatic texts, reopening, the aim, its bot.

A channel without settings has those of :class:`ConsultChannel` by default.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from app.db.models import Bot, ConsultChannel, ProviderAccount, Sender, Thread
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.errors import Invalid, NotFound
from app.services import opening
from app.services.callers import Caller
from app.services.clock import korean_time
from app.services.opening import Opening

LONGEST = 1_000  # characters of one line in the chat
OPENS = "#{여는시각}"  # in the away text: when a person will be there
VARIABLE = re.compile(r"#\{[^}]*\}")
UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
WIDEST = "12월 31일 23:59"
LONGEST_REOPEN_H = 24.0 * 30
AIM_S = (30, 86_400)  # of the first reply


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What an operator decides; times of day in Asia/Seoul (see ``opening``)."""

    weekly: dict[str, Any] = field(default_factory=dict)
    exceptions: dict[str, Any] = field(default_factory=dict)
    automatic: str = "naru"  # naru | hub: who says the two texts
    greeting: str = ""
    away: str = ""
    reopen_h: float = 24.0
    first_reply_s: int = 300
    bot_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel, its settings, and whether it is open now. Times are None where never."""

    sender_id: UUID
    name: str
    mode: str
    settings: ChannelSettings
    is_open: bool
    opens_at: datetime | None
    closes_at: datetime | None
    updated_at: datetime | None


async def of(session: AsyncSession, thread: Thread) -> ConsultChannel:
    """The settings of a thread's channel; the defaults, not stored, when it has none."""
    found = await session.get(ConsultChannel, thread.sender_id)
    if found is not None and found.workspace_id == thread.workspace_id:
        return found
    return ConsultChannel(sender_id=thread.sender_id, workspace_id=thread.workspace_id)


def hours_of(channel: ConsultChannel) -> Opening:
    """The channel's hours."""
    return opening.thaw(channel.weekly, channel.exceptions)


async def bot_of(session: AsyncSession, channel: ConsultChannel) -> Bot | None:
    """The bot that answers first on the channel, while it is active."""
    if channel.bot_id is None:
        return None
    statement = select(Bot).where(
        col(Bot.id) == channel.bot_id,
        col(Bot.workspace_id) == channel.workspace_id,
        col(Bot.state) == "active",
    )
    return (await session.exec(statement)).first()


def away_text(channel: ConsultChannel, opens_at: datetime | None) -> str:
    """The away text with the next opening filled in; empty when nobody knows when that is."""
    if OPENS not in channel.away:
        return channel.away
    return channel.away.replace(OPENS, korean_time(opens_at)) if opens_at else ""


async def list_channels(session: AsyncSession, caller: Caller) -> list[ChannelView]:
    """The workspace's chat senders, the oldest first; a test key sees those of the sandbox."""
    rows = await session.exec(_senders(caller).order_by(col(Sender.id)))
    found: Sequence[tuple[Sender, str]] = list(rows)
    settings = await session.exec(
        select(ConsultChannel).where(
            col(ConsultChannel.workspace_id) == caller.workspace_id,
            col(ConsultChannel.sender_id).in_([sender.id for sender, _ in found]),
        )
    )
    by_sender = {one.sender_id: one for one in settings}
    return [_view(sender, mode, by_sender.get(sender.id)) for sender, mode in found]


async def channel(session: AsyncSession, caller: Caller, sender_id: UUID) -> ChannelView:
    """One channel. Raises NotFound."""
    sender, mode = await _one(session, caller, sender_id)
    return _view(sender, mode, await session.get(ConsultChannel, sender_id))


async def change(tx: Tx, caller: Caller, sender_id: UUID, settings: ChannelSettings) -> ChannelView:
    """Replace a channel's settings.

    Raises NotFound, and Invalid ``bad_hours``, ``bad_automatic``, ``too_long``, ``bad_text``,
    ``unknown_variable``, ``bad_reopen``, ``bad_aim``, ``bot_not_found`` that name the field.
    """
    sender, mode = await _one(tx.session, caller, sender_id)
    _check(settings)
    await _check_bot(tx.session, caller, settings.bot_id)
    row = await tx.session.get(ConsultChannel, sender_id)
    if row is None:
        row = ConsultChannel(sender_id=sender_id, workspace_id=caller.workspace_id)
        tx.session.add(row)
    for name in ChannelSettings.__dataclass_fields__:
        setattr(row, name, getattr(settings, name))
    row.updated_at = tx.now
    await tx.session.flush()
    tx.emit(caller.workspace_id, "consult.channel_changed", sender_id)
    tx.wake = True
    return _view(sender, mode, row)


def _senders(caller: Caller) -> Select[Sender, str]:
    statement = (
        select(Sender, col(ProviderAccount.mode))
        .join(ProviderAccount, col(ProviderAccount.id) == col(Sender.account_id))
        .where(col(Sender.workspace_id) == caller.workspace_id, col(Sender.kind) == "chat")
    )
    if caller.only is not None:
        statement = statement.where(col(ProviderAccount.mode) == caller.only)
    return statement


async def _one(session: AsyncSession, caller: Caller, sender_id: UUID) -> tuple[Sender, str]:
    row = (await session.exec(_senders(caller).where(col(Sender.id) == sender_id))).first()
    if row is None:
        raise NotFound("channel_not_found", "There is no such chat channel. List them to find it.")
    return row[0], row[1]


def _view(sender: Sender, mode: str, row: ConsultChannel | None) -> ChannelView:
    kept = row or ConsultChannel(sender_id=sender.id, workspace_id=sender.workspace_id)
    hours, at = hours_of(kept), clock()
    settings = {name: getattr(kept, name) for name in ChannelSettings.__dataclass_fields__}
    return ChannelView(
        sender_id=sender.id,
        name=sender.name or sender.value,
        mode=mode,
        settings=ChannelSettings(**settings),
        is_open=opening.is_open(hours, at),
        opens_at=opening.next_open(hours, at),
        closes_at=opening.next_close(hours, at),
        updated_at=row.updated_at if row else None,
    )


def _check(settings: ChannelSettings) -> None:
    opening.parse(settings.weekly, settings.exceptions)
    if settings.automatic not in ("naru", "hub"):
        raise _bad("bad_automatic", "automatic", "It is naru or hub.")
    _check_text("greeting", settings.greeting, ())
    _check_text("away", settings.away, (OPENS,))
    if not 0 <= settings.reopen_h <= LONGEST_REOPEN_H:
        raise _bad("bad_reopen", "reopen_h", f"Between 0 (never) and {LONGEST_REOPEN_H:.0f} hours.")
    if not AIM_S[0] <= settings.first_reply_s <= AIM_S[1]:
        raise _bad("bad_aim", "first_reply_s", f"Between {AIM_S[0]} and {AIM_S[1]:,} seconds.")


def _check_text(name: str, text: str, known: Sequence[str]) -> None:
    filled = len(text.replace(OPENS, WIDEST))
    if filled > LONGEST:
        raise _bad("too_long", name, f"It has {filled:,} characters, at most {LONGEST:,}.")
    if UNSENDABLE.search(text):
        raise _bad("bad_text", name, "It holds control characters or broken letters.")
    unknown = [one for one in VARIABLE.findall(text) if one not in known]
    if unknown:
        words = f"It may hold {', '.join(known)}." if known else "It has no variables."
        raise _bad("unknown_variable", name, words)


def _bad(code: str, name: str, words: str) -> Invalid:
    return Invalid(code, f"{name}: {words}", field=name)


async def _check_bot(session: AsyncSession, caller: Caller, bot_id: UUID | None) -> None:
    if bot_id is None:
        return
    found = select(Bot.id).where(
        col(Bot.id) == bot_id, col(Bot.workspace_id) == caller.workspace_id
    )
    if (await session.exec(found)).first() is None:
        raise _bad("bot_not_found", "bot_id", "There is no such bot. List them to find its id.")
