"""What apps report of the pushes they got: received, shown, read, acknowledged.

The token in a push names its attempt and proves the right to report on it; there is nothing else
to know, so the address is open to everybody. What is reported is kept like a provider's callback
and applied by the same table as every receipt, in any order and any number of times.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select

from app.db.models import Attempt, ProviderAccount
from app.ids import REF_LENGTH, from_ref
from app.sealing import Sealer
from app.services import callbacks, devices
from app.services.runtime import Runtime
from channels.contract import Callback
from channels.push import APP, WHAT

PATH = "/push/receipts"
MOST = 100  # of one request
AHEAD = timedelta(minutes=5)  # a device's clock may be this much fast


@dataclass(frozen=True, slots=True)
class Told:
    """One thing an app reports; without ``at`` it happened now."""

    token: str
    what: str
    at: datetime | None = None


def token(sealer: Sealer, ref: str) -> str:
    """What a push carries for its app: the attempt's reference and the proof, in one word."""
    proof = base64.b32encode(sealer.push_hash(ref)).decode().rstrip("=")
    return f"{ref}{proof}"


def attempt_of(sealer: Sealer, given: str) -> UUID | None:
    """The attempt a token names, None for one that is not ours."""
    ref = given[:REF_LENGTH]
    attempt_id = from_ref(ref)
    if attempt_id is None or not given.isascii():
        return None
    return attempt_id if hmac.compare_digest(given, token(sealer, ref)) else None


async def keep(runtime: Runtime, told: Sequence[Told], now: datetime) -> list[int]:
    """Keep what is ours, durably; the places of what is not, in the order given."""
    named = [attempt_of(runtime.sealer, one.token) for one in told]
    attempts = await _attempts(runtime, {one for one in named if one is not None})
    rows: dict[UUID, list[dict[str, Any]]] = {}
    refused = []
    for place, (one, attempt_id) in enumerate(zip(told, named, strict=True)):
        attempt = attempts.get(attempt_id) if attempt_id else None
        if attempt is None or one.what not in WHAT:
            refused.append(place)
            continue
        at = now if one.at is None or one.at > now + AHEAD else one.at
        row = {"ref": one.token[:REF_LENGTH], "what": one.what, "at": at.isoformat()}
        rows.setdefault(attempt.account_id, []).append(row)
    if rows:
        await _store(runtime, attempts, rows)
    return refused


async def _attempts(runtime: Runtime, ids: set[UUID]) -> Mapping[UUID, Attempt]:
    if not ids:
        return {}
    async with runtime.database.read() as session:
        found = await session.exec(select(Attempt).where(col(Attempt.id).in_(ids)))
        return {one.id: one for one in found if one.device_id is not None}


async def _store(
    runtime: Runtime,
    attempts: Mapping[UUID, Attempt],
    rows: Mapping[UUID, Sequence[Mapping[str, Any]]],
) -> None:
    async with runtime.database.write() as tx:
        accounts = await tx.session.exec(
            select(ProviderAccount).where(col(ProviderAccount.id).in_(rows))
        )
        for account in accounts:
            callback = Callback(APP, {}, orjson.dumps(rows[account.id]))
            await callbacks.keep_receipts(tx, runtime, account, callback)
        await devices.seen(tx, {one.device_id for one in attempts.values() if one.device_id})
