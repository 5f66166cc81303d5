"""Callbacks of providers: kept as they came, once, before anything is decided."""

import base64
import hashlib
import time
from typing import Any
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
    digest = hashlib.sha256(callback.kind.encode() + callback.body)
    if "chat" in adapter.routes:
        first = _first(adapter, callback)
        dedupe_key = (first.dedupe_key if first else "") or f"body:{digest.hexdigest()}"
        if dedupe_key.startswith("body:"):  # nothing in it tells a repeat from the same words said
            dedupe_key += f":{int(time.time() // REPEAT_S)}"  # again, so only a short time counts
        identity = {"dedupe_key": dedupe_key, "lane": _lane(runtime, account, first)}
        async with runtime.database.write() as tx:
            await _insert(tx, runtime, account, callback, identity)
    else:
        async with runtime.database.write() as tx:
            await _insert(tx, runtime, account, callback, {"body_hash": digest.digest()})


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


def _first(adapter: Adapter, callback: Callback) -> Inbound | None:
    """The event of a chat, which tells its identity and its customer; None if unreadable."""
    try:
        events = adapter.parse(callback)
    except BadCallback:
        return None
    first = events[0] if events else None
    return first if isinstance(first, Inbound) else None


def _lane(runtime: Runtime, account: ProviderAccount, first: Inbound | None) -> bytes | None:
    """Whose events are applied in their order: one customer's on one channel.

    The channel is in it, so that what names a channel nobody knows holds up no customer of ours.
    """
    if first is None:
        return None
    return runtime.sealer.number_hash(account.workspace_id, f"{first.sender} {first.user_key}")


async def _insert(
    tx: Tx,
    runtime: Runtime,
    account: ProviderAccount,
    callback: Callback,
    identity: dict[str, Any],
) -> None:
    is_inbound = "dedupe_key" in identity
    row = new_id()
    table = INBOUND if is_inbound else RECEIPTS
    values = {
        "id": row,
        "workspace_id": account.workspace_id,
        "account_id": account.id,
        "kind": callback.kind,
        "sealed": seal(runtime.sealer, table, account.workspace_id, row, callback),
        "received_at": tx.now,
        "due_at": tx.now,
        "tries": 0,
        "error": "",
        **identity,
    }
    if not is_inbound:
        values["unmatched"] = 0
    model = InboundEvent if is_inbound else ReceiptInbox
    insert = sqlite.insert if runtime.database.is_sqlite else postgresql.insert
    await tx.conn.execute(insert(model).values(values).on_conflict_do_nothing())
    tx.wake = True
