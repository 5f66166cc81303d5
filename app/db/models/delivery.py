"""Delivery: lots, calls, attempts, and what providers report back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from app.db.models import fields


class Lot(SQLModel, table=True):
    """The unit of claiming; lease and fence are on it."""

    __table_args__ = (
        fields.partial("ix_lot_ready", "account_id", "priority", "turn", where="state = 'ready'"),
        fields.partial("ix_lot_waiting", "due_at", where="state = 'waiting'"),
        fields.partial("ix_lot_leased", "lease_until", where="state = 'leased'"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    account_id: UUID = fields.ref()
    route: str
    priority: int = 0
    turn: int = Field(default=0, sa_type=BigInteger)
    due_at: datetime = fields.at()
    state: str = "ready"  # waiting | ready | leased | done
    fence: int = 0
    lease_until: datetime | None = fields.maybe_at()
    worker_id: UUID | None = fields.maybe_ref()
    size: int = 1
    created_at: datetime = fields.at()


class Flow(SQLModel, table=True):
    """How far one stream of messages has been given turns at an account (fair queueing)."""

    account_id: UUID = fields.ref(primary=True)
    name: str = Field(primary_key=True)  # workspace and campaign or key
    finish: int = Field(default=0, sa_type=BigInteger)  # the turn after its last message


class Call(SQLModel, table=True):
    """One request to a provider; its row is committed before a byte leaves (rule R1)."""

    __table_args__ = (
        fields.partial("ix_call_open", "lot_id", where="ended_at IS NULL"),
        Index("ix_call_account", "account_id", "started_at"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    lot_id: UUID = fields.ref(index=True)
    account_id: UUID = fields.ref()
    route: str
    fence: int
    key: str = Field(unique=True)
    size: int
    started_at: datetime = fields.at()
    deadline_at: datetime = fields.at()
    ended_at: datetime | None = fields.maybe_at()
    http_status: int | None = None
    request_id: str = ""
    raw_sealed: bytes | None = None


class Attempt(SQLModel, table=True):
    """One message at one account. ``ref`` towards the provider is the base32 of ``id``."""

    __table_args__ = (
        UniqueConstraint("message_id", "step", "branch", "part", "n"),
        Index("ix_attempt_id", "id"),
        Index("ix_attempt_lot", "lot_id"),
        Index("ix_attempt_call", "call_id"),
        fields.partial(
            "ix_attempt_parked",
            "workspace_id",
            "id",
            where="status = 'queued' AND lot_id IS NULL",
        ),
        fields.partial("ix_attempt_contact", "to_hash", where="to_name <> ''"),
        fields.partial("ix_attempt_due", "due_at", where="due_at IS NOT NULL"),
        {"postgresql_partition_by": "RANGE (message_id)"},
    )
    message_id: UUID = fields.ref(primary=True)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    step: int
    branch: int = 0
    part: int = 0  # push: which of the person's devices
    n: int = 1
    channel: str
    route: str
    account_id: UUID = fields.ref()
    sender_id: UUID = fields.ref()
    lot_id: UUID | None = fields.maybe_ref()
    call_id: UUID | None = fields.maybe_ref()
    provider_id: str = ""
    to_name: str = ""  # a contact of the message; empty = its own recipient
    to_hash: bytes
    device_id: UUID | None = fields.maybe_ref()  # push
    status: str = "queued"
    reason: str | None = None
    code: str = ""
    tries: int = 0  # calls that ended in a definite failure to hand over
    cost: int | None = None  # hundredths of a won
    due_at: datetime | None = fields.maybe_at()  # look-up, step deadline, or closing
    created_at: datetime = fields.at()
    sent_at: datetime | None = fields.maybe_at()
    settled_at: datetime | None = fields.maybe_at()
    closes_at: datetime | None = fields.maybe_at()
    delivered_at: datetime | None = fields.maybe_at()
    read_at: datetime | None = fields.maybe_at()
    acknowledged_at: datetime | None = fields.maybe_at()


class ProviderRef(SQLModel, table=True):
    """Resolves a receipt that carries only the provider's own id."""

    __tablename__ = "provider_ref"
    account_id: UUID = fields.ref(primary=True)
    provider_id: str = Field(primary_key=True)
    message_id: UUID = fields.ref()
    attempt_id: UUID = fields.ref()


class ReceiptInbox(SQLModel, table=True):
    """Callbacks and polled pages as they came, until every receipt in them is applied."""

    __tablename__ = "receipt_inbox"
    __table_args__ = (
        UniqueConstraint("account_id", "body_hash"),
        fields.partial("ix_receipt_inbox_due", "due_at", where="due_at IS NOT NULL"),
        fields.partial(
            "ix_receipt_inbox_unmatched",
            "workspace_id",
            "id",
            where="unmatched > 0 OR error <> ''",
        ),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    account_id: UUID = fields.ref()
    kind: str  # last part of the callback path; "poll" for a polled page
    body_hash: bytes
    sealed: bytes
    received_at: datetime = fields.at()
    due_at: datetime | None = fields.maybe_at()  # None when everything in it is applied
    tries: int = 0
    unmatched: int = 0
    error: str = ""


class Worker(SQLModel, table=True):
    """A living scheduler process."""

    id: UUID = fields.key()
    host: str
    pid: int
    started_at: datetime = fields.at()
    beat_at: datetime = fields.at()
