"""Consultation callbacks applied: those the app kept and did not apply itself at once.

One transaction per event; each has so many tries, then it is set aside.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from app.db.models import ChatSession, InboundEvent, ProviderAccount
from app.db.session import Tx
from app.errors import GatewayError
from app.log import logger
from app.sealing import Unsealable
from app.services import callbacks, inbound, incoming, threads
from app.services.incoming import PATIENT_TRIES, POISON
from app.services.runtime import Runtime
from channels.contract import Adapter, Inbound

Adapters = Callable[[ProviderAccount], Adapter]
"""The adapter that speaks for an account; may raise Unsealable, ValueError, LookupError."""

BATCH = 50
WAITS_S = (5, 30, 120, 600)  # after the first, second … failure; then the event is parked
MOST_TRIES = len(WAITS_S) + 1
FRESH = timedelta(seconds=5)  # so long a killed try leaves no trace; then every one is counted
APPLIED: Literal["applied"] = "applied"
log = logger("inbound")


class _NoAdapter(Exception):
    """Nobody speaks for the account now: not the event's fault, so its try does not count."""


async def apply_due(runtime: Runtime, adapters: Adapters) -> int:
    """Apply what is due, oldest first; how many events were applied.

    One that has just come is claimed and applied in one transaction. What fails there, and what is
    older, has each try counted before it is made: even an event that kills the process ends parked.
    """
    applied, careful = 0, False
    for _ in range(BATCH):
        try:
            claimed = await _claim(runtime, adapters, careful)
        except (_NoAdapter, *POISON):
            if careful:
                raise
            careful = True  # the same event again, counted
            continue
        careful = False
        if claimed is None:
            break
        applied += 1 if claimed is APPLIED else await _carefully(runtime, adapters, *claimed)
    return applied


async def _carefully(
    runtime: Runtime, adapters: Adapters, event: InboundEvent, account: ProviderAccount
) -> bool:
    """A counted try; False when it was not applied."""
    if event.tries > MOST_TRIES:
        await _park(runtime, event, event.error or "it never came to an end")
        return False
    try:
        return await _apply(runtime, adapters, event, account)
    except _NoAdapter:
        await _put_off(runtime, event)
    except POISON as error:
        await _failed(runtime, event, error)
    return False


async def end_overdue(runtime: Runtime) -> int:
    """End chat sessions whose 30 days are over; how many. A periodic job."""
    async with runtime.database.write() as tx:
        statement = select(ChatSession).where(
            col(ChatSession.ended_at).is_(None), col(ChatSession.expires_at) <= tx.now
        )
        overdue = list(await tx.session.exec(statement.limit(BATCH)))
        # in the order of their ids, so that two workers wait for each other instead of dying
        for session in sorted(overdue, key=lambda s: s.thread_id):
            thread = await threads.lock(tx, session.workspace_id, session.thread_id)
            if await threads.end_overdue(tx, thread, session):
                await inbound.finish(tx, runtime.sealer, thread, tx.now, "timeout")
    return len(overdue)


async def _claim(
    runtime: Runtime, adapters: Adapters, careful: bool
) -> tuple[InboundEvent, ProviderAccount] | Literal["applied"] | None:
    """The oldest due event: applied at once, or counted and put off until it comes back.

    Raises whatever goes wrong with one that is applied at once; nothing of it was written then.
    """
    async with runtime.database.write() as tx:
        statement = (
            select(InboundEvent, ProviderAccount)
            .join(ProviderAccount, col(ProviderAccount.id) == col(InboundEvent.account_id))
            .where(
                col(InboundEvent.due_at) <= tx.now,
                col(ProviderAccount.workspace_id) == col(InboundEvent.workspace_id),
                ~_comes_after(),
            )
            .order_by(col(InboundEvent.received_at), col(InboundEvent.id))
            .limit(1)
            .with_for_update(skip_locked=True, of=InboundEvent)
        )
        row = (await tx.session.exec(statement)).first()
        if row is None:
            return None
        event, account = row
        event.tries += 1
        if event.tries == 1 and not careful and tx.now - event.received_at < FRESH:
            await incoming.write(
                tx, runtime.sealer, event, _parse(runtime, adapters, event, account)
            )
            return APPLIED
        wait = WAITS_S[min(event.tries, len(WAITS_S)) - 1]
        event.due_at = tx.now + timedelta(seconds=wait)
        await tx.session.flush()
    return event, account


def _comes_after() -> ColumnElement[bool]:
    """Whether the customer said something before that is not applied: another worker has it in
    hand, or it died with it. What fails again and again is waited for no longer.
    """
    before = aliased(InboundEvent)
    earlier = or_(
        col(before.received_at) < col(InboundEvent.received_at),
        and_(
            col(before.received_at) == col(InboundEvent.received_at),
            col(before.id) < col(InboundEvent.id),
        ),
    )
    return exists().where(
        col(before.account_id) == col(InboundEvent.account_id),
        col(before.lane) == col(InboundEvent.lane),
        col(before.due_at).is_not(None),
        col(before.tries) <= PATIENT_TRIES,
        earlier,
    )


async def _apply(
    runtime: Runtime, adapters: Adapters, event: InboundEvent, account: ProviderAccount
) -> bool:
    events = _parse(runtime, adapters, event, account)
    async with runtime.database.write() as tx:
        row = await _still_ours(tx, event)
        if row is None:
            return False
        await incoming.write(tx, runtime.sealer, row, events)
        row.error = ""
    return True


def _parse(
    runtime: Runtime, adapters: Adapters, event: InboundEvent, account: ProviderAccount
) -> Sequence[Inbound]:
    try:
        adapter = adapters(account)
    except (Unsealable, ValueError, LookupError) as error:
        raise _NoAdapter from error
    parsed = adapter.parse(callbacks.reopen(runtime.sealer, event))
    return [one for one in parsed if isinstance(one, Inbound)]


async def _still_ours(tx: Tx, event: InboundEvent) -> InboundEvent | None:
    """The event's row unless another worker has applied or claimed it since."""
    statement = (
        select(InboundEvent)
        .where(
            col(InboundEvent.id) == event.id,
            col(InboundEvent.workspace_id) == event.workspace_id,
            col(InboundEvent.due_at).is_not(None),
            col(InboundEvent.tries) == event.tries,
        )
        .with_for_update()
    )
    return (await tx.session.exec(statement)).first()


async def _put_off(runtime: Runtime, event: InboundEvent) -> None:
    async with runtime.database.write() as tx:
        row = await _still_ours(tx, event)
        if row is not None:
            row.tries, row.error = row.tries - 1, "no adapter for the account"
    log.warning("no adapter", account=str(event.account_id))


async def _failed(runtime: Runtime, event: InboundEvent, error: Exception) -> None:
    # only a refusal of our own is quoted: other errors may carry what the customer wrote
    what = f"{error.code}: {error.detail}" if isinstance(error, GatewayError) else ""
    text = what or type(error).__name__
    if event.tries >= MOST_TRIES:
        await _park(runtime, event, text)
        return
    log.warning("inbound event failed", inbound=str(event.id), tries=event.tries, error=text)
    async with runtime.database.write() as tx:
        row = await _still_ours(tx, event)
        if row is not None:
            row.error = text


async def _park(runtime: Runtime, event: InboundEvent, text: str) -> None:
    """Set aside what cannot be applied; its body stays, sealed, until somebody looks."""
    async with runtime.database.write() as tx:
        row = await _still_ours(tx, event)
        if row is None:
            return
        row.due_at, row.error = None, text
        tx.emit(
            row.workspace_id,
            "inbound.parked",
            row.id,
            account_id=str(row.account_id),
            event_kind=row.kind,
            tries=row.tries,
            error=text,
        )
    log.error("inbound event parked", inbound=str(event.id), kind=event.kind, error=text)
