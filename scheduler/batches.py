"""What is in a lot: queued attempts read, checked once more, and cut into calls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, Message, Sender, Template, TemplateRegistration
from app.ids import to_ref
from app.sealing import Unsealable
from app.services import content, devices, pushes
from app.services.calls import Item
from app.services.delivery import read_plan
from app.services.hours import all_of, thaw
from app.services.parking import FAULT, FAULT_ALONE
from app.services.picture_uploads import Want
from app.services.runtime import Runtime
from app.services.states import (
    IN_DOUBT,
    MESSAGE_EXPIRED,
    TEMPLATE_STOPPED,
    UNREADABLE_CONTENT,
    AttemptStatus,
)
from app.services.ways import USABLE
from channels.contract import Outgoing, Route
from channels.vocabulary import Reason
from scheduler.forms import forms
from templates.compiled import CompiledTemplate
from templates.guard import differs
from templates.windows import Window, all_open_at

Load = tuple[Item, Outgoing]
Addresses = Mapping[UUID, tuple[str, str]]  # of devices: kind and address


@dataclass
class Cargo:
    """The queued attempts of a lot: what may leave, what not yet, and what must not and why."""

    ready: list[Load] = field(default_factory=list)
    held: list[tuple[UUID, datetime]] = field(default_factory=list)  # attempt, when it may leave
    refused: list[tuple[Item, AttemptStatus, str]] = field(default_factory=list)
    awaiting: list[tuple[UUID, datetime]] = field(default_factory=list)  # held for their pictures
    wanted: set[Want] = field(default_factory=set)  # pictures the provider is to be given
    differing: dict[UUID, str] = field(default_factory=dict)  # of refused attempts: which part


async def read_lot(
    runtime: Runtime, lot_id: UUID, now: datetime, ad_margin_s: float = 0.0
) -> Cargo:
    """Read the queued attempts of a lot with their frozen contents.

    ``ad_margin_s``: how long before the night advertising leaves last.
    """
    async with runtime.database.read() as session:
        rows = (
            await session.exec(
                select(Attempt, Message)
                .join(Message, col(Message.id) == col(Attempt.message_id))
                .where(col(Attempt.lot_id) == lot_id, col(Attempt.status) == AttemptStatus.QUEUED)
                .order_by(col(Attempt.message_id))
            )
        ).all()
        names = await _names(session, rows)
        approved = await forms(session, {m.version_id for a, m in rows if _is_guarded(a)})
        pushed = {a.device_id for a, _ in rows if a.device_id is not None}
        addresses = await devices.addresses(session, runtime.sealer, pushed)
    cargo = Cargo()
    items = [_item(attempt, message, ad_margin_s) for attempt, message in rows]
    closed = not_now(items, now)
    for (attempt, message), item in zip(rows, items, strict=True):
        refusal = _refusal(names, attempt, message, now)
        if refusal is None and _has_nowhere(addresses, attempt):
            refusal = AttemptStatus.REJECTED, Reason.NOT_REACHABLE
        if refusal is not None:
            cargo.refused.append((item, *refusal))
            continue
        if item.attempt_id in closed and not item.in_doubt:
            cargo.held.append((item.attempt_id, closed[item.attempt_id]))
            continue
        try:
            outgoing = _outgoing(runtime, names, attempt, message, addresses)
        except (Unsealable, KeyError, TypeError):
            cargo.refused.append((item, AttemptStatus.REJECTED, UNREADABLE_CONTENT))
            continue
        if _is_guarded(attempt) and (
            part := _differing(approved.get(message.version_id), outgoing)
        ):
            cargo.refused.append((item, AttemptStatus.REJECTED, Reason.TEMPLATE_MISMATCH))
            cargo.differing[item.attempt_id] = part
            continue
        cargo.ready.append((item, outgoing))
    return cargo


@dataclass(frozen=True)
class _Names:
    senders: dict[UUID, str]
    codes: dict[tuple[UUID, UUID], str]  # (sender, version): what the provider calls it
    usable: set[tuple[UUID, UUID]]  # those that may be sent now
    stopped: set[UUID]  # templates we stopped: nothing of them leaves, by no channel
    templates: dict[UUID, str]  # their codes in the workspace


async def _names(session: AsyncSession, rows: Sequence[tuple[Attempt, Message]]) -> _Names:
    """Sender values, approvals and template codes the lot needs: three small reads."""
    sender_ids = {attempt.sender_id for attempt, _ in rows}
    version_ids = {message.version_id for _, message in rows}
    senders = await session.exec(
        select(Sender.id, Sender.value).where(col(Sender.id).in_(sender_ids))
    )
    found = await session.exec(
        select(
            TemplateRegistration.sender_id,
            TemplateRegistration.version_id,
            TemplateRegistration.code,
            and_(*USABLE),
        ).where(col(TemplateRegistration.version_id).in_(version_ids))
    )
    templates = (
        await session.exec(
            select(Template.id, Template.code, Template.stopped_at).where(
                col(Template.id).in_({message.template_id for _, message in rows})
            )
        )
    ).all()
    registered = {(sender, version): (code, usable) for sender, version, code, usable in found}
    return _Names(
        dict(senders.all()),
        {place: code for place, (code, _) in registered.items()},
        {place for place, (_, usable) in registered.items() if usable},
        {id_ for id_, _, stopped_at in templates if stopped_at is not None},
        {id_: code for id_, code, _ in templates},
    )


def not_now(items: Iterable[Item], now: datetime) -> dict[UUID, datetime]:
    """Which attempts may not leave at this hour, and when they may."""
    known: dict[tuple[Window, ...], datetime | None] = {}  # few differ within a lot
    closed = {}
    for item in items:
        if not item.windows:
            continue
        if item.windows not in known:
            known[item.windows] = all_open_at(item.windows, now)
        opening = known[item.windows]
        if opening is not None:
            closed[item.attempt_id] = opening
    return closed


def in_hours(
    wave: Iterable[Sequence[Load]], now: datetime
) -> tuple[list[list[Load]], list[tuple[UUID, datetime]]]:
    """What of a wave may leave at this hour, and the other attempts with when they may.

    A repeat does not wait: whoever opens its call decides.
    """
    parts = [list(loads) for loads in wave]
    closed = not_now((i for loads in parts for i, _ in loads if not i.in_doubt), now)
    kept = [[load for load in loads if load[0].attempt_id not in closed] for loads in parts]
    return kept, list(closed.items())


def _item(attempt: Attempt, message: Message, ad_margin_s: float) -> Item:
    started, in_doubt = attempt.created_at, attempt.reason == IN_DOUBT
    window = None if in_doubt else thaw(message.send_window)  # the law holds for repeats too
    if message.send_at is not None:
        started = max(started, message.send_at)
    return Item(
        message_id=message.id,
        attempt_id=attempt.id,
        step=attempt.step,
        plan=read_plan(message.plan),
        started_at=started,
        expires_at=message.expires_at,
        tries=attempt.tries,
        priority=message.priority,
        in_doubt=in_doubt,
        alone=attempt.code in (FAULT, FAULT_ALONE),
        windows=all_of(window, message.category, ad_margin_s),
        campaign_id=message.campaign_id,
    )


def _refusal(
    names: _Names, attempt: Attempt, message: Message, now: datetime
) -> tuple[AttemptStatus, str] | None:
    """Why it must not leave any more: checked here because time passes in the queue.

    A repeat may have been taken already: it does not end here, whoever opens its call decides.
    """
    if attempt.reason == IN_DOUBT:
        return None
    if message.expires_at is not None and message.expires_at <= now:
        return AttemptStatus.EXPIRED, MESSAGE_EXPIRED
    place = (attempt.sender_id, message.version_id)
    if message.template_id in names.stopped or (
        attempt.channel == "alimtalk" and place not in names.usable
    ):
        return AttemptStatus.REJECTED, TEMPLATE_STOPPED
    return None


def _is_guarded(attempt: Attempt) -> bool:
    """Whether it must be word for word what a messenger approved.

    Not a repeat in doubt: its first request left with this very content and may have been taken.
    Refused here, its next step would start and the customer get both. Repeated, it is either
    recognised by its reference, whatever it says, or judged by the messenger, which compares too.
    """
    return attempt.channel == "alimtalk" and attempt.reason != IN_DOUBT


def _differing(approved: CompiledTemplate | None, outgoing: Outgoing) -> str | None:
    """Which part is not as approved; all of it where the approved wording cannot be read."""
    return "template" if approved is None else differs(approved, outgoing)


def _has_nowhere(addresses: Addresses, attempt: Attempt) -> bool:
    """A push whose device was removed, or is gone; not one in doubt, as with refusals."""
    return (
        attempt.device_id is not None
        and attempt.device_id not in addresses
        and attempt.reason != IN_DOUBT
    )


def _outgoing(
    runtime: Runtime, names: _Names, attempt: Attempt, message: Message, addresses: Addresses
) -> Outgoing:
    frozen = runtime.sealer.open(content.TABLE, message.workspace_id, message.id, message.sealed)
    plain = content.outgoing(
        frozen,
        attempt.channel,
        attempt.to_name,
        ref=to_ref(attempt.id),
        sender=names.senders[attempt.sender_id],
        template=names.codes.get((attempt.sender_id, message.version_id), ""),
    )
    if attempt.device_id is None:
        return plain
    return pushes.outgoing(
        runtime.sealer,
        runtime.settings,
        plain,
        frozen,
        address=addresses[attempt.device_id],
        message_id=message.id,
        template=names.templates[message.template_id],
        plan=read_plan(message.plan),
        step=attempt.step,
        expires_at=message.expires_at,
    )


def cut(ready: Sequence[Load], route: Route, batch: int) -> list[list[Load]]:
    """Calls: messages that share what the route asks for, at most ``batch`` each.

    One that our adapter may have stumbled over goes alone: it shall not take others with it.
    """
    fields = sorted(route.same)
    groups: dict[tuple[Any, ...], list[Load]] = {}
    for load in ready:
        same = tuple(getattr(load[1], name) for name in fields)
        groups.setdefault((load[0].attempt_id if load[0].alone else None, *same), []).append(load)
    return [
        group[start : start + batch]
        for group in groups.values()
        for start in range(0, len(group), batch)
    ]
