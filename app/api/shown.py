"""How the API shows messages: with attempts, in pages, as a timeline."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.deps import Answer
from app.services.states import MessageStatus


class AttemptOut(BaseModel):
    """One message at one account; ``to`` names a contact, null is the message's own recipient."""

    id: UUID
    step: int
    branch: int
    to: str | None
    device_id: UUID | None = Field(description="of a push: which of the recipient's devices")
    n: int
    channel: str
    route: str
    account: str
    status: str
    reason: str | None
    code: str
    provider_id: str
    cost: float | None = Field(description="won, by your own price list; null without one")
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    acknowledged_at: datetime | None


class MessageOut(Answer):
    """A message and its attempts; the number is masked."""

    id: UUID
    status: MessageStatus
    reason: str | None
    explanation: dict[str, str]
    action: dict[str, str]
    template: str
    reference: str | None
    to: str | None = Field(description="null for a person who is reached by devices only")
    person: str | None = Field(description="the reference of the person it names")
    priority: str
    plan: list[dict[str, Any]]
    fallback_used: bool
    duplicate_delivery: bool
    late_delivery: bool
    resend_of: UUID | None
    send_at: datetime | None
    send_window: dict[str, Any] | None
    held_until: datetime | None
    expires_at: datetime | None
    accepted_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    acknowledged_at: datetime | None
    cost: float | None = Field(description="won, of all attempts together")
    attempts: list[AttemptOut]
    eta: datetime | None = Field(
        None,
        description="when a queued one will have left, at the rate of the last minute; null where "
        "nobody knows, and in lists",
    )


class Messages(Answer):
    """One page, newest first."""

    items: list[MessageOut]
    next: str | None


class Entry(BaseModel):
    """One thing that happened: why (`detail`), what to do about it, the provider's own code."""

    at: datetime
    kind: str
    title: str
    detail: str
    action: str
    code: str
    code_meaning: str
    step: int | None
    data: dict[str, Any]


class Timeline(Answer):
    """A message and everything that happened to it, oldest first."""

    message: MessageOut
    entries: list[Entry]
