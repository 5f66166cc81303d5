"""When a message may leave: its send window, and the hours of advertising, checked at dispatch.

What may not leave now goes back into the queue, in a lot that is due when it may, and its message
is ``held``. Nothing else about it changes: its deadlines end it as they would without a window.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import and_, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.config import Settings
from app.db.models import Attempt, Lot, Message
from app.db.session import Tx
from app.errors import Invalid
from app.services import lots
from app.services.lots import Place
from app.services.states import (
    HOLDS,
    IN_DOUBT,
    OUTSIDE_WINDOW,
    PICTURE_AWAITED,
    AttemptStatus,
    MessageStatus,
)
from app.services.transitions import Event, sources, target
from templates import windows
from templates.findings import TemplateProblem
from templates.windows import Window, all_open_at, opens_at

ANY = "any"  # lifts the template's window from one message
AD = "ad"


def chosen(given: object, of_template: Window | None, category: str) -> Window | None:
    """The window a message freezes: the call's own before its template's.

    Raises Invalid ``bad_send_window``.
    """
    if given is None:
        return of_template
    if given == ANY:
        if category == AD:
            raise _bad(
                "send_window",
                "Advertising keeps its template's window. Leave it out, or give another.",
            )
        return None
    try:
        window = windows.parse(given)
    except TemplateProblem as problem:
        found = problem.findings[0]
        raise _bad(found.field, found.message_en) from None
    if windows.is_vain(window, is_ad=category == AD):
        raise _bad("send_window", "It is never open in the hours for advertising (08:00-21:00).")
    return window


def _bad(field: str, words: str) -> Invalid:
    return Invalid("bad_send_window", f"{field}: {words}", field=field)


def freeze(window: Window | None) -> str | None:
    """As it is kept with the message."""
    return None if window is None else orjson.dumps(windows.dump(window)).decode()


@lru_cache(maxsize=4_096)
def thaw(frozen: str | None) -> Window | None:
    """As a message kept it; few differ, so they are read once."""
    return None if frozen is None else windows.parse(orjson.loads(frozen))


def all_of(window: Window | None, category: str, ad_margin_s: float) -> tuple[Window, ...]:
    """All that must be open for a message to leave."""
    own = () if window is None else (window,)
    return (*own, windows.ad_hours(ad_margin_s)) if category == AD else own


def is_night(category: str, now: datetime, ad_margin_s: float) -> bool:
    """Whether it is advertising, and too late or too early for any."""
    return category == AD and opens_at(windows.ad_hours(ad_margin_s), now) is not None


def expiry(settings: Settings, window: Window | None, category: str, start: datetime) -> datetime:
    """When a message ends that names no end: its time runs from when it may first leave."""
    every = all_of(window, category, settings.ad_margin_s)
    return (all_open_at(every, start) or start) + timedelta(hours=settings.expire_h)


async def hold(
    tx: Tx,
    lot_id: UUID,
    place: Place,
    held: Sequence[tuple[UUID, datetime]],
    reason: str = OUTSIDE_WINDOW,
) -> None:
    """Queued attempts (id, opening) of a lot wait for their openings; in statements of sets.

    ``reason``: one of ``HOLDS``. What was cancelled meanwhile, or has moved on, stays as it is.
    Repeats never wait here.
    """
    openings = dict(held)
    if not openings:
        return
    rows = await tx.session.exec(
        select(Attempt.id, Attempt.message_id, Attempt.step, Attempt.reason)
        .where(
            col(Attempt.lot_id) == lot_id,
            col(Attempt.id).in_(openings),
            col(Attempt.status).in_(sources(Event.HELD)),
            col(Attempt.reason).is_distinct_from(IN_DOUBT),
        )
        .order_by(col(Attempt.message_id))  # in everybody's order: no two wait crosswise
        .with_for_update()
    )
    attempts = list(rows)
    due = [openings[attempt_id] for attempt_id, *_ in attempts]
    made = await lots.make(tx, [_at(place, opening) for opening in due])
    into: dict[UUID, list[UUID]] = {}
    for (attempt_id, message_id, step, before), new_lot, opening in zip(
        attempts, made, due, strict=True
    ):
        into.setdefault(new_lot, []).append(attempt_id)
        if before == reason == PICTURE_AWAITED:  # looked at often: said once
            continue
        tx.emit(
            place.workspace_id, "attempt.held", message_id,
            step=step, route=place.route, reason=reason, until=opening.isoformat(),
        )  # fmt: skip
    for new_lot, ids in into.items():
        await tx.session.exec(
            update(Attempt)
            .where(col(Attempt.lot_id) == lot_id, col(Attempt.id).in_(ids))
            .values(status=target(Event.HELD), lot_id=new_lot, reason=reason)
            .execution_options(synchronize_session=False)
        )
    await _show_held(tx, place.workspace_id, list(into), reason)


def _at(place: Place, opening: datetime) -> Place:
    return Place(place.workspace_id, place.account_id, place.route, place.priority, opening)


async def _show_held(tx: Tx, workspace_id: UUID, lot_ids: Sequence[UUID], reason: str) -> None:
    """As ``derive`` says of a message whose open attempt waits."""
    changed: Any = await tx.session.exec(
        update(Message)
        .where(
            col(Message.id).in_(select(Attempt.message_id).where(col(Attempt.lot_id).in_(lot_ids))),
            or_(
                col(Message.status).in_((MessageStatus.QUEUED, MessageStatus.SCHEDULED)),
                and_(  # it waited for something else before
                    col(Message.status) == MessageStatus.HELD,
                    col(Message.reason).in_(HOLDS - {reason}),
                ),
            ),
        )
        .values(status=MessageStatus.HELD, reason=reason, updated_at=tx.now)
        .returning(col(Message.id))
        .execution_options(synchronize_session=False)
    )
    for message_id in changed.scalars():
        tx.emit(
            workspace_id, "message.status", message_id,
            status=MessageStatus.HELD, reason=reason, tell="report",
        )  # fmt: skip


async def held_until(session: AsyncSession, messages: Sequence[Message]) -> dict[UUID, datetime]:
    """When what is held leaves, or is looked at again, by message."""
    ids = [message.id for message in messages if message.status == MessageStatus.HELD]
    if not ids:
        return {}
    found = await session.exec(
        select(Attempt.message_id, Lot.due_at)
        .join(Lot, col(Lot.id) == col(Attempt.lot_id))
        .where(
            col(Attempt.message_id).in_(ids),
            col(Attempt.status) == AttemptStatus.QUEUED,
            col(Attempt.reason).in_(HOLDS),
        )
    )
    return dict(found.all())
