"""Webhook endpoints: addresses of the caller that hear what happens, and how we sign.

Signatures follow Standard Webhooks 1.0.0 (specification, standardwebhooks.com): HMAC-SHA256 over
``id.timestamp.body``, one ``v1,`` signature for each secret that is in force.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import guard
from app.db.models import WebhookDelivery, WebhookEndpoint
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.ids import new_id
from app.sealing import Sealer
from app.services import webhook_events
from app.services.callers import Caller

MOST = 20  # endpoints of a workspace in one mode
PREFIX, SECRET_BYTES = "whsec_", 32
OVERLAP = timedelta(hours=24)  # an old secret signs this long beside the new one
MOST_OLD = 3
URL, SECRET = "webhook_url", "webhook_secret"  # what a sealed value is bound to


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """What a caller gives; without ``kinds`` the endpoint hears everything public."""

    url: str = field(repr=False)
    kinds: Sequence[str] = ()
    description: str = ""


async def check(client: guard.Guard, new: NewWebhook) -> None:
    """Raises Invalid ``bad_url``, ``no_public_address`` or ``unknown_kind``. Asks the network."""
    unknown = [kind for kind in new.kinds if kind not in webhook_events.TYPES]
    if unknown:
        raise Invalid(
            "unknown_kind",
            "There is no such event type. Choose from `data.known`, or leave `kinds` out for all.",
            field="kinds",
            data={"known": list(webhook_events.TYPES)},
        )
    try:
        await client.check(new.url)
    except guard.Refused as refused:
        raise Invalid(
            refused.code,
            f"{refused} Webhooks go to public https addresses, port 443 or 8443.",
            field="url",
        ) from None


async def add(
    tx: Tx, sealer: Sealer, caller: Caller, new: NewWebhook
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint, which hears what happens from now on, and its secret.

    Raises Refused ``too_many_webhooks``.
    """
    count = await tx.session.scalar(select(func.count()).select_from(_own(caller).subquery()))
    if (count or 0) >= MOST:
        raise Refused(
            "too_many_webhooks",
            f"A workspace may have {MOST} webhooks in each mode. Remove one first.",
            data={"limit": MOST},
        )
    id_, secret = new_id(), new_secret()
    endpoint = WebhookEndpoint(
        id=id_,
        workspace_id=caller.workspace_id,
        mode=caller.mode,
        description=new.description.strip(),
        url_sealed=sealer.seal(URL, caller.workspace_id, id_, new.url),
        secret_sealed=sealer.seal(SECRET, caller.workspace_id, id_, {"now": secret, "old": []}),
        kinds=list(dict.fromkeys(new.kinds)),
        last_event=await webhook_events.start_of(tx, caller.workspace_id),
        created_at=tx.now,
    )
    tx.session.add(endpoint)
    return endpoint, secret


async def list_webhooks(session: AsyncSession, caller: Caller) -> list[WebhookEndpoint]:
    """Those of the key's mode, the oldest first."""
    return list(await session.exec(_own(caller).order_by(col(WebhookEndpoint.id))))


async def get(
    session: AsyncSession, caller: Caller, webhook_id: UUID, *, lock: bool = False
) -> WebhookEndpoint:
    """One the key may see. Raises NotFound, the same for another workspace's or mode's."""
    query = _own(caller).where(col(WebhookEndpoint.id) == webhook_id)
    rows = await session.exec(query.with_for_update() if lock else query)
    found: WebhookEndpoint | None = rows.first()
    if found is None:
        raise NotFound("unknown_webhook", "No webhook of this workspace has this id.")
    return found


async def remove(tx: Tx, caller: Caller, webhook_id: UUID) -> None:
    """Forget an endpoint and its log. What is being sent this moment may still arrive."""
    await get(tx.session, caller, webhook_id, lock=True)
    await tx.session.exec(
        delete(WebhookDelivery).where(col(WebhookDelivery.endpoint_id) == webhook_id)
    )
    await tx.session.exec(delete(WebhookEndpoint).where(col(WebhookEndpoint.id) == webhook_id))


async def rotate(
    tx: Tx, sealer: Sealer, caller: Caller, webhook_id: UUID
) -> tuple[WebhookEndpoint, str]:
    """A new secret; for 24 hours the old one signs too, so that a receiver can change over."""
    endpoint = await get(tx.session, caller, webhook_id, lock=True)
    kept = _open(sealer, SECRET, endpoint, endpoint.secret_sealed)
    until = (tx.now + OVERLAP).isoformat()
    old = [[kept["now"], until], *(one for one in kept["old"] if _in_force(one, tx.now))]
    secret = new_secret()
    endpoint.secret_sealed = sealer.seal(
        SECRET, endpoint.workspace_id, endpoint.id, {"now": secret, "old": old[:MOST_OLD]}
    )
    tx.session.add(endpoint)
    return endpoint, secret


async def enable(tx: Tx, caller: Caller, webhook_id: UUID) -> WebhookEndpoint:
    """Send to it again: what waited is due now, and what happened meanwhile follows."""
    endpoint = await get(tx.session, caller, webhook_id, lock=True)
    if endpoint.state != "active":
        endpoint.state, endpoint.reason = "active", ""
        endpoint.failing_since = endpoint.resume_at = None
        tx.session.add(endpoint)
        await _set_due(tx, endpoint, tx.now)
        tx.wake = True
    return endpoint


async def disable(tx: Tx, endpoint: WebhookEndpoint, reason: str) -> None:
    """Send nothing more to it, keep what waits, and say so in an event."""
    endpoint.state, endpoint.reason = "disabled", reason
    tx.session.add(endpoint)
    await tx.session.flush()
    await _set_due(tx, endpoint, None)
    tx.emit(
        endpoint.workspace_id, "webhook.disabled", endpoint.id, reason=reason, mode=endpoint.mode
    )


async def _set_due(tx: Tx, endpoint: WebhookEndpoint, at: datetime | None) -> None:
    await tx.session.exec(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id) == endpoint.id,
            col(WebhookDelivery.state) == "waiting",
        )
        .values(due_at=at)
    )


def url_of(sealer: Sealer, endpoint: WebhookEndpoint) -> str:
    """Where it is. Raises Unsealable."""
    return str(_open(sealer, URL, endpoint, endpoint.url_sealed))


def secrets_of(sealer: Sealer, endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The secrets that sign now, the newest first. Raises Unsealable."""
    kept = _open(sealer, SECRET, endpoint, endpoint.secret_sealed)
    return [kept["now"], *(one[0] for one in kept["old"] if _in_force(one, now))]


def signed(
    keys: Iterable[str], id_: str, payload: str, now: datetime
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one try: the id is the delivery's, the time is the try's."""
    moment, body = str(int(now.timestamp())), payload.encode()
    content = f"{id_}.{moment}.".encode() + body
    signatures = (
        base64.b64encode(hmac.digest(_key(secret), content, hashlib.sha256)).decode()
        for secret in keys
    )
    return body, {
        "Content-Type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _own(caller: Caller) -> Any:
    return select(WebhookEndpoint).where(
        col(WebhookEndpoint.workspace_id) == caller.workspace_id,
        col(WebhookEndpoint.mode) == caller.mode,
    )


def _open(sealer: Sealer, what: str, endpoint: WebhookEndpoint, blob: bytes) -> Any:
    return sealer.open(what, endpoint.workspace_id, endpoint.id, blob)


def _in_force(old: Sequence[str], now: datetime) -> bool:
    return datetime.fromisoformat(old[1]) > now


def new_secret() -> str:
    """A fresh secret, ``whsec_…``."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
