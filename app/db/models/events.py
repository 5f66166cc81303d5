"""What happened, in order, and small ledgers beside it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel, UniqueConstraint

from app.db.models import fields


class WorkspaceCounter(SQLModel, table=True):
    """The number of a workspace's newest event."""

    __tablename__ = "workspace_counter"
    workspace_id: UUID = fields.ref(primary=True)
    last_event: int = Field(default=0, sa_type=BigInteger)
    last_case: int = 0


class Counter(SQLModel, table=True):
    """Sums kept on write, so that nothing counts big tables."""

    workspace_id: UUID = fields.ref(primary=True)
    day: str = Field(primary_key=True)  # 2026-11-23, Asia/Seoul
    name: str = Field(primary_key=True)
    value: int = Field(default=0, sa_type=BigInteger)


class Event(SQLModel, table=True):
    """One thing that happened; feeds timeline, live view and webhooks. Holds nothing personal."""

    __table_args__ = (
        Index("ix_event_seq", "workspace_id", "seq"),
        Index("ix_event_subject", "subject_id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    seq: int = Field(sa_type=BigInteger)
    kind: str
    subject_id: UUID = fields.ref()  # message, thread, template …
    at: datetime = fields.at()
    data: str = Field(default="{}", sa_type=Text)


class IdempotencyKey(SQLModel, table=True):
    """A caller's key and the answer it got."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_expiry", "expires_at"),)
    workspace_id: UUID = fields.ref(primary=True)
    endpoint: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_hash: bytes
    subject_id: UUID = fields.ref()  # binds the sealed answer
    status: int
    response_sealed: bytes
    created_at: datetime = fields.at()
    expires_at: datetime = fields.at()


class Installation(SQLModel, table=True):
    """This database; ``epoch`` rises after a restore from a backup."""

    id: int = Field(default=1, primary_key=True)
    epoch: int = 1
    created_at: datetime = fields.at()
    restored_at: datetime | None = fields.maybe_at()


class WebhookEndpoint(SQLModel, table=True):
    """An address of the caller that wants to hear."""

    __tablename__ = "webhook_endpoint"
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    mode: str  # live | sandbox: whose events it hears
    description: str = ""
    url_sealed: bytes
    secret_sealed: bytes
    kinds: list[str] = fields.json(list)  # public types; none = all
    state: str = "active"  # active | disabled
    reason: str = ""  # why it is disabled: gone | failing
    last_event: int = Field(default=0, sa_type=BigInteger)  # the cursor
    failing_since: datetime | None = fields.maybe_at()
    resume_at: datetime | None = fields.maybe_at()  # it asked us to wait until then
    created_at: datetime = fields.at()


class WebhookDelivery(SQLModel, table=True):
    """One event on its way to one endpoint; its id is the ``webhook-id`` of every try."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_delivery_list", "endpoint_id", "id"),
        fields.partial(
            "ix_webhook_delivery_due", "endpoint_id", "due_at", where="due_at IS NOT NULL"
        ),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    endpoint_id: UUID = fields.ref("webhook_endpoint.id")
    event_id: UUID = fields.ref()
    kind: str
    payload: str = Field(sa_type=Text)  # the very bytes that are signed; nothing personal
    state: str = "waiting"  # waiting | delivered | failed
    tries: int = 0
    due_at: datetime | None = fields.maybe_at()
    tried_at: datetime | None = fields.maybe_at()
    http_status: int | None = None
    error: str = ""
    created_at: datetime = fields.at()
