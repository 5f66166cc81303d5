"""Callbacks of providers: kept as they came, once, before anything is decided."""

import base64
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite

from app.db.models import InboundEvent, ProviderAccount, ReceiptInbox
from app.db.session import Tx
from app.ids import new_id
from app.sealing import Sealer
from app.services.runtime import Runtime
from channels.contract import Adapter, BadCallback, Callback, Inbound

REPEAT_S = 120
RECEIPTS, INBOUND = "receipt_inbox", "inbound_event"  # the names their blobs are bound to


async def store(
    runtime: Runtime, account: ProviderAccount, adapter: Adapter, callback: Callback
) -> None:
    """Keep a verified callback; one that is there already is not kept twice.

    What a chat provider says goes to ``inbound_event``, results go to ``receipt_inbox``.
    """
    if "chat" in adapter.routes:
        events = events_of(adapter, callback)
        identity = Identity.of(runtime.sealer, account, events, callback)
        async with runtime.database.write() as tx:
            await keep_inbound(tx, runtime.sealer, account, callback, identity)
    else:
        async with runtime.database.write() as tx:
            await keep_receipts(tx, runtime, account, callback)


def events_of(adapter: Adapter, callback: Callback) -> Sequence[Inbound]:
    """What a chat provider says with it; nothing when it cannot be read."""
    try:
        return [one for one in adapter.parse(callback) if isinstance(one, Inbound)]
    except BadCallback:
        return []


@dataclass(frozen=True, slots=True)
class Identity:
    """Which event it is, and whose: one customer's events (a lane) are applied in their order."""

    dedupe_key: str
    lane: bytes | None

    @classmethod
    def of(
        cls,
        sealer: Sealer,
        account: ProviderAccount,
        events: Sequence[Inbound],
        callback: Callback,
    ) -> Self:
        """The provider's own identity; else its words, which count for a short time."""
        first = events[0] if events else None
        key = (first.dedupe_key if first else "") or f"body:{_digest(callback).hex()}"
        if key.startswith("body:"):  # nothing in it tells a repeat from the same words said again
            key += f":{int(time.time() // REPEAT_S)}"
        # the channel is in the lane: what names one that nobody knows holds up no customer of ours
        whose = f"{first.sender} {first.user_key}" if first else ""
        return cls(key, sealer.number_hash(account.workspace_id, whose) if first else None)


async def keep_inbound(
    tx: Tx,
    sealer: Sealer,
    account: ProviderAccount,
    callback: Callback,
    identity: Identity,
    *,
    applied: bool = False,
) -> InboundEvent | None:
    """The row of a chat provider's event, None when it is there already.

    It is due now, for the scheduler, unless it is ``applied`` in this very transaction.
    """
    values = {
        **_row(tx, sealer, INBOUND, account, callback),
        "dedupe_key": identity.dedupe_key,
        "lane": identity.lane,
    }
    if applied:
        values |= {"due_at": None, "tries": 1}
    made = await tx.conn.execute(_INSERTS[tx.conn.dialect.name, INBOUND], values)
    tx.wake = tx.wake or not applied
    return InboundEvent(**values) if made.rowcount else None


async def keep_receipts(
    tx: Tx, runtime: Runtime, account: ProviderAccount, callback: Callback
) -> None:
    """Keep results of an account in a transaction of the caller's; the same body once."""
    values = {**_row(tx, runtime.sealer, RECEIPTS, account, callback), "unmatched": 0}
    values["body_hash"] = _digest(callback)
    await tx.conn.execute(_INSERTS[tx.conn.dialect.name, RECEIPTS], values)
    tx.wake = True


def _digest(callback: Callback) -> bytes:
    return hashlib.sha256(callback.kind.encode() + callback.body).digest()


def _row(
    tx: Tx, sealer: Sealer, table: str, account: ProviderAccount, callback: Callback
) -> dict[str, Any]:
    """What both tables have."""
    id_ = new_id()
    return {
        "id": id_,
        "workspace_id": account.workspace_id,
        "account_id": account.id,
        "kind": callback.kind,
        "sealed": seal(sealer, table, account.workspace_id, id_, callback),
        "received_at": tx.now,
        "due_at": tx.now,
        "tries": 0,
        "error": "",
    }


_INSERTS: dict[tuple[str, str], Any] = {
    (dialect.__name__.rpartition(".")[2], table): dialect.insert(model).on_conflict_do_nothing()
    for dialect in (sqlite, postgresql)
    for table, model in ((INBOUND, InboundEvent), (RECEIPTS, ReceiptInbox))
}


def seal(sealer: Sealer, table: str, workspace_id: UUID, row: UUID, callback: Callback) -> bytes:
    """The blob of a row of ``receipt_inbox`` or ``inbound_event``."""
    value = {
        "kind": callback.kind,
        "headers": dict(callback.headers),
        "body": base64.b64encode(callback.body).decode(),
    }
    return sealer.seal(table, workspace_id, row, value)


def reopen(sealer: Sealer, row: ReceiptInbox | InboundEvent) -> Callback:
    """The callback as it came. Raises Unsealable."""
    table = RECEIPTS if isinstance(row, ReceiptInbox) else INBOUND
    value = sealer.open(table, row.workspace_id, row.id, row.sealed)
    return Callback(value["kind"], value["headers"], base64.b64decode(value["body"]))
