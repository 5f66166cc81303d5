"""Webhook endpoints in a store, events for them, and the receiver's side of a signature."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import time_machine
from sqlmodel import col, select
from standardwebhooks import Webhook

from app.config import Settings
from app.db.models import Message, Template, WebhookDelivery, WebhookEndpoint, Workspace
from app.guard import Guard
from app.ids import new_id
from app.services import webhooks
from app.services.callers import Caller
from app.services.runtime import Runtime
from scheduler.webhooks import Hooks
from tests.consumer import Heard

LOCAL = Settings(env="development", webhook_allow_local=True)
REFERENCE = "order-42"


def verify(secret: str, heard: Heard) -> dict[str, Any]:
    """The payload, as the library of Standard Webhooks gives it to a receiver.

    The receiver's clock is the moment of the request: these tests let days go by in no time.
    Raises WebhookVerificationError.
    """
    moment = heard.headers["webhook-timestamp"]
    assert "." not in heard.headers["webhook-id"]
    assert moment.isdigit()
    with time_machine.travel(int(moment), tick=False):
        payload: dict[str, Any] = Webhook(secret).verify(heard.body, dict(heard.headers))
    return payload


@dataclass
class Clock:
    """Virtual time, a little ahead of the real one, at which rows are made."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(minutes=1))

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **duration: float) -> None:
        """Let time go by."""
        self.now += timedelta(**duration)


@dataclass
class Shop:
    """A workspace with one template; ``caller`` is a live key of it, ``tester`` a test key."""

    runtime: Runtime
    id: UUID
    template: Template
    secrets: dict[UUID, str] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        return Caller(self.id, new_id(), "live", frozenset(("admin",)))

    @property
    def tester(self) -> Caller:
        return Caller(self.id, new_id(), "test", frozenset(("admin",)))

    async def endpoint(
        self, url: str, *kinds: str, caller: Caller | None = None
    ) -> WebhookEndpoint:
        """An endpoint, stored as the API does after its checks."""
        new = webhooks.NewWebhook(url, kinds)
        async with self.runtime.database.write() as tx:
            made, secret = await webhooks.add(tx, self.runtime.sealer, caller or self.caller, new)
        self.secrets[made.id] = secret
        return made

    async def message(self, mode: str = "live") -> Message:
        """A message whose content cannot be opened: nobody needs it here."""
        made = Message(
            workspace_id=self.id,
            mode=mode,
            template_id=self.template.id,
            version_id=new_id(),
            reference=REFERENCE,
            number_hash=b"",
            last4_hash=b"",
            sealed=b"01012345678",
            plan="[]",
        )
        async with self.runtime.database.write() as tx:
            tx.session.add(made)
        return made

    async def happen(self, message: Message, count: int = 1, status: str = "delivered") -> None:
        """Events in one commit."""
        async with self.runtime.database.write() as tx:
            for _ in range(count):
                tx.emit(self.id, "message.status", message.id, status=status, reason=None)

    async def deliveries(self, endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
        """All of an endpoint, the oldest first."""
        async with self.runtime.database.read() as session:
            found = await session.exec(
                select(WebhookDelivery)
                .where(col(WebhookDelivery.endpoint_id) == endpoint.id)
                .order_by(col(WebhookDelivery.id))
            )
            return list(found)

    async def states(self, endpoint: WebhookEndpoint) -> list[str]:
        return [row.state for row in await self.deliveries(endpoint)]

    async def fresh(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        """The endpoint as it is stored now."""
        async with self.runtime.database.read() as session:
            found = await session.get(WebhookEndpoint, endpoint.id)
            assert found is not None
            return found


async def open_shop(runtime: Runtime) -> Shop:
    """A new workspace."""
    async with runtime.database.write() as tx:
        workspace = Workspace(name=f"shop {new_id()}")
        tx.session.add(workspace)
        await tx.session.flush()
        template = Template(workspace_id=workspace.id, code="order_shipped", name="배송")
        tx.session.add(template)
    return Shop(runtime, workspace.id, template)


async def run(hooks: Hooks) -> None:
    """Turns until nothing more happens at this moment of the clock."""
    more = True
    while more or hooks.lanes:
        more = await hooks.turn()
        for lane in list(hooks.lanes.values()):
            await lane


def guard(**more: Any) -> Guard:
    """A guard that may reach this machine."""
    return Guard(LOCAL, **more)
