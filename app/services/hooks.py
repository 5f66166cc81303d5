"""What the caller's endpoints were told of one message, and whether they took it."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Event, Message, WebhookDelivery, WebhookEndpoint
from app.sealing import Sealer, Unsealable
from app.services.webhooks import URL

MOST = 20


@dataclass(frozen=True, slots=True)
class Told:
    """One event at one endpoint. ``host`` is empty when its key is gone."""

    kind: str
    host: str
    state: str  # waiting | delivered | failed
    tries: int
    http_status: int | None
    tried_at: datetime | None


async def read(session: AsyncSession, sealer: Sealer, message: Message) -> list[Told]:
    """The newest first."""
    mine = await session.exec(
        select(WebhookEndpoint).where(
            col(WebhookEndpoint.workspace_id) == message.workspace_id,
            col(WebhookEndpoint.mode) == message.mode,
        )
    )
    endpoints = {one.id: one for one in mine}
    if not endpoints:
        return []
    happened = select(Event.id).where(
        col(Event.workspace_id) == message.workspace_id, col(Event.subject_id) == message.id
    )
    rows = await session.exec(
        select(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id).in_(endpoints),
            col(WebhookDelivery.event_id).in_(happened),
        )
        .order_by(col(WebhookDelivery.id).desc())
        .limit(MOST)
    )
    return [
        Told(
            one.kind,
            _host(sealer, endpoints[one.endpoint_id]),
            one.state,
            one.tries,
            one.http_status,
            one.tried_at,
        )
        for one in rows
    ]


def _host(sealer: Sealer, endpoint: WebhookEndpoint) -> str:
    try:
        url = sealer.open(URL, endpoint.workspace_id, endpoint.id, endpoint.url_sealed)
    except Unsealable:
        return ""
    return urlsplit(str(url)).hostname or ""
