"""What was sent to an endpoint, and sending it once more."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import WebhookDelivery, WebhookEndpoint
from app.db.partitions import first_id
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.ids import new_id
from app.services import webhook_events, webhooks
from app.services.callers import Caller

KEPT = timedelta(days=30)
AT_ONCE = 1000


async def log(
    session: AsyncSession, endpoint: WebhookEndpoint, after: UUID | None, limit: int
) -> list[WebhookDelivery]:
    """At most ``limit`` deliveries older than ``after``, the newest first."""
    query = select(WebhookDelivery).where(col(WebhookDelivery.endpoint_id) == endpoint.id)
    if after is not None:
        query = query.where(col(WebhookDelivery.id) < after)
    return list(await session.exec(query.order_by(col(WebhookDelivery.id).desc()).limit(limit)))


async def replay(tx: Tx, caller: Caller, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery:
    """Send one again, whatever became of it, with the same ``webhook-id``.

    Raises NotFound, and Refused ``webhook_disabled``.
    """
    endpoint = await _active(tx, caller, webhook_id)
    found = (
        await tx.session.exec(
            select(WebhookDelivery).where(
                col(WebhookDelivery.endpoint_id) == endpoint.id,
                col(WebhookDelivery.id) == delivery_id,
            )
        )
    ).first()
    if found is None:
        raise NotFound("unknown_delivery", "No delivery of this webhook has this id.")
    found.state, found.tries, found.due_at = "waiting", 0, tx.now
    tx.session.add(found)
    tx.wake = True
    return found


async def replay_since(
    tx: Tx, caller: Caller, webhook_id: UUID, since: datetime, *, delivered: bool
) -> int:
    """Send again what failed since then, and with ``delivered`` what arrived as well; how many.

    Raises NotFound, Refused ``webhook_disabled``, Invalid ``since_too_old``.
    """
    endpoint = await _active(tx, caller, webhook_id)
    if since < tx.now - KEPT:
        raise Invalid(
            "since_too_old",
            f"Deliveries are kept {KEPT.days} days. Give a later time.",
            field="since",
            data={"limit_days": KEPT.days},
        )
    states = ["failed", "delivered"] if delivered else ["failed"]
    changed = await tx.session.exec(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id) == endpoint.id,
            col(WebhookDelivery.id) >= first_id(since),
            col(WebhookDelivery.state).in_(states),
        )
        .values(state="waiting", tries=0, due_at=tx.now)
    )
    tx.wake = True
    return int(changed.rowcount)


async def send_test(tx: Tx, caller: Caller, webhook_id: UUID) -> WebhookDelivery:
    """A delivery of type ``webhook.test``, whatever the endpoint's filter.

    Raises NotFound, and Refused ``webhook_disabled``.
    """
    endpoint = await _active(tx, caller, webhook_id)
    data = {"webhook_id": str(endpoint.id), "simulated": endpoint.mode == "sandbox"}
    made = webhook_events.delivery(endpoint, new_id(), webhook_events.TEST, tx.now, data, tx.now)
    tx.session.add(made)
    tx.wake = True
    return made


async def forget(tx: Tx) -> int:
    """Remove ended deliveries older than KEPT, some at a time; how many."""
    old = (
        select(WebhookDelivery.id)
        .where(
            col(WebhookDelivery.id) < first_id(tx.now - KEPT),
            col(WebhookDelivery.state) != "waiting",
        )
        .limit(AT_ONCE)
    )
    done = await tx.session.exec(delete(WebhookDelivery).where(col(WebhookDelivery.id).in_(old)))
    return int(done.rowcount)


async def _active(tx: Tx, caller: Caller, webhook_id: UUID) -> WebhookEndpoint:
    endpoint = await webhooks.get(tx.session, caller, webhook_id, lock=True)
    if endpoint.state != "active":
        raise Refused(
            "webhook_disabled",
            "The webhook is disabled. Enable it first; what waits is sent then by itself.",
        )
    return endpoint
