"""Webhooks over HTTP: endpoints, their secrets, their log, sending again."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from pydantic import AwareDatetime, BaseModel, Field

from app.api.deps import Answer, Body, Line, PagingDep, RuntimeDep, caller_with
from app.api.problems import responses
from app.db.models import WebhookDelivery, WebhookEndpoint
from app.errors import Unavailable
from app.guard import Guard
from app.sealing import Unsealable
from app.services import webhook_deliveries, webhooks
from app.services.callers import Caller
from app.services.runtime import Runtime

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
AdminDep = Annotated[Caller, Depends(caller_with("admin"))]


class WebhookIn(Body):
    """An address that wants to hear."""

    url: str = Field(min_length=1, max_length=2000, examples=["https://shop.example/naru"])
    kinds: list[Annotated[str, Field(max_length=50)]] = Field(
        default_factory=list,
        max_length=50,
        examples=[["message.status", "reply.received"]],
        description="event types it hears; all when left out",
    )
    description: Line = Field("", max_length=200, examples=["order system"])


class ReplayIn(Body):
    """Which deliveries to send again."""

    since: AwareDatetime = Field(description="with a UTC offset; at most 30 days ago")
    delivered: bool = Field(False, description="also those that arrived")


class WebhookOut(Answer):
    """An endpoint without its secret."""

    id: UUID
    url: str
    kinds: list[str] = Field(description="none = all")
    description: str
    state: str = Field(description="active or disabled")
    reason: str = Field(description="why it is disabled: gone (it answered 410) or failing")
    failing_since: datetime | None
    created_at: datetime


class WebhookSecretOut(WebhookOut):
    """An endpoint with a new secret, shown this once."""

    secret: str = Field(examples=["whsec_…"])


class WebhooksOut(Answer):
    """All endpoints of the key's mode."""

    items: list[WebhookOut]


class RemovedOut(Answer):
    """It is gone, its log too."""

    id: UUID


class DeliveryFacts(BaseModel):
    """One event on its way; ``id`` is the `webhook-id` of every try."""

    id: UUID
    kind: str
    state: str = Field(description="waiting, delivered or failed")
    tries: int
    due_at: datetime | None
    tried_at: datetime | None
    http_status: int | None = Field(description="of the last try; null when no answer came")
    error: str = Field(description="timeout, connect, cut, no_public_address, bad_url, unsealable")
    payload: str = Field(description="what was signed and sent")
    created_at: datetime


class DeliveryOut(DeliveryFacts, Answer):
    """One delivery."""


class DeliveriesOut(Answer):
    """One page, newest first."""

    items: list[DeliveryFacts]
    next: str | None


class ReplayedOut(Answer):
    """How many deliveries are sent again."""

    count: int


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Add a webhook",
    responses=responses(400, 401, 403, 409, 413, 422),
)
async def add_webhook(
    request: Request, runtime: RuntimeDep, caller: AdminDep, body: WebhookIn
) -> WebhookSecretOut:
    """It hears what happens from now on. A test key's webhooks hear simulated events only."""
    new = webhooks.NewWebhook(**body.model_dump())
    await webhooks.check(_guard(request), new)
    async with runtime.database.write() as tx:
        endpoint, secret = await webhooks.add(tx, runtime.sealer, caller, new)
    return WebhookSecretOut(**_facts(runtime, endpoint), secret=secret)


@router.get("", summary="List webhooks", responses=responses(401, 403))
async def list_webhooks(runtime: RuntimeDep, caller: AdminDep) -> WebhooksOut:
    """Those of the key's mode, the oldest first."""
    async with runtime.database.read() as session:
        found = await webhooks.list_webhooks(session, caller)
    items = [WebhookOut(**_facts(runtime, endpoint)) for endpoint in found]
    return WebhooksOut(items=items, simulated=caller.simulated)


@router.get("/{webhook_id}", summary="Show a webhook", responses=responses(401, 403, 404))
async def show_webhook(runtime: RuntimeDep, caller: AdminDep, webhook_id: UUID) -> WebhookOut:
    """Whether it is active, and since when it fails."""
    async with runtime.database.read() as session:
        endpoint = await webhooks.get(session, caller, webhook_id)
    return WebhookOut(**_facts(runtime, endpoint))


@router.delete("/{webhook_id}", summary="Remove a webhook", responses=responses(401, 403, 404))
async def remove_webhook(runtime: RuntimeDep, caller: AdminDep, webhook_id: UUID) -> RemovedOut:
    """With its log; what is being sent this moment may still arrive."""
    async with runtime.database.write() as tx:
        await webhooks.remove(tx, caller, webhook_id)
    return RemovedOut(id=webhook_id, simulated=caller.simulated)


@router.post(
    "/{webhook_id}/rotate", summary="Make a new secret", responses=responses(401, 403, 404, 503)
)
async def rotate_secret(
    runtime: RuntimeDep, caller: AdminDep, webhook_id: UUID
) -> WebhookSecretOut:
    """For 24 hours every delivery is signed with the old secret as well."""
    try:
        async with runtime.database.write() as tx:
            endpoint, secret = await webhooks.rotate(tx, runtime.sealer, caller, webhook_id)
    except Unsealable as error:
        raise _unusable() from error
    return WebhookSecretOut(**_facts(runtime, endpoint), secret=secret)


@router.post("/{webhook_id}/enable", summary="Enable again", responses=responses(401, 403, 404))
async def enable_webhook(runtime: RuntimeDep, caller: AdminDep, webhook_id: UUID) -> WebhookOut:
    """What waited is sent now, and what happened meanwhile follows."""
    async with runtime.database.write() as tx:
        endpoint = await webhooks.enable(tx, caller, webhook_id)
    return WebhookOut(**_facts(runtime, endpoint))


@router.get(
    "/{webhook_id}/deliveries",
    summary="What was sent",
    responses=responses(400, 401, 403, 404),
)
async def list_deliveries(
    runtime: RuntimeDep, caller: AdminDep, paging: PagingDep, webhook_id: UUID
) -> DeliveriesOut:
    """Newest first; kept 30 days."""
    async with runtime.database.read() as session:
        endpoint = await webhooks.get(session, caller, webhook_id)
        rows = await webhook_deliveries.log(session, endpoint, paging.after, paging.limit + 1)
    page, following = paging.cut(rows, lambda row: row.id)
    items = [DeliveryFacts.model_validate(row, from_attributes=True) for row in page]
    return DeliveriesOut(items=items, next=following, simulated=caller.simulated)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Send one again",
    responses=responses(401, 403, 404, 409),
)
async def replay_delivery(
    runtime: RuntimeDep, caller: AdminDep, webhook_id: UUID, delivery_id: UUID
) -> DeliveryOut:
    """The same `webhook-id`: a receiver that has it already will drop it."""
    async with runtime.database.write() as tx:
        row = await webhook_deliveries.replay(tx, caller, webhook_id, delivery_id)
    return _delivery(row, caller)


@router.post(
    "/{webhook_id}/replay",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Send everything since a time again",
    responses=responses(400, 401, 403, 404, 409, 422),
)
async def replay_since(
    runtime: RuntimeDep, caller: AdminDep, webhook_id: UUID, body: ReplayIn
) -> ReplayedOut:
    """What failed for good; with `delivered` also what arrived."""
    async with runtime.database.write() as tx:
        count = await webhook_deliveries.replay_since(
            tx, caller, webhook_id, body.since, delivered=body.delivered
        )
    return ReplayedOut(count=count, simulated=caller.simulated)


@router.post(
    "/{webhook_id}/test",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Send a test",
    responses=responses(401, 403, 404, 409),
)
async def send_test(runtime: RuntimeDep, caller: AdminDep, webhook_id: UUID) -> DeliveryOut:
    """An event of type `webhook.test`; look it up in the log a moment later."""
    async with runtime.database.write() as tx:
        row = await webhook_deliveries.send_test(tx, caller, webhook_id)
    return _delivery(row, caller)


def _guard(request: Request) -> Guard:
    guard: Guard = request.app.state.guard
    return guard


def _delivery(row: WebhookDelivery, caller: Caller) -> DeliveryOut:
    facts = DeliveryFacts.model_validate(row, from_attributes=True)
    return DeliveryOut(**facts.model_dump(), simulated=caller.simulated)


def _facts(runtime: Runtime, endpoint: WebhookEndpoint) -> dict[str, Any]:
    names = set(WebhookOut.model_fields) - {"simulated", "url"}
    try:
        url = webhooks.url_of(runtime.sealer, endpoint)
    except Unsealable as error:
        raise _unusable() from error
    facts: dict[str, Any] = {name: getattr(endpoint, name) for name in names}
    return facts | {"url": url, "simulated": endpoint.mode == "sandbox"}


def _unusable() -> Unavailable:
    return Unavailable(
        "webhook_unusable",
        "The stored address or secret cannot be opened. Is secrets.toml the one it was stored "
        "with? If not, remove the webhook and add it again.",
    )
