"""Receipts: what providers report later, applied by one table of transitions.

In any order, any number of times, early or late: a state never goes back, a delivery always shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.db.models import Attempt, ProviderAccount, ProviderRef
from app.db.session import Tx
from app.ids import from_ref
from app.services import counters
from app.services.delivery import advance
from app.services.runtime import Runtime
from app.services.states import POLICY, AttemptStatus
from app.services.transitions import ENDED, Event, after, may
from channels.contract import Receipt
from channels.vocabulary import Reason, Result

CHUNK = 500


@dataclass
class Applied:
    """What became of a batch: receipts still without a settled attempt, and how many moved one."""

    early: list[Receipt]
    unmatched: list[Receipt]
    moved: int = 0


async def apply(
    tx: Tx, runtime: Runtime, workspace_id: UUID, account_id: UUID, receipts: Sequence[Receipt]
) -> Applied:
    """Apply receipts of one account; what cannot be applied yet is given back."""
    result = Applied([], [])
    if len(receipts) > CHUNK:
        receipts = await _in_order(tx, account_id, receipts)
    for start in range(0, len(receipts), CHUNK):
        part = receipts[start : start + CHUNK]
        await _apply(tx, runtime, workspace_id, account_id, part, result)
    return result


async def _in_order(tx: Tx, account_id: UUID, receipts: Sequence[Receipt]) -> list[Receipt]:
    """By their messages, as everybody locks: else two that apply several parts wait crosswise."""
    places: dict[str, tuple[UUID, UUID]] = {}
    for start in range(0, len(receipts), CHUNK):
        found = await _resolve(tx, account_id, receipts[start : start + CHUNK])
        rows = await tx.session.exec(
            select(Attempt.id, Attempt.message_id).where(col(Attempt.id).in_(set(found.values())))
        )
        message_of = dict(rows.all())
        places |= {n: (message_of[id_], id_) for n, id_ in found.items() if id_ in message_of}
    return sorted(receipts, key=lambda r: places.get(_identity(r), (_NOBODY, _NOBODY)))


async def _apply(
    tx: Tx,
    runtime: Runtime,
    workspace_id: UUID,
    account_id: UUID,
    receipts: Sequence[Receipt],
    result: Applied,
) -> None:
    found = await _resolve(tx, account_id, receipts)
    attempts = await _lock(tx, workspace_id, account_id, set(found.values()))
    tries = await tries_of(tx, workspace_id, account_id)
    touched: set[UUID] = set()
    for receipt in receipts:
        attempt = attempts.get(found.get(_identity(receipt), _NOBODY))
        if attempt is None:
            result.unmatched.append(receipt)
        elif attempt.status == AttemptStatus.SENDING:
            result.early.append(receipt)  # kept until our own answer is settled
        elif _move(tx, tries, attempt, receipt):
            touched.add(attempt.message_id)
            result.moved += 1
    await tx.session.flush()
    await advance(tx, runtime, touched)


_NOBODY = UUID(int=0)


def _identity(receipt: Receipt) -> str:
    return receipt.ref or receipt.provider_id


async def _resolve(tx: Tx, account_id: UUID, receipts: Sequence[Receipt]) -> dict[str, UUID]:
    """Attempt ids by what names them: our reference, else the provider's id."""
    found = {
        receipt.ref: id_ for receipt in receipts if receipt.ref and (id_ := from_ref(receipt.ref))
    }
    by_provider = [r.provider_id for r in receipts if not r.ref and r.provider_id]
    if by_provider:
        rows = await tx.session.exec(
            select(ProviderRef.provider_id, ProviderRef.attempt_id).where(
                col(ProviderRef.account_id) == account_id,
                col(ProviderRef.provider_id).in_(by_provider),
            )
        )
        found |= dict(rows.all())
    return found


async def _lock(
    tx: Tx, workspace_id: UUID, account_id: UUID, ids: set[UUID]
) -> dict[UUID, Attempt]:
    """The attempts, of this account only: another's callback cannot touch them."""
    if not ids:
        return {}
    rows = await tx.session.exec(
        select(Attempt)
        .where(
            col(Attempt.id).in_(ids),
            col(Attempt.workspace_id) == workspace_id,
            col(Attempt.account_id) == account_id,
        )
        .order_by(col(Attempt.message_id), col(Attempt.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {attempt.id: attempt for attempt in rows}


async def tries_of(tx: Tx, workspace_id: UUID, account_id: UUID) -> counters.Tries:
    """The counters of an account's attempts; the account is read once a transaction."""
    known: dict[UUID, counters.Tries] = tx.session.info.setdefault("tries", {})
    if account_id not in known:
        account = await tx.session.get_one(ProviderAccount, account_id)
        known[account_id] = counters.Tries(tx, workspace_id, account.mode, account.prices)
    return known[account_id]


def _move(tx: Tx, tries: counters.Tries, attempt: Attempt, receipt: Receipt) -> bool:
    """One transition, counted; False when the receipt says nothing new."""
    before = counters.of_attempt(attempt.status, attempt.reason)
    moved = _transition(tx, attempt, receipt)
    if moved:
        tries.move(attempt, before)
    return moved


def _transition(tx: Tx, attempt: Attempt, receipt: Receipt) -> bool:
    if attempt.status == AttemptStatus.QUEUED and not attempt.sent_at:
        return False  # never left us: somebody else's word
    if receipt.provider_id and not attempt.provider_id:
        attempt.provider_id = receipt.provider_id
    if receipt.result is Result.UNCERTAIN:
        return _uncertain(tx, attempt, receipt)
    if receipt.result is Result.UNDELIVERED:
        return _undelivered(tx, attempt, receipt)
    moved = _delivered(tx, attempt, receipt)
    if receipt.result is Result.DELIVERED:
        return moved
    return confirm(tx, attempt, receipt.result, receipt.at or tx.now) or moved


def _undelivered(tx: Tx, attempt: Attempt, receipt: Receipt) -> bool:
    if not may(attempt.status, Event.UNDELIVERED):
        return False
    attempt.status = after(attempt.status, Event.UNDELIVERED)
    attempt.reason = receipt.reason or Reason.UNMAPPED
    attempt.code = receipt.code
    attempt.due_at = attempt.closes_at = None
    attempt.settled_at = tx.now
    _say(tx, attempt, "attempt.undelivered", receipt)
    return True


def _delivered(tx: Tx, attempt: Attempt, receipt: Receipt) -> bool:
    late = attempt.status in ENDED
    if not proven(tx, attempt, receipt.at or tx.now):
        return False
    attempt.code = receipt.code
    _say(tx, attempt, "attempt.delivered", receipt, late=late)
    return True


def proven(tx: Tx, attempt: Attempt, at: datetime) -> bool:
    """It arrived, whoever says so; ``advance`` decides whether the plan waits for more."""
    if not may(attempt.status, Event.DELIVERED):
        return False
    attempt.status = after(attempt.status, Event.DELIVERED)
    attempt.reason, attempt.delivered_at, attempt.settled_at = None, at, tx.now
    return True


def confirm(tx: Tx, attempt: Attempt, result: Result, at: datetime) -> bool:
    """A delivered attempt was read or acknowledged; False when that is known already."""
    field = "read_at" if result is Result.READ else "acknowledged_at"
    if not may(attempt.status, Event.CONFIRMED) or getattr(attempt, field) is not None:
        return False
    setattr(attempt, field, at)
    tx.emit(
        attempt.workspace_id,
        f"attempt.{result}",
        attempt.message_id,
        step=attempt.step,
        route=attempt.route,
    )
    return True


def _uncertain(tx: Tx, attempt: Attempt, receipt: Receipt) -> bool:
    """It stays accepted; the word is recorded once, and the operator is told."""
    if not may(attempt.status, Event.UNCERTAIN):
        return False
    before = (attempt.status, attempt.reason, attempt.code)
    # an unknown one is accepted by that: the provider has it, or it could not say so
    attempt.status = after(attempt.status, Event.UNCERTAIN)
    attempt.reason, attempt.code = receipt.reason, receipt.code
    if (attempt.status, attempt.reason, attempt.code) == before:
        return False
    _say(tx, attempt, "attempt.uncertain", receipt)
    return True


def _say(tx: Tx, attempt: Attempt, kind: str, receipt: Receipt, **more: Any) -> None:
    tell = POLICY[receipt.reason].tell if receipt.reason else None
    tx.emit(
        attempt.workspace_id,
        kind,
        attempt.message_id,
        step=attempt.step,
        route=attempt.route,
        reason=receipt.reason,
        code=receipt.code,
        tell=tell,
        **more,
    )


async def close_overdue(tx: Tx, attempt: Attempt) -> None:
    """The provider may no longer report: the attempt ends as ``no_report``."""
    if not may(attempt.status, Event.CLOSED):
        return
    before = counters.of_attempt(attempt.status, attempt.reason)
    attempt.status = after(attempt.status, Event.CLOSED)
    attempt.due_at = attempt.closes_at = None
    (await tries_of(tx, attempt.workspace_id, attempt.account_id)).move(attempt, before)
    tx.emit(attempt.workspace_id, "attempt.no_report", attempt.message_id, step=attempt.step)
