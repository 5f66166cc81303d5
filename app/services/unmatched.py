"""Callbacks that found no message, or that nobody could read: shown, and tried again on request.

What is told comes out of the callback itself, numbers masked. Nothing is looked up by it but
whether this very account knows the message: a forged reference to another workspace's message is
as unknown as an invented one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, ProviderAccount, ProviderRef, ReceiptInbox
from app.db.session import Tx
from app.errors import NotFound
from app.ids import from_ref
from app.log import mask
from app.sealing import Unsealable
from app.services import callbacks
from app.services.callers import Caller
from app.services.explanations import explain
from app.services.runtime import Runtime
from channels.contract import Adapter, BadCallback, Callback, Receipt

CHUNK = 500
SHOWN = 100  # receipts of one callback; ``unmatched`` counts them all
Kept = tuple[ReceiptInbox, ProviderAccount]
AdapterOf = Callable[[ProviderAccount], Adapter]


async def list_kept(
    session: AsyncSession, caller: Caller, after: UUID | None, limit: int
) -> list[Kept]:
    """Callbacks of the caller's accounts that wait for a message or for a reader, newest first."""
    query = (
        select(ReceiptInbox, ProviderAccount)
        .join(ProviderAccount, col(ProviderAccount.id) == col(ReceiptInbox.account_id))
        .where(*_of(caller), or_(col(ReceiptInbox.unmatched) > 0, col(ReceiptInbox.error) != ""))
        .order_by(col(ReceiptInbox.id).desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(col(ReceiptInbox.id) < after)
    return list((await session.exec(query)).all())


async def show(
    session: AsyncSession, runtime: Runtime, adapter_of: AdapterOf, kept: Kept, *, raw: bool
) -> Mapping[str, Any]:
    """One of them, as its workspace may see it; ``raw`` adds the body as it came."""
    row, account = kept
    callback = _reopen(runtime, row)
    said = await _nobodys(session, row, _parse(adapter_of, account, callback))
    return {
        "id": row.id,
        "account": account.name,
        "received_at": row.received_at,
        "tries": row.tries,
        "next_try_at": row.due_at,
        "error": row.error,
        "unmatched": row.unmatched,
        "receipts": [_receipt(one) for one in said],
        "raw": callback.body.decode("utf-8", "replace") if raw and callback else None,
    }


async def retry(tx: Tx, caller: Caller, row_id: UUID) -> Mapping[str, Any]:
    """Apply a kept callback again, at once. Raises NotFound ``unknown_receipt``."""
    query = (
        select(ReceiptInbox.id)
        .join(ProviderAccount, col(ProviderAccount.id) == col(ReceiptInbox.account_id))
        .where(
            *_of(caller),
            col(ReceiptInbox.id) == row_id,
            or_(col(ReceiptInbox.unmatched) > 0, col(ReceiptInbox.error) != ""),
        )
    )
    if (await tx.session.exec(query)).first() is None:
        raise NotFound(
            "unknown_receipt",
            "No callback of this workspace that found no message has this id. "
            "List them; one that is applied is no longer there.",
        )
    await tx.session.exec(
        update(ReceiptInbox).where(col(ReceiptInbox.id) == row_id).values(due_at=tx.now)
    )
    tx.wake = True
    return {"id": row_id, "next_try_at": tx.now}


def _of(caller: Caller) -> tuple[Any, ...]:
    """A test key sees the callbacks of sandbox accounts, other keys those of live ones."""
    return (
        col(ReceiptInbox.workspace_id) == caller.workspace_id,
        col(ProviderAccount.workspace_id) == caller.workspace_id,
        col(ProviderAccount.mode) == caller.mode,
    )


def _reopen(runtime: Runtime, row: ReceiptInbox) -> Callback | None:
    """None when the key it was sealed with is gone; ``error`` of the row says so."""
    try:
        return callbacks.reopen(runtime.sealer, row)
    except Unsealable:
        return None


def _parse(
    adapter_of: AdapterOf, account: ProviderAccount, callback: Callback | None
) -> Sequence[Receipt]:
    """What it says; nothing when it, or its account, cannot be read."""
    if callback is None:
        return []
    try:
        found = adapter_of(account).parse(callback)
    except (BadCallback, Unsealable, ValueError, KeyError):
        return []
    return [one for one in found if isinstance(one, Receipt)]


async def _nobodys(
    session: AsyncSession, row: ReceiptInbox, receipts: Sequence[Receipt]
) -> list[Receipt]:
    """Those whose message this account does not know, at most ``SHOWN``."""
    left: list[Receipt] = []
    for start in range(0, len(receipts), CHUNK):
        part = receipts[start : start + CHUNK]
        ids, named = await _known(session, row, part)
        left += [
            one
            for one in part
            if (from_ref(one.ref) not in ids if one.ref else one.provider_id not in named)
        ]
        if len(left) >= SHOWN:
            return left[:SHOWN]
    return left


async def _known(
    session: AsyncSession, row: ReceiptInbox, part: Sequence[Receipt]
) -> tuple[set[UUID], set[str]]:
    """Which of the attempts and provider's ids are this account's."""
    attempts = await session.exec(
        select(Attempt.id).where(
            col(Attempt.id).in_({id_ for one in part if (id_ := from_ref(one.ref))}),
            col(Attempt.workspace_id) == row.workspace_id,
            col(Attempt.account_id) == row.account_id,
        )
    )
    names = await session.exec(
        select(ProviderRef.provider_id).where(
            col(ProviderRef.account_id) == row.account_id,
            col(ProviderRef.provider_id).in_({one.provider_id for one in part if not one.ref}),
        )
    )
    return set(attempts), set(names)


def _receipt(one: Receipt) -> Mapping[str, Any]:
    reason = one.reason or None
    return {
        "result": one.result,
        "reason": reason,
        "explanation": {"ko": explain(reason), "en": explain(reason, "en")},
        "code": mask(one.code),
        "text": mask(one.text),
        "provider_id": mask(one.provider_id),
        "reference": mask(one.ref),
        "at": one.at,
    }
