"""What may not leave yet, or not any more, because of requests whose fate we cannot be sure of."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, or_, update
from sqlmodel import col, select

from app.db.models import Attempt, Message, ProviderAccount
from app.db.session import Tx
from app.services import content, lots
from app.services.calls import Item
from app.services.lots import Place
from app.services.runtime import Runtime
from app.services.states import AttemptStatus
from app.services.transitions import Event, sources, target
from channels.vocabulary import Reason
from scheduler.batches import Load

LATER = timedelta(seconds=2)  # an equal text looks again whether its turn has come
# what certainly never reached the provider cannot be mistaken for anything
NEVER_THERE = (AttemptStatus.QUEUED, AttemptStatus.REJECTED, AttemptStatus.CANCELLED)


async def back_to_unknown(tx: Tx, late: Sequence[Item], workspace_id: UUID, route: str) -> None:
    """Repeats the provider may no longer recognise do not leave; they are asked about (rule R6)."""
    for item in late:
        await tx.session.exec(
            update(Attempt)
            .where(
                col(Attempt.message_id) == item.message_id,
                col(Attempt.id) == item.attempt_id,
                col(Attempt.status).in_(sources(Event.DOUBTED)),
            )
            .values(status=target(Event.DOUBTED), reason=Reason.NO_ANSWER, due_at=tx.now)
        )
        tx.emit(
            workspace_id, "attempt.unknown", item.message_id,
            step=item.step, route=route, reason=Reason.NO_ANSWER,
        )  # fmt: skip


async def one_by_one(
    tx: Tx,
    runtime: Runtime,
    lot_id: UUID,
    place: Place,
    wave: Sequence[Sequence[Load]],
    apart_s: float,
) -> list[list[Load]]:
    """Of equal texts to one number only one; the others queue at ``place`` (rule R8).

    A route of class WindowLookUp is asked by number, text and time, so two equal texts must
    neither be open at once nor fall into one window: another one leaves only when the first has
    been settled and ``apart_s`` have passed since it was sent.
    """
    # opening is one at a time for the account, so that no other worker opens an equal text now
    await tx.session.exec(
        select(ProviderAccount.id)
        .where(col(ProviderAccount.id) == place.account_id)
        .with_for_update()
    )
    loads = [load for part in wave for load in part]
    taken = await _taken_texts(tx, runtime, place, [item for item, _ in loads], apart_s)
    held: list[UUID] = []
    for item, message in loads:
        if (message.to, message.text) in taken:
            held.append(item.attempt_id)
        taken.add((message.to, message.text))
    await _queue_again(tx, lot_id, place, held)
    return [[load for load in part if load[0].attempt_id not in held] for part in wave]


async def _taken_texts(
    tx: Tx, runtime: Runtime, place: Place, items: Sequence[Item], apart_s: float
) -> set[tuple[str, str]]:
    """Number and text of what is open at the account, or was sent a short while ago."""
    mine = col(Attempt.id).in_([item.attempt_id for item in items])
    hashes = select(Attempt.to_hash).where(mine)
    rows = await tx.session.exec(
        select(Attempt, Message)
        .join(Message, col(Message.id) == col(Attempt.message_id))
        .where(
            col(Message.workspace_id) == place.workspace_id,
            or_(
                col(Message.number_hash).in_(hashes),
                and_(col(Attempt.to_name) != "", col(Attempt.to_hash).in_(hashes)),
            ),
            col(Attempt.account_id) == place.account_id,
            col(Attempt.route) == place.route,
            col(Attempt.status).not_in(NEVER_THERE),
            or_(
                col(Attempt.status).in_([AttemptStatus.SENDING, AttemptStatus.UNKNOWN]),
                col(Attempt.sent_at) > tx.now - timedelta(seconds=apart_s),
            ),
        )
    )
    taken = set()
    for attempt, message in rows:
        frozen = runtime.sealer.open(
            content.TABLE, message.workspace_id, message.id, message.sealed
        )
        number = content.number_of(frozen, attempt.to_name)
        taken.add((number, frozen.get(attempt.channel, {}).get("text", "")))
    return taken


async def _queue_again(tx: Tx, lot_id: UUID, place: Place, held: Sequence[UUID]) -> None:
    if not held:
        return
    made = await lots.make(tx, [place for _ in held])
    for attempt_id, new_lot in zip(held, made, strict=True):
        await tx.session.exec(
            update(Attempt)
            .where(
                col(Attempt.id) == attempt_id,
                col(Attempt.lot_id) == lot_id,
                col(Attempt.status) == AttemptStatus.QUEUED,
            )
            .values(lot_id=new_lot)
        )
