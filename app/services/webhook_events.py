"""What a webhook tells: which events are public, and what of them is said. The live view says the
same of them (:mod:`app.services.happenings`).

A payload names the message, its state and the caller's own reference; it never holds a number, a
name or a text. Who needs more asks the API.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import (
    Event,
    Message,
    ProviderAccount,
    Template,
    WebhookDelivery,
    WebhookEndpoint,
    WorkspaceCounter,
)
from app.db.session import Tx
from app.services import template_events

PAGE = 200  # events turned into deliveries in one transaction
TEST = "webhook.test"
# public type → what of the event's own data is said; the names are promised
MESSAGE = {
    "message.status": ("status", "reason"),
    "message.duplicate_delivery": (),
    "message.acknowledged": (),
    "reply.received": ("what", "thread_id", "chat_message_id", "confidence"),
}
TEMPLATE: dict[str, tuple[str, ...]] = {
    f"template.{word}": ("version", *(("error",) if word == "trouble" else ()))
    for word in template_events.WORDS
}
ACCOUNT: dict[str, tuple[str, ...]] = {
    "account.paused": ("reason",),
    "account.resumed": (),
    "account.breaker_open": ("until",),
    "account.breaker_closed": (),
}
OWN = {"webhook.disabled": ("reason", "mode")}
SAID: dict[str, tuple[str, ...]] = MESSAGE | TEMPLATE | ACCOUNT | OWN
TYPES = tuple(SAID)


async def start_of(tx: Tx, workspace_id: UUID) -> int:
    """The number of the newest event: where a new endpoint begins to listen."""
    counter = await tx.session.get(WorkspaceCounter, workspace_id)
    return counter.last_event if counter else 0


async def follow(tx: Tx, endpoint_id: UUID, now: datetime) -> int:
    """Turn one page of new events into deliveries due ``now`` and move the cursor, all or nothing.

    How many events were passed; 0 when there are none, or somebody else is at it. Event numbers
    are without gaps: a workspace's are given one commit after the other.
    """
    endpoint = (
        await tx.session.exec(
            select(WebhookEndpoint)
            .where(col(WebhookEndpoint.id) == endpoint_id, col(WebhookEndpoint.state) == "active")
            .with_for_update(skip_locked=True)
        )
    ).first()
    if endpoint is None:
        return 0
    events = list(
        await tx.session.exec(
            select(Event)
            .where(
                col(Event.workspace_id) == endpoint.workspace_id,
                col(Event.seq) > endpoint.last_event,
            )
            .order_by(col(Event.seq))
            .limit(PAGE)
        )
    )
    if not events:
        return 0
    wanted = [event for event in events if event.kind in (endpoint.kinds or TYPES)]
    facts = await Facts.of(tx.session, endpoint.workspace_id, wanted)
    for event in wanted:
        said = facts.say(event, endpoint.mode)
        if said is not None and said["simulated"] == (endpoint.mode == "sandbox"):
            tx.session.add(delivery(endpoint, event.id, event.kind, event.at, said, now))
    endpoint.last_event = events[-1].seq
    tx.session.add(endpoint)
    return len(events)


def delivery(
    endpoint: WebhookEndpoint,
    event_id: UUID,
    kind: str,
    at: datetime,
    data: dict[str, Any],
    now: datetime,
) -> WebhookDelivery:
    """A delivery that is due at once."""
    payload = {"type": kind, "timestamp": at.astimezone(UTC).isoformat(), "data": data}
    return WebhookDelivery(
        workspace_id=endpoint.workspace_id,
        endpoint_id=endpoint.id,
        event_id=event_id,
        kind=kind,
        payload=orjson.dumps(payload).decode(),
        due_at=now,
        created_at=now,
    )


class Facts:
    """The rows that a page of events is about."""

    def __init__(
        self,
        messages: Iterable[Message],
        templates: Iterable[Template],
        accounts: Iterable[ProviderAccount],
    ) -> None:
        self.messages = {message.id: message for message in messages}
        self.codes = {template.id: template.code for template in templates}
        self.accounts = {account.id: account for account in accounts}

    @classmethod
    async def of(
        cls, session: AsyncSession, workspace_id: UUID, events: Sequence[Event]
    ) -> "Facts":
        """Everything the events name, of this workspace only."""
        about = {event.subject_id for event in events if event.kind in MESSAGE}
        messages: list[Message] = []
        if about:
            of_messages = select(Message).where(
                col(Message.workspace_id) == workspace_id, col(Message.id).in_(about)
            )
            messages = list(await session.exec(of_messages))
        ids = {event.subject_id for event in events if event.kind in TEMPLATE}
        ids |= {message.template_id for message in messages}
        templates: list[Template] = []
        if ids:
            of_templates = select(Template).where(
                col(Template.workspace_id) == workspace_id, col(Template.id).in_(ids)
            )
            templates = list(await session.exec(of_templates))
        accounts: list[ProviderAccount] = []
        if any(event.kind in TEMPLATE or event.kind in ACCOUNT for event in events):
            of_accounts = select(ProviderAccount).where(
                col(ProviderAccount.workspace_id) == workspace_id
            )
            accounts = list(await session.exec(of_accounts))
        return cls(messages, templates, accounts)

    def say(self, event: Event, mode: str) -> dict[str, Any] | None:
        """The ``data`` of a payload for webhooks of a mode; None when what it is about is gone."""
        own = orjson.loads(event.data)
        said: dict[str, Any] = {name: own.get(name) for name in SAID[event.kind]}
        said["sequence"] = event.seq
        if event.kind in MESSAGE:
            return self._of_message(event, said)
        if event.kind in TEMPLATE:
            said["template"] = self.codes.get(event.subject_id, own.get("code"))
            return self._of_template(own, said, mode)
        if event.kind in ACCOUNT:
            return _of_account(self.accounts.get(event.subject_id), said)
        said["webhook_id"] = str(event.subject_id)
        return said | {"simulated": said.pop("mode") == "sandbox"}

    def _of_template(
        self, own: dict[str, Any], said: dict[str, Any], mode: str
    ) -> dict[str, Any] | None:
        """At one account, or of the template as a whole: then in every mode it is seen in."""
        if "account_id" in own:
            return _of_account(self.accounts.get(UUID(own["account_id"])), said)
        if mode not in own.get("modes", ()):
            return None
        return said | {"account_id": None, "account": None, "simulated": mode == "sandbox"}

    def _of_message(self, event: Event, said: dict[str, Any]) -> dict[str, Any] | None:
        message = self.messages.get(event.subject_id)
        if message is None:
            return None
        return said | {
            "message_id": str(message.id),
            "reference": message.reference,
            "template": self.codes.get(message.template_id),
            "simulated": message.mode == "sandbox",
        }


def _of_account(account: ProviderAccount | None, said: dict[str, Any]) -> dict[str, Any] | None:
    if account is None:
        return None
    return said | {
        "account_id": str(account.id),
        "account": account.name,
        "simulated": account.mode == "sandbox",
    }
